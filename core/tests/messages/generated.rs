//! Valid Messages streams of any shape, and what a client has at the end of each: known by construction.
//!
//! Input: choices. Output: a stream. State: none.

use crate::fold::{End, Fold};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

#[derive(Debug, Clone)]
pub(crate) enum Block {
    Text(Vec<String>),
    Thinking(Vec<String>, Option<String>),
    Call { name: String, input: Value, cuts: Vec<usize>, is_given: bool },
    Redacted,
    Search,
    Unknown,
}

#[derive(Clone)]
pub(crate) struct Stream {
    pub(crate) input: Vec<u8>,
    pub(crate) fold: Fold,
    /// Where the event with the reason begins.
    pub(crate) end_at: usize,
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&String::from_utf8_lossy(&self.input))
    }
}

/// What escapes, what takes two to four bytes, what looks like structure; and the empty piece.
pub(crate) fn piece() -> impl Strategy<Value = String> {
    let odd =
        ["\"", "\\", "\u{0}", "\u{7f}", "\u{2028}", "é", "漢", "😀", "event: ping", "\"}", "\u{feff}", ""];
    prop_oneof![3 => "[ -~]{0,12}", 2 => prop::sample::select(odd.to_vec()).prop_map(str::to_owned), 1 => "\\PC{1,4}"]
}

fn block() -> impl Strategy<Value = Block> {
    let value = prop_oneof![
        piece().prop_map(|text| json!({"a": text, "b": {"c": [1, null]}})),
        Just(json!({})),
        piece().prop_map(|text| json!({text: true})),
    ];
    let call = ("[a-z_]{1,12}", value, vec(0..100_usize, 0..4), any::<bool>());
    prop_oneof![
        4 => vec(piece(), 0..5).prop_map(Block::Text),
        3 => (vec(piece(), 0..4), proptest::option::of("[A-Za-z0-9+/]{4,20}"))
            .prop_map(|(pieces, signature)| Block::Thinking(pieces, signature)),
        4 => call.prop_map(|(name, input, cuts, is_given)| Block::Call { name, input, cuts, is_given }),
        1 => Just(Block::Redacted),
        1 => Just(Block::Search),
        1 => Just(Block::Unknown),
    ]
}

/// `is_mixed`: blocks are open side by side, as no real server does and every reader takes.
pub(crate) fn stream() -> impl Strategy<Value = Stream> {
    let reason = prop::sample::select(vec![
        ("end_turn", End::Stop),
        ("tool_use", End::Calls),
        ("stop_sequence", End::Stop),
        ("max_tokens", End::Length),
        ("model_context_window_exceeded", End::Length),
        ("pause_turn", End::Length),
        ("refusal", End::Filter),
    ]);
    (vec(block(), 0..6), reason, any::<[bool; 3]>(), vec(0..1000_usize, 16))
        .prop_map(|(blocks, reason, style, order)| build(&blocks, reason, style, &order))
}

fn build(
    blocks: &[Block],
    (reason, end): (&str, End),
    [is_mixed, is_named, is_crlf]: [bool; 3],
    order: &[usize],
) -> Stream {
    let mut fold = Fold { usage: Some((3 + 20 + 100, 44)), ..Fold::default() };
    let mut tracks: Vec<std::collections::VecDeque<Value>> = Vec::new();
    for (index, block) in blocks.iter().enumerate() {
        let events = events(index, block, &mut fold);
        tracks.push(events.into());
    }
    let usage = json!({"input_tokens": 3, "cache_read_input_tokens": 20, "cache_creation_input_tokens": 100, "output_tokens": 1});
    let message = json!({"id": "msg_01Abc", "type": "message", "role": "assistant", "model": "claude", "content": [],
        "stop_reason": null, "stop_sequence": null, "usage": usage});
    let mut all = vec![json!({"type": "message_start", "message": message}), json!({"type": "ping"})];
    all.extend(mixed(tracks, is_mixed, order));
    let sequence = (reason == "stop_sequence").then_some("END");
    let delta = json!({"stop_reason": reason, "stop_sequence": sequence});
    let write = |events: &[Value]| {
        let line_end = if is_crlf { "\r\n" } else { "\n" };
        let frame = |event: &Value| {
            let name = format!("event: {}{line_end}", event["type"].as_str().unwrap());
            let name = if is_named { name } else { String::new() };
            format!("{name}data: {event}{line_end}{line_end}")
        };
        events.iter().map(frame).collect::<String>().into_bytes()
    };
    let mut input = write(&all);
    let end_at = input.len();
    let last = json!({"type": "message_delta", "delta": delta, "usage": {"output_tokens": 44}});
    input.extend(write(&[last, json!({"type": "message_stop"})]));
    fold.end = end;
    Stream { input, fold: fold.settled(), end_at }
}

