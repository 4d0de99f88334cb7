//! Records: one turn as a byte string.
//!
//! Input: a request and its answer. Output: a record; and out of a record, the conversation again. State: none.
//!
//! Version, digest of the scope and of all that follows, then `{"id":…,"origin":…,"input":[…],"output":[…]}` with the
//! items as they were sent. A record that does not fit its digest is ignored: another scope, another id under
//! the same key, a value that was cut, damaged or, where there are keys, forged.

use super::seal::{self, MacKeys};
use super::{Continuation, Expanded, expand};
use crate::dialect::responses::{self, Response, Status};
use crate::error::Error;
use crate::json::{self, Malformed, Str, Value, write};
use crate::limits::{MAX_RECORD_BYTES, MAX_RESPONSE_ID_BYTES};
use crate::request;
use std::borrow::Cow;

/// What to put into a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Where.
    pub key: String,
    /// The conversation, in plain text.
    pub value: Vec<u8>,
}

/// Why an answer was not recorded; the next turn must send its whole input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unrecorded {
    /// It failed, is incomplete (but by an interruption, after which clients go on), was cut, or is no Response.
    NotCompleted,
    /// The request had `store: false`.
    Unstored,
    /// The request still names a previous response, so it is not the whole conversation.
    NotExpanded,
    /// The request has no input: no Responses request, or a stored prompt.
    NoInput,
    /// The response has no id.
    NoId,
    /// Its id is over 256 bytes.
    IdTooLong,
    /// The record is over 8 MiB.
    TooLarge,
    /// The store has another record under this id, which stays: ids must not repeat.
    IdTaken,
}

impl Unrecorded {
    /// All reasons.
    pub const ALL: [Self; 8] = [
        Self::NotCompleted,
        Self::Unstored,
        Self::NotExpanded,
        Self::NoInput,
        Self::NoId,
        Self::IdTooLong,
        Self::TooLarge,
        Self::IdTaken,
    ];

    /// `snake_case`, the same in three languages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotCompleted => "not_completed",
            Self::Unstored => "unstored",
            Self::NotExpanded => "not_expanded",
            Self::NoInput => "no_input",
            Self::NoId => "no_id",
            Self::IdTooLong => "id_too_long",
            Self::TooLarge => "too_large",
            Self::IdTaken => "id_taken",
        }
    }
}

/// The contents of a record.
pub(super) struct History<'r> {
    pub(super) origin: Option<String>,
    pub(super) input: Value<'r>,
    pub(super) output: Value<'r>,
}

pub(super) fn write(
    continuation: &Continuation,
    turn: &Expanded,
    response: &[u8],
    origin: Option<&str>,
) -> Result<Result<Record, Unrecorded>, Error> {
    // With its history it may be larger than any that is sent; then the record is too.
    let tree = request::parse(&turn.body, turn.body.len())?;
    let (id, output) = match answer(response)? {
        Ok(answer) => answer,
        Err(reason) => return Ok(Err(reason)),
    };
    let is_unstored = tree.root().get("store").is_some_and(|store| store.value().as_bool() == Some(false));
    if is_unstored && !continuation.record_unstored {
        return Ok(Err(Unrecorded::Unstored));
    }
    if expand::previous(tree.root())?.is_some() {
        return Ok(Err(Unrecorded::NotExpanded));
    }
    let Some(input) = expand::input(tree.root())? else { return Ok(Err(Unrecorded::NoInput)) };
    let is_foreign = turn.origin.is_some() && turn.origin.as_deref() != origin;
    let readable = is_foreign.then(|| expand::without_reasoning(tree.root())).flatten();
    let input = readable.map_or(input, Cow::Owned);
    let compacted = compacted(output);
    let (input, output) = compacted.as_deref().map_or((&*input, output.raw()), |rest| (b"[]", rest));
    let content = content(&id, origin, input, output);
    let value = seal::sealed(&continuation.scope, &continuation.mac_keys, &content);
    if value.len() > MAX_RECORD_BYTES {
        return Ok(Err(Unrecorded::TooLarge));
    }
    Ok(Ok(Record { key: continuation.key(&id), value }))
}

/// What a conversation consists of from now on, where the answer compacted it: the last such item, and what follows it.
fn compacted(output: Value<'_>) -> Option<Vec<u8>> {
    let items: Vec<_> = output.elements().collect();
    let from = items.iter().rposition(|item| responses::is_compaction(*item))?;
    let mut out = vec![b'['];
    write::separated(&mut out, &items[from..], |out, item| out.extend_from_slice(item.raw()));
    out.push(b']');
    Some(out)
}

/// Id and output of a response that can be continued.
fn answer(response: &[u8]) -> Result<Result<(String, Value<'_>), Unrecorded>, Error> {
    let invalid = |Malformed(offset)| Error::InvalidJson { offset: offset as u64 };
    let text = simdutf8::compat::from_utf8(response);
    text.map_err(|error| invalid(Malformed(error.valid_up_to())))?;
    let response = Response::parse(json::walk(response, |_, _| {}).map_err(invalid)?);
    let is_completed = response.status.and_then(Status::named) == Some(Status::Completed);
    let is_whole = is_completed || response.is_interrupted();
    let Some(output) = response.output.filter(|output| is_whole && is_list(*output)) else {
        return Ok(Err(Unrecorded::NotCompleted));
    };
    Ok(match response.id.filter(|id| !id.is(responses::UNKNOWN_RESPONSE)).map(Str::decode) {
        None => Err(Unrecorded::NoId),
        Some(id) if id.len() > MAX_RESPONSE_ID_BYTES => Err(Unrecorded::IdTooLong),
        Some(id) => Ok((id, output)),
    })
}

fn content(id: &str, origin: Option<&str>, input: &[u8], output: &[u8]) -> Vec<u8> {
    let mut out = b"{\"id\":".to_vec();
    write::string(&mut out, id);
    out.extend_from_slice(b",\"origin\":");
    write::optional(&mut out, origin);
    for part in [b",\"input\":", input, b",\"output\":", output, b"}"] {
        out.extend_from_slice(part);
    }
    out
}

/// The conversation up to the response `id`; `None` for what was not recorded in this scope, of that response.
pub(super) fn read<'r>(record: &'r [u8], scope: &[u8], keys: &MacKeys, id: &str) -> Option<History<'r>> {
    let content = seal::opened(scope, keys, record)?;
    simdutf8::basic::from_utf8(content).ok()?;
    let (mut own_id, mut origin, mut input, mut output) = (None, None, None, None);
    let walked = json::walk(content, |key, value| match key.raw() {
        b"id" => own_id = value.as_str(),
        b"origin" => origin = value.as_str().map(Str::decode),
        b"input" => input = Some(value),
        b"output" => output = Some(value),
        _ => {}
    });
    walked.ok()?;
    let list = |value: Option<Value<'r>>| value.filter(|value| is_list(*value));
    own_id.filter(|own| own.is(id))?;
    Some(History { origin, input: list(input)?, output: list(output)? })
}

fn is_list(value: Value<'_>) -> bool {
    value.raw().starts_with(b"[")
}
