//! Whose objects an answer is written as: chat's, or those of the legacy Completions API.
//!
//! Input: what is to be written. Output: the names and brackets around it. State: none.

use crate::options::Options;
use crate::outcome::FinishReason;

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ObjectForm {
    #[default]
    Chat,
    /// `text_completion`, of `/v1/completions`: nothing but one text, in the same form streamed and whole.
    Text,
}

/// What stands between a text and what follows it in a choice, where there are no logprobs.
const NO_LOGPROBS: &[u8] = b",\"logprobs\":null";

impl ObjectForm {
    pub(crate) fn of(options: &Options) -> Self {
        if options.legacy_completions { Self::Text } else { Self::Chat }
    }

    pub(super) fn id_prefix(self) -> &'static [u8] {
        match self {
            Self::Chat => b"chatcmpl-",
            Self::Text => b"cmpl-",
        }
    }

    pub(super) fn of_chunks(self) -> &'static str {
        match self {
            Self::Chat => "chat.completion.chunk",
            Self::Text => "text_completion",
        }
    }

    pub(super) fn of_whole(self) -> &'static str {
        match self {
            Self::Chat => "chat.completion",
            Self::Text => "text_completion",
        }
    }

    /// What opens the choice of a chunk, up to what is new in it.
    pub(super) fn choice(self) -> &'static [u8] {
        match self {
            Self::Chat => b"{\"index\":0,\"delta\":",
            Self::Text => b"{\"index\":0,\"text\":",
        }
    }

    /// What stands for a text in a choice that has none.
    pub(super) fn no_text(self) -> [&'static [u8]; 2] {
        match self {
            Self::Chat => [b"{}", b""],
            Self::Text => [b"\"\"", NO_LOGPROBS],
        }
    }

    /// What closes a text in the choice of a chunk.
    pub(super) fn after_text(self) -> [&'static [u8]; 2] {
        match self {
            Self::Chat => [b"\"}", b""],
            Self::Text => [b"\"", NO_LOGPROBS],
        }
    }

    /// As the client knows it: the legacy API has no calls.
    pub(super) fn finish_reason(self, reason: FinishReason, is_legacy_function: bool) -> &'static str {
        match (reason, self) {
            (FinishReason::ToolCalls, Self::Text) => FinishReason::Stop.as_str(),
            (FinishReason::ToolCalls, Self::Chat) if is_legacy_function => "function_call",
            (reason, _) => reason.as_str(),
        }
    }
}
