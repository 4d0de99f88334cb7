//! WebSocket frames, without a socket: sending, closing and counting attempts are the host's.
//!
//! Input: request bodies and frames, either side's. Output: the frame of a body, the body of a frame, and what to try
//! after a failure. State: digests of the last request, so that the next one sends only what is new.
//!
//! Frames from the upstream are the events of a stream without its framing: `feed_event` of any consumer reads them.
//! The other way, the `data` of each event that a [`crate::ResponsesRelay`] writes is a frame.

mod baseline;
mod controls;
mod digest;
mod failure;

use crate::dialect::responses::PREVIOUS_RESPONSE_ID as PREVIOUS;
use crate::error::{Error, RejectCode};
use crate::json::splice::Edits;
use crate::json::tree::Node;
use crate::json::write;
use crate::limits::MAX_REQUEST_BYTES;
use crate::request;
pub use baseline::Baseline;
pub use controls::{Controls, refused_control};
pub use failure::{Recovery, after_failure, error_frame, error_frame_with_headers};

const TYPE: &str = "type";
const GENERATE: &str = "generate";
const INPUT: &str = "input";
const METADATA: &str = "client_metadata";

/// Members of `client_metadata` that stand for headers of the HTTP request, and a prefix of such.
const WEBSOCKET_METADATA: [&str; 2] = ["x-codex-turn-state", "x-codex-ws-stream-request-start-ms"];
const HEADER_METADATA: &str = "ws_request_header_";

/// Marks requests whose tools and instructions are in their input: as a member, as a header.
const METADATA_HEADERS: [(&str, &str); 1] =
    [("ws_request_header_x_openai_internal_codex_responses_lite", "x-openai-internal-codex-responses-lite")];

/// What a client's frame asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientFrame {
    /// `response.create`, and a body without a type: a request.
    Create,
    /// `response.create` with `generate: false`: nothing but a response id to go on from.
    WarmUp,
    /// `response.append`: further input after the last response. Only some clients send it; no upstream takes it.
    Append,
    /// `response.processed`: the client has read a response. Asks for nothing; older Codex clients send it.
    Processed,
    /// `response.steer`: further input while the response still comes; sent on as it is. The upstream answers with
    /// `response.steer.accepted`, `.pending` or `.failed`.
    Steer,
    /// `response.interrupt`: the response shall end; sent on as it is. The upstream answers with
    /// `response.interrupt.accepted` and an incomplete response, or with `response.interrupt.failed`.
    Interrupt,
}

const FRAMES: [(&str, ClientFrame); 5] = [
    ("response.create", ClientFrame::Create),
    ("response.append", ClientFrame::Append),
    ("response.processed", ClientFrame::Processed),
    ("response.steer", ClientFrame::Steer),
    ("response.interrupt", ClientFrame::Interrupt),
];

/// The frame that sends a request body. With the baseline of the connection it has only the new end of the input and
/// the `previous_response_id` to go on from, where the rest is what the upstream has; else it is the whole request.
///
/// ```
/// use sluicegate::{Baseline, ws_request};
/// let first = br#"{"model":"gpt-5.5","input":[{"role":"user","content":"Hi"}]}"#;
/// assert!(ws_request(first, None)?.starts_with(br#"{"type":"response.create","model":"gpt-5.5","#));
/// let mut baseline = Baseline::new(first)?;
/// baseline.frame(r#"{"type":"response.completed","response":{"id":"resp_1"}}"#);
/// let second = br#"{"model":"gpt-5.5","input":[{"role":"user","content":"Hi"},{"role":"user","content":"Go on"}]}"#;
/// assert_eq!(
///     String::from_utf8_lossy(&ws_request(second, Some(&baseline))?),
///     r#"{"type":"response.create","previous_response_id":"resp_1","model":"gpt-5.5","input":[{"role":"user","content":"Go on"}]}"#
/// );
/// # Ok::<(), sluicegate::Error>(())
/// ```
pub fn ws_request(body: &[u8], baseline: Option<&Baseline>) -> Result<Vec<u8>, Error> {
    let tree = request::parse(body, MAX_REQUEST_BYTES)?;
    let (root, mut edits) = (tree.root(), Edits::default());
    let mut head = br#""type":"response.create""#.to_vec();
    named(root, TYPE).for_each(|member| edits.remove(member));
    if let Some(tail) = baseline.and_then(|baseline| baseline.tail(root)) {
        named(root, PREVIOUS).for_each(|null| edits.remove(null));
        edits.replace(tail.input, tail.items);
        head.extend_from_slice(&[b",\"", PREVIOUS.as_bytes(), b"\":"].concat());
        write::string(&mut head, tail.response_id);
    }
    Ok(with_head(&edits.apply(root), root.start() + 1, &head))
}

