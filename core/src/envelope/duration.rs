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

/// What `text`, in lower case, begins with: `1.3s`, `6m0s`, `5 seconds`, `2 days 3 hours`.
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
    let (number, rest) = text.split_at(text.find(|char| !matches!(char, '0'..='9' | '.'))?);
    let rest = rest.trim_start();
    let (unit, rest) =
        rest.split_at(rest.find(|char: char| !char.is_ascii_alphabetic()).unwrap_or(rest.len()));
    let (unit_ms, _) = UNITS.iter().find(|(_, names)| names.contains(&unit))?;
    Some((decimal(number, *unit_ms)?, rest))
}

/// Milliseconds since 1970 of an IMF-fixdate (RFC 9110): `Sun, 06 Nov 1994 08:49:37 GMT`.
pub(super) fn date(text: &str) -> Option<u64> {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let [_, day, month, year, time, "GMT"] = text.split(' ').collect::<Vec<_>>()[..] else { return None };
    let month = MONTHS.find(month).filter(|at| month.len() == 3 && at % 3 == 0)? as u64 / 3;
    instant(digits(year, 4)?, month, digits(day, 2)?, time)
}

/// The same of a UTC time in RFC 3339: `1994-11-06T08:49:37Z`, with or without a fraction.
pub(super) fn timestamp(text: &str) -> Option<u64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let [year, month, day] = date.split('-').collect::<Vec<_>>()[..] else { return None };
    let month = digits(month, 2)?.checked_sub(1).filter(|month| *month < 12)?;
    instant(digits(year, 4)?, month, digits(day, 2)?, time.split('.').next()?)
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
    use super::{date, decimal, spoken, timestamp};

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
        ];
        for (text, ms) in cases {
            assert_eq!(spoken(text), Some(ms), "{text}");
        }
        for bad in ["", "soon", "5", "5 parsecs", "a few minutes"] {
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
            "Thursday, 01-Jan-70 00:00:00 GMT",
        ] {
            assert_eq!(date(bad), None, "{bad}");
        }
    }

    #[test]
    fn timestamps_are_utc() {
        assert_eq!(timestamp("1994-11-06T08:49:37Z"), Some(784_111_777_000));
        assert_eq!(timestamp("1994-11-06T08:49:37.5Z"), Some(784_111_777_000));
        for bad in ["1994-11-06T08:49:37", "1994-11-06T08:49:37+02:00", "1994-13-06T08:49:37Z", "Z"] {
            assert_eq!(timestamp(bad), None, "{bad}");
        }
    }
}
