//! docs/reference/codes.md names every code; docs/reference/errors.md those of errors, with what is true of them; docs/reference/limits.md every limit;
//! CONTRIBUTING every guarantee's test; the files and functions of docs/tour.md exist.

use sluicegate::{
    Error, ErrorClass, Failure, LintRule, MadeFailure, NoteCode, Recovery, RejectCode, RouteReason,
    Unrecorded, error_envelope,
};
use std::collections::{HashMap, HashSet};
use std::path::Path;

const CODES: &str = include_str!("../../docs/reference/codes.md");
const ERRORS: &str = include_str!("../../docs/reference/errors.md");

fn errors() -> [Error; 10] {
    [
        Error::EventTooLarge { offset: 0, limit: 0 },
        Error::InvalidUtf8 { offset: 0 },
        Error::InvalidJson { offset: 0 },
        Error::InvalidOption { path: String::new(), given: String::new(), allowed: String::new() },
        Error::InvalidProfile { path: String::new(), given: String::new(), allowed: String::new() },
        Error::AfterFinish,
        Error::DocumentNotAlone,
        Error::Internal { message: String::new() },
        Error::Store { message: String::new() },
        Error::Sink { kind: std::io::ErrorKind::Other, message: String::new() },
    ]
}

#[test]
fn every_code_has_a_row() {
    let errors = errors();
    let notes = NoteCode::ALL.iter().map(|code| code.as_str());
    let classes = ErrorClass::ALL.iter().map(|class| class.as_str());
    let rejections = RejectCode::ALL.iter().map(|code| code.as_str());
    let reasons = RouteReason::ALL.iter().map(|reason| reason.as_str());
    let recoveries = Recovery::ALL.iter().map(|recovery| recovery.as_str());
    let codes = errors.iter().map(Error::code).chain(notes).chain(classes).chain(rejections);
    let unrecorded = Unrecorded::ALL.iter().map(|reason| reason.as_str());
    let rules = LintRule::ALL.iter().map(|rule| rule.as_str());
    for code in codes.chain(reasons).chain(recoveries).chain(unrecorded).chain(rules) {
        assert!(CODES.contains(&format!("`{code}`")), "{code} is not in docs/reference/codes.md");
    }
}

#[test]
fn every_error_is_in_the_docs() {
    let (rejections, rest) = ERRORS.split_once("## What an upstream").expect("a section");
    let (failures, raised) = rest.split_once("## Errors of a call").expect("a section");
    for code in RejectCode::ALL {
        assert!(rejections.contains(&format!("\n| `{}` | 400 |", code.as_str())), "{}", code.as_str());
    }
    for class in ErrorClass::ALL {
        assert!(failures.contains(&format!(" | `{}` | ", class.as_str())), "{}", class.as_str());
    }
    for error in errors() {
        assert!(raised.contains(&format!("\n| `{}` | ", error.code())), "{}", error.code());
    }
}

#[test]
fn the_docs_say_what_is_made_of_each_failure() {
    let mut count = 0;
    for row in ERRORS.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<_> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [names, status, class, _] = cells[..] else { continue };
        let Some(class) = ErrorClass::ALL.iter().find(|known| class == format!("`{}`", known.as_str()))
        else {
            continue; // a rejection: in its place there is when
        };
        for name in names.split('`').skip(1).step_by(2) {
            let body = format!(r#"{{"error":{{"message":"?","code":"{name}"}}}}"#);
            let made = error_envelope(&Failure { body: body.as_bytes(), ..Failure::default() });
            assert_eq!((made.class, made.status.to_string()), (*class, status.to_owned()), "{name}");
            count += 1;
        }
    }
    assert!(count > 50, "{count} names");
}

#[test]
fn every_failure_of_our_own_has_its_code_and_words_in_the_docs() {
    for made in MadeFailure::ALL {
        let code = match (made, made.code()) {
            (MadeFailure::NoMessage, _) => "the upstream's".to_owned(),
            (_, code) => code.map_or("none".to_owned(), |code| format!("`{code}`")),
        };
        let row = format!("\n| `{}` | {code} | {} | ", made.as_str(), made.message());
        assert!(ERRORS.contains(&row), "{row}");
        assert_eq!(MadeFailure::named(made.as_str()), Some(*made));
    }
}

