//! What is known of an answer as a whole.
//!
//! Input: ids, names and counts as readers find them. Output: what writers put around the answer, and the [`Outcome`].
//! State: all of it, bounded; names are JSON string contents.

use super::Writer;
use crate::envelope::Envelope;
use crate::json::{Str, Value};
use crate::limits::{MAX_NAME_BYTES, MAX_RATE_LIMITS_BYTES};
use crate::outcome::{FinishReason, NoteCode, Notes, Outcome, Reconstructed, Status, Usage, Verdict, plain};

#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    pub(crate) upstream: UpstreamInfo,
    /// Boxed: it comes at the end, and transcoders idle by the thousand.
    usage: Option<Box<Usage>>,
    /// Of responses that were steered, before the one that goes on with the answer.
    earlier_usage: Option<Box<Usage>>,
    pub(crate) rate_limits: Option<String>,
    /// See [`Further`]. Boxed: few answers have any.
    further: Option<Box<[Option<String>; 2]>>,
    pub(crate) notes: Notes,
    pub(crate) rebuilt: Reconstructed,
    pub(crate) end: Option<End>,
    /// More on why the answer ended than every dialect has.
    pub(crate) stop: Option<Stop>,
    /// It was ended before a stop sequence, whatever the upstream ended it for.
    pub(crate) is_stopped: bool,
}

/// Members of an answer that the outcome has as they were sent, as JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Further {
    /// What the hosted tools used.
    ToolUsage,
    /// What the server left out of the input.
    InputTransformations,
}

impl Further {
    /// What they are called in an outcome, and in Responses.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::ToolUsage => "tool_usage",
            Self::InputTransformations => "input_transformations",
        }
    }
}

/// What makes a reason to end more exact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The text that the client asked to stop at, as JSON string contents.
    Sequence(Box<[u8]>),
    /// The window of the model is full.
    ContextWindow,
    /// The server paused a long turn: it goes on when its answer is sent back.
    Pause,
}

/// What the upstream calls itself and this answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct UpstreamInfo {
    pub(crate) id: Option<Box<[u8]>>,
    pub(crate) model: Option<Box<[u8]>>,
    pub(crate) created: Option<u64>,
    pub(crate) service_tier: Option<Box<[u8]>>,
}

/// What a host may want before the end, as the outcome has it then.
#[derive(Debug, Default, Clone)]
pub(crate) struct Known {
    pub(crate) response_id: Option<String>,
    pub(crate) usage: Option<Usage>,
    pub(crate) failure: Option<Verdict>,
}

/// How the answer ended.
#[derive(Debug, Clone)]
pub(crate) struct End {
    pub(crate) status: Status,
    pub(crate) finish_reason: Option<FinishReason>,
    pub(crate) error: Option<Box<Envelope>>,
}

/// Whether a name is short enough to be repeated in every event.
fn is_repeatable(name: Str<'_>) -> bool {
    name.raw().len() <= MAX_NAME_BYTES
}

impl Facts {
    /// What the upstream calls the answer.
    pub(crate) fn upstream_id(&self) -> Option<String> {
        decoded(self.upstream.id.as_deref())
    }

