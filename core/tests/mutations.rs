//! Streams broken the way real upstreams break them: empty terminals, missing done events, missing deltas, cuts. What
//! can be known must come out. Runs over every chat fixture, and over `SLUICEGATE_RECORDINGS` where that is set.

#![allow(clippy::case_sensitive_file_extension_comparisons, reason = "event names are no files")]

mod cases;

use serde_json::{Value, json};
use sluicegate::{
    ChatOptions, ChatTranscoder, Messages, ModelFrom, NoteCode, Outcome, RequestContext, ResponseCollector,
    Status,
};

struct Stream {
    name: String,
    options: ChatOptions,
    blocks: Vec<String>,
}

/// Cases where one event takes back, or leaves out, what another says: their items are not what was said.
const BENT: [&str; 25] = [
    "annotations_nested",
    "annotations_only",
    "call_blank",
    "call_snapshot",
    "calls_done_with",
    "calls_equal",
    "calls_id_null",
    "calls_ids_rotate",
    "calls_item_id",
    "calls_nameless",
    "calls_of_the_terminal",
    "calls_same_name_rotating_ids_no_call_id",
    "content_is_a_string",
    "content_is_one_part",
    "custom_call_listed",
    "custom_call_not",
    "logprobs_only",
    "parts_are_strings",
    "reasoning_details_state_only_in_the_announcement",
    "snapshot_lacks",
    "snapshot_last",
    "snapshot_takes",
    "summary_streamed_and_sent_encrypted_alone",
    "text_in_the_added",
    "two_calls_with_one_call_id",
];

/// Streams of whole, plain JSON events; others have no one reading to compare with.
fn streams() -> Vec<Stream> {
    let mut streams: Vec<_> = cases::read_cases("chat")
        .into_iter()
        .filter(|case| !case.name.starts_with("event_too_large")) // what was skipped cannot come out
        .filter(|case| !BENT.iter().any(|bent| case.name.starts_with(bent)))
        .filter_map(|case| {
            let options = case
                .options()
                .map_or_else(ChatOptions::default, |json| ChatOptions::from_json(&json).unwrap());
            let is_renamed =
                |context: &RequestContext| !context.names.is_empty() || !context.call_ids.is_empty();
            let is_continued = options.previous_response_id.is_some();
            if is_continued || options.fc_ids || options.context.as_deref().is_some_and(is_renamed) {
                return None; // comes out under other names and ids, on purpose
            }
            stream(case.name.clone(), case.read_optional("input.sse")?, options)
        })
        .collect();
    if let Some(folder) = std::env::var_os("SLUICEGATE_RECORDINGS") {
        let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        streams.extend(paths.filter(|path| path.extension().is_some_and(|end| end == "sse")).map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            stream(name.clone(), std::fs::read(&path).unwrap(), ChatOptions::default()).expect(&name)
        }));
    }
    assert!(streams.len() > 80, "{}", streams.len());
    streams
}

fn stream(name: String, input: Vec<u8>, options: ChatOptions) -> Option<Stream> {
    let input = String::from_utf8(input).ok()?;
    let blocks: Vec<_> = input.split_inclusive("\n\n").map(str::to_owned).collect();
    let is_plain = |block: &String| {
        data(block).is_none_or(|data| serde_json::from_str::<Value>(data).is_ok() || data == "[DONE]")
    };
    (blocks.iter().all(is_plain) && !input.contains('\r')).then_some(Stream { name, options, blocks })
}

fn data(block: &str) -> Option<&str> {
    block.lines().find_map(|line| line.strip_prefix("data: "))
}

fn event(block: &str) -> Value {
    data(block).and_then(|data| serde_json::from_str(data).ok()).unwrap_or_default()
}

fn kind(block: &str) -> String {
    event(block)["type"].as_str().unwrap_or_default().to_owned()
}

fn is_terminal(block: &str) -> bool {
    ["response.completed", "response.incomplete", "response.failed", "response.done"].contains(&&*kind(block))
}

impl Stream {
    fn terminal(&self) -> Option<Value> {
        self.blocks.iter().find(|block| is_terminal(block)).map(|block| event(block)["response"].clone())
    }

