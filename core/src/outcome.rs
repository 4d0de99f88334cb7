//! The summary of a finished stream.
//!
//! Input: facts on the stream. Output: the [`Outcome`], the same JSON in three languages. State: none.

use crate::json::{Str, Value, write};
use crate::limits::{MAX_DETAIL_BYTES, MAX_NOTES};

/// How a response ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The upstream reported it complete.
    Completed,
    /// The upstream stopped early, with a reason.
    Incomplete,
    /// The upstream reported an error, or cancelled.
    Failed,
    /// The stream ended without a terminal event.
    Truncated,
}

/// `finish_reason` of a chat completion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FinishReason {
    /// The model finished.
    Stop,
    /// The model wants tools called.
    ToolCalls,
    /// A token limit was reached.
    Length,
    /// Content was withheld.
    ContentFilter,
}

/// What the output was rebuilt from, because the terminal event was empty.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Reconstructed {
    /// Nothing: the terminal event had its output.
    #[default]
    None,
    /// The output, from finished items.
    Items,
    /// The output, from deltas of items that never finished.
    Deltas,
}

/// Something that could not be represented, was repaired, or looked inconsistent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What kind of thing.
    pub code: NoteCode,
    /// JSON path in the final Response, where the thing is about one item; else empty.
    pub path: String,
    /// A name or type, at most 64 bytes.
    pub detail: String,
}

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident; $($(#[$variant_doc:meta])* $variant:ident = $code:literal,)*) => {
        $(#[$doc])*
        #[non_exhaustive]
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }

        impl $name {
            /// Every code there is.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The same string in three languages.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }
        }
    };
}

pub(crate) use codes;

mod error_body;
mod made;
pub(crate) mod plain;
mod usage;
mod verdict; // after `codes!`, which it uses

pub use error_body::ErrorBody;
pub use made::{FailureText, MadeFailure, Messages};
pub(crate) use usage::{CACHE_WRITE_TTL, MEDIA, TTLS};
pub use usage::{MediaTokens, Usage};
pub use verdict::{ErrorClass, Verdict};

codes! {
    /// Stable codes of notes.
    NoteCode;
    /// Event data that is not a JSON object, or lacks what its type needs; skipped.
    MalformedEvent = "malformed_event",
    /// An event over `max_event_bytes`; skipped.
    EventTooLarge = "event_too_large",
    /// An event type this version does not know; skipped.
    UnknownEvent = "unknown_event",
    /// An item type this version does not know, or sound; it has no chat form.
    UnknownItem = "unknown_item",
    /// A call that ran on the server; it has no chat form.
    HostedCall = "hosted_call",
    /// A call that the client would have to act on, but that has no chat form.
    ClientCallDropped = "client_call_dropped",
    /// An annotation that has no chat form.
    AnnotationDropped = "annotation_dropped",
    /// A generated image that the caller asked to leave out.
    ImageDropped = "image_dropped",
    /// An image that failed, or came without data.
    ImageFailed = "image_failed",
    /// Raw reasoning beside a summary, or the reverse: the kind seen first is used. Or reasoning that the client has no place for.
    ReasoningDropped = "reasoning_dropped",
    /// A refusal that the client has no place for; written as text.
    RefusalAsText = "refusal_as_text",
    /// Text or arguments that never streamed, taken from a done event or the terminal one.
    Repaired = "repaired",
    /// A done event or the terminal one has less or other text than what was streamed.
    InconsistentText = "inconsistent_text",
    /// A call without `call_id`; its id is the item id, or made up from its position.
    CallIdMissing = "call_id_missing",
    /// A call without a name; dropped.
    CallNameMissing = "call_name_missing",
    /// A call whose id or name changed; what was passed on first counts.
    CallChanged = "call_changed",
    /// A call of `multi_tool_use.parallel`, which nobody declared: the calls in it were written as calls of their own.
    ParallelOpened = "parallel_opened",
    /// A member of a call that the client's dialect has no place for, though it changes what the client must do.
    CallMemberDropped = "call_member_dropped",
    /// A namespaced call; only its name is kept.
    NamespaceDropped = "namespace_dropped",
    /// `response.status` contradicts the event's name, or an `error` the status; the status counts.
    StatusMismatch = "status_mismatch",
    /// An `incomplete` reason this version does not know; reported as `length`.
    IncompleteReasonUnknown = "incomplete_reason_unknown",
    /// A `finish_reason` this version does not know; taken for `stop`.
    FinishReasonUnknown = "finish_reason_unknown",
    /// The arguments of a call are not the JSON that they should be; delivered as they came.
    ArgumentsMalformed = "arguments_malformed",
    /// A further choice of a chat completion; only the first one is used.
    ChoiceDropped = "choice_dropped",
    /// The server paused a long turn, or compacted it: it goes on when its answer is sent back.
    TurnPaused = "turn_paused",
    /// The answer was ended before a stop sequence that the upstream could not be asked for.
    StopApplied = "stop_applied",
    /// The client steered the response, and nothing came after it.
    Steered = "steered",
    /// The answer is complete, and has no text, refusal, call, image nor hosted call: nothing but reasoning, if that.
    EmptyAnswer = "empty_answer",
    /// The client interrupted the response; what was not whole is not in it.
    Interrupted = "interrupted",
    /// Counts that the client's dialect has no place for; they are in the outcome.
    UsageDropped = "usage_dropped",
    /// Usage was asked for and the upstream sent none.
    UsageMissing = "usage_missing",
    /// A response id, model or tier too long to repeat in every chunk; ignored.
    NameTooLong = "name_too_long",
    /// More items, parts or argument bytes than the limits allow; the rest is dropped.
    LimitExceeded = "limit_exceeded",
    /// More notes than are kept.
    NotesDropped = "notes_dropped",
}