    /// Records the members of one event. The first id, model and time count; the tier is the latest. A time of 0 is none. True where
    /// something was new.
    pub(crate) fn learn(
        &mut self,
        id: Option<Str<'_>>,
        model: Option<Str<'_>>,
        created: Option<u64>,
        service_tier: Option<Str<'_>>,
    ) -> bool {
        let Self { upstream, notes, .. } = self;
        let mut is_new = false;
        let mut take = |slot: &mut Option<Box<[u8]>>, name: Option<Str<'_>>, member: &str| {
            let Some(name) = name.filter(|name| slot.as_deref() != Some(name.raw())) else { return };
            if is_repeatable(name) {
                *slot = Some(name.raw().into());
                is_new = true;
            } else {
                notes.push(NoteCode::NameTooLong, member.to_owned(), b"");
            }
        };
        if upstream.id.is_none() {
            take(&mut upstream.id, id, "id");
        }
        if upstream.model.is_none() {
            take(&mut upstream.model, model, "model");
        }
        take(&mut upstream.service_tier, service_tier, "service_tier");
        upstream.created = upstream.created.or(created.filter(|created| *created > 0));
        is_new
    }

    pub(crate) fn usage(&self) -> Option<Usage> {
        self.usage.as_deref().copied()
    }

    pub(crate) fn set_usage(&mut self, usage: Option<Usage>) {
        match (self.usage.as_deref_mut(), usage) {
            (Some(known), Some(usage)) => *known = usage, // some servers count in every chunk
            (_, usage) => self.usage = usage.map(Box::new),
        }
    }

    pub(crate) fn further(&self, which: Further) -> Option<&str> {
        self.further.as_ref()?[which as usize].as_deref()
    }

    /// Copies one where there is something in it.
    pub(crate) fn learn_further(&mut self, which: Further, value: Option<Value<'_>>) {
        let Some(value) = value.filter(|value| value.raw().len() > 2 && !value.is_null()) else { return };
        if value.raw().len() > MAX_RATE_LIMITS_BYTES {
            return self.note(NoteCode::LimitExceeded, which.name().as_bytes());
        }
        let mut json = Vec::new();
        plain::copy(&mut json, value, plain::as_sent);
        let json = String::from_utf8_lossy(&json).into_owned();
        self.further.get_or_insert_default()[which as usize] = Some(json);
    }

    /// What the client's dialect has no place for is noted; the outcome has it.
    pub(crate) fn note_tool_usage(&mut self) {
        if self.further(Further::ToolUsage).is_some() {
            self.note(NoteCode::UsageDropped, Further::ToolUsage.name().as_bytes());
        }
    }

    /// Another response goes on with the answer.
    pub(crate) fn goes_on(&mut self) {
        self.earlier_usage = self.usage.clone();
    }

    /// Adds what the responses before this one took.
    pub(crate) fn join_usage(&mut self) {
        if let Some(earlier) = self.earlier_usage.as_deref() {
            let usage = self.usage().map_or(*earlier, |usage| usage.plus(earlier));
            self.set_usage(Some(usage));
        }
    }

    /// What all of several responses took.
    pub(crate) fn joined_usage(&self) -> Option<&Usage> {
        self.earlier_usage.as_ref().and(self.usage.as_deref())
    }

    /// The answer is over. `has_answer`: it has more than reasoning.
    pub(crate) fn finish(&mut self, status: Status, reason: FinishReason, has_answer: bool) {
        if status == Status::Completed && !has_answer {
            self.note(NoteCode::EmptyAnswer, b"");
        }
        let (status, reason) =
            if self.is_stopped { (Status::Completed, FinishReason::Stop) } else { (status, reason) };
        self.end = Some(End { status, finish_reason: Some(reason), error: None });
    }

    pub(crate) fn note(&mut self, code: NoteCode, detail: &[u8]) {
        self.notes.push(code, String::new(), detail);
    }

    /// Why it failed.
    pub(crate) fn failure(&self) -> Option<&Envelope> {
        self.end.as_ref()?.error.as_deref()
    }

    /// What is known before the end. An id that the writer will give is not known until it has.
    pub(crate) fn known(&self, writer: &dyn Writer) -> Known {
        let sent = self.upstream.id.as_ref().filter(|_| !writer.names_answer() || self.end.is_some());
        Known {
            response_id: writer.response_id().or_else(|| Some(Str::from_raw(sent?).decode())),
            usage: self.usage(),
            failure: self.failure().map(Envelope::verdict),
        }
    }

    pub(crate) fn outcome(&self, writer: &dyn Writer) -> Option<Outcome> {
        let End { status, finish_reason, error } = self.end.as_ref()?;
        let Known { response_id, usage, failure } = self.known(writer);
        Some(Outcome {
            status: *status,
            finish_reason: *finish_reason,
            usage,
            error: error.as_ref().map(|envelope| envelope.error.clone()),
            failure,
            response_id,
            model: decoded(self.upstream.model.as_deref()),
            rate_limits: self.rate_limits.clone(),
            tool_usage: self.further(Further::ToolUsage).map(str::to_owned),
            input_transformations: self.further(Further::InputTransformations).map(str::to_owned),
            reconstructed: self.rebuilt,
            notes: self.notes.list().to_vec(),
        })
    }
}

fn decoded(name: Option<&[u8]>) -> Option<String> {
    name.map(|name| Str::from_raw(name).decode())
}