/// The request body that a client's frame is, to send over HTTP. An error with the code `needs_full_request` where the
/// frame only goes on from an earlier response: expand it, or have the client send it whole.
pub fn http_body(frame: &[u8]) -> Result<Vec<u8>, Error> {
    let tree = request::parse(frame, MAX_REQUEST_BYTES)?;
    let (root, mut edits) = (tree.root(), Edits::default());
    match kind(root)? {
        ClientFrame::Create | ClientFrame::WarmUp => {}
        ClientFrame::Append => return Err(rejected(RejectCode::NeedsFullRequest, root, TYPE)),
        ClientFrame::Processed | ClientFrame::Steer | ClientFrame::Interrupt => {
            return Err(rejected(RejectCode::UnsupportedValue, root, TYPE));
        }
    }
    if named(root, PREVIOUS).any(|id| !id.is_null()) {
        return Err(rejected(RejectCode::NeedsFullRequest, root, PREVIOUS));
    }
    named(root, TYPE).chain(named(root, GENERATE)).for_each(|member| edits.remove(member));
    named(root, METADATA).for_each(|metadata| strip(metadata, &mut edits));
    Ok(edits.apply(root))
}

/// Headers that a frame has because a WebSocket has none: of a client's frame those in its metadata that change what the
/// upstream makes of the body, which over HTTP will not have the metadata; of an upstream's `error` frame its `headers`.
/// Names in lower case; what could not be a header is left out.
pub fn frame_headers(frame: &[u8]) -> Vec<(String, String)> {
    let Ok(tree) = request::parse(frame, MAX_REQUEST_BYTES) else { return Vec::new() };
    let root = tree.root();
    if root.get(TYPE).is_some_and(|kind| kind.is("error")) {
        return failure::headers(root);
    }
    let Some(metadata) = root.get(METADATA) else { return Vec::new() };
    let known = METADATA_HEADERS
        .iter()
        .filter(|(member, _)| metadata.text(member).is_some_and(|value| value.is("true")));
    known.map(|(_, name)| ((*name).to_owned(), "true".to_owned())).collect()
}

/// The events that answer a warm-up frame: a response without output, to go on from. The upstream need not know of it.
pub fn warm_up_frames(response_id: &str) -> [String; 2] {
    let frame = |kind: &str, status: &str| {
        let mut out = format!("{{\"type\":\"{kind}\",\"response\":").into_bytes();
        warm_up(&mut out, response_id, status);
        out.push(b'}');
        String::from_utf8_lossy(&out).into_owned()
    };
    [frame("response.created", "in_progress"), frame("response.completed", "completed")]
}

/// The response that [`warm_up_frames`] have, to be recorded.
pub fn warm_up_response(response_id: &str) -> Vec<u8> {
    let mut out = Vec::new();
    warm_up(&mut out, response_id, "completed");
    out
}

fn warm_up(out: &mut Vec<u8>, response_id: &str, status: &str) {
    out.extend_from_slice(b"{\"id\":");
    write::string(out, response_id);
    let status = format!(",\"object\":\"response\",\"status\":\"{status}\",\"output\":[]}}");
    out.extend_from_slice(status.as_bytes());
}

/// What a client's frame asks for.
pub fn client_frame(frame: &[u8]) -> Result<ClientFrame, Error> {
    kind(request::parse(frame, MAX_REQUEST_BYTES)?.root())
}

fn kind(frame: Node<'_>) -> Result<ClientFrame, Error> {
    let known = match frame.get(TYPE) {
        Some(name) => FRAMES.iter().find(|(known, _)| name.is(known)).map(|(_, kind)| *kind),
        None => Some(ClientFrame::Create),
    };
    let generates = || frame.get(GENERATE).is_none_or(|generate| generate.value().as_bool() != Some(false));
    match known.ok_or_else(|| rejected(RejectCode::UnsupportedValue, frame, TYPE))? {
        ClientFrame::Create if !generates() => Ok(ClientFrame::WarmUp),
        kind => Ok(kind),
    }
}

/// Removes what only a WebSocket has; all of the object, if that is all there is.
fn strip(metadata: Node<'_>, edits: &mut Edits) {
    let is_sockets = |member: &Node<'_>| {
        let key = member.key().unescaped();
        WEBSOCKET_METADATA.iter().any(|name| name.as_bytes() == &*key)
            || key.starts_with(HEADER_METADATA.as_bytes())
    };
    let (mut count, all) = (0, metadata.members().count());
    for member in metadata.members().filter(is_sockets) {
        edits.remove(member);
        count += 1;
    }
    if count == all && count > 0 {
        edits.remove(metadata);
    }
}

/// Each member of that name.
fn named<'t>(object: Node<'t>, name: &'static str) -> impl Iterator<Item = Node<'t>> {
    object.members().filter(move |member| member.is_named(name))
}

/// The object with further members in front of its own; `open` is the offset after its brace.
fn with_head(object: &[u8], open: usize, head: &[u8]) -> Vec<u8> {
    let (before, rest) = object.split_at(open);
    let space = rest.len() - rest.trim_ascii_start().len();
    match rest[space..].first() {
        Some(b'}') => [before, head, rest].concat(),
        _ => [before, &rest[..space], head, b",", &rest[space..]].concat(),
    }
}

fn rejected(code: RejectCode, frame: Node<'_>, path: &str) -> Error {
    let message = match code {
        RejectCode::NeedsFullRequest => {
            "the frame goes on from an earlier response: the whole request is needed"
        }
        _ => "no frame of this type can be answered",
    };
    let offset = frame.get(path).map(|member| member.start() as u64);
    Error::Rejected { code, path: Some(path.to_owned()), offset, message: message.to_owned() }
}
