//! Valid Responses streams of any shape, and what a client has to make of each: known by construction, not by asking
//! the code under test. Every event is written together with its effect on the client.

mod effects;

use effects::{fold, write};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::HashSet;

/// One stream and its fold.
#[derive(Debug, Clone)]
pub(crate) struct Stream {
    pub(crate) input: Vec<u8>,
    /// `content`, `refusal`, `reasoning_content` (strings or null) and `tool_calls`.
    pub(crate) message: Value,
    pub(crate) finish_reason: &'static str,
    /// The final `output`.
    pub(crate) output: Vec<Value>,
    /// Names of events that no one knows.
    pub(crate) unknown: HashSet<String>,
}

/// Where a text comes first; all later places repeat it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum First {
    Deltas,
    Done,
    ItemDone,
    Terminal,
}

#[derive(Debug, Clone)]
struct Text {
    pieces: Vec<String>,
    first: First,
    /// Whether `….done` and `content_part.done` come after deltas.
    is_closed: bool,
}

impl Text {
    fn whole(&self) -> String {
        self.pieces.concat()
    }
}

#[derive(Debug, Clone)]
enum Item {
    Message(Vec<(bool, Text)>),
    Reasoning(Vec<Text>),
    Call { name: String, arguments: Text },
    Unknown(String),
}

