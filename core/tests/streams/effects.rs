//! Folds the effects of events.
//!
//! Input: the events of a stream with their effects. Output: the stream as bytes, and what a client has at its end. State:
//! none.

use super::{Effect, Step, Style};
use serde_json::{Value, json};
use std::collections::HashSet;

/// What a chat client has in the end.
pub(super) fn fold<'t>(effects: impl Iterator<Item = &'t Effect>) -> Value {
    let mut message =
        json!({"content": null, "refusal": null, "reasoning_content": null, "tool_calls": null});
    let (mut begun, mut calls) = (HashSet::new(), Vec::new());
    for effect in effects {
        match effect {
            Effect::Text(_, _, _, text) if text.is_empty() => {}
            Effect::Text(member, item, part, text) => {
                // A further message and a further paragraph of reasoning are set off.
                let unit = if *member == "reasoning_content" {
                    (*member, *item, *part)
                } else {
                    (*member, *item, 0)
                };
                let before = message[*member].as_str().unwrap_or_default().to_owned();
                let gap = if before.is_empty() || begun.contains(&unit) || *member == "refusal" {
                    ""
                } else {
                    "\n\n"
                };
                begun.insert(unit);
                message[*member] = json!(before + gap + text);
            }
            Effect::Call(item, id, name) => {
                calls.push(*item);
                let call = json!({"id": id, "type": "function", "function": {"name": name, "arguments": ""}});
                match &mut message["tool_calls"] {
                    Value::Array(all) => all.push(call),
                    none => *none = json!([call]),
                }
            }
            Effect::Arguments(item, text) => {
                let nth = calls.iter().position(|call| call == item).unwrap();
                let arguments = &mut message["tool_calls"][nth]["function"]["arguments"];
                *arguments = json!(arguments.as_str().unwrap().to_owned() + text);
            }
        }
    }
    message
}

/// As SSE. Sequence numbers and a field that no one knows are on every event.
pub(super) fn write(steps: &[Step], style: &Style) -> Vec<u8> {
    let mut out = String::new();
    for (nth, step) in steps.iter().enumerate() {
        let mut event = step.event.clone();
        event["sequence_number"] = json!(nth);
        event["of_tomorrow"] = json!({"type": "x", "delta": ["y"]});
        if style.has_comments && style.order[nth % 24].is_multiple_of(3) {
            out += &format!(": ping{}", style.line_end.repeat(1 + nth % 2));
        }
        if style.is_named {
            out += &format!("event: {}{}", event["type"].as_str().unwrap(), style.line_end);
        }
        let json = if style.is_ascii { escaped(&event.to_string()) } else { event.to_string() };
        out += &format!("data: {json}{}", style.line_end.repeat(2));
    }
    out.into_bytes()
}

fn escaped(json: &str) -> String {
    let escape = |unit: &u16| match u8::try_from(*unit) {
        Ok(ascii) if ascii.is_ascii() => char::from(ascii).to_string(),
        _ => format!("\\u{unit:04x}"),
    };
    json.encode_utf16().collect::<Vec<_>>().iter().map(escape).collect()
}
