//! Writes the table.
//!
//! Input: rows. Output: the table of ratios as Markdown, the same in the record, on the terminal and in the docs.

use serde::{Deserialize, Serialize};

/// What a contender is to ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// What the machine needs for less than the same: nothing beats it.
    Limit,
    /// What others need for the same, or for less.
    Peer,
}

/// Ours beside others on one input. One line of JSON where another language measured it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Row {
    /// What was done, on what.
    pub thing: String,
    /// What `ns` is per.
    pub unit: String,
    /// Ours, in nanoseconds per unit.
    pub ns: f64,
    /// Against what.
    pub others: Vec<Other>,
}

/// One of the others.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Other {
    /// What it is to ours.
    pub role: Role,
    /// Who it is.
    pub name: String,
    /// Nanoseconds per unit.
    pub ns: f64,
    /// How many times ours fits into it.
    pub ratio: f64,
    /// What that must be, where it was promised.
    pub required: Option<f64>,
}

impl Row {
    /// The limit that was promised, else the first.
    fn limit(&self) -> Option<&Other> {
        let limits = || self.others.iter().filter(|other| other.role == Role::Limit);
        limits().find(|other| other.required.is_some()).or_else(|| limits().next())
    }

    fn peer(&self) -> Option<&Other> {
        let peers = self.others.iter().filter(|other| other.role == Role::Peer);
        peers.min_by(|a, b| a.ns.total_cmp(&b.ns))
    }

    /// Whether each promise is kept; `None` where there is none.
    pub fn is_met(&self) -> Option<bool> {
        let kept = self.others.iter().filter_map(|other| other.required.map(|least| other.ratio >= least));
        kept.reduce(|a, b| a && b)
    }
}

/// The table of ratios.
pub fn ratios(rows: &[Row]) -> String {
    let mut table =
        "| what | ours | limit | | ratio | required | fastest peer | | ratio | required | met |\n\
        |---|---:|---|---:|---:|---:|---|---:|---:|---:|---|\n"
            .to_owned();
    for row in rows {
        let met = row.is_met().map_or("", |is_met| if is_met { "yes" } else { "**no**" });
        let [limit, peer] = [row.limit(), row.peer()].map(beside);
        table += &format!("| {} | {} | {limit} | {peer} | {met} |\n", row.thing, per(row.ns, &row.unit));
    }
    table
}

fn beside(other: Option<&Other>) -> String {
    let Some(other) = other else { return " | | | ".to_owned() };
    let required = other.required.map_or(String::new(), |least| format!("≥ {}", ratio(least)));
    format!("{} | {} | {} | {required}", other.name, time(other.ns), ratio(other.ratio))
}

/// Everybody, with nothing left out.
pub fn everybody(rows: &[Row]) -> String {
    let mut table = "| what | who | time | ours fits in |\n|---|---|---:|---:|\n".to_owned();
    for row in rows {
        table += &format!("| {} | ours | {} | |\n", row.thing, per(row.ns, &row.unit));
        for other in &row.others {
            table += &format!("| | {} | {} | {} × |\n", other.name, time(other.ns), ratio(other.ratio));
        }
    }
    table
}

/// The rows in `things`, short: for the docs.
pub fn short(rows: &[Row], things: &[&str]) -> String {
    let mut table = "| what | ours | limit | fastest peer |\n|---|---:|---|---|\n".to_owned();
    for row in things.iter().filter_map(|thing| rows.iter().find(|row| row.thing == *thing)) {
        let beside = |other: &Other| format!("{}: {} ({} ×)", other.name, time(other.ns), ratio(other.ratio));
        let [limit, peer] = [row.limit(), row.peer()].map(|other| other.map(beside).unwrap_or_default());
        table += &format!("| {} | {} | {limit} | {peer} |\n", row.thing, per(row.ns, &row.unit));
    }
    table
}

/// `text` with what stands between the two markers replaced.
pub fn between_markers(text: &str, new: &str) -> Option<String> {
    const MARKERS: [&str; 2] = ["<!-- make bench -->\n", "<!-- end -->"];
    let (before, rest) = text.split_once(MARKERS[0])?;
    let (_, after) = rest.split_once(MARKERS[1])?;
    Some(format!("{before}{}{new}{}{after}", MARKERS[0], MARKERS[1]))
}

fn per(ns: f64, unit: &str) -> String {
    format!("{} / {unit}", time(ns))
}

fn time(ns: f64) -> String {
    match ns {
        ..100.0 => format!("{ns:.1} ns"),
        ..10_000.0 => format!("{ns:.0} ns"),
        ..1e6 => format!("{:.0} µs", ns / 1e3),
        _ => format!("{:.2} ms", ns / 1e6),
    }
}

fn ratio(ratio: f64) -> String {
    if ratio < 10.0 { format!("{ratio:.2}") } else { format!("{ratio:.0}") }
}

#[cfg(test)]
mod tests {
    use super::{Other, Role, Row, between_markers, ratios, short};

    fn row(limit: f64, peer: f64) -> Row {
        let other = |role, name: &str, ratio, required| Other {
            role,
            name: name.to_owned(),
            ns: 10.0 * ratio,
            ratio,
            required: Some(required),
        };
        let others = vec![
            other(Role::Limit, "scan", limit, 0.5),
            other(Role::Peer, "slow", 99.0, 5.0),
            other(Role::Peer, "fast", peer, 5.0),
        ];
        Row { thing: "parse".to_owned(), unit: "event".to_owned(), ns: 10.0, others }
    }

    #[test]
    fn a_row_says_whether_every_promise_is_kept() {
        let kept = "| parse | 10.0 ns / event | scan | 6.0 ns | 0.60 | ≥ 0.50 | fast | 60.0 ns | 6.00 | ≥ 5.00 | yes |";
        assert_eq!(ratios(&[row(0.6, 6.0)]).lines().last(), Some(kept));
        assert_eq!(
            [row(0.4, 6.0), row(0.6, 4.9), row(0.6, 6.0)].map(|row| row.is_met()),
            [Some(false), Some(false), Some(true)]
        );
    }

    #[test]
    fn the_short_table_takes_the_place_of_the_last_one() {
        let table = short(&[row(0.6, 6.0)], &["parse", "unknown"]);
        assert_eq!(table.lines().count(), 3);
        let page = "a\n<!-- make bench -->\nold\n<!-- end -->\nz";
        let new = between_markers(page, &table).unwrap();
        assert_eq!(new, format!("a\n<!-- make bench -->\n{table}<!-- end -->\nz"));
        assert_eq!(between_markers("no markers", "x"), None);
    }
}
