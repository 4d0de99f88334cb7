//! The list of changes is complete on the way to chat. Every text of a made-up request is a mark that stands nowhere else:
//! one that is missing in the chat request must be listed as removed or replaced, none may come twice, each stands in a
//! message of its role, and messages keep their order.
//!
//! Fixed seeds, 600 bodies; `SLUICEGATE_BODIES=20000` for more.

mod cases;

use cases::Random;
use serde_json::{Map, Value, json};
use sluicegate::{Action, Change, Normalized, Profile, RequestOptions, responses_to_chat};
use std::collections::BTreeMap;

/// Makes requests; every text is a new mark.
struct Maker {
    random: Random,
    marks: usize,
    ids: Vec<Value>,
}

impl Maker {
    fn mark(&mut self) -> String {
        self.marks += 1;
        format!("zq{}x", self.marks)
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.random.below(of.len())].clone()
    }

    fn happens(&mut self, one_in: usize) -> bool {
        self.random.below(one_in) == 0
    }

    fn text(&mut self, kind: &str) -> Value {
        let mut part = json!({"type": kind, "text": self.mark()});
        if self.happens(5) {
            part["annotations"] = json!([{"type": "url_citation", "url": self.mark()}]);
        }
        part
    }

    fn part(&mut self) -> Value {
        match self.random.below(8) {
            0..4 => self.text("input_text"),
            4 => {
                json!({"type": "input_image", "image_url": format!("data:image/png;base64,{}", self.mark()), "detail": "low"})
            }
            5 => json!({"type": "input_file", "file_data": self.mark(), "filename": self.mark()}),
            6 => json!({"type": "input_image", "file_id": self.mark(), "note": self.mark()}),
            _ => json!({"type": "odd", "odd": self.mark()}),
        }
    }

    fn parts(&mut self) -> Value {
        let count = 1 + self.random.below(3);
        (0..count).map(|_| self.part()).collect()
    }

    fn message(&mut self) -> Value {
        let role = self.one(&["user", "user", "system", "developer", "assistant", "assistant"]);
        let content = match (role, self.random.below(4)) {
            (_, 0) => json!(self.mark()),
            ("assistant", 1) => json!([{"type": "refusal", "refusal": self.mark()}]),
            ("assistant", _) => json!([self.text("output_text"), self.text("output_text")]),
            (_, 1) => self.text("input_text"),
            _ => self.parts(),
        };
        let mut message = json!({"type": "message", "role": role, "content": content});
        if self.happens(4) {
            message["phase"] = json!(self.mark());
        }
        message
    }

    /// An id for a call, which an output may have later.
    fn id(&mut self) -> Option<Value> {
        let id = match self.random.below(6) {
            0 => return None,
            1 => json!(" "),
            2 if !self.ids.is_empty() => {
                let ids = self.ids.clone();
                self.one(&ids)
            }
            _ => json!(self.mark()),
        };
        self.ids.push(id.clone());
        Some(id)
    }

    fn call(&mut self) -> Value {
        let arguments = match self.random.below(4) {
            0 => json!(""),
            _ => json!(json!({"a": self.mark()}).to_string()),
        };
        let name = self.mark();
        let mut call = match self.random.below(4) {
            0 => json!({"type": "custom_tool_call", "name": name, "input": self.mark()}),
            1 => json!({"type": "local_shell_call", "action": {"command": [self.mark()]}}),
            _ => json!({"type": "function_call", "name": name, "arguments": arguments}),
        };
        if let Some(id) = self.id() {
            call["call_id"] = id;
        }
        call
    }

    fn output(&mut self) -> Value {
        let output = match self.random.below(7) {
            0 => Value::Null,
            1 => json!({"deep": {"n": self.mark()}}),
            2 => json!(
                json!({"shot": format!("data:image/png;base64,{}", self.mark()), "t": self.mark()})
                    .to_string()
            ),
            3 => self.parts(),
            4 => json!({"image": {"type": "image", "data": self.mark(), "mimeType": "image/png"}}),
            _ => json!(self.mark()),
        };
        let kind = self.one(&["function_call_output", "function_call_output", "custom_tool_call_output"]);
        let mut item = json!({"type": kind, "output": output});
        let ids = self.ids.clone();
        if !ids.is_empty() && !self.happens(8) {
            item["call_id"] = self.one(&ids);
        } else if self.happens(2) {
            item["call_id"] = json!(self.mark());
        }
        item
    }

    fn reasoning(&mut self) -> Value {
        let mut item = json!({"type": "reasoning", "summary": []});
        if self.happens(2) {
            item["content"] = json!([{"type": "reasoning_text", "text": self.mark()}]);
        }
        if self.happens(2) {
            item["summary"] = json!([{"type": "summary_text", "text": self.mark()}]);
        }
        if self.happens(2) {
            item["encrypted_content"] = json!(self.mark());
        }
        item
    }

    fn item(&mut self) -> Value {
        match self.random.below(14) {
            0..5 => self.message(),
            5..8 => self.call(),
            8..11 => self.output(),
            11 | 12 => self.reasoning(),
            _ => match self.random.below(4) {
                0 => json!({"type": "agent_message", "author": self.mark(), "content": self.parts()}),
                1 => json!({"type": "web_search_call", "action": {"query": self.mark()}}),
                2 => {
                    json!({"type": "computer_call", "call_id": self.mark(), "action": {"type": self.mark()}})
                }
                _ => json!({"type": "odd", "odd": self.mark()}),
            },
        }
    }

    fn tool(&mut self) -> Value {
        match self.random.below(5) {
            0 => {
                json!({"type": "custom", "name": self.mark(), "description": self.mark(), "format": {"type": "grammar", "syntax": "lark", "definition": self.mark()}})
            }
            1 => {
                json!({"type": "namespace", "name": self.mark(), "description": self.mark(), "tools": [self.function()]})
            }
            2 => json!({"type": "web_search", "filters": {"allowed_domains": [self.mark()]}}),
            _ => self.function(),
        }
    }

    fn function(&mut self) -> Value {
        let mut tool = json!({"type": "function", "name": self.mark(), "description": self.mark(), "parameters": {"type": "object", "title": self.mark()}});
        if self.happens(3) {
            tool["output_schema"] = json!({"title": self.mark()});
        }
        tool
    }

    fn request(&mut self) -> Value {
        let mut body = Map::new();
        let mut set = |key: &str, value: Value| drop(body.insert(key.to_owned(), value));
        let count = self.random.below(9);
        set("input", (0..count).map(|_| self.item()).collect());
        let count = self.random.below(4);
        set("tools", (0..count).map(|_| self.tool()).collect());
        if self.happens(2) {
            set("instructions", json!(self.mark()));
        }
        if self.happens(3) {
            set(
                "text",
                json!({"verbosity": self.mark(), "odd": self.mark(), "format": {"type": "json_schema", "name": self.mark(), "schema": {"title": self.mark()}}}),
            );
        }
        if self.happens(3) {
            set("reasoning", json!({"effort": self.mark(), "summary": self.mark()}));
        }
        for key in ["metadata", "user", "prompt_cache_key", "odd", "service_tier", "include"] {
            if self.happens(4) {
                let mark = self.mark();
                set(key, if key == "include" { json!([mark]) } else { json!(mark) });
            }
        }
        set("stream", json!(self.happens(2)));
        Value::Object(body)
    }
}

