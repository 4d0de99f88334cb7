//! Requests and records that nobody would write by hand.

use crate::rules::first;
use proptest::prelude::*;
use sluicegate::Continuation;

fn space() -> impl Strategy<Value = String> {
    "[ \t\n\r]{0,3}"
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("null".to_owned()),
        Just("-0.10e+5".to_owned()),
        Just(r#"{ "previous_response_id" : "resp_1", "input":[1 ,2]}"#.to_owned()),
        Just(r#"[ "\u0000\ud800",{"type":"reasoning","encrypted_content":"g\/A="} ]"#.to_owned()),
        "[a-zé\"\\\\\n ]{0,12}".prop_map(|text| serde_json::to_string(&text).unwrap()),
    ]
}

/// Elements with the white space around them, as they stand between the brackets.
fn elements() -> impl Strategy<Value = String> {
    prop::collection::vec((space(), value(), space()), 0..4).prop_map(|elements| {
        let elements: Vec<_> = elements.into_iter().map(|(a, value, b)| format!("{a}{value}{b}")).collect();
        elements.join(",")
    })
}

/// Members, each after a comma.
fn members() -> impl Strategy<Value = String> {
    prop::collection::vec((space(), space(), value()), 0..4).prop_map(|members| {
        let member = |(nth, (a, b, value))| format!(",{a}\"m{nth}\"{b}:{value}");
        members.into_iter().enumerate().map(member).collect()
    })
}

fn joined(lists: &[&str]) -> String {
    let lists: Vec<_> = lists.iter().copied().filter(|list| !list.trim().is_empty()).collect();
    lists.join(",")
}

fn tenant() -> Continuation {
    Continuation::new("tenant-1").unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    /// G12: every item of the conversation, encrypted reasoning among them, goes back byte for byte.
    #[test]
    fn only_the_input_and_the_id_change(
        input in elements(), output in elements(), own in elements(),
        before in members(), after in members(), space in space(), is_first in any::<bool>(),
    ) {
        let response = format!(r#"{{"output":[{output}],"status":"completed","id":"resp_1"}}"#);
        let request = format!(r#"{{"input":[{input}]}}"#);
        let record = tenant().record(&first(&request), response.as_bytes(), None).unwrap().unwrap();
        let id = format!(r#"{space}"previous_response_id"{space}:"resp_1""#);
        let (head, tail) = if is_first { (format!("{{{id},"), String::new()) } else { ("{".to_owned(), format!(",{id}")) };
        let next = format!(r#"{head}"model":"m"{before},{space}"input"{space}:{space}[{own}]{tail}{after}{space}}}"#);
        let expanded = tenant().expand(next.as_bytes(), Some(&record.value)).unwrap();
        let list = joined(&[&input, &output, &own]);
        let lead = if is_first { &space } else { "" }; // of the first member that is left
        let expected = format!(r#"{{{lead}"model":"m"{before},{space}"input"{space}:{space}[{list}]{after}{space}}}"#);
        prop_assert_eq!(String::from_utf8(expanded.body).unwrap(), expected);
    }

    #[test]
    fn no_record_panics(bytes in prop::collection::vec(any::<u8>(), 0..200), at in any::<prop::sample::Index>(), cut in any::<bool>()) {
        let response = br#"{"output":[],"status":"completed","id":"resp_1"}"#;
        let record = tenant().record(&first(r#"{"input":"Hi"}"#), response, Some("o")).unwrap().unwrap().value;
        let at = at.index(record.len());
        let rest = if cut { &[][..] } else { record.get(at + bytes.len()..).unwrap_or_default() };
        for record in [bytes.clone(), [&[1], &bytes[..]].concat(), [&record[..at], &bytes, rest].concat()] {
            let next = br#"{"previous_response_id":"resp_1"}"#;
            match tenant().expand(next, Some(&record)) {
                Ok(expanded) => prop_assert_eq!(expanded.origin.as_deref(), Some("o"), "it was not changed"),
                Err(error) => prop_assert_eq!(error.code(), "previous_response_not_found"),
            }
        }
    }

    #[test]
    fn no_request_panics(request in "[{}\\[\\]\",:a-z_0\\\\ ]{0,60}") {
        let request = request.replace("id", "\"previous_response_id\":").replace("in", "\"input\":");
        let _ = tenant().expand(request.as_bytes(), None);
        let _ = tenant().lookup(request.as_bytes());
        let _ = tenant().record(&first(&request), request.as_bytes(), None);
    }
}
