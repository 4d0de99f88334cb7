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
    pub(super) fn member(self, key: &str) -> Member {
        let slot = match (self, key) {
            (Self::Event, "item") => return Member::Inside(Self::Item),
            (Self::Event, "response") => return Member::Inside(Self::Response),
            (Self::Event | Self::Response, "output") => return Member::Inside(Self::Output),
            (Self::Event | Self::Response, "tools") => return Member::Inside(Self::Tools),
            (Self::Event | Self::Response, "error") => return Member::Inside(Self::Error),
            (Self::Event | Self::Response, "incomplete_details") => {
                return Member::Inside(Self::IncompleteDetails);
            }
            (Self::Event, "partial_image_b64") | (Self::Item, "result") => return Member::Image,
            (Self::Event | Self::Item | Self::Tool, "type") => Slot::Type,
            (Self::Event, "item_id") | (Self::Item, "id") => Slot::Id,
            (Self::Event, "output_index") => Slot::OutputIndex,
            (Self::Event, "partial_image_index") => Slot::PartialIndex,
            (Self::Item, "status") => Slot::ItemStatus,
            (Self::Event | Self::Item, "output_format") => Slot::OutputFormat,
            (Self::Event | Self::Item, "size") => Slot::Size,
            (Self::Event | Self::Item, "quality") => Slot::Quality,
            (Self::Event | Self::Item, "background") => Slot::Background,
            (Self::Event | Self::Item, "revised_prompt") => Slot::RevisedPrompt,
            (Self::Event | Self::Response, "status") => Slot::ResponseStatus,
            (Self::IncompleteDetails, "reason") => Slot::IncompleteReason,
            (Self::Error, "type") => Slot::ErrorType,
            (Self::Event | Self::Error, "code") => Slot::ErrorCode,
            (Self::Event | Self::Error, "message") => Slot::ErrorMessage,
            _ => return Member::Other,
        };
        Member::Text(slot)
    }
}