/// Every mark and the path of the text that it stands in.
fn marks(value: &Value, path: &str, out: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) => out.extend(marks_in(text).map(|mark| (mark, path.to_owned()))),
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(nth, inner)| marks(inner, &format!("{path}[{nth}]"), out));
        }
        Value::Object(members) => {
            for (key, inner) in members {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                marks(inner, &path, out);
            }
        }
        _ => {}
    }
}

fn marks_in(text: &str) -> impl Iterator<Item = String> {
    text.split("zq").skip(1).filter_map(|rest| Some(format!("zq{}x", rest.split_once('x')?.0)))
}

/// Whether the list says that what is at `path` is gone or another. That all is in another list now says nothing of it.
fn is_lost(changes: &[Change], path: &str) -> bool {
    const WHOLE: [&str; 2] = ["input", "tools"];
    changes.iter().any(|change| {
        let rest = path.strip_prefix(&change.path);
        let is_inside = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
        let is_loss = matches!(change.action, Action::Removed | Action::Replaced);
        is_inside && is_loss && !WHOLE.contains(&change.path.as_str())
    })
}

fn item_of(path: &str) -> Option<usize> {
    path.strip_prefix("input[")?.split_once(']')?.0.parse().ok()
}

/// The role of the message that a mark of this item belongs in; empty: more than one would do.
fn role(item: &Value) -> &'static str {
    match (item["type"].as_str(), item["role"].as_str()) {
        (Some("message"), Some("system" | "developer")) => "system",
        (Some("message"), Some("user")) | (Some("agent_message"), _) => "user",
        (Some("message" | "reasoning" | "function_call" | "custom_tool_call" | "local_shell_call"), _) => {
            "assistant"
        }
        _ => "",
    }
}

