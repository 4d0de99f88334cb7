//! Runs every contest, adds the rows that other languages measured, prints one table and keeps it.
//!
//! `table DATE [FILE…]`: the rows in FILEs, a JSON object a line, go into the table too. Writes
//! `benches/record/DATE.md` and the short table in `docs/reference/numbers.md`.

use sluicegate_benches::contests::contests;
use sluicegate_benches::latency;
use sluicegate_benches::race::Patience;
use sluicegate_benches::table::{Row, between_markers, everybody, ratios, short};
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Larger than any cache of one core: chunks come from memory, as from a socket.
const STREAM: usize = 64 << 20;
const PATIENCE: Patience = Patience { rounds: 5, time: Duration::from_secs(3) };

/// What `docs/reference/numbers.md` shows.
const SHORT: [&str; 11] = [
    "parse: text deltas",
    "transcode: text deltas",
    "transcode: tool arguments",
    "transcode, beside serde and json!",
    "transcode, beside the best of serde",
    "image of 8 MiB base64",
    "normalize: 1 MiB of tool turns",
    "Python: transcode",
    "Node: transcode",
    "Python: transcode, an event a chunk",
    "Node: transcode, an event a chunk",
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let date = arguments.next().ok_or("which date is it?")?;
    let mut rows = Vec::new();
    for build in contests() {
        let row = build(STREAM).row(PATIENCE);
        eprintln!("{}: {:.1} ns", row.thing, row.ns);
        rows.push(row);
    }
    for file in arguments {
        rows.extend(
            fs::read_to_string(file)?.lines().map(serde_json::from_str).collect::<Result<Vec<Row>, _>>()?,
        );
    }
    println!("{}", ratios(&rows));
    keep(&date, &rows)
}

fn keep(date: &str, rows: &[Row]) -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let machine = machine();
    let record = format!(
        "# {date}\n\n{machine}. Made by `make bench`.\n\nMedians over rounds, in CPU time; ratios are taken inside a round: \
         how many times ours fits into the other. Streams of {} MiB in chunks of 16 KiB, default build.\n\n{}\n\
         ## Latency\n\nMixed Responses streams, each event in a chunk of its own: from its last byte to the client's first. Each \
         event's shortest time of five rounds, since what else the machine does falls on another one each time.\n\n{}\n\
         ## Everybody\n\n{}",
        STREAM >> 20,
        ratios(rows),
        latency::table(&latency::latencies()),
        everybody(rows)
    );
    fs::write(root.join(format!("record/{date}.md")), record)?;
    let page = root.join("../docs/reference/numbers.md");
    let caption = format!("{date}, {machine}, `make bench`:\n\n");
    let text = between_markers(&fs::read_to_string(&page)?, &(caption + &short(rows, &SHORT)));
    Ok(fs::write(page, text.ok_or("numbers.md has no place for the table")?)?)
}

/// CPU, system, compiler.
fn machine() -> String {
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let mut models = cpus.lines().filter_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = models.next().map_or("unknown CPU", |(_, model)| model).to_owned();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let systems = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let system =
        systems.lines().find_map(|line| line.strip_prefix("PRETTY_NAME=")).unwrap_or("unknown system");
    let arch = std::env::consts::ARCH;
    format!("{model}, {cores} cores, {}, {arch}, {}", system.trim_matches('"'), rustc())
}

fn rustc() -> String {
    let output = Command::new("rustc").arg("--version").output();
    output.map_or_else(|_| String::new(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