/// Block by block; or, mixed, starts in order and all the rest by turns.
fn mixed(mut tracks: Vec<std::collections::VecDeque<Value>>, is_mixed: bool, order: &[usize]) -> Vec<Value> {
    if !is_mixed {
        return tracks.into_iter().flatten().collect();
    }
    let mut all: Vec<_> = tracks.iter_mut().filter_map(std::collections::VecDeque::pop_front).collect();
    for turn in 0.. {
        tracks.retain(|track| !track.is_empty());
        if tracks.is_empty() {
            break;
        }
        let next = order[turn % order.len()] % tracks.len();
        all.extend(tracks[next].pop_front());
    }
    all
}

fn events(index: usize, block: &Block, fold: &mut Fold) -> Vec<Value> {
    let start = |block: Value| json!({"type": "content_block_start", "index": index, "content_block": block});
    let delta = |delta: Value| json!({"type": "content_block_delta", "index": index, "delta": delta});
    let mut events = Vec::new();
    match block {
        Block::Text(pieces) => {
            events.push(start(json!({"type": "text", "text": ""})));
            events.extend(pieces.iter().map(|piece| delta(json!({"type": "text_delta", "text": piece}))));
            fold.text += &pieces.concat();
        }
        Block::Thinking(pieces, signature) => {
            events.push(start(json!({"type": "thinking", "thinking": "", "signature": ""})));
            let piece = |piece: &String| delta(json!({"type": "thinking_delta", "thinking": piece}));
            events.extend(pieces.iter().map(piece));
            let sign = |signature: &String| delta(json!({"type": "signature_delta", "signature": signature}));
            events.extend(signature.iter().map(sign));
            fold.thinking += &pieces.concat();
        }
        Block::Call { name, input, cuts, is_given } => {
            let id = format!("toolu_01x{index}Zy");
            let given = if *is_given { input.clone() } else { json!({}) };
            events.push(start(json!({"type": "tool_use", "id": id, "name": name, "input": given})));
            if !is_given {
                events.extend(
                    in_pieces(&input.to_string(), cuts)
                        .into_iter()
                        .map(|piece| delta(json!({"type": "input_json_delta", "partial_json": piece}))),
                );
            }
            fold.calls.push((id, name.clone(), input.clone()));
        }
        Block::Redacted => events.push(start(json!({"type": "redacted_thinking", "data": "c2VjcmV0"}))),
        Block::Search => {
            let id = format!("srvtoolu_{index}");
            events
                .push(start(json!({"type": "server_tool_use", "id": id, "name": "web_search", "input": {}})));
            events.push(delta(json!({"type": "input_json_delta", "partial_json": "{\"query\":\"q\"}"})));
        }
        Block::Unknown => events.push(start(json!({"type": "of_tomorrow", "text": 7}))),
    }
    events.push(json!({"type": "content_block_stop", "index": index}));
    events
}

fn in_pieces(text: &str, cuts: &[usize]) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    let mut at: Vec<usize> = cuts.iter().map(|cut| cut % (letters.len() + 1)).collect();
    at.extend([0, letters.len()]);
    at.sort_unstable();
    at.windows(2).map(|ends| letters[ends[0]..ends[1]].iter().collect()).collect()
}