fn check(body: &Value, request: &Normalized) {
    let sent: Value = serde_json::from_slice(&request.body).unwrap();
    let (mut before, mut after) = (Vec::new(), Vec::new());
    marks(body, "", &mut before);
    marks(&sent, "", &mut after);
    let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (mark, path) in &after {
        found.entry(mark).or_default().push(path);
    }
    let told = || {
        let ledger: Vec<_> = request.changes.iter().map(Change::to_json).collect();
        format!("{body}\n{sent}\n{}", ledger.join("\n"))
    };
    let mut last = None;
    for (mark, path) in &before {
        let Some(places) = found.get(&**mark) else {
            assert!(is_lost(&request.changes, path), "{mark} at {path} is not listed\n{}", told());
            continue;
        };
        let is_id = path.rsplit('.').next().is_some_and(|key| ["call_id", "name"].contains(&key));
        assert!(is_id || places.len() == 1, "{mark} stands there {} times\n{}", places.len(), told());
        let Some(item) = item_of(path).map(|at| &body["input"][at]).filter(|_| !is_id) else { continue };
        let message = places[0]
            .strip_prefix("messages[")
            .and_then(|rest| rest.split_once(']')?.0.parse::<usize>().ok());
        let Some(message) = message else { continue };
        let expected = role(item);
        assert!(
            expected.is_empty() || sent["messages"][message]["role"] == expected,
            "{mark}: {expected}\n{}",
            told()
        );
        let is_kept = item["type"] == "message" && item["role"] != "system" && item["role"] != "developer";
        if is_kept {
            assert!(last.is_none_or(|last| last <= message), "{mark} comes too early\n{}", told());
            last = Some(message);
        }
    }
    check_additions(request, &sent, &told);
}

/// What nobody said is listed as added.
fn check_additions(request: &Normalized, sent: &Value, told: &dyn Fn() -> String) {
    let messages = sent["messages"].as_array().unwrap();
    let aborted = messages.iter().filter(|message| message["content"] == "aborted").count();
    let placed = messages.iter().filter(|message| message["reasoning_content"] == " ").count();
    let added = |reason: &str| {
        let is = |change: &&Change| change.action == Action::Added && change.reason.contains(reason);
        request.changes.iter().filter(is).count()
    };
    assert_eq!(aborted, added("never answered"), "{}", told());
    assert_eq!(placed, added("beside calls"), "{}", told());
}

fn profiles() -> Vec<Profile> {
    let own = [
        r#"{"extends":"chat"}"#,
        r#"{"extends":"chat","chat":{"reasoning":"reasoning_content","verbosity":"verbosity","output_images":"tool"}}"#,
        r#"{"extends":"chat","chat":{"reasoning":"reasoning_content","reasoning_placeholder":" ","leading_system":"keep","hosted_tools":"keep"}}"#,
        r#"{"extends":"chat","orphans":"keep","unknown":"remove","chat":{"output_images":"drop","reasoning_effort":"reasoning.effort"}}"#,
        r#"{"extends":"chat","fields":{"response_format":{"rule":"remove"},"reasoning_effort":{"rule":"remove"},"stream_options":{"rule":"remove"}}}"#,
    ];
    own.iter().map(|json| Profile::from_json(json.as_bytes()).unwrap()).collect()
}

#[test]
fn what_is_lost_on_the_way_to_chat_is_listed() {
    let bodies = std::env::var("SLUICEGATE_BODIES").map_or(600, |count| count.parse().unwrap());
    let (profiles, options) = (profiles(), RequestOptions::default());
    let mut marks = 0;
    for seed in 1..=bodies {
        let random = Random(0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(seed) | 1);
        let mut maker = Maker { random, marks: 0, ids: Vec::new() };
        let body = maker.request();
        let profile = &profiles[maker.random.below(profiles.len())];
        let request = responses_to_chat(body.to_string().as_bytes(), profile, &options);
        check(&body, &request.unwrap_or_else(|error| panic!("seed {seed}: {error}\n{body}")));
        marks += maker.marks;
    }
    assert!(marks as u64 > 10 * bodies, "{marks} marks are too few");
}
