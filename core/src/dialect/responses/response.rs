//! The view of a response object.
//!
//! Input: its JSON, in an event or as a body. Output: the members that any consumer reads, how it ended. State: none.

use super::Status;
use super::object::{Item, id};
use crate::envelope;
use crate::json::{Str, Value, edit};
use crate::limits::MAX_ITEMS;

/// Why a response is incomplete that its client steered: another one answers.
pub(crate) const STEERED: &[u8] = b"steered";

/// Why a response is incomplete that its client interrupted.
pub(crate) const INTERRUPTED: &[u8] = b"interrupted";

/// The members of a response object.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Response<'a> {
    pub(crate) id: Option<Str<'a>>,
    pub(crate) created_at: Option<u64>,
    pub(crate) model: Option<Str<'a>>,
    pub(crate) service_tier: Option<Str<'a>>,
    pub(crate) status: Option<Str<'a>>,
    pub(crate) incomplete_reason: Option<Str<'a>>,
    pub(crate) error: Option<Value<'a>>,
    pub(crate) usage: Option<Value<'a>>,
    pub(crate) output: Option<Value<'a>>,
    pub(crate) tools: Option<Value<'a>>,
    pub(crate) tool_usage: Option<Value<'a>>,
    pub(crate) input_transformations: Option<Value<'a>>,
    /// What the answer stopped at, as some servers tell.
    pub(crate) stop_sequence: Option<Str<'a>>,
}

/// How a body that is a plain Response ended; `None` for what is no Response.
pub(crate) fn document_status(document: Value<'_>) -> Option<Status> {
    let response = Response::parse(document);
    response.output?;
    let has_failed = || document.get("error").is_some_and(envelope::is_error);
    let unnamed = || if has_failed() { Status::Failed } else { Status::Completed };
    Some(response.status.and_then(Status::named).unwrap_or_else(unnamed))
}

/// A response that has its answer only in the member that SDKs add, with the item that it is; `None` for others.
pub(crate) fn with_message(response: Value<'_>) -> Option<Vec<u8>> {
    let text =
        response.get("output_text").filter(|text| text.as_str().is_some_and(|text| !text.is_empty()))?;
    let has_items = response.get("output").is_some_and(|output| output.elements().next().is_some());
    let before =
        b"[{\"type\":\"message\",\"role\":\"assistant\",\"content\":[{\"type\":\"output_text\",\"text\":";
    let output = [&before[..], text.raw(), b",\"annotations\":[]}]}]"].concat();
    (!has_items).then(|| edit::with_members(response, &[("output", &output)]))
}

impl<'a> Response<'a> {
    /// Whether it is called failed, and says why.
    pub(crate) fn has_failed(&self) -> bool {
        self.error.is_some() && self.status.and_then(Status::named) == Some(Status::Failed)
    }

    /// Whether it is called finished, and has an error.
    pub(crate) fn denies_its_error(&self) -> bool {
        let is_finished = |status| matches!(status, Status::Completed | Status::Incomplete);
        self.error.is_some() && self.status.and_then(Status::named).is_some_and(is_finished)
    }

    /// Whether the client interrupted it: what it has is whole, and can be gone on from.
    pub(crate) fn is_interrupted(&self) -> bool {
        let is_incomplete = self.status.and_then(Status::named) == Some(Status::Incomplete);
        is_incomplete && self.incomplete_reason.is_some_and(|reason| reason.raw() == INTERRUPTED)
    }

    pub(crate) fn items(&self) -> Vec<Item<'a>> {
        self.output.into_iter().flat_map(Item::each).take(MAX_ITEMS + 1).flatten().collect()
    }

    pub(crate) fn parse(response: Value<'a>) -> Self {
        let mut read = Self::default();
        response.each_member(|key, value| read.set(key, value));
        read
    }

    /// Takes a member; the last of each counts.
    pub(super) fn set(&mut self, key: Str<'a>, value: Value<'a>) {
        match &*key.unescaped() {
            b"id" => self.id = id(Some(value)),
            b"created_at" => self.created_at = value.as_u64(),
            b"model" => self.model = id(Some(value)),
            b"service_tier" => self.service_tier = id(Some(value)),
            b"status" => self.status = value.as_str(),
            b"incomplete_details" => self.incomplete_reason = value.get("reason").and_then(Value::as_str),
            b"error" => self.error = Some(value).filter(|error| envelope::is_error(*error)),
            b"usage" => self.usage = Some(value),
            b"output" => self.output = Some(value),
            b"tools" => self.tools = Some(value),
            b"tool_usage" => self.tool_usage = Some(value),
            b"input_transformations" => self.input_transformations = Some(value),
            b"stop_sequence" => self.stop_sequence = value.as_str(),
            _ => {}
        }
    }
}
