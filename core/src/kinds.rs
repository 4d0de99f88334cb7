//! What a text of an answer is, and what a call carries; the same in every dialect.
//!
//! Input, output, state: none; two enums.

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
