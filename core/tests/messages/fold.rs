//! A plain fold of an answer in any dialect, stream or body, written from the specifications and not from the code under
//! test.
//!
//! Input: bytes. Output: what a client has in the end. State: none.

use serde_json::{Value, json};
use sluicegate::Dialect;

/// What must be the same in every dialect.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Fold {
    /// Texts and refusals, without line ends: dialects set parts off in their own ways.
    pub(crate) text: String,
    pub(crate) thinking: String,
    /// Id, name, arguments as JSON.
    pub(crate) calls: Vec<(String, String, Value)>,
    /// The whole input, and the output.
    pub(crate) usage: Option<(u64, u64)>,
    pub(crate) end: End,
    pub(crate) has_refusal: bool,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// No end came.
    #[default]
    Cut,
    Stop,
    Calls,
    Length,
    Filter,
    Failed,
}

/// The events of a stream: every `data` that is JSON.
pub(crate) fn events(stream: &[u8]) -> Vec<Value> {
    let text = String::from_utf8_lossy(stream).replace("\r\n", "\n").replace('\r', "\n");
    let data = |block: &str| {
        let lines = block.lines().filter_map(|line| line.strip_prefix("data:"));
        let lines: Vec<_> = lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
        serde_json::from_str(&lines.join("\n")).ok()
    };
    text.split("\n\n").filter_map(data).collect()
}