impl NoteCode {
    /// Whether it says what the client's dialect has no place for.
    pub(crate) fn is_of_client(self) -> bool {
        matches!(
            self,
            Self::AnnotationDropped
                | Self::ArgumentsMalformed
                | Self::CallMemberDropped
                | Self::ClientCallDropped
                | Self::HostedCall
                | Self::ImageDropped
                | Self::ReasoningDropped
                | Self::RefusalAsText
                | Self::UnknownItem
                | Self::UsageDropped
                | Self::UsageMissing
        )
    }
}

/// What a stream turned out to be; there after a terminal event or `finish`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// How it ended.
    pub status: Status,
    /// None when it failed or was cut.
    pub finish_reason: Option<FinishReason>,
    /// From any terminal event, also a failed one.
    pub usage: Option<Usage>,
    /// Why it failed.
    pub error: Option<ErrorBody>,
    /// What to do about that.
    pub failure: Option<Verdict>,
    /// The first response id seen; later ones may rotate.
    pub response_id: Option<String>,
    /// The model that served the response.
    pub model: Option<String>,
    /// The members of the last `codex.rate_limits` event, except its type, as JSON.
    pub rate_limits: Option<String>,
    /// `tool_usage` of the response: what its hosted tools used, as JSON. In the JSON only where it is there; so is the next.
    pub tool_usage: Option<String>,
    /// `input_transformations` of the response: which reasoning of the input the server dropped, and why, as JSON.
    pub input_transformations: Option<String>,
    /// What was missing from the terminal event.
    pub reconstructed: Reconstructed,
    /// In order of appearance.
    pub notes: Vec<Note>,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Completed, Self::Incomplete, Self::Failed, Self::Truncated];

    /// The same string in three languages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Incomplete => "incomplete",
            Self::Failed => "failed",
            Self::Truncated => "truncated",
        }
    }
}

impl Status {
    /// `status` of a Response; one that was cut is incomplete.
    pub(crate) fn as_response_status(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Incomplete | Self::Truncated => "incomplete",
            Self::Failed => "failed",
        }
    }
}

