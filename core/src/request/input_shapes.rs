//! The closed table of `input`: item types, the members of each, the part types and where each may stand.
//!
//! Input: none. Output: constant rows. State: none.
//!
//! A member that is in no row is new or foreign: it passes and is reported in the context. One in [`REFUSED`], or in
//! the row of another type, is one that no Responses server takes at this place: it is removed and listed.

use super::input_members::Members;
use super::name_table::NameTable;
use crate::json::Str;

/// An input item type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ItemType {
    pub(super) name: &'static str,
    /// Before the `_` of its ids; empty where no rule is known.
    pub(super) prefix: &'static str,
    pub(super) part: Part,
    /// Its `name` is a tool's name.
    pub(super) is_named: bool,
    /// The server ran it: a client only sends back what it got, and what is new in there is output.
    pub(super) is_hosted: bool,
    /// What a client may send beside [`COMMON`].
    pub(super) members: Members,
}

/// How an item takes part in tool history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The client ran it and owes an output: the output's JSON up to its `call_id`, and what follows for a call that
    /// was never answered.
    Call { output: &'static str, aborted: &'static str },
    /// A call whose output has no words for "aborted".
    OpenCall,
    /// Answers a call.
    Output,
    /// Neither.
    None,
}

/// Members of every item: the last two are what the Codex CLI adds.
const COMMON: Members =
    Members::of(&["type", "id", "internal_chat_message_metadata_passthrough", "content_item_metadata"]);

pub(super) const MESSAGE: &str = "message";
pub(crate) const REASONING: &str = "reasoning";
/// A conversation that was compacted, under each of its names.
pub(crate) const COMPACTIONS: [&str; 3] = ["compaction", "compaction_summary", "context_compaction"];
pub(super) const ADDITIONAL_TOOLS: &str = "additional_tools";
/// Other settings from here on.
pub(super) const CONFIGURATION_UPDATE: &str = "configuration_update";
pub(super) const ITEM_REFERENCE: &str = "item_reference";
pub(super) const AGENT_MESSAGE: &str = "agent_message";
pub(super) const TOOL_SEARCH_OUTPUT: &str = "tool_search_output";
pub(super) const FUNCTION_CALL: &str = "function_call";
pub(super) const CUSTOM_CALL: &str = "custom_tool_call";
pub(super) const FUNCTION_OUTPUT: &str = "function_call_output";
pub(super) const CUSTOM_OUTPUT: &str = "custom_tool_call_output";
pub(super) const COMPUTER_OUTPUT: &str = "computer_call_output";
pub(super) const LOCAL_SHELL_OUTPUT: &str = "local_shell_call_output";

const ABORTED: &str = r#""output":"aborted""#;
const NO_TOOLS: &str = r#""execution":"client","status":"incomplete","tools":[]"#;
const SHELL_ABORTED: &str =
    r#""output":[{"stdout":"","stderr":"aborted","outcome":{"type":"exit","exit_code":1}}]"#;
const PATCH_ABORTED: &str = r#""status":"failed","output":"aborted""#;

const fn plain(name: &'static str, prefix: &'static str, members: &[&str]) -> ItemType {
    ItemType {
        name,
        prefix,
        part: Part::None,
        is_named: false,
        is_hosted: false,
        members: Members::of(members),
    }
}

/// `output`: the type that answers it; `aborted`: the output's members for a call that was never answered.
const fn call(kind: ItemType, output: &'static str, aborted: &'static str) -> ItemType {
    ItemType { part: Part::Call { output, aborted }, ..kind }
}

const fn output(kind: ItemType) -> ItemType {
    ItemType { part: Part::Output, ..kind }
}

const fn hosted(kind: ItemType) -> ItemType {
    ItemType { is_hosted: true, ..kind }
}

const fn named(kind: ItemType) -> ItemType {
    ItemType { is_named: true, ..kind }
}

