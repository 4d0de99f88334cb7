//! Where images and their metadata are in an event.
//!
//! Input: a key and its place. Output: the role of its value. State: none.
//!
//! Spells upstream names beside `dialect/responses`, which needs whole events; these are too large to wait for.

/// An object or array that is looked into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JsonContext {
    /// An event, or a body that is a plain Response.
    Event,
    /// `item` of an event, or one of `output`
    Item,
    Response,
    Output,
    Tools,
    Tool,
    Error,
    /// `error` of an item that failed
    ItemError,
    IncompleteDetails,
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueRole {
    /// An object or array to look into.
    Inside(JsonContext),
    /// A text or number to be kept.
    Text(KeptField),
    /// An image in base64.
    Image,
    Other,
}

/// Texts and numbers that are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeptField {
    /// Of an event, item or tool
    Type,
    Id,
    OutputIndex,
    PartialIndex,
    ItemStatus,
    OutputFormat,
    Size,
    Quality,
    Background,
    RevisedPrompt,
    ResponseStatus,
    IncompleteReason,
    ErrorType,
    ErrorCode,
    ErrorMessage,
}

/// The type of an item that holds an image.
pub(super) const IMAGE_ITEM: &str = "image_generation_call";
/// The type of the tool that makes images.
pub(super) const IMAGE_TOOL: &str = "image_generation";

impl JsonContext {
    pub(super) fn is_object(self) -> bool {
        !matches!(self, Self::Output | Self::Tools)
    }

    /// What the elements of an array are.
    pub(super) fn element(self) -> Option<ValueRole> {
        match self {
            Self::Output => Some(ValueRole::Inside(Self::Item)),
            Self::Tools => Some(ValueRole::Inside(Self::Tool)),
            _ => None,
        }
    }

    /// What the member `key` of an object is.
    pub(super) fn member(self, key: &[u8]) -> ValueRole {
        let slot = match (self, key) {
            (Self::Event, b"item") => return ValueRole::Inside(Self::Item),
            (Self::Event, b"response") => return ValueRole::Inside(Self::Response),
            (Self::Event | Self::Response, b"output") => return ValueRole::Inside(Self::Output),
            (Self::Event | Self::Response, b"tools") => return ValueRole::Inside(Self::Tools),
            (Self::Event | Self::Response, b"error") => return ValueRole::Inside(Self::Error),
            (Self::Item, b"error") => return ValueRole::Inside(Self::ItemError),
            (Self::Event | Self::Response, b"incomplete_details") => {
                return ValueRole::Inside(Self::IncompleteDetails);
            }
            (Self::Event, b"partial_image_b64") | (Self::Item, b"result") => return ValueRole::Image,
            (Self::Event | Self::Item | Self::Tool, b"type") => KeptField::Type,
            (Self::Event, b"item_id") | (Self::Item, b"id") => KeptField::Id,
            (Self::Event, b"output_index") => KeptField::OutputIndex,
            (Self::Event, b"partial_image_index") => KeptField::PartialIndex,
            (Self::Item, b"status") => KeptField::ItemStatus,
            (Self::Event | Self::Item, b"output_format") => KeptField::OutputFormat,
            (Self::Event | Self::Item, b"size") => KeptField::Size,
            (Self::Event | Self::Item, b"quality") => KeptField::Quality,
            (Self::Event | Self::Item, b"background") => KeptField::Background,
            (Self::Event | Self::Item, b"revised_prompt") => KeptField::RevisedPrompt,
            (Self::Event | Self::Response, b"status") => KeptField::ResponseStatus,
            (Self::IncompleteDetails, b"reason") => KeptField::IncompleteReason,
            (Self::Error | Self::ItemError, b"type") => KeptField::ErrorType,
            (Self::Event | Self::Error | Self::ItemError, b"code") => KeptField::ErrorCode,
            (Self::Event | Self::Error | Self::ItemError, b"message") => KeptField::ErrorMessage,
            _ => return ValueRole::Other,
        };
        ValueRole::Text(slot)
    }
}
