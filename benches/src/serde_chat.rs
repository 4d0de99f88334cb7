//! The whole job as it is usually written: an SSE parser, `serde_json`, a chunk for each delta. No repair, no ids, no
//! notes: less than ours does.

use crate::peers::Peer;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::borrow::Cow;

/// One way to write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chat {
    /// `sse-core`, a struct to read, structs to write: no tree anywhere.
    Structs,
    /// `sseer`, a struct to read, `json!` to write.
    StructToJson,
    /// `eventsource-stream`, `Value` to read, `json!` to write.
    Values,
}

/// The members that a transcode needs, borrowed where they can be.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Event<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    delta: Cow<'a, str>,
    output_index: u64,
    item: Option<Item>,
    response: Option<Response>,
}

#[derive(Debug, Deserialize)]
struct Item {
    #[serde(rename = "type")]
    kind: String,
    call_id: Option<String>,
    name: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Response {
    id: String,
    created_at: u64,
    model: String,
}

/// What every chunk repeats, and the calls so far by output index.
#[derive(Debug, Default)]
struct State {
    response: Response,
    calls: Vec<u64>,
}

/// The content of a chunk.
#[derive(Debug, Default, Serialize)]
struct Delta<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_calls: Option<[Call<'a>; 1]>,
    #[serde(skip)]
    is_end: bool,
}

#[derive(Debug, Serialize)]
struct Call<'a> {
    index: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    function: Function<'a>,
}

#[derive(Debug, Serialize)]
struct Function<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    arguments: &'a str,
}

#[derive(Serialize)]
struct Chunk<'a> {
    id: &'a str,
    object: &'static str,
    created: u64,
    model: &'a str,
    choices: [Choice<'a>; 1],
}

#[derive(Serialize)]
struct Choice<'a> {
    index: usize,
    delta: &'a Delta<'a>,
    finish_reason: Option<&'static str>,
}

impl Chat {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Structs, Self::StructToJson, Self::Values];

    /// As in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Structs => "sse-core, serde structs in and out",
            Self::StructToJson => "sseer, serde struct, json!",
            Self::Values => "eventsource-stream, serde_json::Value, json!",
        }
    }

    /// The chat stream, frame by frame in `out`, which is passed for its capacity.
    pub fn transcode(self, stream: &Bytes, out: &mut Vec<u8>, mut each: impl FnMut(&[u8])) {
        let mut state = State::default();
        match self {
            Self::Structs => Peer::SseCore.parse(stream, |data| each(state.typed(data, structs, out))),
            Self::StructToJson => Peer::Sseer.parse(stream, |data| each(state.typed(data, tree, out))),
            Self::Values => {
                Peer::EventsourceStream.parse(stream, |data| each(state.value(data, out)));
            }
        }
    }
}

impl State {
    fn typed<'o>(
        &mut self,
        data: &str,
        write: impl FnOnce(&Response, &Delta<'_>, &mut Vec<u8>),
        out: &'o mut Vec<u8>,
    ) -> &'o [u8] {
        let mut event: Event<'_> = serde_json::from_str(data).expect("events are JSON");
        if let Some(response) = event.response.take() {
            self.response = response;
        }
        let item = event.item.as_ref().map(|item| {
            (
                &*item.kind,
                item.call_id.as_deref().unwrap_or_default(),
                item.name.as_deref().unwrap_or_default(),
            )
        });
        out.clear();
        if let Some(delta) = delta(&mut self.calls, &event.kind, &event.delta, event.output_index, item) {
            write(&self.response, &delta, out);
        }
        out
    }

    fn value<'o>(&mut self, data: &str, out: &'o mut Vec<u8>) -> &'o [u8] {
        let event: Value = serde_json::from_str(data).expect("events are JSON");
        if let Some(response) = event.get("response") {
            self.response = Response::deserialize(response).expect("responses have an id");
        }
        let text = |value: &'_ Value| value.as_str().map(str::to_owned).unwrap_or_default();
        let item =
            event.get("item").map(|item| (text(&item["type"]), text(&item["call_id"]), text(&item["name"])));
        let item = item.as_ref().map(|(kind, id, name)| (&**kind, &**id, &**name));
        let (kind, piece) =
            (event["type"].as_str().unwrap_or_default(), event["delta"].as_str().unwrap_or_default());
        let index = event["output_index"].as_u64().unwrap_or_default();
        out.clear();
        if let Some(delta) = delta(&mut self.calls, kind, piece, index, item) {
            tree(&self.response, &delta, out);
        }
        out
    }
}

