//! Every case in `fixtures/lint`; each rule fires on a stream bent for it; what this crate writes is clean.

mod cases;

use cases::{Case, read_cases};
use sluicegate::{Finding, LintProfile, LintRule, Severity, lint};

fn lines(findings: &[Finding]) -> String {
    findings.iter().map(|finding| finding.to_json() + "\n").collect()
}

fn profile(case: &Case) -> LintProfile {
    let options: serde_json::Value = serde_json::from_slice(&case.options().unwrap()).unwrap();
    LintProfile::named(options["profile"].as_str().unwrap()).unwrap()
}

#[test]
fn golden() {
    for case in read_cases("lint") {
        let findings = lint(&case.read("input.sse"), profile(&case));
        case.check("findings.jsonl", lines(&findings).as_bytes());
        assert_eq!(findings.is_empty(), case.name.starts_with("clean"), "{}", case.name);
        let rules = LintRule::ALL.iter().filter(|rule| is_about(&case.name, rule.as_str()));
        let rule = rules.max_by_key(|rule| rule.as_str().len());
        let fires = |rule: &&LintRule| findings.iter().any(|finding| finding.rule == **rule);
        assert!(findings.is_empty() || rule.is_some_and(|rule| fires(&rule)), "{}: {rule:?}", case.name);
    }
}

/// A case is named for its rule, and for what of it.
fn is_about(case: &str, rule: &str) -> bool {
    case.strip_prefix(rule).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
}

#[test]
fn every_rule_has_a_stream_bent_for_it() {
    let names: Vec<_> = read_cases("lint").into_iter().map(|case| case.name).collect();
    for rule in LintRule::ALL.iter().filter(|rule| **rule != LintRule::EventTooLarge) {
        assert!(names.iter().any(|name| is_about(name, rule.as_str())), "{}: {}", rule.as_str(), rule.doc());
    }
}

#[test]
fn an_event_over_the_limit_is_one_finding() {
    let mut stream = b"data: {\"type\":\"response.created\",\"x\":\"".to_vec();
    stream.resize(64 << 20, b'x');
    stream.extend_from_slice(b"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}\n\n");
    let findings = lint(&stream, LintProfile::CodexCli);
    assert_eq!(
        (findings[0].rule, findings[0].event, findings[0].offset),
        (LintRule::EventTooLarge, Some(0), 0)
    );
}

/// Rules on what an answer says, not on how it is written.
const OF_THE_ANSWER: [LintRule; 4] =
    [LintRule::ArgumentsAreJson, LintRule::CallTwice, LintRule::RefusalUnread, LintRule::TextTwice];

#[test]
fn what_the_transcoders_write_is_clean() {
    for case in read_cases("respond") {
        for profile in [LintProfile::OpenAi, LintProfile::CodexCli] {
            let mut findings = lint(&case.read("output.sse"), profile);
            findings.retain(|finding| finding.rule != LintRule::DoneSentinel || case.name != "done_sentinel");
            findings.retain(|finding| !OF_THE_ANSWER.contains(&finding.rule));
            assert_eq!(lines(&findings), "", "{} for {}", case.name, profile.as_str());
        }
    }
    for case in read_cases("chat") {
        let mut findings = lint(&case.read("output.sse"), LintProfile::Chat);
        let asks = |option: &str| {
            case.options().is_some_and(|options| String::from_utf8_lossy(&options).contains(option))
        };
        let is_asked = asks("usage_in_finish"); // it is not as OpenAI writes
        findings.retain(|finding| finding.rule != LintRule::UsageLast || !is_asked);
        findings.retain(|finding| !OF_THE_ANSWER.contains(&finding.rule));
        assert_eq!(lines(&findings), "", "{}", case.name);
    }
}

/// A relay passes on what was sent, so it can only be as clean as that; what it puts right is the end.
#[test]
fn a_relayed_stream_has_no_rule_broken_that_was_not_before() {
    let mut compared = 0;
    for case in read_cases("chat") {
        let (Some(input), Some(relayed)) =
            (case.read_optional("input.sse"), case.read_optional("relayed.sse"))
        else {
            continue;
        };
        let errors = |stream: &[u8]| -> Vec<LintRule> {
            let findings = lint(stream, LintProfile::CodexCli);
            findings.iter().filter(|own| own.severity == Severity::Error).map(|own| own.rule).collect()
        };
        let before = errors(&input);
        for rule in errors(&relayed) {
            // An item that nobody closed shows once the response has the end that it lacked.
            let is_shown = rule == LintRule::ItemClosed && !before.is_empty();
            assert!(is_shown || before.contains(&rule), "{}: {rule:?}", case.name);
            assert_ne!(rule, LintRule::ErrorEvent, "{}", case.name);
        }
        compared += 1;
    }
    assert!(compared > 20, "{compared}");
}

/// `SLUICEGATE_RECORDINGS`: streams that are complete break no rule.
#[test]
fn recordings_are_clean() {
    // Ids that change with every event; deltas that the publisher left out; a failure sent as `error`.
    const BROKEN: [(&str, &str); 3] = [
        ("copilot-id-rotation.sse", "ids_stable terminal_equals_items"),
        ("phase-commentary.sse", "done_equals_deltas output_index_dense"),
        ("error-insufficient-quota.sse", "error_event"),
    ];
    let Some(folder) = std::env::var_os("SLUICEGATE_RECORDINGS") else { return };
    for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.extension().is_none_or(|end| end != "sse") {
            continue;
        }
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let stream = std::fs::read(&path).unwrap();
        let known = BROKEN.iter().find(|(broken, _)| *broken == name).map_or("", |(_, rules)| rules);
        for finding in [LintProfile::OpenAi, LintProfile::CodexCli].iter().flat_map(|own| lint(&stream, *own))
        {
            let is_known = known.split(' ').any(|rule| rule == finding.rule.as_str());
            assert!(finding.severity < Severity::Error || is_known, "{name}: {}", finding.to_json());
        }
    }
}
