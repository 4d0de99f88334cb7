//! Mutates streams event by event: few ids, few indexes, the shapes that the corpus has. Most of what comes out is JSON that
//! a server could send, which bytes that change at random seldom are.
//!
//! Input: streams. Output: streams, of which any is a golden case as it stands. State: none.

use serde_json::{Map, Value, json};

/// A block of the stream, its data read where it is JSON.
#[derive(Clone)]
struct Block {
    /// Lines before the data, such as its name.
    head: String,
    data: Data,
}

#[derive(Clone)]
enum Data {
    Json(Value),
    Other(String),
}

/// xorshift: the same seed gives the same mutation.
struct Random(u64);

impl Random {
    fn new(seed: u32) -> Self {
        Self((u64::from(seed) << 17) | 0x9e37)
    }

    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end.max(1)
    }

    fn one_of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }
}

/// Changes `data[..size]` in place; the new size.
pub fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let mut random = Random::new(seed);
    if random.below(16) == 0 {
        return libfuzzer_sys::fuzzer_mutate(data, size, max_size);
    }
    let mut blocks = parse(&data[..size]);
    for _ in 0..=random.below(3) {
        change(&mut blocks, &mut random);
    }
    write(&blocks, data, max_size)
}

/// Events of both streams by turns, each in its own order.
pub fn cross_over(one: &[u8], other: &[u8], out: &mut [u8], seed: u32) -> usize {
    let mut random = Random::new(seed);
    let mut sources = [parse(one), parse(other)].map(|blocks| blocks.into_iter().peekable());
    let mut blocks = Vec::new();
    while sources.iter_mut().any(|source| source.peek().is_some()) {
        let next = sources[random.below(2)].next();
        blocks.extend(next.filter(|_| random.below(4) > 0));
    }
    let max_size = out.len();
    write(&blocks, out, max_size)
}

/// How long the pieces are that an input is cut into: single bytes of one in eight.
pub fn piece(input: &[u8]) -> usize {
    match input.len() % 8 {
        0 if input.len() < 4096 => 1,
        _ => input.len() % 61 + 2,
    }
}

fn parse(stream: &[u8]) -> Vec<Block> {
    let text = String::from_utf8_lossy(stream).replace("\r\n", "\n");
    text.split("\n\n").filter(|block| !block.is_empty()).map(block).collect()
}

fn block(text: &str) -> Block {
    let (head, data) = text.split_at(text.find("data:").unwrap_or(0));
    let body = data.strip_prefix("data:").unwrap_or(data).replace("\ndata:", "\n");
    let data = serde_json::from_str(body.trim()).map_or_else(|_| Data::Other(data.to_owned()), Data::Json);
    Block { head: head.to_owned(), data }
}

/// As many blocks as there is room for; an end that is missing is an end, too.
fn write(blocks: &[Block], out: &mut [u8], max_size: usize) -> usize {
    let mut size = 0;
    for Block { head, data } in blocks {
        let text = match data {
            Data::Json(json) => format!("{head}data: {json}\n\n"),
            Data::Other(text) => format!("{head}{text}\n\n"),
        };
        let Some(room) = out[..max_size].get_mut(size..size + text.len()) else { break };
        room.copy_from_slice(text.as_bytes());
        size += text.len();
    }
    size
}

fn change(blocks: &mut Vec<Block>, random: &mut Random) {
    let (at, other) = (random.below(blocks.len()), random.below(blocks.len()));
    match random.below(12) {
        _ if blocks.is_empty() => blocks.push(block("data: {\"type\":\"response.created\"}")),
        0 => drop(blocks.remove(at)),
        1 => blocks.insert(other, blocks[at].clone()),
        2 => blocks.swap(at, other),
        3 if random.below(4) == 0 => blocks.truncate(at),
        4 => {
            let donor = blocks[other].clone();
            splice(&mut blocks[at], &donor, random);
        }
        _ => vary(&mut blocks[at], random),
    }
}

/// How many values a document has, itself among them.
fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(list) => list.iter().map(count).sum(),
        Value::Object(members) => members.values().map(count).sum(),
        _ => 0,
    }
}

/// Calls `change` with the nth value of a document, its key and whether it was the nth.
fn at_nth(value: &mut Value, key: &str, nth: &mut usize, change: &mut dyn FnMut(&str, &mut Value)) {
    if *nth == 0 {
        *nth = usize::MAX;
        return change(key, value);
    }
    *nth -= 1;
    match value {
        Value::Array(list) => list.iter_mut().for_each(|value| at_nth(value, key, nth, change)),
        Value::Object(members) => members.iter_mut().for_each(|(key, value)| at_nth(value, key, nth, change)),
        _ => {}
    }
}

