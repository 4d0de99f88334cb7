//! The request's own vocabulary: input item types, what their ids begin with, which of them belong together.

use crate::json::Str;
use crate::json::tree::Node;

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

/// An input item type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    pub(super) name: &'static str,
    /// Before the `_` of its ids; empty where no rule is known.
    prefix: &'static str,
    part: Part,
    /// Its `name` is a tool's name.
    pub(super) is_named: bool,
}

pub(super) const MESSAGE: &str = "message";
pub(crate) const REASONING: &str = "reasoning";
pub(super) const ADDITIONAL_TOOLS: &str = "additional_tools";
pub(super) const ITEM_REFERENCE: &str = "item_reference";
pub(super) const AGENT_MESSAGE: &str = "agent_message";
pub(super) const TOOL_SEARCH_OUTPUT: &str = "tool_search_output";

pub(super) const FUNCTION_OUTPUT: &str = "function_call_output";
pub(super) const CUSTOM_OUTPUT: &str = "custom_tool_call_output";
const LOCAL_SHELL_OUTPUT: &str = "local_shell_call_output";

/// Of a call that came without an id; `place`: what makes it its own.
pub(super) fn missing_call_id(place: impl std::fmt::Display) -> String {
    format!("call_missing_{place}")
}

const fn plain(name: &'static str, prefix: &'static str) -> Kind {
    Kind { name, prefix, part: Part::None, is_named: false }
}

const fn call(name: &'static str, prefix: &'static str, output: &'static str, aborted: &'static str) -> Kind {
    Kind { name, prefix, part: Part::Call { output, aborted }, is_named: false }
}

const fn output(name: &'static str, prefix: &'static str) -> Kind {
    Kind { name, prefix, part: Part::Output, is_named: false }
}

const fn named(kind: Kind) -> Kind {
    Kind { is_named: true, ..kind }
}

const ABORTED: &str = r#""output":"aborted""#;

static KINDS: [Kind; 22] = [
    plain(MESSAGE, "msg"),
    plain(REASONING, "rs"),
    named(call("function_call", "fc", FUNCTION_OUTPUT, ABORTED)),
    named(output(FUNCTION_OUTPUT, "fco")),
    named(call("custom_tool_call", "ctc", CUSTOM_OUTPUT, ABORTED)),
    named(output(CUSTOM_OUTPUT, "ctco")),
    call("local_shell_call", "lsh", FUNCTION_OUTPUT, ABORTED),
    output(LOCAL_SHELL_OUTPUT, ""),
    call(
        "tool_search_call",
        "tsc",
        TOOL_SEARCH_OUTPUT,
        r#""execution":"client","status":"incomplete","tools":[]"#,
    ),
    output(TOOL_SEARCH_OUTPUT, "tso"),
    call(
        "shell_call",
        "",
        "shell_call_output",
        r#""output":[{"stdout":"","stderr":"aborted","outcome":{"type":"exit","exit_code":1}}]"#,
    ),
    output("shell_call_output", ""),
    call("apply_patch_call", "", "apply_patch_call_output", r#""status":"failed","output":"aborted""#),
    output("apply_patch_call_output", ""),
    Kind { name: "computer_call", prefix: "", part: Part::OpenCall, is_named: false },
    output("computer_call_output", ""),
    plain("web_search_call", "ws"),
    plain("image_generation_call", "ig"),
    plain("compaction", "cmp"),
    plain(ADDITIONAL_TOOLS, "at"),
    plain(AGENT_MESSAGE, "amsg"),
    plain(ITEM_REFERENCE, ""),
];

static OTHER: Kind = plain("", "");

/// Whose message an item is, as far as it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    System,
    Developer,
    /// Anybody else's, or no message.
    Other,
}

/// An input item, looked through once: the last of each member that rules ask for.
#[derive(Clone, Copy)]
pub(super) struct Item<'t> {
    pub(super) node: Node<'t>,
    pub(super) index: usize,
    pub(super) kind: &'static Kind,
    /// How it takes part in tool history; a tool search that the server ran itself is nobody's to answer.
    pub(super) part: Part,
    pub(super) role: Role,
    pub(super) id: Option<Node<'t>>,
    pub(super) name: Option<Node<'t>>,
    call_id: Option<Node<'t>>,
}

/// The items of a request whose `input` is a list.
pub(super) fn items(root: Node<'_>) -> Vec<Item<'_>> {
    let input = root.get("input").into_iter().flat_map(Node::elements);
    input.enumerate().map(|(index, node)| Item::of(index, node)).collect()
}

impl<'t> Item<'t> {
    fn of(index: usize, node: Node<'t>) -> Self {
        let (mut execution, mut type_name, mut role_name) = (None, None, None);
        let (kind, part, role) = (&OTHER, Part::None, Role::Other);
        let mut item = Self { node, index, kind, part, role, id: None, name: None, call_id: None };
        for member in node.members() {
            match &*member.key_bytes() {
                b"type" => type_name = member.as_str(),
                b"role" => role_name = member.as_str(),
                b"execution" => execution = Some(member),
                b"id" => item.id = Some(member),
                b"name" => item.name = Some(member),
                b"call_id" => item.call_id = Some(member),
                _ => {}
            }
        }
        item.kind = Kind::named(type_name);
        let is_served = execution.is_some_and(|by: Node<'_>| by.is("server"));
        item.part = if is_served { Part::None } else { item.kind.part };
        item.role = role_name.filter(|_| item.kind.name == MESSAGE).map_or(Role::Other, Role::named);
        item
    }

    /// What pairs a call with its output: the member, and its text where that is not blank.
    pub(super) fn call_id(&self) -> Option<(Node<'t>, Str<'t>)> {
        let member = self.call_id.or(self.id.filter(|_| self.is_paired_by_id()))?;
        Some((member, member.as_str().filter(|text| !text.is_blank())?))
    }

    /// This output has no `call_id`: its `id` is that of the call.
    pub(super) fn is_paired_by_id(&self) -> bool {
        self.kind.name == LOCAL_SHELL_OUTPUT
    }

    /// Tools that come with this item.
    pub(super) fn tools(&self) -> Option<Node<'t>> {
        let has_tools = [ADDITIONAL_TOOLS, TOOL_SEARCH_OUTPUT].contains(&self.kind.name);
        has_tools.then(|| self.node.get("tools"))?
    }
}

impl Role {
    fn named(name: Str<'_>) -> Self {
        match &*name.unescaped() {
            b"system" => Self::System,
            b"developer" => Self::Developer,
            _ => Self::Other,
        }
    }
}

impl Kind {
    /// Without a type it is a message.
    fn named(name: Option<Str<'_>>) -> &'static Self {
        let Some(name) = name else { return &KINDS[0] };
        let name = name.unescaped();
        KINDS.iter().find(|kind| kind.name.as_bytes() == &*name).unwrap_or(&OTHER)
    }

    /// `<prefix>_<something>` in `[A-Za-z0-9_-]`; any prefix where no rule is known.
    pub(super) fn allows_id(&self, id: Str<'_>) -> bool {
        let id = id.unescaped();
        let Some(at) = id.iter().position(|byte| *byte == b'_') else { return false };
        let (prefix, rest) = (&id[..at], &id[at + 1..]);
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        !rest.is_empty()
            && rest.iter().all(is_word)
            && if self.prefix.is_empty() { !prefix.is_empty() } else { prefix == self.prefix.as_bytes() }
    }
}
