//! Options that are one of a few choices.
//!
//! Input, output, state: none; the enums.

/// Whose model name the answer carries.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum ModelFrom {
    /// As [`ModelFrom::Requested`], but a relay leaves the model as it was sent.
    #[default]
    Default,
    /// [`crate::Options::model`] where given, else the served one.
    Requested,
    /// The one the upstream names, else [`crate::Options::model`].
    Served,
}

/// Where reasoning goes.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Reasoning {
    /// Where the client's dialect has it: `reasoning_content` in chat, a summary in Responses.
    #[default]
    Default,
    /// Chat: the member `reasoning_content` (DeepSeek, LiteLLM).
    ReasoningContent,
    /// Chat: the member `reasoning` (OpenRouter).
    Reasoning,
    /// Chat: in the content, between tags: see [`crate::Options::tag_names`].
    Tags,
    /// Responses: `summary`. Every client shows it, and Codex sends it back in the next turn.
    Summary,
    /// Responses: `content`, as the full reasoning that it is; most clients hide it.
    Text,
    /// Nowhere.
    Off,
}

/// How custom (free text) tool calls are shown to a chat client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CustomTools {
    /// As functions whose arguments are `{"input":"…"}`: every client takes them.
    Function,
    /// As chat `custom` calls, for clients that declared a custom tool.
    Custom,
    /// As functions whose arguments are the free text itself (Cursor).
    Raw,
}

/// How generated images are shown to a chat client.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Images {
    /// `delta.images`, with data URLs (OpenRouter, LiteLLM).
    #[default]
    DataUrl,
    /// Content: `![image](data:…)`.
    Markdown,
    /// Not at all; noted.
    Omit,
}

/// Where messages of the phase `commentary` go.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Commentary {
    /// Content, like the answer.
    #[default]
    Content,
    /// Where reasoning goes.
    Reasoning,
}

/// What is shown of calls that ran on the server.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum HostedCalls {
    /// Nothing; noted.
    #[default]
    Omit,
    /// A line in the content: `[web_search] query`.
    Text,
}

/// A schema that Responses are to be complete by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conform {
    /// Open Responses (openresponses.org).
    OpenResponses,
}

/// How events are told apart in what is written.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// Blocks of an event stream.
    #[default]
    Sse,
    /// One JSON event a line: WebSocket text frames.
    JsonLines,
}

/// Whether the content of a chat server may hold reasoning in tags.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum ThinkTags {
    /// It does not.
    #[default]
    Off,
    /// It may begin with a tag.
    On,
    /// It begins inside a tag that was opened before.
    Open,
}
