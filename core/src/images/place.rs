//! Enters: a key and where it stands. Leaves: what its value is to images. Spells upstream names beside `responses`,
//! which needs whole events to look into; these are too large to wait for.

/// An object or array that is looked into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
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
pub(super) enum Member {
    /// An object or array to look into.
    Inside(Place),
    /// A text or number to be kept.
    Text(Slot),
    /// An image in base64.
    Image,
    Other,
}

/// Texts and numbers that are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
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

impl Place {
    pub(super) fn is_object(self) -> bool {
        !matches!(self, Self::Output | Self::Tools)
    }

    /// What the elements of an array are.
    pub(super) fn element(self) -> Option<Member> {
        match self {
            Self::Output => Some(Member::Inside(Self::Item)),
            Self::Tools => Some(Member::Inside(Self::Tool)),
            _ => None,
        }
    }

    /// What the member `key` of an object is.
    pub(super) fn member(self, key: &[u8]) -> Member {
        let slot = match (self, key) {
            (Self::Event, b"item") => return Member::Inside(Self::Item),
            (Self::Event, b"response") => return Member::Inside(Self::Response),
            (Self::Event | Self::Response, b"output") => return Member::Inside(Self::Output),
            (Self::Event | Self::Response, b"tools") => return Member::Inside(Self::Tools),
            (Self::Event | Self::Response, b"error") => return Member::Inside(Self::Error),
            (Self::Item, b"error") => return Member::Inside(Self::ItemError),
            (Self::Event | Self::Response, b"incomplete_details") => {
                return Member::Inside(Self::IncompleteDetails);
            }
            (Self::Event, b"partial_image_b64") | (Self::Item, b"result") => return Member::Image,
            (Self::Event | Self::Item | Self::Tool, b"type") => Slot::Type,
            (Self::Event, b"item_id") | (Self::Item, b"id") => Slot::Id,
            (Self::Event, b"output_index") => Slot::OutputIndex,
            (Self::Event, b"partial_image_index") => Slot::PartialIndex,
            (Self::Item, b"status") => Slot::ItemStatus,
            (Self::Event | Self::Item, b"output_format") => Slot::OutputFormat,
            (Self::Event | Self::Item, b"size") => Slot::Size,
            (Self::Event | Self::Item, b"quality") => Slot::Quality,
            (Self::Event | Self::Item, b"background") => Slot::Background,
            (Self::Event | Self::Item, b"revised_prompt") => Slot::RevisedPrompt,
            (Self::Event | Self::Response, b"status") => Slot::ResponseStatus,
            (Self::IncompleteDetails, b"reason") => Slot::IncompleteReason,
            (Self::Error | Self::ItemError, b"type") => Slot::ErrorType,
            (Self::Event | Self::Error | Self::ItemError, b"code") => Slot::ErrorCode,
            (Self::Event | Self::Error | Self::ItemError, b"message") => Slot::ErrorMessage,
            _ => return Member::Other,
        };
        Member::Text(slot)
    }
}
