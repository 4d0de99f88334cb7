//! The failures that this library makes itself, and what a host puts in place of their codes and words.
//!
//! Input: a name; a host's table. Output: code and message. State: none.

use std::fmt::Write as _;

codes! {
    /// A failure that no upstream reported; its name in the option `messages`.
    MadeFailure;
    /// The stream ended without its end.
    Truncated = "upstream_truncated",
    /// An event was larger than `max_event_bytes`, and with it the end was lost.
    EventTooLarge = "event_too_large",
    /// Somebody cancelled the response.
    Cancelled = "response_cancelled",
    /// The upstream failed without a word.
    NoDetails = "no_details",
    /// The upstream gave a code or a type, and no message.
    NoMessage = "no_message",
    /// A body without a byte.
    EmptyBody = "empty_body",
    /// A body of HTML without a title.
    HtmlBody = "html_body",
    /// An image failed without a word, and there is nothing else.
    ImageFailed = "image_failed",
    /// A chat server where a Responses server was told.
    WrongDialect = "wrong_dialect",
    /// The finish reason is a failure.
    FinishReason = "finish_reason",
    /// Calls were named, none of which can be delivered.
    NoUsableCall = "no_usable_call",
    /// A conversation was to be compacted, and no summary came.
    NoSummary = "no_summary",
}

impl MadeFailure {
    /// The code that its error has; none for a failure that has only words, or the upstream's code.
    pub fn code(self) -> Option<&'static str> {
        match self {
            Self::Truncated | Self::EventTooLarge | Self::Cancelled => Some(self.as_str()),
            Self::NoSummary => Some("server_error"),
            _ => None,
        }
    }

    /// Its words; `…` stands for a name or a status that `message_of` puts there.
    pub fn message(self) -> &'static str {
        match self {
            Self::Truncated => "upstream stream truncated before a terminal event",
            Self::EventTooLarge => "upstream event larger than max_event_bytes",
            Self::Cancelled => "the response was cancelled",
            Self::NoDetails => "upstream stream failed without error details",
            Self::NoMessage => "upstream failed without a message: …",
            Self::EmptyBody => "upstream returned an empty body (…)",
            Self::HtmlBody => "upstream returned HTML (…)",
            Self::ImageFailed => "upstream failed to generate the image, without error details",
            Self::WrongDialect => {
                "upstream sent a chat stream where a Responses stream was expected: read it with the upstream `chat`, such as \
                 Transcoder(client, upstream=chat), or respond_sse for clients of Responses"
            }
            Self::FinishReason => "upstream ended the answer with finish reason …",
            Self::NoUsableCall => "upstream named tool calls, but none that can be used",
            Self::NoSummary => "the upstream gave no summary of the conversation",
        }
    }

    /// Its words, with what they are about.
    pub(crate) fn message_of(self, about: impl std::fmt::Display) -> String {
        let (before, after) = self.message().split_once('…').unwrap_or((self.message(), ""));
        let mut message = before.to_owned();
        if before.len() < self.message().len() {
            let _ = write!(message, "{about}{after}"); // a String takes everything
        }
        message
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|made| made.as_str() == name).copied()
    }
}

/// What stands in place of a made failure's code and words; each is left as it is where there is none.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct FailureText {
    /// For programs, as it is in every dialect.
    pub code: Option<String>,
    /// For people.
    pub message: Option<String>,
}

/// A host's own codes and words.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Messages(Vec<(MadeFailure, FailureText)>);

impl Messages {
    /// Sets those of one failure; the last ones count.
    pub fn set(&mut self, made: MadeFailure, text: FailureText) {
        self.0.retain(|(own, _)| *own != made);
        self.0.push((made, text));
    }

    /// Those of one failure.
    pub fn get(&self, made: MadeFailure) -> Option<&FailureText> {
        self.0.iter().find(|(own, _)| *own == made).map(|(_, text)| text)
    }
}
