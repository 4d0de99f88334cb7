//! Digests of JSON values.
//!
//! Input: values. Output: digests that are equal where the values are: order of members, white space and escapes do
//! not count. State: none.
//!
//! Numbers are compared as they are spelled: too strict costs bytes, too lax would cost a conversation.

use crate::json::tree::Node;
use sha2::{Digest, Sha256};

/// 32 bytes instead of an item, which may hold an image.
pub(super) type Sum = [u8; 32];

/// The members of a request that must not have changed.
const MEMBERS: [&str; 12] = [
    "model",
    "instructions",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "reasoning",
    "store",
    "stream",
    "include",
    "service_tier",
    "prompt_cache_key",
    "text",
];

/// Members on an item's origin, not its content: the Codex client's own note, and what a server adds to an item
/// that clients do not send back.
const OF_ITEMS: [&str; 2] = ["internal_chat_message_metadata_passthrough", "status"];
const OF_PARTS: [&str; 2] = ["annotations", "logprobs"];

/// Where a value stands, for what is left out there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum DigestContext {
    Item,
    /// The `content` of an item.
    Content,
    Part,
    Inside,
}

pub(super) fn of_members(request: Node<'_>) -> Sum {
    let mut hash = Sha256::new();
    for name in MEMBERS {
        match request.get(name) {
            Some(value) => add(&mut hash, value, DigestContext::Inside),
            None => hash.update(b"-"),
        }
    }
    hash.finalize().into()
}

pub(super) fn of_item(item: Node<'_>) -> Sum {
    let mut hash = Sha256::new();
    add(&mut hash, item, DigestContext::Item);
    hash.finalize().into()
}

/// Each value with its kind and where it ends, so that no two values give the same bytes.
fn add(hash: &mut Sha256, node: Node<'_>, place: DigestContext) {
    if node.is_object() {
        hash.update(b"{");
        members(hash, node, place);
        hash.update(b"}");
    } else if node.is_array() {
        let place = if place == DigestContext::Content { DigestContext::Part } else { DigestContext::Inside };
        hash.update(b"[");
        node.elements().for_each(|element| add(hash, element, place));
        hash.update(b"]");
    } else if let Some(text) = node.as_str() {
        add_bytes(hash, b"\"", &text.unescaped());
    } else {
        add_bytes(hash, b"=", node.raw());
    }
}

fn members(hash: &mut Sha256, object: Node<'_>, place: DigestContext) {
    let counts = |(key, member): &(std::borrow::Cow<'_, [u8]>, Node<'_>)| match place {
        DigestContext::Item => !member.is_null() && !is_one_of(&OF_ITEMS, key),
        DigestContext::Part => !is_one_of(&OF_PARTS, key),
        DigestContext::Content | DigestContext::Inside => true,
    };
    let keyed = object.members().map(|member| (member.key().unescaped(), member));
    let mut members: Vec<_> = keyed.filter(counts).collect();
    members.sort_by(|(a, _), (b, _)| a.cmp(b));
    for (key, member) in members {
        let is_content = place == DigestContext::Item && &*key == b"content";
        add_bytes(hash, b":", &key);
        add(hash, member, if is_content { DigestContext::Content } else { DigestContext::Inside });
    }
}

fn is_one_of(names: &[&str], key: &[u8]) -> bool {
    names.iter().any(|name| name.as_bytes() == key)
}

fn add_bytes(hash: &mut Sha256, kind: &[u8], bytes: &[u8]) {
    hash.update(kind);
    hash.update((bytes.len() as u64).to_le_bytes());
    hash.update(bytes);
}
