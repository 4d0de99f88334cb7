//! The rules: one row each. Ids are stable; they are in docs/reference/codes.md.

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Some clients stumble.
    Warning,
    /// Clients of this profile lose something, or fail.
    Error,
}

impl Severity {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Info, Self::Warning, Self::Error];

    /// The same string in three languages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Whose eyes a stream is read with.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum LintProfile {
    /// A Responses stream, for the official SDKs.
    #[default]
    OpenAi,
    /// A Responses stream, for the Codex CLI.
    CodexCli,
    /// A chat completion stream, for the official SDKs.
    Chat,
    /// A Messages stream, for the official SDKs.
    Messages,
    /// A Messages stream, for Claude Code.
    ClaudeCode,
}

impl LintProfile {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::OpenAi, Self::CodexCli, Self::Chat, Self::Messages, Self::ClaudeCode];

    /// `openai`, `codex_cli`, `chat`, `messages` or `claude_code`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::CodexCli => "codex_cli",
            Self::Chat => "chat",
            Self::Messages => "messages",
            Self::ClaudeCode => "claude_code",
        }
    }

    /// The reverse of [`LintProfile::as_str`].
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.as_str() == name)
    }
}

macro_rules! rules {
    ($($variant:ident, $id:literal, $sdks:ident, $command:ident, $doc:literal;)*) => {
        /// What a stream must keep to.
        #[non_exhaustive]
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum LintRule { $(#[doc = $doc] $variant,)* }

        impl LintRule {
            /// Every rule there is.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Its id: the same string in three languages.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $id,)* }
            }

            /// The rule, in one line.
            pub const fn doc(self) -> &'static str {
                match self { $(Self::$variant => $doc,)* }
            }

            pub(super) const fn severity(self, profile: LintProfile) -> Severity {
                if let (Self::MalformedEvent | Self::EventNameMismatch, LintProfile::ClaudeCode) = (self, profile) {
                    return Severity::Error; // it asks again without a stream, or skips the event
                }
                match (self, profile) {
                    $((Self::$variant, LintProfile::CodexCli | LintProfile::ClaudeCode) => Severity::$command,
                    (Self::$variant, _) => Severity::$sdks,)*
                }
            }
        }
    };
}

