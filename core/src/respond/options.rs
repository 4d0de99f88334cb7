//! What a caller may set on a [`crate::ResponsesTranscoder`], and the defaults.

use crate::error::Error;
use crate::json::Value;
use crate::request::RequestContext;
use crate::responses::{Framing, Lane};
use crate::transcode::ModelFrom;
use crate::{limits, options};

/// Where reasoning stands in its item.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum ReasoningForm {
    /// `summary`: every client shows it, and Codex sends it back in the next turn.
    #[default]
    Summary,
    /// `content`, as the raw reasoning that it is; most clients hide it.
    Text,
    /// Not at all.
    Off,
}

impl ReasoningForm {
    pub(super) fn lane(self) -> Option<Lane> {
        match self {
            Self::Summary => Some(Lane::Summary),
            Self::Text => Some(Lane::Reasoning),
            Self::Off => None,
        }
    }
}

/// Options of a [`crate::ResponsesTranscoder`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the caller's")]
pub struct ResponsesOptions {
    /// The model the client asked for.
    pub model: Option<String>,
    /// Default: the requested one.
    pub model_from: ModelFrom,
    /// Response id; default `resp_` and the completion id without `chatcmpl-`. The ids of items, and of calls that came
    /// without one, are made of it.
    pub id: Option<String>,
    /// Unix time in seconds, used where the upstream gives no `created`. Default 0.
    pub created: u64,
    /// Default: a summary.
    pub reasoning: ReasoningForm,
    /// Take what stands between `<think>` and `</think>` at the beginning of the content for reasoning. Default off.
    pub think_tags: bool,
    /// Take `[DONE]` without a finish reason for completion. Default off: it is a truncation.
    pub done_is_complete: bool,
    /// End the stream with `[DONE]`, as Open Responses does and OpenAI does not. Default off.
    pub done_sentinel: bool,
    /// One JSON event a line, as WebSocket text frames, instead of SSE. Default off.
    pub frames: bool,
    /// What [`crate::responses_to_chat`] said of the request: gives custom tools, namespaces and names back, and stands
    /// for `model` where that is not set.
    pub context: Option<RequestContext>,
    /// The response that the client continues, where the request was expanded: [`crate::Expanded`].
    pub previous_response_id: Option<String>,
    /// Cap on one event, in bytes; a larger one is skipped and noted. Default 64 MiB.
    pub max_event_bytes: usize,
}

impl Default for ResponsesOptions {
    fn default() -> Self {
        Self {
            model: None,
            model_from: ModelFrom::Requested,
            id: None,
            created: 0,
            reasoning: ReasoningForm::Summary,
            think_tags: false,
            done_is_complete: false,
            done_sentinel: false,
            frames: false,
            context: None,
            previous_response_id: None,
            max_event_bytes: limits::MAX_EVENT_BYTES,
        }
    }
}

impl ResponsesOptions {
    /// Reads an object whose members are named like the fields; every member is optional, `null` is as if left out.
    /// `model_from`: `requested` or `served`; `reasoning`: `summary`, `text` or `off`.
    pub fn from_json(json: &[u8]) -> Result<Self, Error> {
        let mut read = Self::default();
        options::read(json, |name, value| read.set(name, value))?;
        Ok(read)
    }

    pub(super) fn framing(&self) -> Framing {
        if self.frames { Framing::Lines } else { Framing::Sse }
    }

    fn set(&mut self, name: &str, value: Value<'_>) -> Option<()> {
        match name {
            "model" => self.model = Some(options::text(value)?),
            "model_from" => self.model_from = ModelFrom::read(value)?,
            "id" => self.id = Some(options::text(value)?),
            "created" => self.created = value.as_u64()?,
            "reasoning" => {
                let choices = [
                    ("summary", ReasoningForm::Summary),
                    ("text", ReasoningForm::Text),
                    ("off", ReasoningForm::Off),
                ];
                self.reasoning = options::one_of(value, &choices)?;
            }
            "think_tags" => self.think_tags = value.as_bool()?,
            "done_is_complete" => self.done_is_complete = value.as_bool()?,
            "done_sentinel" => self.done_sentinel = value.as_bool()?,
            "frames" => self.frames = value.as_bool()?,
            "context" => self.context = Some(RequestContext::from_json(value.raw()).ok()?),
            "previous_response_id" => self.previous_response_id = Some(options::text(value)?),
            "max_event_bytes" => self.max_event_bytes = options::size(value)?,
            _ => return None,
        }
        Some(())
    }
}