/// Puts a value of one event into another.
fn splice(block: &mut Block, donor: &Block, random: &mut Random) {
    let (Data::Json(json), Data::Json(donor)) = (&mut block.data, &donor.data) else { return };
    let (mut donor, mut taken) = (donor.clone(), Value::Null);
    let (mut from, mut to) = (random.below(count(&donor)), random.below(count(json)));
    at_nth(&mut donor, "", &mut from, &mut |_, value| taken = value.clone());
    at_nth(json, "", &mut to, &mut |_, value| *value = taken.clone());
}

fn vary(block: &mut Block, random: &mut Random) {
    let Data::Json(json) = &mut block.data else { return };
    let mut nth = random.below(count(json));
    at_nth(json, "", &mut nth, &mut |key, value| match value {
        Value::Array(list) => vary_list(list, random),
        Value::Object(members) => vary_object(members, random),
        value => *value = other_value(key, value, random),
    });
}

fn vary_list(list: &mut Vec<Value>, random: &mut Random) {
    let (at, other) = (random.below(list.len()), random.below(list.len()));
    match random.below(4) {
        _ if list.is_empty() => list.push(json!({})),
        0 => drop(list.remove(at)),
        1 => list.insert(other, list[at].clone()),
        2 => list.swap(at, other),
        _ => list.clear(),
    }
}

/// Members that decide where an event belongs come and go most.
fn vary_object(members: &mut Map<String, Value>, random: &mut Random) {
    let keys: Vec<String> = members.keys().cloned().collect();
    if random.below(2) == 0 && !keys.is_empty() {
        members.remove(&random.one_of(&keys));
        return;
    }
    let key = random.one_of(&[
        "id", "item_id", "call_id", "output_index", "content_index", "index", "name", "delta", "text",
        "arguments", "finish_reason", "refusal", "content", "status", "phase", "type",
        "partial_json", "thinking", "signature", "stop_reason", "content_block",
    ]);
    members.insert(key.to_owned(), other_value(key, &Value::Null, random));
}

/// One of few, by what the member is.
fn other_value(key: &str, value: &Value, random: &mut Random) -> Value {
    if random.below(12) == 0 {
        return random.one_of(&[Value::Null, json!(""), json!(0), json!([]), json!({}), json!(true)]);
    }
    match key {
        "id" | "item_id" | "call_id" => random.one_of(&[json!("a"), json!("b"), json!("fc_a"), json!("a "), Value::Null]),
        "name" => random.one_of(&[json!("f"), json!("g"), json!(""), Value::Null]),
        "status" => random.one_of(&["completed", "incomplete", "failed", "in_progress"].map(Value::from)),
        "finish_reason" => random.one_of(&["stop", "tool_calls", "length", "content_filter", "error"].map(Value::from)),
        "stop_reason" => random.one_of(&["end_turn", "tool_use", "max_tokens", "refusal", "pause_turn", "?"].map(Value::from)),
        "type" => json!(random.one_of(TYPES)),
        key if key.ends_with("index") => random.one_of(&[json!(0), json!(1), json!(2), json!(70000), json!(-1)]),
        "delta" | "text" | "arguments" | "content" | "refusal" | "input" | "partial_json" | "thinking" | "signature" => json!(random.one_of(TEXTS)),
        _ => match value {
            Value::Number(_) => random.one_of(&[json!(0), json!(1), json!(-1), json!(1.5), json!(u64::MAX)]),
            Value::Bool(value) => json!(!value),
            _ => json!(random.one_of(TEXTS)),
        },
    }
}

const TEXTS: &[&str] =
    &["", " ", "A", "AB", "é\u{1f600}", "{", "{}", "{\"p\":1}", "{\"p\":", "1}", "\n\n", "<think>", "</think>", "\\\"\u{0}"];

/// Of events, items and parts.
const TYPES: &[&str] = &[
    "response.created",
    "response.in_progress",
    "response.output_item.added",
    "response.output_item.done",
    "response.content_part.added",
    "response.content_part.done",
    "response.output_text.delta",
    "response.output_text.done",
    "response.output_text.annotation.added",
    "response.refusal.delta",
    "response.refusal.done",
    "response.reasoning_summary_part.added",
    "response.reasoning_summary_text.delta",
    "response.reasoning_summary_text.done",
    "response.reasoning_text.delta",
    "response.function_call_arguments.delta",
    "response.function_call_arguments.done",
    "response.custom_tool_call_input.delta",
    "response.custom_tool_call_input.done",
    "response.image_generation_call.partial_image",
    "response.completed",
    "response.done",
    "response.incomplete",
    "response.failed",
    "error",
    "message",
    "reasoning",
    "function_call",
    "custom_tool_call",
    "image_generation_call",
    "output_text",
    "refusal",
    "summary_text",
    "text",
    "function",
    "custom",
    "message_start",
    "content_block_start",
    "content_block_delta",
    "content_block_stop",
    "message_delta",
    "message_stop",
    "ping",
    "text_delta",
    "thinking_delta",
    "input_json_delta",
    "signature_delta",
    "citations_delta",
    "thinking",
    "redacted_thinking",
    "tool_use",
    "server_tool_use",
    "web_search_tool_result",
];