/// What an event adds to the client's message.
#[derive(Debug, Clone)]
enum Effect {
    /// Member, item, part, text.
    Text(&'static str, usize, usize, String),
    /// Item, call id, name.
    Call(usize, String, String),
    Arguments(usize, String),
}

#[derive(Debug, Clone)]
struct Step {
    event: Value,
    effects: Vec<Effect>,
}

/// How a stream is written: white space, line ends, comments, what is left out.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
struct Style {
    line_end: &'static str,
    is_named: bool,
    has_comments: bool,
    is_empty_end: bool,
    is_cut_short: bool,
    /// Everything but ASCII is escaped.
    is_ascii: bool,
    /// Texts are not announced.
    lacks_added: bool,
    unknown: Vec<String>,
    order: Vec<usize>,
}

pub(crate) fn stream() -> impl Strategy<Value = Stream> {
    (vec(item(), 0..5), style()).prop_map(|(items, style)| build(&items, &style))
}

fn style() -> impl Strategy<Value = Style> {
    let line_end = prop::sample::select(vec!["\n", "\r\n", "\r"]);
    let unknown = vec("[a-z_]{1,8}", 0..3);
    (line_end, any::<[bool; 6]>(), unknown, vec(0..1000_usize, 24)).prop_map(
        |(
            line_end,
            [is_named, has_comments, is_empty_end, is_cut_short, is_ascii, lacks_added],
            unknown,
            order,
        )| Style {
            line_end,
            is_named,
            has_comments,
            is_empty_end,
            is_cut_short,
            is_ascii,
            lacks_added,
            unknown,
            order,
        },
    )
}

fn text() -> impl Strategy<Value = Text> {
    let first = prop::sample::select(vec![
        First::Deltas,
        First::Deltas,
        First::Deltas,
        First::Done,
        First::ItemDone,
        First::Terminal,
    ]);
    (vec(piece(), 1..5), first, any::<bool>()).prop_map(|(pieces, first, is_closed)| Text {
        pieces,
        first,
        is_closed,
    })
}

/// What escapes, what takes two to four bytes, what looks like structure; and the empty piece.
fn piece() -> impl Strategy<Value = String> {
    let odd = prop::sample::select(vec![
        "\"",
        "\\",
        "\n",
        "\r\n",
        "\u{0}",
        "\u{1f}",
        "\u{7f}",
        "\u{2028}",
        "é",
        "漢",
        "😀",
        "👩‍👩‍👧",
        "data: [DONE]\n\n",
        "\"}",
        "\u{fffd}",
        "\u{feff}",
        "",
    ]);
    prop_oneof![3 => "[ -~]{0,12}", 2 => odd.prop_map(str::to_owned), 1 => "\\PC{1,4}"]
}

fn item() -> impl Strategy<Value = Item> {
    prop_oneof![
        3 => vec((any::<bool>(), text()), 1..3).prop_map(Item::Message),
        2 => vec(text(), 1..3).prop_map(Item::Reasoning),
        3 => ("[a-z_]{1,12}", text()).prop_map(|(name, arguments)| Item::Call { name, arguments }),
        1 => "[a-z]{3,8}_of_tomorrow".prop_map(Item::Unknown),
    ]
}

/// Items share a first place: an item that only the terminal event has is all there or not at all.
fn first_of(item: &Item) -> First {
    let texts: Vec<_> = match item {
        Item::Message(parts) => parts.iter().map(|(_, text)| text.first).collect(),
        Item::Reasoning(parts) => parts.iter().map(|text| text.first).collect(),
        Item::Call { arguments, .. } => vec![arguments.first],
        Item::Unknown(_) => vec![First::ItemDone],
    };
    texts.into_iter().max().unwrap_or(First::ItemDone)
}

fn build(items: &[Item], style: &Style) -> Stream {
    let output: Vec<_> = items.iter().enumerate().map(|(nth, item)| final_item(nth, item)).collect();
    let tracks = items
        .iter()
        .enumerate()
        .map(|(nth, item)| (track(item), steps(nth, item, &output[nth], style.lacks_added)));
    let mut steps = vec![Step {
        event: json!({"type": "response.created", "response": {"id": "resp_1", "model": "gpt", "created_at": 1, "output": []}}),
        effects: vec![],
    }];
    steps.extend(interleave(tracks.collect(), &style.order));
    for (nth, name) in style.unknown.iter().enumerate() {
        let at = 1 + style.order[nth] % steps.len();
        let event =
            json!({"type": format!("response.{name}.of_tomorrow"), "delta": "never shown", "response": 7});
        steps.insert(at, Step { event, effects: vec![] });
    }
    steps.push(terminal(items, &output, style));
    let effects = steps.iter().flat_map(|step| &step.effects);
    let mut message = fold(effects);
    let has_calls = !message["tool_calls"].is_null();
    let mut output = output;
    if !style.is_cut_short {
        let calls =
            message["tool_calls"].as_array_mut().into_iter().flatten().map(|call| &mut call["function"]);
        calls.chain(&mut output).for_each(complete);
    }
    Stream {
        input: write(&steps, style),
        message,
        finish_reason: match (style.is_cut_short, has_calls) {
            (true, _) => "length",
            (false, true) => "tool_calls",
            (false, false) => "stop",
        },
        output,
        unknown: style.unknown.iter().map(|name| format!("response.{name}.of_tomorrow")).collect(),
    }
}

/// Items of one track come one after the other; each call has a track of its own.
fn track(item: &Item) -> Option<u8> {
    match item {
        Item::Message(_) => Some(0),
        Item::Reasoning(_) => Some(1),
        Item::Call { .. } | Item::Unknown(_) => None,
    }
}

fn interleave(items: Vec<(Option<u8>, Vec<Step>)>, order: &[usize]) -> Vec<Step> {
    let mut tracks: Vec<(Option<u8>, std::collections::VecDeque<Step>)> = Vec::new();
    for (track, steps) in items {
        match tracks.iter_mut().find(|(known, _)| track.is_some() && *known == track) {
            Some((_, queue)) => queue.extend(steps),
            None => tracks.push((track, steps.into())),
        }
    }
    let (mut mixed, mut turn) = (Vec::new(), 0);
    loop {
        tracks.retain(|(_, queue)| !queue.is_empty());
        if tracks.is_empty() {
            return mixed;
        }
        let next = order[turn % order.len()] % tracks.len();
        mixed.extend(tracks[next].1.pop_front());
        turn += 1;
    }
}

fn final_item(nth: usize, item: &Item) -> Value {
    match item {
        Item::Message(parts) => {
            let part = |(is_refusal, text): &(bool, Text)| match is_refusal {
                true => json!({"type": "refusal", "refusal": text.whole()}),
                false => json!({"type": "output_text", "text": text.whole(), "annotations": []}),
            };
            let parts: Vec<_> = parts.iter().map(part).collect();
            json!({"type": "message", "id": format!("msg_{nth}"), "role": "assistant", "status": "completed", "content": parts})
        }
        Item::Reasoning(parts) => {
            let part = |text: &Text| json!({"type": "summary_text", "text": text.whole()});
            let parts: Vec<_> = parts.iter().map(part).collect();
            json!({"type": "reasoning", "id": format!("rs_{nth}"), "encrypted_content": format!("gAAA{nth}=="), "summary": parts})
        }
        Item::Call { name, arguments } => {
            json!({"type": "function_call", "id": format!("fc_{nth}"), "call_id": format!("call_{nth}"), "name": name, "arguments": arguments.whole(), "status": "completed"})
        }
        Item::Unknown(name) => json!({"type": name, "id": format!("x_{nth}"), "anything": [1, {"a": "😀"}]}),
    }
}

/// A completed call without arguments has an empty object: a blank string is no JSON.
fn complete(call: &mut Value) {
    if call["arguments"].as_str().is_some_and(|arguments| arguments.trim().is_empty()) {
        call["arguments"] = json!("{}");
    }
}

/// The item before anything is in it.
fn begun(item: &Value) -> Value {
    let mut item = item.clone();
    for (member, empty) in [
        ("content", json!([])),
        ("summary", json!([])),
        ("arguments", json!("")),
        ("text", json!("")),
        ("refusal", json!("")),
    ] {
        if item.get(member).is_some() {
            item[member] = empty;
        }
    }
    item
}

/// Everything about an item before the terminal event.
fn steps(nth: usize, item: &Item, whole: &Value, lacks_added: bool) -> Vec<Step> {
    if first_of(item) == First::Terminal {
        return Vec::new();
    }
    let call = match item {
        Item::Call { name, .. } => vec![Effect::Call(nth, format!("call_{nth}"), name.clone())],
        _ => vec![],
    };
    let added = json!({"type": "response.output_item.added", "output_index": nth, "item": begun(whole)});
    let mut steps = vec![Step { event: added, effects: call }];
    if lacks_added && matches!(item, Item::Message(_) | Item::Reasoning(_)) {
        steps.clear();
    }
    match item {
        Item::Message(parts) => {
            for (index, (is_refusal, text)) in parts.iter().enumerate() {
                let (event, member, name) = match is_refusal {
                    true => ("response.refusal", "refusal", "refusal"),
                    false => ("response.output_text", "text", "content"),
                };
                let place = json!({"item_id": whole["id"], "output_index": nth, "content_index": index});
                let part = ("response.content_part.done", &whole["content"][index]);
                steps.extend(text_steps(event, member, &place, text, Some(part), |text| {
                    Effect::Text(name, nth, index, text)
                }));
            }
        }
        Item::Reasoning(parts) => {
            for (index, text) in parts.iter().enumerate() {
                let place = json!({"item_id": whole["id"], "output_index": nth, "summary_index": index});
                let part = ("response.reasoning_summary_part.done", &whole["summary"][index]);
                let effect = |text| Effect::Text("reasoning_content", nth, index, text);
                steps.extend(text_steps(
                    "response.reasoning_summary_text",
                    "text",
                    &place,
                    text,
                    Some(part),
                    effect,
                ));
            }
        }
        Item::Call { arguments, .. } => {
            let place = json!({"item_id": whole["id"], "output_index": nth});
            let effect = |text| Effect::Arguments(nth, text);
            steps.extend(text_steps(
                "response.function_call_arguments",
                "arguments",
                &place,
                arguments,
                None,
                effect,
            ));
        }
        Item::Unknown(_) => {}
    }
    let event = json!({"type": "response.output_item.done", "output_index": nth, "item": whole});
    steps.push(Step { event, effects: effects_at(nth, item, First::ItemDone) });
    steps
}

fn text_steps(
    event: &str,
    member: &str,
    place: &Value,
    text: &Text,
    part: Option<(&str, &Value)>,
    effect: impl Fn(String) -> Effect,
) -> Vec<Step> {
    let with = |name: String, member: &str, value: Value, effects: Vec<Effect>| {
        let mut event = place.clone();
        event["type"] = json!(name);
        event[member] = value;
        Step { event, effects }
    };
    let mut steps = Vec::new();
    if text.first == First::Deltas {
        steps.extend(part.map(|(name, part)| {
            with(name.replace(".done", ".added"), "part", begun(part), vec![]) // an index alone opens no part
        }));
        let delta = |piece: &String| {
            with(format!("{event}.delta"), "delta", json!(piece), vec![effect(piece.clone())])
        };
        steps.extend(text.pieces.iter().map(delta));
    }
    if text.first == First::Done || (text.first == First::Deltas && text.is_closed) {
        let new = if text.first == First::Done { vec![effect(text.whole())] } else { vec![] };
        steps.push(with(format!("{event}.done"), member, json!(text.whole()), new));
        steps.extend(part.map(|(name, part)| with(name.to_owned(), "part", part.clone(), vec![])));
    }
    steps
}

/// The effects of an item that come first at `place`.
fn effects_at(nth: usize, item: &Item, place: First) -> Vec<Effect> {
    let is_terminal = first_of(item) == First::Terminal;
    let is_due = |text: &Text| if is_terminal { place == First::Terminal } else { text.first == place };
    match item {
        Item::Message(parts) => {
            let member = |is_refusal: bool| if is_refusal { "refusal" } else { "content" };
            let due = parts.iter().enumerate().filter(|(_, (_, text))| is_due(text));
            due.map(|(index, (is_refusal, text))| Effect::Text(member(*is_refusal), nth, index, text.whole()))
                .collect()
        }
        Item::Reasoning(parts) => {
            let due = parts.iter().enumerate().filter(|(_, text)| is_due(text));
            due.map(|(index, text)| Effect::Text("reasoning_content", nth, index, text.whole())).collect()
        }
        Item::Call { name, arguments } => {
            let call = Effect::Call(nth, format!("call_{nth}"), name.clone());
            let call = (is_terminal && place == First::Terminal).then_some(call);
            let arguments = is_due(arguments).then(|| Effect::Arguments(nth, arguments.whole()));
            call.into_iter().chain(arguments).collect()
        }
        Item::Unknown(_) => vec![],
    }
}

/// Empty only where nothing is left for it to bring.
fn terminal(items: &[Item], output: &[Value], style: &Style) -> Step {
    let is_empty_end = style.is_empty_end && items.iter().all(|item| first_of(item) < First::Terminal);
    let sent = if is_empty_end { &[] } else { output };
    let (name, details) = if style.is_cut_short {
        ("incomplete", json!({"reason": "max_output_tokens"}))
    } else {
        ("completed", Value::Null)
    };
    let response = json!({"id": "resp_1", "object": "response", "created_at": 1, "model": "gpt", "status": name,
        "incomplete_details": details, "error": null, "output": sent, "usage": {"input_tokens": 3, "output_tokens": 4, "total_tokens": 7}});
    let effects = items.iter().enumerate().flat_map(|(nth, item)| effects_at(nth, item, First::Terminal));
    Step {
        event: json!({"type": format!("response.{name}"), "response": response}),
        effects: effects.collect(),
    }
}
