//! Instructions per event or request, counted by callgrind and so the same on every run: a regression fails, noise does not.
//!
//! `instructions`: runs each case of itself under valgrind and compares with `record/instructions.json`; more than
//! [`TOLERANCE`] above fails. With BLESS=1 the record is rewritten. Which instructions run depends on the vector units
//! that libraries find at run time and on the compiler, so the record is kept by both; where there is none, nothing fails.

use sluicegate::{Dialect, Profile, RequestOptions, normalize_request};
use sluicegate_benches::{completed::completed, ours, requests::requests, shapes::shape};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::error::Error;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs};

/// Machine and compiler → case → instructions per event.
type Record = BTreeMap<String, BTreeMap<String, f64>>;

/// Reads a stream; makes a request one that the backend takes.
#[derive(Clone, Copy)]
enum Case {
    Stream(fn(&[u8])),
    Request,
    /// Reads a terminal event; whether all it says was streamed before.
    End(bool),
}
use Case::{End, Request, Stream};

const TOLERANCE: f64 = 0.03;
const BYTES: usize = 1 << 20;
const CASES: [(&str, Case); 19] = [
    ("parse: text deltas", Stream(parse)),
    ("transcode: text deltas", Stream(transcode)),
    ("transcode: tool arguments", Stream(transcode)),
    ("transcode: reasoning", Stream(transcode)),
    ("transcode: mixed", Stream(transcode)),
    ("transcode: text deltas, CRLF", Stream(transcode)),
    ("transcode: many items", Stream(transcode)),
    ("respond: text deltas of a chat server", Stream(respond)),
    ("to Messages: text deltas", Stream(to_messages)),
    ("to Messages: tool arguments", Stream(to_messages)),
    ("to Messages: reasoning", Stream(to_messages)),
    ("from Messages to Responses: text deltas of a Messages server", Stream(messages_to_responses)),
    ("from Messages to chat: text deltas of a Messages server", Stream(messages_to_chat)),
    ("relay of Messages: text deltas of a Messages server", Stream(messages_relay)),
    ("normalize: 1 MiB of messages", Request),
    ("normalize: 1 MiB of tool turns", Request),
    ("normalize: 1 MiB image", Request),
    ("response.completed of 500 KiB, all streamed before", End(true)),
    ("response.completed of 500 KiB, nothing streamed before", End(false)),
];

fn main() -> Result<ExitCode, Box<dyn Error>> {
    if let Some(case) = env::args().nth(1) {
        println!("{} {}", run(&case)?, machine());
        return Ok(ExitCode::SUCCESS);
    }
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("instructions: no valgrind here, not counted");
        return Ok(ExitCode::SUCCESS);
    }
    let (mut machine, mut counts) = (String::new(), BTreeMap::new());
    for (case, _) in CASES {
        let (count, on) = count(case)?;
        (_, machine) = (counts.insert(case.to_owned(), count), on);
    }
    if env::var_os("BLESS").is_some() { bless(machine, counts) } else { compare(&machine, &counts) }
}

fn parse(stream: &[u8]) {
    ours::parse(stream, |data| _ = black_box(data));
}

fn transcode(stream: &[u8]) {
    ours::transcode(stream, &mut Vec::new(), |frames| _ = black_box(frames));
}

fn respond(stream: &[u8]) {
    ours::respond(stream, &mut Vec::new(), |events| _ = black_box(events));
}

fn through(client: Dialect, upstream: Dialect, stream: &[u8]) {
    ours::through(client, upstream, stream, &mut Vec::new(), |events| _ = black_box(events));
}

fn to_messages(stream: &[u8]) {
    through(Dialect::Messages, Dialect::Responses, stream);
}

fn messages_to_responses(stream: &[u8]) {
    through(Dialect::Responses, Dialect::Messages, stream);
}

fn messages_to_chat(stream: &[u8]) {
    through(Dialect::Chat, Dialect::Messages, stream);
}

fn messages_relay(stream: &[u8]) {
    through(Dialect::Messages, Dialect::Messages, stream);
}

