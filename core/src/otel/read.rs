//! Reads an outcome that was written before: hosts of other languages have it as data.
//!
//! Input: JSON. Output: an [`Outcome`], or the path of the member that is wrong. State: none.

use crate::error::Error;
use crate::json::{Str, Value};
use crate::outcome::{
    CACHE_WRITE_TTL, ErrorBody, ErrorClass, FinishReason, MEDIA, MediaTokens, Note, NoteCode, Outcome,
    Reconstructed, Status, TTLS, Usage, Verdict,
};

const STATUSES: [Status; 4] = [Status::Completed, Status::Incomplete, Status::Failed, Status::Truncated];
const REASONS: [FinishReason; 4] =
    [FinishReason::Stop, FinishReason::ToolCalls, FinishReason::Length, FinishReason::ContentFilter];
const RECONSTRUCTED: [Reconstructed; 3] = [Reconstructed::None, Reconstructed::Items, Reconstructed::Deltas];

impl Outcome {
    /// Reads what [`Outcome::to_json`] wrote. Everything but the status may be missing, or `null`.
    pub fn from_json(json: &[u8]) -> Result<Self, Error> {
        let outcome = Members(Value::document(json).ok_or(Error::InvalidJson { offset: 0 })?);
        let status = outcome.read("status", |status| named(status, &STATUSES, Status::as_str))?;
        let reconstructed =
            outcome.read("reconstructed", |name| named(name, &RECONSTRUCTED, Reconstructed::as_str))?;
        Ok(Self {
            status: status.ok_or_else(|| wrong("status"))?,
            finish_reason: outcome
                .read("finish_reason", |reason| named(reason, &REASONS, FinishReason::as_str))?,
            usage: outcome.read("usage", usage)?,
            error: outcome.read("error", ErrorBody::read)?,
            failure: outcome.read("failure", failure)?,
            response_id: outcome.read("response_id", text)?,
            model: outcome.read("model", text)?,
            rate_limits: outcome.read("rate_limits", object)?,
            tool_usage: outcome.read("tool_usage", object)?,
            input_transformations: outcome.read("input_transformations", |list| {
                Some(String::from_utf8_lossy(list.raw()).into_owned())
            })?,
            reconstructed: reconstructed.unwrap_or_default(),
            notes: outcome.read("notes", notes)?.unwrap_or_default(),
        })
    }
}

struct Members<'a>(Value<'a>);

impl<'a> Members<'a> {
    fn read<T>(&self, name: &str, read: impl FnOnce(Value<'a>) -> Option<T>) -> Result<Option<T>, Error> {
        let member = self.0.get(name).filter(|value| !value.is_null());
        member.map(|value| read(value).ok_or_else(|| wrong(name))).transpose()
    }
}

fn wrong(path: &str) -> Error {
    Error::wrong_option(path, "", "what Outcome::to_json wrote")
}

fn named<T: Copy>(value: Value<'_>, all: &[T], name_of: fn(T) -> &'static str) -> Option<T> {
    let name = value.as_str()?;
    all.iter().find(|known| name.is(name_of(**known))).copied()
}

fn text(value: Value<'_>) -> Option<String> {
    value.as_str().map(Str::decode)
}

fn object(value: Value<'_>) -> Option<String> {
    value.is_object().then(|| String::from_utf8_lossy(value.raw()).into_owned())
}

fn usage(usage: Value<'_>) -> Option<Usage> {
    let (prompt, completion) = ("prompt_tokens_details", "completion_tokens_details");
    let detail = |group: &str, name: &str| usage.get(group)?.get(name)?.as_u64();
    let ttl = |name: &str| usage.get(prompt)?.get(CACHE_WRITE_TTL)?.get(name)?.as_u64();
    Some(Usage {
        prompt_tokens: usage.get("prompt_tokens")?.as_u64()?,
        completion_tokens: usage.get("completion_tokens")?.as_u64()?,
        total_tokens: usage.get("total_tokens")?.as_u64()?,
        cached_tokens: detail(prompt, "cached_tokens"),
        cache_write_tokens: detail(prompt, "cache_write_tokens"),
        reasoning_tokens: detail(completion, "reasoning_tokens"),
        media: MediaTokens {
            prompt: MEDIA.map(|name| detail(prompt, name)),
            completion: MEDIA.map(|name| detail(completion, name)),
        },
        cache_write_ttl: TTLS.map(ttl),
    })
}

fn failure(failure: Value<'_>) -> Option<Verdict> {
    Some(Verdict {
        status: failure.get("status")?.as_u64()?.try_into().ok()?,
        class: ErrorClass::named(failure.get("class")?.as_str()?)?,
        retry_after_ms: failure.get("retry_after_ms").and_then(Value::as_u64),
    })
}

fn notes(list: Value<'_>) -> Option<Vec<Note>> {
    let note = |note: Value<'_>| {
        let code = named(note.get("code")?, NoteCode::ALL, NoteCode::as_str)?;
        Some(Note { code, path: text(note.get("path")?)?, detail: text(note.get("detail")?)? })
    };
    list.raw().starts_with(b"[").then(|| list.elements().map(note).collect())?
}
