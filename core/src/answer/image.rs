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
