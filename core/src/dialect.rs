//! The dialects: one folder each, with the same files.
//!
//! `read` turns its events into the parts of an answer, `write` the
//! parts into its events, `lint` checks its streams. No dialect imports another.
//!
//! | dialect | folder | reader | writer |
//! |---|---|---|---|
//! | Responses | `responses/` | [`responses::ResponsesReader`] | [`responses::ResponsesWriter`] |
//! | chat completions | `chat/` | [`chat::ChatReader`] | [`chat::ChatWriter`] |
//! | Messages | `messages/` | [`messages::MessagesReader`] | [`messages::MessagesWriter`] |
//!
//! The Images API has a writer alone, [`images::ImagesWriter`]: only clients speak it here.

pub(crate) mod chat;
pub(crate) mod images;
pub(crate) mod messages;
pub(crate) mod responses;

/// The protocol of a client or an upstream.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `/v1/chat/completions`
    Chat,
    /// `/v1/responses`
    #[default]
    Responses,
    /// `/v1/messages`
    Messages,
}

impl Dialect {
    /// Every dialect there is.
    pub const ALL: [Self; 3] = [Self::Chat, Self::Responses, Self::Messages];

    /// The same string in three languages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Responses => "responses",
            Self::Messages => "messages",
        }
    }

    /// The names of all, for messages.
    pub fn names() -> String {
        Self::ALL.map(Self::as_str).join(", ")
    }

    /// The dialect of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dialect| dialect.as_str() == name)
    }
}