impl FinishReason {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Stop, Self::ToolCalls, Self::Length, Self::ContentFilter];

    /// As in a chat completion.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::ToolCalls => "tool_calls",
            Self::Length => "length",
            Self::ContentFilter => "content_filter",
        }
    }
}

impl Reconstructed {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::None, Self::Items, Self::Deltas];

    /// The same string in three languages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Items => "items",
            Self::Deltas => "deltas",
        }
    }
}

/// Notes while they are taken: bounded, and the same thing once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Notes(Vec<Note>);

impl Notes {
    pub(crate) fn push(&mut self, code: NoteCode, path: String, detail: &[u8]) {
        let detail = clip(&String::from_utf8_lossy(detail), MAX_DETAIL_BYTES).to_owned();
        // What was dropped for want of room is always noted; there are few such things.
        let note = if self.0.len() < MAX_NOTES || code == NoteCode::LimitExceeded {
            Note { code, path, detail }
        } else {
            Note { code: NoteCode::NotesDropped, path: String::new(), detail: String::new() }
        };
        if !self.0.contains(&note) {
            self.0.push(note);
        }
    }

    pub(crate) fn contains(&self, code: NoteCode) -> bool {
        self.0.iter().any(|note| note.code == code)
    }

    pub(crate) fn remove(&mut self, code: NoteCode) {
        self.0.retain(|note| note.code != code);
    }

    pub(crate) fn list(&self) -> &[Note] {
        &self.0
    }
}

/// At most `limit` bytes of `text`, cut at a character.
pub(crate) fn clip(text: &str, limit: usize) -> &str {
    let end = (0..=limit.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
    &text[..end.unwrap_or(0)]
}

impl Outcome {
    /// One compact JSON object, members in declaration order.
    pub fn to_json(&self) -> String {
        let mut out = Vec::with_capacity(256);
        out.extend_from_slice(b"{\"status\":");
        write::string(&mut out, self.status.as_str());
        out.extend_from_slice(b",\"finish_reason\":");
        write::optional(&mut out, self.finish_reason.map(FinishReason::as_str));
        out.extend_from_slice(b",\"usage\":");
        match &self.usage {
            Some(usage) => usage.write_all(&mut out),
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b",\"error\":");
        match &self.error {
            Some(error) => error.write(&mut out),
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b",\"failure\":");
        match &self.failure {
            Some(failure) => failure.write(&mut out),
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b",\"response_id\":");
        write::optional(&mut out, self.response_id.as_deref());
        out.extend_from_slice(b",\"model\":");
        write::optional(&mut out, self.model.as_deref());
        out.extend_from_slice(b",\"rate_limits\":");
        out.extend_from_slice(self.rate_limits.as_deref().unwrap_or("null").as_bytes());
        for (name, json) in
            [("tool_usage", &self.tool_usage), ("input_transformations", &self.input_transformations)]
        {
            if let Some(json) = json {
                write::pieces(&mut out, [b",\"", name.as_bytes(), b"\":", json.as_bytes()]);
            }
        }
        out.extend_from_slice(b",\"reconstructed\":");
        write::string(&mut out, self.reconstructed.as_str());
        out.extend_from_slice(b",\"notes\":[");
        write::separated(&mut out, &self.notes, |out, note| note.write(out));
        out.extend_from_slice(b"]}");
        String::from_utf8_lossy(&out).into_owned()
    }
}

impl Note {
    /// The reverse of [`Note::write`].
    pub(crate) fn read(note: Value<'_>) -> Option<Self> {
        let text = |key| note.get(key)?.as_str().map(Str::decode);
        let code = note.get("code")?.as_str()?;
        let code = NoteCode::ALL.iter().find(|known| code.is(known.as_str()))?;
        Some(Self { code: *code, path: text("path")?, detail: text("detail")? })
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"code\":");
        write::string(out, self.code.as_str());
        out.extend_from_slice(b",\"path\":");
        write::string(out, &self.path);
        out.extend_from_slice(b",\"detail\":");
        write::string(out, &self.detail);
        out.push(b'}');
    }
}
