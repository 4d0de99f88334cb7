//! The README names every code; docs/errors.md those of errors, with what is true of them.

use sluicegate::{
    Error, ErrorClass, Failure, LintRule, NoteCode, Recovery, RejectCode, RouteReason, Unrecorded,
    error_envelope,
};

const README: &str = include_str!("../../README.md");
const ERRORS: &str = include_str!("../../docs/errors.md");

fn errors() -> [Error; 7] {
    [
        Error::EventTooLarge { offset: 0, limit: 0 },
        Error::InvalidUtf8 { offset: 0 },
        Error::InvalidJson { offset: 0 },
        Error::InvalidOption { path: String::new() },
        Error::AfterFinish,
        Error::Store { message: String::new() },
        Error::Sink { kind: std::io::ErrorKind::Other, message: String::new() },
    ]
}

#[test]
fn every_code_is_in_the_readme() {
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
        assert!(README.contains(&format!("`{code}`")), "{code} is not in README.md");
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
