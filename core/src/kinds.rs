//! What a text of an answer is, what a call carries, how a request travels; the same in every dialect.
//!
//! Input, output, state: none; three enums.

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum TextKind {
    /// The answer.
    Text,
    Refusal,
    /// A summary of the reasoning.
    Summary,
    /// The reasoning itself.
    Reasoning,
}

impl TextKind {
    pub(crate) const ALL: [Self; 4] = [Self::Summary, Self::Text, Self::Refusal, Self::Reasoning];

    pub(crate) fn is_reasoning(self) -> bool {
        matches!(self, Self::Summary | Self::Reasoning)
    }
}

/// What a call carries: JSON arguments, or the free text of a custom tool.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum CallKind {
    #[default]
    Function,
    Custom,
}

/// How a request travels.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// `POST …/responses`, answered with SSE.
    #[default]
    Http,
    /// A `response.create` frame.
    Websocket,
}

impl Transport {
    /// The same string in three languages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Websocket => "websocket",
        }
    }
}