    fn done_items(&self) -> Vec<Value> {
        let done = self.blocks.iter().filter(|block| kind(block) == "response.output_item.done");
        done.map(|block| event(block)["item"].clone()).collect()
    }

    fn without(&self, drop: impl Fn(&str) -> bool) -> Vec<String> {
        self.blocks.iter().filter(|block| !drop(block)).cloned().collect()
    }

    /// The stream with `output: []` in its terminal event.
    fn without_output(blocks: &[String]) -> Vec<String> {
        let empty = |block: &String| {
            let mut event = event(block);
            event["response"]["output"] = json!([]);
            format!("data: {event}\n\n")
        };
        blocks.iter().map(|block| if is_terminal(block) { empty(block) } else { block.clone() }).collect()
    }

    fn collect(&self, blocks: &[String]) -> Collected {
        let mut collector = ResponseCollector::new(self.options.clone());
        collector.feed(blocks.concat().as_bytes()).unwrap();
        let response = collector.finish().unwrap();
        Collected {
            response: serde_json::from_slice(&response).unwrap(),
            raw: response,
            completion: serde_json::from_slice(collector.chat_completion().unwrap()).unwrap(),
            outcome: collector.outcome().unwrap(),
        }
    }

    /// The chunks of the transcoder, usage included, folded as a client does.
    fn fold(&self) -> Value {
        let options = ChatOptions { include_usage: true, ..self.options.clone() };
        let (mut transcoder, mut out) = (ChatTranscoder::new(options), Vec::new());
        transcoder.feed(self.blocks.concat().as_bytes(), &mut out).unwrap();
        transcoder.finish(&mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        out.split("\n\n")
            .filter_map(data)
            .filter(|data| *data != "[DONE]")
            .fold(json!({}), |folded, data| fold_chunk(folded, serde_json::from_str(data).unwrap()))
    }
}

struct Collected {
    response: Value,
    raw: Vec<u8>,
    completion: Value,
    outcome: Outcome,
}

impl Collected {
    fn says_the_same(&self, other: &Self, name: &str) {
        let message = |collected: &Self| collected.completion["choices"][0]["message"].clone();
        let (ours, theirs) = (message(self), message(other));
        for member in ["content", "refusal", "reasoning_content", "tool_calls"] {
            // Null or "" depends on what else there was, such as an image.
            let text =
                |message: &Value| Some(message[member].clone()).filter(|text| text != "" && !text.is_null());
            assert_eq!(text(&ours), text(&theirs), "{name}: {member}");
        }
    }
}

/// Strings are concatenated, calls merged by index, lists appended; the last usage counts.
fn fold_chunk(mut folded: Value, chunk: Value) -> Value {
    if chunk.get("error").is_some() {
        return chunk;
    }
    for member in ["id", "created", "model", "service_tier"] {
        if !chunk[member].is_null() {
            folded[member] = chunk[member].clone();
        }
    }
    if chunk["usage"].is_object() {
        folded["usage"] = chunk["usage"].clone();
    }
    let Some(choice) = chunk["choices"].get(0) else { return folded };
    let message = &mut folded["message"];
    for (member, value) in choice["delta"].as_object().unwrap() {
        match value {
            Value::String(text) => {
                let before = message[member].as_str().unwrap_or_default().to_owned();
                message[member] = json!(before + text);
            }
            Value::Array(list) if member == "tool_calls" => fold_call(&mut message[member], &list[0]),
            Value::Array(list) => match &mut message[member] {
                Value::Array(all) => all.extend(list.clone()),
                nothing => *nothing = value.clone(),
            },
            _ => {}
        }
    }
    if let Some(tokens) = choice.get("logprobs") {
        match &mut folded["logprobs"]["content"] {
            Value::Array(all) => all.extend(tokens["content"].as_array().unwrap().clone()),
            nothing => *nothing = tokens["content"].clone(),
        }
    }
    if choice["finish_reason"].is_string() {
        folded["finish_reason"] = choice["finish_reason"].clone();
    }
    folded
}

fn fold_call(calls: &mut Value, delta: &Value) {
    let index = delta["index"].as_u64().unwrap() as usize;
    if calls.is_null() {
        *calls = json!([]);
    }
    if calls.get(index).is_none() {
        let mut call = delta.clone();
        call.as_object_mut().unwrap().remove("index");
        calls.as_array_mut().unwrap().push(call);
        return;
    }
    for (group, member) in [("function", "arguments"), ("custom", "input")] {
        if let Some(piece) = delta[group][member].as_str() {
            let before = calls[index][group][member].as_str().unwrap().to_owned();
            calls[index][group][member] = json!(before + piece);
        }
    }
}

/// G4.
#[test]
fn the_completion_is_the_fold_of_the_chunks() {
    for stream in streams() {
        let collected = stream.collect(&stream.blocks);
        let folded = stream.fold();
        if folded.get("error").is_some() {
            assert_eq!(collected.completion, folded, "{}", stream.name);
            continue;
        }
        // Where a done event differs from what had streamed, the completion has its text.
        if collected.outcome.notes.iter().any(|note| note.code == NoteCode::InconsistentText) {
            continue;
        }
        let choice = &collected.completion["choices"][0];
        for (member, value) in folded["message"].as_object().unwrap() {
            assert_eq!(&choice["message"][member], value, "{}: {member}", stream.name);
        }
        let only_empty = choice["message"]
            .as_object()
            .unwrap()
            .iter()
            .filter(|(member, _)| folded["message"].get(member).is_none());
        assert!(only_empty.into_iter().all(|(_, value)| value.is_null()), "{}", stream.name);
        // What the end alone knew of these a stream could not say at its beginning.
        let unknown = [json!("chatcmpl-stream"), json!(stream.options.created), json!("unknown")];
        for member in ["id", "created", "model"] {
            let is_same = collected.completion[member] == folded[member];
            assert!(is_same || unknown.contains(&folded[member]), "{}: {member}", stream.name);
        }
        for member in ["service_tier", "usage"] {
            assert_eq!(collected.completion[member], folded[member], "{}: {member}", stream.name);
        }
        assert_eq!(choice["finish_reason"], folded["finish_reason"], "{}", stream.name);
        assert_eq!(choice["logprobs"]["content"], folded["logprobs"]["content"], "{}", stream.name);
    }
}

#[test]
fn a_complete_terminal_response_comes_out_as_it_was_sent() {
    let mut compared = 0;
    for stream in streams() {
        let Some(terminal) = stream.terminal() else { continue };
        let done = stream.done_items();
        let output = terminal["output"].as_array().cloned().unwrap_or_default();
        if output.is_empty() || !done.iter().all(|item| output.contains(item)) || terminal["status"].is_null()
        {
            continue;
        }
        let collected = stream.collect(&stream.blocks);
        if stream.name.starts_with("logprobs") {
            continue; // these terminals lack what streamed
        }
        let is_named = stream.options.model_from != ModelFrom::Default;
        for (member, value) in terminal.as_object().unwrap() {
            if is_named && member == "model" {
                continue; // the caller chose it
            }
            let given = stream.options.id.as_ref().filter(|_| member == "id").map(|id| json!(id));
            assert_eq!(
                collected.response[member],
                given.unwrap_or(value.clone()),
                "{}: {member}",
                stream.name
            );
        }
        compared += 1;
    }
    assert!(compared > 40, "{compared}");
}

#[test]
fn a_hollow_terminal_is_filled_with_the_items_as_they_were_done() {
    let mut compared = 0;
    for stream in streams() {
        let Some(terminal) = stream.terminal().filter(|terminal| !terminal["output"].is_null()) else {
            continue;
        };
        let done = stream.done_items();
        let is_whole = !done.is_empty() && json!(done) == terminal["output"];
        if !is_whole || terminal["status"] == "failed" {
            continue;
        }
        let collected = stream.collect(&Stream::without_output(&stream.blocks));
        assert_eq!(collected.response["output"], terminal["output"], "{}", stream.name);
        assert_eq!(collected.outcome.reconstructed.as_str(), "items", "{}", stream.name);
        collected.says_the_same(&stream.collect(&stream.blocks), &stream.name);
        compared += 1;
    }
    assert!(compared > 20, "{compared}");
}

#[test]
fn without_any_done_event_text_and_calls_are_complete() {
    let mut compared = 0;
    for stream in streams() {
        let whole = stream.collect(&stream.blocks);
        let is_clean = |outcome: &Outcome| {
            let doubtful = [
                NoteCode::Repaired,
                NoteCode::InconsistentText,
                NoteCode::EventTooLarge,
                NoteCode::CallIdMissing,
            ];
            outcome.status == Status::Completed
                && !outcome.notes.iter().any(|note| doubtful.contains(&note.code))
        };
        // What only a done event knew (a call's id, an image or a hosted call shown as text, where a part begins) cannot be
        // known without it.
        let knows_ids = !["image_markdown", "hosted_calls_as_text"].contains(&&*stream.name)
            && !stream.name.ends_with("parts_streamed_as_one")
            && !stream.name.starts_with("call_id_only")
            && !stream.name.starts_with("call_name_only");
        if !is_clean(&whole.outcome) || !knows_ids {
            continue;
        }
        let is_done = |block: &str| kind(block).ends_with(".done") && !is_terminal(block);
        let deltas = stream.without(is_done);
        stream.collect(&deltas).says_the_same(&whole, &stream.name);
        let bare = stream.collect(&Stream::without_output(&deltas));
        bare.says_the_same(&whole, &stream.name);
        let rebuilt = bare.response["output"].as_array().unwrap();
        let texts = |output: &[Value], kind: &str| -> Vec<Value> {
            let texts = |item: &Value| match item["content"].as_array() {
                Some(parts) => parts.iter().map(|part| part["text"].clone()).collect(),
                None => vec![item["arguments"].clone()],
            };
            output
                .iter()
                .filter(|item| item["type"] == kind)
                .flat_map(texts)
                .filter(|text| *text != "")
                .collect()
        };
        let whole = whole.response["output"].as_array().unwrap();
        for kind in ["message", "function_call"] {
            assert_eq!(texts(rebuilt, kind), texts(whole, kind), "{}: {kind}", stream.name);
        }
        compared += 1;
    }
    assert!(compared > 40, "{compared}");
}

#[test]
fn without_deltas_and_terminal_the_done_items_are_there_and_it_is_a_truncation() {
    let mut compared = 0;
    for stream in streams() {
        let done = stream.done_items();
        let blocks = stream.without(|block| {
            let kind = kind(block);
            kind.ends_with(".delta") || is_terminal(block) || kind == "error" || block.contains("[DONE]")
        });
        if done.is_empty() || blocks.concat().ends_with("{}") || data(&blocks.concat()).is_none() {
            continue;
        }
        if stream.name == "call_id_only_in_item_done_that_takes_an_item_id" {
            continue; // its two calls of one id are one
        }
        if stream.options.messages != Messages::default() {
            continue; // the caller chose the code
        }
        let collected = stream.collect(&blocks);
        assert_eq!(collected.outcome.status, Status::Truncated, "{}", stream.name);
        assert_eq!(collected.response["status"], "incomplete", "{}", stream.name);
        let output = collected.response["output"].as_array().unwrap();
        for item in &done {
            assert!(output.contains(item), "{}: {item} is not in {output:?}", stream.name);
        }
        assert_eq!(collected.completion["error"]["code"], "upstream_truncated", "{}", stream.name);
        compared += 1;
    }
    assert!(compared > 40, "{compared}");
}

#[test]
fn a_cut_anywhere_is_never_presented_as_success() {
    for stream in streams() {
        let end = stream.blocks.iter().position(|block| is_terminal(block) || kind(block) == "error");
        let Some(end) = end.filter(|_| !stream.options.done_is_complete) else { continue };
        for cut in 0..end {
            let collected = stream.collect(&stream.blocks[..cut]);
            assert_eq!(collected.outcome.status, Status::Truncated, "{} at {cut}", stream.name);
            assert!(collected.raw.starts_with(b"{"), "{}", stream.name);
        }
    }
}
