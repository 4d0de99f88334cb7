//! Reads an outcome that was written before: hosts of other languages have it as data.
//!
//! Input: JSON. Output: an [`Outcome`], or the path of the member that is wrong. State: none.

use crate::error::Error;
use crate::json::{Str, Value};
use crate::outcome::{ErrorBody, FinishReason, Note, Outcome, Reconstructed, Status, Usage, Verdict};

impl Outcome {
    /// Reads what [`Outcome::to_json`] wrote. Everything but the status may be missing, or `null`.
    pub fn from_json(json: &[u8]) -> Result<Self, Error> {
        let outcome = Members(Value::document(json).ok_or(Error::InvalidJson { offset: 0 })?);
        let status = outcome.read("status", |status| named(status, &Status::ALL, Status::as_str))?;
        let reconstructed =
            outcome.read("reconstructed", |name| named(name, &Reconstructed::ALL, Reconstructed::as_str))?;
        Ok(Self {
            status: status.ok_or_else(|| wrong("status"))?,
            finish_reason: outcome
                .read("finish_reason", |reason| named(reason, &FinishReason::ALL, FinishReason::as_str))?,
            usage: outcome.read("usage", Usage::read)?,
            error: outcome.read("error", ErrorBody::read)?,
            failure: outcome.read("failure", Verdict::read)?,
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

fn notes(list: Value<'_>) -> Option<Vec<Note>> {
    list.raw().starts_with(b"[").then(|| list.elements().map(Note::read).collect())?
}
