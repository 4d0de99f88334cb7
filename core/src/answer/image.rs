//! A generated image.
//!
//! Input, output, state: none; the types.

use crate::json::{Str, Value};

/// A generated image. `base64` is JSON string contents.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Image<'a> {
    pub(crate) mime: &'a str,
    pub(crate) base64: Str<'a>,
    pub(crate) is_partial: bool,
    /// JSON path of its item, for warnings.
    pub(crate) path: &'a str,
    pub(crate) declared: Declared<'a>,
}

/// What the upstream declares of an image, as it was sent.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Declared<'a> {
    pub(crate) size: Option<Value<'a>>,
    pub(crate) quality: Option<Value<'a>>,
    pub(crate) background: Option<Value<'a>>,
    pub(crate) output_format: Option<Value<'a>>,
    pub(crate) revised_prompt: Option<Value<'a>>,
    /// Which preview it is.
    pub(crate) partial_index: Option<Value<'a>>,
}

/// Why there is nothing at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoImage {
    /// The tool was there, and the model answered without it.
    ModelDeclined,
    /// The request had no image tool, or the account has none.
    ToolMissing,
    /// Content was withheld.
    ContentFilter,
    /// The response failed; [`crate::ImageOutcome::error`] has the reason.
    Failed,
    /// The response, or its stream, ended too early.
    Truncated,
}

impl NoImage {
    /// The same string in three languages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ModelDeclined => "model_declined",
            Self::ToolMissing => "tool_missing",
            Self::ContentFilter => "content_filter",
            Self::Failed => "failed",
            Self::Truncated => "truncated",
        }
    }
}