/// What an event brings a chat client; `item` is its type, call id and name.
fn delta<'a>(
    calls: &mut Vec<u64>,
    kind: &str,
    piece: &'a str,
    output_index: u64,
    item: Option<(&str, &'a str, &'a str)>,
) -> Option<Delta<'a>> {
    let none = Delta::default();
    Some(match (kind, item) {
        ("response.output_text.delta", _) => Delta { content: Some(piece), ..none },
        ("response.reasoning_summary_text.delta", _) => Delta { reasoning_content: Some(piece), ..none },
        ("response.function_call_arguments.delta", _) => {
            let index = calls.iter().position(|call| *call == output_index)?;
            let function = Function { name: None, arguments: piece };
            Delta { tool_calls: Some([Call { index, id: None, function }]), ..none }
        }
        ("response.output_item.added", Some(("function_call", id, name))) => {
            calls.push(output_index);
            let function = Function { name: Some(name), arguments: "" };
            Delta { tool_calls: Some([Call { index: calls.len() - 1, id: Some(id), function }]), ..none }
        }
        ("response.completed", _) => Delta { is_end: true, ..none },
        _ => return None,
    })
}

fn structs(of: &Response, delta: &Delta<'_>, out: &mut Vec<u8>) {
    let choice = Choice { index: 0, delta, finish_reason: delta.is_end.then_some("stop") };
    let Response { id, created_at, model } = of;
    let chunk = Chunk { id, object: "chat.completion.chunk", created: *created_at, model, choices: [choice] };
    out.extend_from_slice(b"data: ");
    serde_json::to_writer(&mut *out, &chunk).expect("a Vec takes all");
    out.extend_from_slice(if delta.is_end { b"\n\ndata: [DONE]\n\n" } else { b"\n\n" });
}

fn tree(of: &Response, delta: &Delta<'_>, out: &mut Vec<u8>) {
    let members = match delta {
        Delta { content: Some(text), .. } => json!({ "content": text }),
        Delta { reasoning_content: Some(text), .. } => json!({ "reasoning_content": text }),
        Delta { tool_calls: Some([Call { index, id: None, function }]), .. } => {
            json!({ "tool_calls": [{ "index": index, "function": { "arguments": function.arguments } }] })
        }
        Delta { tool_calls: Some([Call { index, id, function }]), .. } => json!({ "tool_calls": [{
            "index": index, "id": id, "function": { "name": function.name, "arguments": "" },
        }] }),
        _ => json!({}),
    };
    let chunk = json!({
        "id": of.id, "object": "chat.completion.chunk", "created": of.created_at, "model": of.model,
        "choices": [{ "index": 0, "delta": members, "finish_reason": delta.is_end.then_some("stop") }],
    });
    out.extend_from_slice(format!("data: {chunk}\n\n").as_bytes());
    if delta.is_end {
        out.extend_from_slice(b"data: [DONE]\n\n");
    }
}

#[cfg(test)]
mod tests {
    use super::Chat;
    use crate::{content::Content, shapes::SHAPES};

    /// But for what separates messages and paragraphs of reasoning, which they do not do.
    #[test]
    fn a_chat_client_reads_the_same_of_every_one() {
        for (name, maker) in SHAPES {
            let shape = maker(5, 1 << 17);
            for chat in Chat::ALL {
                let (mut out, mut all) = (Vec::new(), Vec::new());
                chat.transcode(&shape.stream, &mut out, |frame| all.extend_from_slice(frame));
                assert!(
                    joined(Content::of_chat(&all)) == joined(shape.content.clone()),
                    "{} on {name}",
                    chat.name()
                );
            }
        }
    }

    fn joined(content: Content) -> Content {
        let join = |text: String| text.replace('\n', "");
        Content { text: join(content.text), reasoning: join(content.reasoning), ..content }
    }
}