pub(super) static KINDS: [ItemType; 34] = [
    plain(MESSAGE, "msg", &["role", "content", "status", "phase"]),
    plain(REASONING, "rs", &["summary", "content", "encrypted_content", "status"]),
    named(call(
        plain(
            FUNCTION_CALL,
            "fc",
            &[
                "call_id",
                "name",
                "arguments",
                "namespace",
                "status",
                "caller",
                "async",
                "encrypted_function_args",
            ],
        ),
        FUNCTION_OUTPUT,
        ABORTED,
    )),
    named(output(plain(
        FUNCTION_OUTPUT,
        "fco",
        &["call_id", "output", "name", "namespace", "status", "caller"],
    ))),
    named(call(
        plain(CUSTOM_CALL, "ctc", &["call_id", "name", "input", "namespace", "status", "caller", "async"]),
        CUSTOM_OUTPUT,
        ABORTED,
    )),
    named(output(plain(CUSTOM_OUTPUT, "ctco", &["call_id", "output", "name", "caller"]))),
    call(plain("local_shell_call", "lsh", &["call_id", "action", "status"]), FUNCTION_OUTPUT, ABORTED),
    output(plain(LOCAL_SHELL_OUTPUT, "", &["call_id", "output", "status"])),
    call(
        plain("tool_search_call", "tsc", &["call_id", "execution", "arguments", "status"]),
        TOOL_SEARCH_OUTPUT,
        NO_TOOLS,
    ),
    output(plain(TOOL_SEARCH_OUTPUT, "tso", &["call_id", "execution", "status", "tools"])),
    call(
        plain("shell_call", "", &["call_id", "action", "status", "environment", "caller"]),
        "shell_call_output",
        SHELL_ABORTED,
    ),
    output(plain("shell_call_output", "", &["call_id", "output", "status", "max_output_length", "caller"])),
    call(
        plain("apply_patch_call", "", &["call_id", "operation", "status", "caller"]),
        "apply_patch_call_output",
        PATCH_ABORTED,
    ),
    output(plain("apply_patch_call_output", "", &["call_id", "output", "status", "caller"])),
    ItemType {
        part: Part::OpenCall,
        ..plain("computer_call", "", &["call_id", "action", "actions", "pending_safety_checks", "status"])
    },
    output(plain(COMPUTER_OUTPUT, "", &["call_id", "output", "acknowledged_safety_checks", "status"])),
    hosted(plain("web_search_call", "ws", &["status", "action"])),
    hosted(plain("image_generation_call", "ig", &["status", "result", "revised_prompt"])),
    hosted(plain("file_search_call", "", &["queries", "results", "status"])),
    hosted(plain("code_interpreter_call", "", &["code", "container_id", "outputs", "status"])),
    plain("mcp_list_tools", "", &["server_label", "tools", "error"]),
    plain("mcp_approval_request", "", &["arguments", "name", "server_label"]),
    plain("mcp_approval_response", "", &["approval_request_id", "approve", "reason"]),
    plain(
        "mcp_call",
        "",
        &["arguments", "name", "server_label", "approval_request_id", "error", "output", "status"],
    ),
    plain("program", "", &["call_id", "code", "fingerprint"]),
    plain("program_output", "", &["call_id", "result", "status"]),
    plain(CONFIGURATION_UPDATE, "", &["reasoning", "text"]),
    plain(COMPACTIONS[0], "cmp", &["encrypted_content"]),
    plain(COMPACTIONS[1], "cmp", &["encrypted_content"]),
    plain(COMPACTIONS[2], "cmp", &["encrypted_content"]),
    plain("compaction_trigger", "", &[]),
    plain(ADDITIONAL_TOOLS, "at", &["role", "tools"]),
    plain(AGENT_MESSAGE, "amsg", &["author", "recipient", "content", "role", "phase"]),
    plain(ITEM_REFERENCE, "", &[]),
];

/// A type that the table does not have: nothing is known of it.
pub(super) static OTHER: ItemType = plain("", "", &[]);

impl ItemType {
    /// Whether the table has this type.
    pub(super) fn is_known(&self) -> bool {
        !self.name.is_empty()
    }

    /// What a client may send.
    pub(super) fn has(&self, members: Members) -> bool {
        members.is_within(self.members.and(COMMON))
    }

    /// The row of a type. Without one an item is a message.
    pub(super) fn named(name: Option<Str<'_>>) -> &'static Self {
        name.map_or(&KINDS[0], |name| NAMES.find_text(name).map_or(&OTHER, |at| &KINDS[at]))
    }

    pub(super) fn of(name: &str) -> &'static Self {
        Self::named(Some(Str::from_raw(name.as_bytes())))
    }
}

static NAMES: NameTable<34> = {
    let (mut names, mut at) = ([""; 34], 0);
    while at < names.len() {
        names[at] = KINDS[at].name;
        at += 1;
    }
    NameTable::new(names)
};

