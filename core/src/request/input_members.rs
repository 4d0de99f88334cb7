//! The members of input items and chat messages, as sets: what an item has is found in one walk, and held against its row
//! of [`super::input_shapes`] in one comparison.
//!
//! Input: names. Output: sets. State: none.

use super::name_table::{self, NameTable};

/// The members that an item has: one bit for each of [`MEMBERS`], one for all others.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Members(u64);

/// Those that every item is looked through for come first.
const MEMBERS: [&str; 57] = [
    "type",
    "id",
    "role",
    "name",
    "call_id",
    "execution",
    "content",
    "status",
    "phase",
    "summary",
    "encrypted_content",
    "arguments",
    "namespace",
    "caller",
    "async",
    "encrypted_function_args",
    "output",
    "input",
    "action",
    "tools",
    "environment",
    "max_output_length",
    "operation",
    "actions",
    "pending_safety_checks",
    "acknowledged_safety_checks",
    "result",
    "revised_prompt",
    "queries",
    "results",
    "code",
    "container_id",
    "outputs",
    "server_label",
    "error",
    "approval_request_id",
    "approve",
    "reason",
    "fingerprint",
    "reasoning",
    "text",
    "author",
    "recipient",
    "internal_chat_message_metadata_passthrough",
    "content_item_metadata",
    "refusal",
    "tool_calls",
    "function_call",
    "annotations",
    "images",
    "reasoning_content",
    "reasoning_details",
    "reasoning_text",
    "reasoning_opaque",
    "thinking_blocks",
    "prompt_cache_breakpoint",
    "cache_control",
];

static PLACES: NameTable<57> = NameTable::new(MEMBERS);

/// A member that rules look for in items.
#[derive(Clone, Copy)]
pub(super) struct Member {
    pub(super) name: &'static str,
    own: Members,
}

impl Member {
    pub(super) const fn of(name: &'static str) -> Self {
        Self { name, own: Members::of(&[name]) }
    }

    pub(super) const fn is_in(self, members: Members) -> bool {
        members.has_any(self.own)
    }
}

impl Members {
    pub(super) const TYPE: usize = 0;
    pub(super) const ID: usize = 1;
    pub(super) const ROLE: usize = 2;
    pub(super) const NAME: usize = 3;
    pub(super) const CALL_ID: usize = 4;
    pub(super) const EXECUTION: usize = 5;
    /// What is in no row.
    pub(super) const OTHER: usize = 63;

    pub(super) fn place(name: &[u8]) -> usize {
        PLACES.find(name).unwrap_or(Self::OTHER)
    }

    pub(super) const fn at(place: usize) -> Self {
        Self(1 << place)
    }

    pub(super) const fn of(names: &[&str]) -> Self {
        let (mut all, mut nth) = (0, 0);
        while nth < names.len() {
            all |= 1 << name_table::place(&MEMBERS, names[nth]);
            nth += 1;
        }
        Self(all)
    }

    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn has_any(self, of: Self) -> bool {
        self.0 & of.0 != 0
    }

    pub(super) const fn is_within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }
}
