//! The README names every code.

use sluicegate::{Error, NoteCode};

const README: &str = include_str!("../../README.md");

#[test]
fn every_code_is_in_the_readme() {
    let errors = [
        Error::EventTooLarge { offset: 0, limit: 0 },
        Error::InvalidUtf8 { offset: 0 },
        Error::InvalidJson { offset: 0 },
        Error::InvalidOption { path: String::new() },
        Error::AfterFinish,
        Error::Sink { kind: std::io::ErrorKind::Other, message: String::new() },
    ];
    let codes = errors.iter().map(Error::code).chain(NoteCode::ALL.iter().map(|code| code.as_str()));
    for code in codes {
        assert!(README.contains(&format!("`{code}`")), "{code} is not in README.md");
    }
}
