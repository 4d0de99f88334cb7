//! Times as people and servers write them.
//!
//! Input: numbers, durations and dates.
//! Output: milliseconds, rounded up, exactly: no floating point, in which 1.1 s is more than 1100 ms.
//! State: none.

const UNITS: [(u64, &[&str]); 6] = [
    (1, &["ms", "millisecond", "milliseconds"]),
    (1000, &["s", "sec", "secs", "second", "seconds"]),
    (60_000, &["m", "min", "mins", "minute", "minutes"]),
    (3_600_000, &["h", "hr", "hrs", "hour", "hours"]),
    (86_400_000, &["d", "day", "days"]),
    (604_800_000, &["w", "week", "weeks"]),
];

/// `number`, plain digits with or without a fraction, of a unit.
pub(super) fn decimal(number: &str, unit_ms: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() || !(whole.bytes().chain(fraction.bytes())).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let billionths: u64 = format!("{fraction:0<9.9}").parse().ok()?;
    let rest = fraction.bytes().skip(9).any(|digit| digit != b'0');
    let part = u128::from(billionths + u64::from(rest)) * u128::from(unit_ms);
    whole.parse::<u64>().ok()?.checked_mul(unit_ms)?.checked_add(part.div_ceil(1_000_000_000) as u64)
}

/// Seconds.
pub(super) fn seconds(number: &str) -> Option<u64> {
    decimal(number, 1000)
}

/// Milliseconds since 1970, of a number of seconds or, where these are no date of this age, of milliseconds.
pub(super) fn epoch(number: &str) -> Option<u64> {
    const LAST_SECOND: u64 = 100_000_000_000;
    let is_in_ms = number.split('.').next()?.parse::<u64>().ok()? >= LAST_SECOND;
    decimal(number, if is_in_ms { 1 } else { 1000 })
}

/// What `text` begins with: `02:12:45`, hours, minutes and seconds.
pub(super) fn clock(text: &str) -> Option<u64> {
    let end = text.find(|char: char| !(char.is_ascii_digit() || char == ':')).unwrap_or(text.len());
    let [hours, minutes, seconds] = text[..end].split(':').collect::<Vec<_>>()[..] else { return None };
    let (minutes, seconds) = (digits(minutes, 2)?, digits(seconds, 2)?);
    let hours = hours.parse::<u64>().ok()?.checked_mul(3_600_000)?;
    hours.checked_add((minutes * 60 + seconds) * 1000)
}

/// What `text`, in lower case, begins with: `1.3s`, `6m0s`, `1,500ms`, `5 seconds`, `2 days 3 hours`.
pub(super) fn spoken(text: &str) -> Option<u64> {
    let (mut total, mut rest) = (None, text.trim_start());
    while let Some((ms, after)) = amount(rest) {
        total = Some(total.unwrap_or(0_u64).checked_add(ms)?);
        rest = after.trim_start_matches([' ', ',']);
        rest = rest.strip_prefix("and ").unwrap_or(rest);
    }
    total
}

/// One number with its unit, and what follows.
fn amount(text: &str) -> Option<(u64, &str)> {
    let (number, rest) = text.split_at(text.find(|char| !matches!(char, '0'..='9' | '.' | ','))?);
    let rest = rest.trim_start();
    let (unit, rest) =
        rest.split_at(rest.find(|char: char| !char.is_ascii_alphabetic()).unwrap_or(rest.len()));
    let (unit_ms, _) = UNITS.iter().find(|(_, names)| names.contains(&unit))?;
    Some((decimal(&ungrouped(number)?, *unit_ms)?, rest))
}

/// `1,500` without its comma; no other comma is part of a number.
fn ungrouped(number: &str) -> Option<String> {
    let whole = number.split('.').next()?;
    let is_grouped = whole.split(',').skip(1).all(|group| group.len() == 3);
    is_grouped.then(|| number.replace(',', ""))
}

/// Milliseconds since 1970 of a date of HTTP, in any of the three forms of RFC 9110: `Sun, 06 Nov 1994 08:49:37 GMT`,
/// `Sunday, 06-Nov-94 08:49:37 GMT`, `Sun Nov  6 08:49:37 1994`.
pub(super) fn date(text: &str) -> Option<u64> {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let words: Vec<_> = text.split([' ', '-']).filter(|word| !word.is_empty()).collect();
    let (day, month, year, time) = match words[..] {
        [_, day, month, year, time, "GMT"] => (digits(day, 2)?, month, year, time),
        [_, month, day, time, year] => (digits(day, day.len())?, month, year, time),
        _ => return None,
    };
    let month = MONTHS.find(month).filter(|at| month.len() == 3 && at % 3 == 0)? as u64 / 3;
    let short = || digits(year, 2).map(|year| if year < 70 { 2000 + year } else { 1900 + year });
    instant(digits(year, 4).or_else(short)?, month, day, time)
}

/// The same of a time in RFC 3339: `1994-11-06T08:49:37Z`, `1994-11-06T09:49:37.5+01:00`.
pub(super) fn timestamp(text: &str) -> Option<u64> {
    let (date, time) = text.split_once('T')?;
    let (time, zone) = time.split_at(time.find(['Z', '+', '-'])?);
    let [year, month, day] = date.split('-').collect::<Vec<_>>()[..] else { return None };
    let month = digits(month, 2)?.checked_sub(1).filter(|month| *month < 12)?;
    let local = instant(digits(year, 4)?, month, digits(day, 2)?, time.split('.').next()?)?;
    match zone.split_at(1) {
        ("Z", "") => Some(local),
        ("+", ahead) => local.checked_sub(zone_ms(ahead)?),
        ("-", behind) => local.checked_add(zone_ms(behind)?),
        _ => None,
    }
}

