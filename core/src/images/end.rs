//! The end of a response, as far as images are concerned.
//!
//! Input: the event that ends a response, or its absence. Output: how it ended, and why there may be no image. State:
//! none.

use super::reading::{ErrorTexts, ResponseFields};
use crate::answer::NoImage;
use crate::dialect::responses;
use crate::envelope::{self, Envelope};
use crate::json::{Str, Value, write};
use crate::outcome::{ErrorBody, ErrorClass, MadeFailure, Status};

/// How the stream ended.
#[derive(Debug)]
pub(super) struct ResponseEnd {
    pub(super) status: Status,
    pub(super) error: Option<ErrorBody>,
    /// The reason that the upstream gave, where it is about images.
    reason: Option<NoImage>,
}

impl ResponseEnd {
    /// `response.status` wins over the event's name.
    pub(super) fn terminal(named: responses::Status, response: &ResponseFields) -> Self {
        let status = response.status.as_ref().map(|status| Str::from_raw(status.as_bytes()));
        let has_error = response.status.is_none() && failure(&response.error).is_some();
        let named = if has_error { responses::Status::Failed } else { named };
        match status.and_then(responses::Status::named).unwrap_or(named) {
            responses::Status::Completed => Self { status: Status::Completed, error: None, reason: None },
            responses::Status::Incomplete => {
                let is_withheld = response.incomplete_reason.as_deref() == Some("content_filter");
                let reason = is_withheld.then_some(NoImage::ContentFilter);
                Self { status: Status::Incomplete, error: None, reason }
            }
            responses::Status::Failed => Self::failed(response),
            responses::Status::Cancelled => Self {
                status: Status::Failed,
                error: Some(envelope::made(MadeFailure::Cancelled).error),
                reason: None,
            },
        }
    }

    pub(super) fn failed(response: &ResponseFields) -> Self {
        let message = response.error.message.as_ref();
        let is_tool_missing = message.is_some_and(|text| text.contains("'image_generation' not found"));
        Self::of(envelope_of(&response.error), is_tool_missing)
    }

    /// A page where a stream should be.
    pub(super) fn page(body: &[u8]) -> Self {
        Self::of(envelope::of_page(body), false)
    }

    fn of(envelope: Envelope, is_tool_missing: bool) -> Self {
        let reason = match envelope.class {
            ErrorClass::ContentPolicy => Some(NoImage::ContentFilter),
            _ => is_tool_missing.then_some(NoImage::ToolMissing),
        };
        Self { status: Status::Failed, error: Some(envelope.error), reason }
    }

    pub(super) fn truncated() -> Self {
        let error = envelope::made(MadeFailure::Truncated).error;
        Self { status: Status::Truncated, error: Some(error), reason: None }
    }

    /// Why there is nothing.
    pub(super) fn no_image(&self, has_tool: bool) -> NoImage {
        self.reason.unwrap_or(match self.status {
            Status::Failed => NoImage::Failed,
            Status::Completed | Status::Incomplete if !has_tool => NoImage::ToolMissing,
            Status::Completed => NoImage::ModelDeclined,
            Status::Incomplete | Status::Truncated => NoImage::Truncated,
        })
    }
}

/// The error of an image that failed, and what that is for an answer without any; `None` where it says nothing.
pub(super) fn failure(error: &ErrorTexts) -> Option<(NoImage, ErrorBody)> {
    error.code.as_ref().or(error.message.as_ref())?;
    let Envelope { class, error, .. } = envelope_of(error);
    let is_withheld = class == ErrorClass::ContentPolicy;
    Some((if is_withheld { NoImage::ContentFilter } else { NoImage::Failed }, error))
}

/// What any other verb makes of this error.
fn envelope_of(error: &ErrorTexts) -> Envelope {
    let mut json = b"{\"error\":{\"message\":".to_vec();
    write::optional(&mut json, error.message.as_deref());
    json.extend_from_slice(b",\"type\":");
    write::optional(&mut json, error.kind.as_deref());
    json.extend_from_slice(b",\"code\":");
    write::optional(&mut json, error.code.as_deref());
    json.extend_from_slice(b"}}");
    Value::document(&json).map_or_else(envelope::without_details, envelope::of_json)
}