// Rule, id, severity for the SDKs, severity for the dialect's command line client (Codex CLI, Claude Code), the rule.
rules! {
    MalformedEvent, "malformed_event", Error, Warning, "Every event is one JSON object.";
    EventTooLarge, "event_too_large", Error, Error, "No event is larger than 64 MiB.";
    EmptyData, "empty_data", Error, Info, "No event is empty: openai-python fails on it.";
    SseId, "sse_id", Error, Info, "There are no `id:` lines: with one, openai-python fails on the next comment.";
    TypeMissing, "type_missing", Error, Error, "Every event has a `type`.";
    EventNameMismatch, "event_name_mismatch", Warning, Warning, "The SSE event name is the event's `type`.";
    UnknownType, "unknown_type", Info, Info, "The type of every event is known.";
    CreatedFirst, "created_first", Error, Warning, "`response.created` comes first.";
    OneTerminal, "one_terminal", Error, Error, "There is exactly one terminal event, and nothing after it.";
    DoneSentinel, "done_sentinel", Info, Info, "A Responses stream has no `[DONE]`.";
    Sequence, "sequence", Error, Info, "`sequence_number` grows with every event.";
    SequenceGap, "sequence_gap", Warning, Info, "`sequence_number` is there and grows by one.";
    ItemOpened, "item_opened", Error, Warning, "An item is opened once, before any other event of it.";
    ItemClosed, "item_closed", Error, Error, "An item is closed once, and before a response is completed.";
    OutputIndexDense, "output_index_dense", Error, Warning, "Items are numbered from 0 in the order in which they open.";
    PartInsideItem, "part_inside_item", Error, Warning, "A part is opened and closed once, inside its item, around its text.";
    DeltaAfterDone, "delta_after_done", Error, Warning, "Nothing is added to a text that is done.";
    IdsStable, "ids_stable", Error, Warning, "The ids of the response and of its items do not change.";
    DoneEqualsDeltas, "done_equals_deltas", Error, Warning, "The text of a `done` event equals its concatenated deltas.";
    TerminalEqualsItems, "terminal_equals_items", Error, Info, "The terminal event has the items that were streamed.";
    TerminalAgrees, "terminal_agrees", Error, Warning, "A completed response has no unfinished item and no error; one that stops for calls has calls.";
    TextTwice, "text_twice", Warning, Warning, "An item does not say the same text twice in a row.";
    StatusMismatch, "status_mismatch", Error, Warning, "The terminal event's name and the response's status agree.";
    ResponseId, "response_id", Error, Error, "A response that ends has an id.";
    CallIdPresent, "call_id_present", Error, Error, "A call has a `call_id` and, where its type has one, a name.";
    ArgumentsAreText, "arguments_are_text", Error, Error, "Arguments of a function are a string.";
    ArgumentsAreJson, "arguments_are_json", Warning, Warning, "Arguments of a completed function call are JSON.";
    CallTwice, "call_twice", Warning, Warning, "No call comes again under another id.";
    RefusalUnread, "refusal_unread", Info, Info, "There is no refusal for the Codex CLI: it does not read any.";
    ContentIsParts, "content_is_parts", Error, Error, "The content of a message is a list of parts.";
    UsageComplete, "usage_complete", Error, Error, "Usage has input, output and total tokens.";
    ErrorEvent, "error_event", Warning, Error, "A failure is a `response.failed`: the Codex CLI ignores `error`.";
    ChunkMembers, "chunk_members", Error, Error, "A chunk has id, object, created, model and choices.";
    ChunkIdStable, "chunk_id_stable", Error, Error, "All chunks have the same id.";
    RoleOnce, "role_once", Error, Error, "The role comes once, first.";
    ToolIndexDense, "tool_index_dense", Error, Error, "Calls are numbered from 0 in the order in which they begin.";
    ToolHeadOnce, "tool_head_once", Error, Error, "A call's first piece, and no other, has its id, type and name.";
    FinishOnce, "finish_once", Error, Error, "There is one finish reason or one error, and nothing after it.";
    UsageLast, "usage_last", Error, Error, "The usage chunk is the last one, and has no choices.";
    DoneLast, "done_last", Error, Error, "The stream ends with one `[DONE]`.";
    MessageStart, "message_start", Error, Error, "`message_start` comes first, once, with a message that has an id, a content and a usage.";
    EventLine, "event_line", Error, Error, "Every event of Messages has an `event:` line.";
    BlockIndex, "block_index", Error, Info, "Blocks are numbered from 0 in the order in which they start.";
    OneBlock, "one_block", Warning, Info, "One block is open at a time.";
    BlockOpen, "block_open", Error, Error, "A delta or a stop is of a block that is open.";
    BlockStopped, "block_stopped", Warning, Error, "Every block is stopped before the message ends, but for a call that was cut.";
    BlockEmpty, "block_empty", Info, Error, "A block starts without text and arguments: Claude Code reads those of deltas only.";
    DeltaFits, "delta_fits", Error, Error, "A delta is of the kind of its block.";
    SignatureLast, "signature_last", Warning, Info, "Thinking has one signature, after its text.";
    ToolUseId, "tool_use_id", Error, Error, "A call has a name, and an id of letters, digits, `_` and `-` that no other has.";
    StopReason, "stop_reason", Error, Warning, "A message ends with a known `stop_reason`, that of calls exactly where there are calls.";
    OutputTokens, "output_tokens", Error, Info, "`message_delta` counts the output tokens.";
    MessageStop, "message_stop", Error, Warning, "The stream ends with one `message_stop` or `error`, and nothing follows.";
    VisibleOutput, "visible_output", Info, Warning, "A message that is complete has a text or a call.";
}
