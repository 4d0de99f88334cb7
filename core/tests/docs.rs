//! The README names every code.

use sluicegate::{Error, ErrorClass, LintRule, NoteCode, Recovery, RejectCode, RouteReason, Unrecorded};

const README: &str = include_str!("../../README.md");

#[test]
fn every_code_is_in_the_readme() {
    let errors = [
        Error::EventTooLarge { offset: 0, limit: 0 },
        Error::InvalidUtf8 { offset: 0 },
        Error::InvalidJson { offset: 0 },
        Error::InvalidOption { path: String::new() },
        Error::AfterFinish,
        Error::Store { message: String::new() },
        Error::Sink { kind: std::io::ErrorKind::Other, message: String::new() },
    ];
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