/// `64 << 20`, `4 * MAX_IMAGES`, `60 * 60`: what the constants of `limits.rs` are made of.
fn value(expression: &str, known: &HashMap<String, u64>) -> u64 {
    if let Some((number, bits)) = expression.split_once("<<") {
        return value(number, known) << value(bits, known);
    }
    let factors = expression.split('*').map(str::trim);
    factors
        .map(|factor| known.get(factor).copied().unwrap_or_else(|| factor.replace('_', "").parse().unwrap()))
        .product()
}

/// As a reader writes it, by the constant's unit.
fn written(name: &str, number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<_> =
        digits.as_bytes().rchunks(3).rev().map(|group| str::from_utf8(group).unwrap()).collect();
    let grouped = groups.join(",");
    match number {
        _ if name.ends_with("_MS") => grouped + " ms",
        _ if name.ends_with("_S") => grouped + " s",
        _ if name.ends_with("_PER_EVENT") => format!("{number} × `max_event_bytes`"),
        _ if name.ends_with("_DEPTH") => format!("{number} levels"),
        _ if !name.ends_with("_BYTES") => grouped,
        _ if number < 1 << 10 => format!("{number} B"),
        _ if number < 1 << 20 => format!("{} KiB", number >> 10),
        _ => format!("{} MiB", number >> 20),
    }
}

#[test]
fn every_limit_is_in_its_table() {
    const LIMITS: &str = include_str!("../src/limits.rs");
    const TABLE: &str = include_str!("../../docs/reference/limits.md");
    let mut known = HashMap::new();
    for line in LIMITS.lines().filter_map(|line| line.strip_prefix("pub(crate) const ")) {
        let (name, rest) = line.split_once(": ").unwrap();
        let (_, expression) = rest.trim_end_matches(';').split_once(" = ").unwrap();
        let number = value(expression, &known);
        known.insert(name.to_owned(), number);
        let row = TABLE.lines().find(|row| row.ends_with(&format!("| `{name}` |")));
        let row = row.unwrap_or_else(|| panic!("{name} is not in docs/reference/limits.md"));
        let written = written(name, number);
        assert_eq!(row.split(" | ").nth(1), Some(&*written), "{name}");
    }
    let rows = TABLE.lines().filter(|row| row.starts_with("| ") && row.ends_with("` |"));
    assert_eq!(rows.count(), known.len(), "a row for each limit");
}

#[test]
fn every_guarantee_is_named_in_a_test() {
    const CONTRIBUTING: &str = include_str!("../../CONTRIBUTING.md");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut tests = String::new();
    for folder in [folder.clone(), folder.join("cases"), folder.join("continuation")] {
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let files = files.filter(|path| path.is_file() && !path.ends_with("docs.rs"));
        tests.extend(files.map(|path| std::fs::read_to_string(path).unwrap()));
    }
    let words: HashSet<_> = tests.split(|letter: char| !letter.is_alphanumeric()).collect();
    for guarantee in (1..=12).map(|number| format!("G{number}")) {
        assert!(CONTRIBUTING.contains(&format!("\n| {guarantee} ")), "{guarantee} is not in CONTRIBUTING.md");
        assert!(words.contains(&*guarantee), "no test names {guarantee}");
    }
}

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[test]
fn the_files_and_functions_of_the_tour_exist() {
    const TOUR: &str = include_str!("../../docs/tour.md");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for name in quoted(TOUR).filter(|name| name.contains('/') && !name.contains(char::is_whitespace)) {
        assert!(root.join(name).exists(), "{name}");
    }
    let mut count = 0;
    for row in TOUR.lines().filter(|line| line.starts_with('|')) {
        let cells: Vec<_> = row.trim_matches('|').split(" | ").collect();
        let [_, file, functions, _] = cells[..] else { continue };
        let Some(file) = quoted(file).next() else { continue }; // the head of a table
        let source = std::fs::read_to_string(root.join(file)).unwrap();
        for name in quoted(functions) {
            assert!(
                source.contains(&format!("fn {name}(")) || source.contains(&format!("fn {name}<")),
                "{file}: {name}"
            );
            count += 1;
        }
    }
    assert!(count > 20, "{count} functions");
}