/// Where a part stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A message of anybody but the assistant.
    Input,
    Assistant,
    /// What a tool answered.
    Output,
}

/// A part type, where it may stand, and its members beside `type`.
pub(super) struct PartKind {
    pub(super) name: &'static str,
    places: &'static [Place],
    members: &'static [&'static str],
}

pub(super) const INPUT_TEXT: &str = "input_text";
pub(super) const OUTPUT_TEXT: &str = "output_text";
pub(super) const INPUT_IMAGE: &str = "input_image";
pub(super) const INPUT_FILE: &str = "input_file";
pub(super) const REFUSAL: &str = "refusal";
/// The name of a document that has none: OpenAI's API takes no data without a name.
pub(super) const NAMELESS: &str = "document.pdf";

const GIVEN: &[Place] = &[Place::Input, Place::Output];

static PARTS: [PartKind; 7] = [
    PartKind { name: INPUT_TEXT, places: GIVEN, members: &["text"] },
    PartKind {
        name: OUTPUT_TEXT,
        places: &[Place::Assistant],
        members: &["text", "annotations", "logprobs"],
    },
    PartKind { name: INPUT_IMAGE, places: GIVEN, members: &["image_url", "file_id", "detail"] },
    PartKind {
        name: INPUT_FILE,
        places: GIVEN,
        members: &["file_data", "file_id", "file_url", "filename", "detail"],
    },
    PartKind { name: REFUSAL, places: &[Place::Assistant], members: &["refusal"] },
    // What only the Codex CLI sends.
    PartKind { name: "encrypted_content", places: GIVEN, members: &["encrypted_content"] },
    PartKind { name: "input_audio", places: GIVEN, members: &["audio_url"] },
];

static PART_NAMES: NameTable<7> = {
    let (mut names, mut at) = ([""; 7], 0);
    while at < names.len() {
        names[at] = PARTS[at].name;
        at += 1;
    }
    NameTable::new(names)
};

impl PartKind {
    pub(super) fn named(name: Str<'_>) -> Option<&'static Self> {
        PART_NAMES.find_text(name).map(|at| &PARTS[at])
    }

    pub(super) fn stands(&self, place: Place) -> bool {
        self.places.contains(&place)
    }

    pub(super) fn has(&self, member: &[u8]) -> bool {
        member == b"type" || self.members.iter().any(|own| own.as_bytes() == member)
    }

    /// The types that may stand at a place, for an error's message.
    pub(super) fn names(place: Place) -> String {
        let names = PARTS[..5].iter().filter(|part| part.stands(place)).map(|part| part.name);
        names.collect::<Vec<_>>().join(", ")
    }
}

/// Members that answers, chat messages and other vendors' items have, and no input item; sorted.
static REFUSED: [&str; 54] = [
    "action",
    "annotations",
    "audio",
    "background",
    "call_id",
    "content",
    "created",
    "created_at",
    "created_by",
    "encrypted_content",
    "error",
    "function_call",
    "image_url",
    "images",
    "index",
    "input",
    "is_error",
    "logprobs",
    "mime_type",
    "model",
    "name",
    "namespace",
    "object",
    "output",
    "output_format",
    "parsed",
    "parsed_arguments",
    "partial_image_b64",
    "quality",
    "queries",
    "query",
    "reasoning",
    "reasoning_content",
    "reasoning_details",
    "reasoning_opaque",
    "reasoning_text",
    "refusal",
    "response_id",
    "results",
    "revised_prompt",
    "role",
    "signature",
    "size",
    "sources",
    "status",
    "summary",
    "svg_usage",
    "text",
    "thinking",
    "thinking_blocks",
    "toolCallId",
    "tool_call_id",
    "tool_calls",
    "usage",
];

/// Whether a member that its own row does not have is known to be refused.
pub(super) fn is_refused(member: &[u8]) -> bool {
    REFUSED.binary_search_by(|own| own.as_bytes().cmp(member)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_is_sorted() {
        assert!(REFUSED.is_sorted(), "binary search");
    }

    #[test]
    fn a_type_stands_once() {
        for (nth, kind) in KINDS.iter().enumerate() {
            assert!(KINDS[nth + 1..].iter().all(|other| other.name != kind.name), "{}", kind.name);
        }
    }
}
