//! What a caller may set on a request.
//!
//! Input: a struct, or a JSON object. Output: [`RequestOptions`], or a typed error.

use crate::catalog::ModelCatalog;
use crate::compaction::SealKeys;
use crate::error::Error;
use crate::json::Value;
use crate::kinds::Transport;
use crate::option_reader::{self, one_of, text, transport};

/// What a caller may set on a request.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct RequestOptions {
    /// Default: HTTP. On a WebSocket a top-level `type: "response.create"` is kept, and so is `previous_response_id`.
    pub transport: Transport,
    /// Removing anything that the client asked for is an error. Default off.
    pub strict: bool,
    /// What happens to a `previous_response_id` that was not expanded, where the backend knows none.
    pub unresolved_previous: UnresolvedPrevious,
    /// The backend and account that this request goes to; never sent.
    pub origin: Option<String>,
    /// What happens to the reserved tokens of the Harmony format in texts, which the Codex backend blocks.
    pub harmony: Harmony,
    /// What is known of the request's model, whose rules it must keep to.
    pub catalog: ModelCatalog,
    /// Where the reasoning in its history came from. Encrypted reasoning of another origin is dropped.
    pub history_origin: Option<String>,
    /// Keys that open summaries of compacted conversations in its history.
    pub seal_keys: SealKeys,
    /// The conversation that a Messages request belongs to, from a header of the client's: the upstream's key for its
    /// cache. Default: the session in `metadata.user_id`.
    pub session: Option<String>,
}

/// A `previous_response_id` on a backend that stores nothing.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum UnresolvedPrevious {
    /// Dropping it would lose the conversation.
    #[default]
    Reject,
    /// It is removed, and that is in the list of changes.
    Drop,
}

/// Reserved tokens of the Harmony format (`<|start|>`, `<|end|>`, …) in a request's texts.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Harmony {
    /// They are sent as they are; the Codex backend answers `invalid_prompt`.
    #[default]
    Keep,
    /// Their bars become full-width ones, which mean nothing to the model.
    Escape,
}

impl RequestOptions {
    /// Reads an object whose members are named like the fields; every member is optional. `transport`: `http` or
    /// `websocket`; `unresolved_previous`: `reject` or `drop`; `harmony`: `keep` or `escape`; `catalog`: `bundled`, `none`,
    /// or a `/models` document that is merged over the bundled one.
    pub fn from_json(json: &[u8]) -> Result<Self, Error> {
        let mut read = Self::default();
        option_reader::read("RequestOptions", json, |name, value| read.set(name, value))?;
        Ok(read)
    }

    fn set(&mut self, name: &str, value: Value<'_>) -> Option<()> {
        match name {
            "transport" => self.transport = transport(value)?,
            "strict" => self.strict = value.as_bool()?,
            "unresolved_previous" => {
                let choices = [("reject", UnresolvedPrevious::Reject), ("drop", UnresolvedPrevious::Drop)];
                self.unresolved_previous = one_of(value, &choices)?;
            }
            "harmony" => {
                let choices = [("keep", Harmony::Keep), ("escape", Harmony::Escape)];
                self.harmony = one_of(value, &choices)?;
            }
            "catalog" => self.catalog = ModelCatalog::read(value)?,
            "origin" => self.origin = Some(text(value)?),
            "seal_keys" => self.seal_keys = SealKeys::from_json(value)?,
            "session" => self.session = Some(text(value)?),
            "history_origin" => self.history_origin = Some(text(value)?),
            _ => return None,
        }
        Some(())
    }

    /// Whether the history's reasoning can be read where this request goes.
    pub(super) fn is_foreign(&self) -> bool {
        self.history_origin.is_some() && self.history_origin != self.origin
    }
}