fn owned(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Arguments are compared as JSON, where they are any.
fn parsed(arguments: &str) -> Value {
    let arguments = if arguments.trim().is_empty() { "{}" } else { arguments };
    serde_json::from_str(arguments).unwrap_or_else(|_| json!(arguments))
}

impl Fold {
    pub(crate) fn of_stream(dialect: Dialect, stream: &[u8]) -> Self {
        let events = events(stream);
        let mut fold = Self::default();
        match dialect {
            Dialect::Messages => fold.message_events(&events),
            Dialect::Responses => fold.response_events(&events),
            Dialect::Chat => fold.chunks(&events),
        }
        fold.settled()
    }

    pub(crate) fn of_body(dialect: Dialect, body: &[u8]) -> Self {
        let body: Value = serde_json::from_slice(body).unwrap();
        let mut fold = Self::default();
        if body["error"].is_object() && !body["output"].is_array() {
            return Self { end: End::Failed, ..fold };
        }
        match dialect {
            Dialect::Messages => fold.message(&body),
            Dialect::Responses => fold.response(&body),
            Dialect::Chat => {
                let choice = &body["choices"][0];
                fold.chunks(&[json!({
                    "usage": body["usage"],
                    "choices": [{"delta": choice["message"], "finish_reason": choice["finish_reason"]}],
                })]);
            }
        }
        fold.settled()
    }

    /// What every dialect agrees on: a refusal is one, calls that were made are to be answered.
    pub(crate) fn settled(mut self) -> Self {
        self.text.retain(|letter| letter != '\n');
        self.thinking.retain(|letter| letter != '\n');
        self.end = match self.end {
            End::Stop | End::Calls if !self.calls.is_empty() => End::Calls,
            End::Stop | End::Calls if self.has_refusal => End::Filter,
            End::Calls => End::Stop,
            end => end,
        };
        self.has_refusal = false;
        self
    }

    fn message_events(&mut self, events: &[Value]) {
        let mut message = json!({"content": [], "usage": {}});
        let mut places: Vec<Value> = Vec::new();
        for event in events {
            let at = places.iter().rposition(|index| *index == event["index"]);
            match event["type"].as_str().unwrap_or_default() {
                "message_start" => {
                    later(&mut message["usage"], &event["message"]["usage"]);
                    for block in event["message"]["content"].as_array().into_iter().flatten() {
                        message["content"].as_array_mut().unwrap().push(block.clone());
                        places.push(Value::Null);
                    }
                }
                "content_block_start" => {
                    places.push(event["index"].clone());
                    let mut block = event["content_block"].clone();
                    block["json"] = json!("");
                    message["content"].as_array_mut().unwrap().push(block);
                }
                "content_block_delta" => {
                    let Some(block) = at.map(|at| &mut message["content"][at]) else { continue };
                    let delta = &event["delta"];
                    for (from, to) in [("text", "text"), ("thinking", "thinking"), ("partial_json", "json")] {
                        if let Some(piece) = delta[from].as_str() {
                            block[to] = json!(owned(&block[to]) + piece);
                        }
                    }
                }
                "message_delta" => {
                    later(&mut message["usage"], &event["usage"]);
                    later(&mut message, &event["delta"]);
                }
                "error" => {
                    self.message(&message);
                    self.end = End::Failed;
                    return;
                }
                _ => {}
            }
        }
        self.message(&message);
    }

    fn message(&mut self, message: &Value) {
        for block in message["content"].as_array().unwrap() {
            match block["type"].as_str().unwrap() {
                "text" => self.text += block["text"].as_str().unwrap(),
                "thinking" => self.thinking += block["thinking"].as_str().unwrap(),
                "tool_use" => {
                    let streamed = block["json"].as_str().unwrap_or_default();
                    let input = if streamed.is_empty() { block["input"].clone() } else { parsed(streamed) };
                    self.calls.push((owned(&block["id"]), owned(&block["name"]), input));
                }
                _ => {}
            }
        }
        let count = |name: &str| message["usage"][name].as_u64().unwrap_or(0);
        let input = ["input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"]
            .map(count)
            .into_iter()
            .fold(0, u64::saturating_add);
        self.usage = message["usage"]["output_tokens"].is_u64().then(|| (input, count("output_tokens")));
        self.end = match message["stop_reason"].as_str() {
            None => End::Cut,
            Some("max_tokens" | "model_context_window_exceeded" | "pause_turn" | "compaction") => End::Length,
            Some("refusal" | "sensitive") => End::Filter,
            Some("tool_use") => End::Calls,
            Some(_) => End::Stop,
        };
        if self.end == End::Filter {
            self.text += message["stop_details"]["explanation"].as_str().unwrap_or_default();
        }
    }

    /// Items as the terminal event has them, else as they were done.
    fn response_events(&mut self, events: &[Value]) {
        let is_done = |event: &&Value| event["type"] == "response.output_item.done";
        let mut items: Vec<_> = events.iter().filter(is_done).collect();
        items.sort_by_key(|event| event["output_index"].as_u64());
        let terminal = ["response.completed", "response.incomplete", "response.failed"];
        let last = events.iter().rev().find(|event| terminal.iter().any(|name| event["type"] == *name));
        let mut response = last.map_or(json!({}), |event| event["response"].clone());
        if response["output"].as_array().is_none_or(Vec::is_empty) {
            response["output"] = items.iter().map(|event| event["item"].clone()).collect();
        }
        self.response(&response);
    }

    fn response(&mut self, response: &Value) {
        for item in response["output"].as_array().into_iter().flatten() {
            self.item(item);
        }
        let usage = &response["usage"];
        self.usage = usage["input_tokens"].as_u64().zip(usage["output_tokens"].as_u64());
        self.end = match (response["status"].as_str(), response["incomplete_details"]["reason"].as_str()) {
            (Some("completed"), _) => End::Stop,
            (Some("incomplete"), Some("content_filter")) => End::Filter,
            (Some("incomplete"), _) => End::Length,
            (None, _) => End::Cut,
            _ => End::Failed,
        };
    }

    fn item(&mut self, item: &Value) {
        let texts = |member: &str, key: &str| -> String {
            let parts = item[member].as_array().into_iter().flatten();
            parts.map(|part| owned(&part[key])).collect()
        };
        let mut call =
            |arguments| self.calls.push((owned(&item["call_id"]), owned(&item["name"]), arguments));
        match item["type"].as_str().unwrap_or_default() {
            "message" => {
                let refusal = texts("content", "refusal");
                self.has_refusal |= !refusal.is_empty();
                self.text += &(texts("content", "text") + &refusal);
            }
            "reasoning" => {
                let summary = texts("summary", "text");
                self.thinking += &(if summary.is_empty() { texts("content", "text") } else { summary });
            }
            "function_call" => call(parsed(item["arguments"].as_str().unwrap_or_default())),
            "custom_tool_call" => call(json!({"input": item["input"]})),
            _ => {}
        }
    }

    fn chunks(&mut self, chunks: &[Value]) {
        let mut calls: Vec<[String; 3]> = Vec::new();
        for chunk in chunks {
            let usage = &chunk["usage"];
            let counts = usage["prompt_tokens"].as_u64().zip(usage["completion_tokens"].as_u64());
            self.usage = counts.or(self.usage);
            if chunk["error"].is_object() {
                self.end = End::Failed;
            }
            let choice = &chunk["choices"][0];
            let text = |key: &str| choice["delta"][key].as_str().unwrap_or_default();
            self.has_refusal |= !text("refusal").is_empty();
            self.text += &(text("content").to_owned() + text("refusal"));
            self.thinking += text("reasoning_content");
            for (nth, call) in choice["delta"]["tool_calls"].as_array().into_iter().flatten().enumerate() {
                let at = call["index"].as_u64().map_or(nth, |index| index as usize);
                calls.resize_with(calls.len().max(at + 1), Default::default);
                let own = call.get("custom").unwrap_or(&call["function"]);
                let piece = own["arguments"].as_str().or(own["input"].as_str()).unwrap_or_default();
                calls[at][0] += call["id"].as_str().unwrap_or_default();
                calls[at][1] += own["name"].as_str().unwrap_or_default();
                calls[at][2] += piece;
            }
            self.end = match choice["finish_reason"].as_str() {
                None => self.end,
                Some("stop") => End::Stop,
                Some("tool_calls") => End::Calls,
                Some("content_filter") => End::Filter,
                Some(_) => End::Length,
            };
        }
        self.calls = calls.into_iter().map(|[id, name, own]| (id, name, parsed(&own))).collect();
    }
}

/// Members of a later object replace those of an earlier one, but for nulls and, among counts, zeros.
fn later(known: &mut Value, new: &Value) {
    for (key, value) in new.as_object().into_iter().flatten() {
        if !value.is_null() && *value != json!(0) {
            known[key] = value.clone();
        }
    }
}
