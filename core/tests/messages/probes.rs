//! Malformed and unusual streams, and what clients make of each: what a client accepts is read to what it reads; the rest
//! fails, or is noted.
//!
//! `SLUICEGATE_PROBES`: the folder of the streams, where there is one. `probes.jsonl`: what the official SDK for Python
//! (2.14) has at the end of each; of those that it refuses, the last text that Claude Code (2.1) shows; else the name alone.

use crate::fold::{End, Fold};
use crate::pairs::{DIALECTS, options, same_in_pieces};
use serde_json::{Value, json};
use sluicegate::{Dialect, Outcome, Status};
use std::path::Path;

/// Where calls are read in another way on purpose: arguments are passed on as they came, ids are made unique.
const OTHER_CALLS: [&str; 6] =
    ["t_bad_json", "t_bad_json_max", "t_double_json", "t_json_not_object", "t_no_id", "t_same_id"];

/// A count of 0 takes nothing back, as in Claude Code.
const OTHER_USAGE: &str = "m_delta_zero_input";

/// Ends at `message_stop`, and the rest is noted.
const ENDS_EARLIER: &str = "f_after_stop";

/// What all clients refuse for its framing alone, and is read: nothing of the answer is in doubt.
const READ_ALL_THE_SAME: [&str; 3] = ["f_event_only_no_type", "f_no_event_lines", "f_custom_event_name"];

fn probes() -> Vec<(Value, Vec<u8>)> {
    let Some(folder) = std::env::var_os("SLUICEGATE_PROBES") else { return Vec::new() };
    let rows = include_str!("probes.jsonl").lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let probe = |row: Value| {
        let path = Path::new(&folder).join(format!("{}.sse", row["name"].as_str().unwrap()));
        let input = std::fs::read(path).unwrap();
        (row, input)
    };
    rows.map(probe).collect()
}

/// What the client reads.
fn reading(row: &Value) -> Fold {
    let text = |key: &str| row[key].as_str().unwrap_or_default();
    let mut message = json!({
        "content": [{"type": "text", "text": row["text"]}, {"type": "thinking", "thinking": row["thinking"]}],
        "usage": {"input_tokens": row["usage"][0], "output_tokens": row["usage"][1]},
        "stop_reason": row["stop"],
        "stop_details": {"explanation": text("explanation")},
    });
    for call in row["calls"].as_array().unwrap() {
        let block = json!({"type": "tool_use", "id": call[0], "name": call[1], "input": call[2]});
        message["content"].as_array_mut().unwrap().push(block);
    }
    Fold::of_body(Dialect::Messages, message.to_string().as_bytes())
}

#[test]
fn what_a_client_accepts_is_read_as_it_reads_it() {
    let mut wrong = Vec::new();
    for (row, input) in probes() {
        for client in DIALECTS {
            let (stream, outcome) = same_in_pieces(client, Dialect::Messages, &input, &options());
            let got = Fold::of_stream(client, &stream);
            if !is_right(&row, client, &got, &outcome) {
                wrong.push(format!("{} for {client:?}: {got:?}\n{}\n", row["name"], outcome.to_json()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.concat());
}

fn is_right(row: &Value, client: Dialect, got: &Fold, outcome: &Outcome) -> bool {
    let name = row["name"].as_str().unwrap();
    let is_bad = outcome.status == Status::Failed || outcome.status == Status::Truncated;
    if let Some(text) = row["claude_code"].as_str() {
        got.text.ends_with(text) && !is_bad
    } else if row.get("text").is_none() {
        is_bad || !outcome.notes.is_empty() || READ_ALL_THE_SAME.contains(&name)
    } else if name == ENDS_EARLIER {
        got.text == "Fine answer." && !outcome.notes.is_empty()
    } else if row["stop"].is_null() && is_bad {
        let is_ended = client == Dialect::Messages || got.end == End::Failed;
        is_ended && (got.text.is_empty() || got.text == reading(row).text)
    } else {
        let mut expected = reading(row);
        expected.end = if expected.end == End::Cut { got.end } else { expected.end };
        if OTHER_CALLS.contains(&name) {
            expected.calls.clone_from(&got.calls);
        }
        expected.usage = if name == OTHER_USAGE { got.usage } else { expected.usage };
        *got == expected && !is_bad
    }
}