/// Runs one case; returns its events.
fn run(name: &str) -> Result<usize, Box<dyn Error>> {
    let (_, case) = CASES.iter().find(|(case, _)| *case == name).ok_or("no such case")?;
    let of = || name.split_once(": ").map(|(_, of)| of).ok_or("a case is named after its shape");
    match case {
        Stream(read) => {
            let shape = shape(of()?, 11, BYTES);
            counted(&|| read(black_box(&shape.stream)));
            Ok(shape.events)
        }
        Request => {
            let of = of()?;
            let request =
                requests(7, BYTES).into_iter().find(|own| own.name == of).ok_or("no such request")?;
            let profile = Profile::codex(); // read once by whoever serves requests
            _ = normalize_request(
                b"{\"model\":\"gpt-5.5\",\"input\":[]}",
                &profile,
                &RequestOptions::default(),
            ); // so is the catalog
            counted(&|| {
                let body = black_box(&request.body);
                _ = black_box(normalize_request(body, &profile, &RequestOptions::default()));
            });
            Ok(1)
        }
        End(is_streamed) => {
            let completed = completed(11, 500 << 10);
            let before = if *is_streamed { &completed.deltas[..] } else { &[] };
            let (transcoder, out) = ours::fed(before);
            let (transcoder, out) = (RefCell::new(transcoder), RefCell::new(out));
            counted(&|| {
                out.borrow_mut().clear();
                ours::end(&mut transcoder.borrow_mut(), &completed.json, &mut out.borrow_mut());
            });
            Ok(1)
        }
    }
}

/// Callgrind counts inside this function only.
#[inline(never)]
fn counted(run: &dyn Fn()) {
    run();
}

/// Instructions per event of one case, and the machine as valgrind shows it to the program.
fn count(case: &str) -> Result<(f64, String), Box<dyn Error>> {
    // Not /dev/null: callgrind replaces the file that it is given.
    let file = env::temp_dir().join("sluicegate.callgrind");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--toggle-collect=*instructions*counted*"])
        .arg(format!("--callgrind-out-file={}", file.display()))
        .arg(env::current_exe()?)
        .arg(case)
        .output()?;
    let (printed, counted) = (String::from_utf8(output.stdout)?, String::from_utf8(output.stderr)?);
    let (events, machine) = printed.trim().split_once(' ').ok_or_else(|| counted.clone())?;
    let total =
        counted.lines().find_map(|line| line.split_once("Collected : ")).ok_or("nothing was collected")?.1;
    let per_event = total.trim().parse::<f64>()? / events.parse::<f64>()?;
    Ok(((per_event * 10.0).round() / 10.0, machine.to_owned()))
}

fn compare(machine: &str, counts: &BTreeMap<String, f64>) -> Result<ExitCode, Box<dyn Error>> {
    let record: Record = serde_json::from_slice(&fs::read(path())?)?;
    let known = record.get(machine);
    let mut failed = 0;
    for (case, count) in counts {
        let Some(before) = known.and_then(|known| known.get(case)) else {
            println!("instructions: {case}: {count}");
            continue;
        };
        let change = count / before - 1.0;
        println!("instructions: {case}: {count}, {:+.1} % to {before}", change * 100.0);
        failed += usize::from(change > TOLERANCE);
    }
    if known.is_none() {
        println!("instructions: no record for {machine}, not compared; BLESS=1 make instructions");
        return Ok(ExitCode::SUCCESS);
    }
    println!("{} passed, {failed} failed", counts.len() - failed);
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn bless(machine: String, counts: BTreeMap<String, f64>) -> Result<ExitCode, Box<dyn Error>> {
    let mut record: Record = serde_json::from_slice(&fs::read(path())?)?;
    println!("instructions: {machine}: {counts:#?}");
    record.insert(machine, counts);
    fs::write(path(), serde_json::to_string_pretty(&record)? + "\n")?;
    Ok(ExitCode::SUCCESS)
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("record/instructions.json")
}

/// What decides which instructions run.
fn machine() -> String {
    let rustc = Command::new("rustc").arg("--version").output();
    let rustc = rustc.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let version: Vec<&str> = rustc.split(' ').take(2).collect();
    format!("{}{}, {}", env::consts::ARCH, vector_units(), version.join(" "))
}

#[cfg(target_arch = "x86_64")]
fn vector_units() -> String {
    let units = [
        ("sse4.2", is_x86_feature_detected!("sse4.2")),
        ("avx2", is_x86_feature_detected!("avx2")),
        ("avx512bw", is_x86_feature_detected!("avx512bw")),
    ];
    units.iter().filter(|(_, is_there)| *is_there).map(|(name, _)| format!("+{name}")).collect()
}

#[cfg(not(target_arch = "x86_64"))]
fn vector_units() -> String {
    String::new()
}