/// `01:30`
fn zone_ms(zone: &str) -> Option<u64> {
    let (hours, minutes) = zone.split_once(':')?;
    Some((digits(hours, 2)? * 60 + digits(minutes, 2)?) * 60_000)
}

fn instant(year: u64, month: u64, day: u64, time: &str) -> Option<u64> {
    let year = (year >= 1970).then_some(year)?;
    let [hour, minute, second] = time.split(':').collect::<Vec<_>>()[..] else { return None };
    let (hour, minute, second) = (digits(hour, 2)?, digits(minute, 2)?, digits(second, 2)?);
    let is_valid = hour < 24 && minute < 60 && second <= 60; // 60: a leap second
    let length = first_day(year, month + 1) - first_day(year, month);
    let days = first_day(year, month) + day.checked_sub(1).filter(|day| *day < length)? - first_day(1970, 0);
    is_valid.then_some((((days * 24 + hour) * 60 + minute) * 60 + second) * 1000)
}

fn digits(text: &str, length: usize) -> Option<u64> {
    (text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

/// Days from a fixed day to the first of a month (0 is January, 12 the next one), in the Gregorian calendar. Years
/// begin in March here: then the leap day is the last, and lengths of months repeat every five.
fn first_day(year: u64, month: u64) -> u64 {
    let months = year * 12 + month - 2;
    let (year, month) = (months / 12, months % 12);
    year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5
}

#[cfg(test)]
mod tests {
    use super::{clock, date, decimal, epoch, spoken, timestamp};

    #[test]
    fn decimals_are_exact_and_rounded_up() {
        let cases = [
            ("1.1", Some(1100)),
            ("1.0001", Some(1001)),
            ("0.0000000001", Some(1)),
            ("0", Some(0)),
            ("18446744073709551615", None),
        ];
        for (number, ms) in cases {
            assert_eq!(decimal(number, 1000), ms, "{number}");
        }
        for bad in ["", "-1", "+1", "1.+5", "1e3", "nan", "inf", "1.2.3", ".5", "１"] {
            assert_eq!(decimal(bad, 1000), None, "{bad}");
        }
    }

    #[test]
    fn durations_are_read_as_far_as_they_go() {
        let cases = [
            ("28ms", 28),
            ("6m0s", 360_000),
            ("1h2m3.5s.", 3_723_500),
            ("2 minutes", 120_000),
            ("3 days, 4 hours", 273_600_000),
            ("2 hours and 5 minutes", 7_500_000),
            ("1 week.", 604_800_000),
            ("1,500ms", 1500),
        ];
        for (text, ms) in cases {
            assert_eq!(spoken(text), Some(ms), "{text}");
        }
        for bad in ["", "soon", "5", "5 parsecs", "a few minutes", "1,5s", "5,"] {
            assert_eq!(spoken(bad), None, "{bad}");
        }
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        let cases = [
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777_000),
            ("Thu, 29 Feb 2024 23:59:59 GMT", 1_709_251_199_000),
            ("Tue, 31 Dec 2024 00:00:00 GMT", 1_735_603_200_000),
            ("Mon, 01 Mar 2100 00:00:00 GMT", 4_107_542_400_000),
            ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777_000),
            ("Tuesday, 31-Dec-24 00:00:00 GMT", 1_735_603_200_000),
            ("Sun Nov  6 08:49:37 1994", 784_111_777_000),
        ];
        for (text, ms) in cases {
            assert_eq!(date(text), Some(ms), "{text}");
        }
        for bad in [
            "Wed, 29 Feb 2023 00:00:00 GMT",
            "Thu, 00 Jan 1970 00:00:00 GMT",
            "Thu, 01 Jan 1970 24:00:00 GMT",
            "Thu, 01 Jan 1970 00:60:00 GMT",
            "Thu, +1 Jan 1970 00:00:00 GMT",
            "Thu, 1 Jan 1970 00:00:00 GMT",
            "Thu, 01 anF 1970 00:00:00 GMT",
            "Thu, 01 Jan 1969 00:00:00 GMT",
            "Thu, 01 Jan 1970 00:00:00 CET",
            "Thursday, 01-Jan-070 00:00:00 GMT",
            "Thu Jan +1 00:00:00 1970",
        ] {
            assert_eq!(date(bad), None, "{bad}");
        }
    }

    #[test]
    fn timestamps_have_a_zone() {
        assert_eq!(timestamp("1994-11-06T08:49:37Z"), Some(784_111_777_000));
        assert_eq!(timestamp("1994-11-06T08:49:37.5Z"), Some(784_111_777_000));
        assert_eq!(timestamp("1994-11-06T10:19:37.5+01:30"), Some(784_111_777_000));
        assert_eq!(timestamp("1994-11-06T03:49:37-05:00"), Some(784_111_777_000));
        let bad =
            ["1994-11-06T08:49:37", "1994-11-06T08:49:37+0200", "1994-13-06T08:49:37Z", "Z", "T", "TZZ"];
        for bad in bad.into_iter().chain(["1970-01-01T00:00:00+01:00", "1994-11-06T08:49:37Zulu"]) {
            assert_eq!(timestamp(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_instant_is_in_seconds_or_milliseconds() {
        assert_eq!(epoch("1764500060.5"), Some(1_764_500_060_500));
        assert_eq!(epoch("1764500060500"), Some(1_764_500_060_500));
        assert_eq!(epoch("soon"), None);
    }

    #[test]
    fn a_clock_has_three_parts() {
        assert_eq!(clock("02:12:45."), Some(7_965_000));
        for bad in ["12:45", "1:2:3", "1:02:03:04", ":02:03", "a:02:03", ""] {
            assert_eq!(clock(bad), None, "{bad}");
        }
    }
}
