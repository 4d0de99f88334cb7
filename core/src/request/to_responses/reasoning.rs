//! What the assistant thought, as clients send it back beside the content: one reasoning item where it is encrypted for
//! a Responses server, else nothing that a backend takes.
//!
//! Input: a message. Output: items and changes. State: none.

use super::super::input_members::Members;
use super::super::input_shapes::REASONING;
use super::super::path::Path;
use super::super::request_edit::{Action, Loss, RuleResult};
use super::ToResponses;
use super::messages::Message;
use crate::json::Str;
use crate::json::tree::Node;
use crate::json::write;

/// Members with thoughts: plain text, blocks of text, entries of several kinds, other vendors' opaque ones.
const THOUGHTS: [&str; 6] = [
    "reasoning_content",
    "reasoning",
    "reasoning_details",
    "reasoning_text",
    "reasoning_opaque",
    "thinking_blocks",
];
pub(super) const MEMBERS: Members = Members::of(&THOUGHTS);
const DETAILS: &str = THOUGHTS[2];
const PLAIN: &str = "no backend takes plain reasoning back";

pub(super) fn is_thought(key: &[u8]) -> bool {
    THOUGHTS.iter().any(|own| own.as_bytes() == key)
}

/// An entry that a Responses server encrypted: those of other vendors name their format.
fn encrypted(entry: Node<'_>) -> Option<Str<'_>> {
    let is_own = entry.text("format").is_none_or(|format| format.raw().starts_with(b"openai"));
    let is_encrypted = entry.get("type").is_some_and(|kind| kind.is("reasoning.encrypted"));
    entry.text("data").filter(|data| is_own && is_encrypted && !data.is_blank())
}

impl<'t> ToResponses<'t> {
    /// The thoughts before an assistant's content.
    pub(super) fn thoughts(
        &mut self,
        message: &Message<'t>,
        items: &mut Vec<Vec<u8>>,
        path: &Path<'_>,
    ) -> RuleResult {
        let given = |key: &str| message.node.get(key).filter(|own| !own.is_null());
        let details: Vec<_> = given(DETAILS).into_iter().flat_map(Node::elements).collect();
        let plain = THOUGHTS.iter().find_map(|key| given(key)?.as_str()).filter(|text| !text.is_empty());
        let blobs: Vec<_> = details.iter().filter_map(|entry| Some((*entry, encrypted(*entry)?))).collect();
        if blobs.is_empty() && (plain.is_none() || !self.is_for_chat()) {
            return self.lose_thoughts(message, path);
        }
        let summary = plain.or_else(|| details.iter().find_map(|entry| entry.text("summary")));
        let (mut summary, is_plain) = (summary, blobs.is_empty());
        let entries = blobs.iter().map(|(entry, data)| (entry.text("id"), Some(*data)));
        for (id, data) in entries.chain(is_plain.then_some((None, None))) {
            items.push(item(id, summary.take(), data));
        }
        for key in THOUGHTS {
            if given(key).is_some() {
                self.edit.note(Action::Moved, &path.key(key), "a reasoning item in Responses");
            }
        }
        self.lose_other_details(&details, path)
    }

    fn lose_thoughts(&mut self, message: &Message<'t>, path: &Path<'_>) -> RuleResult {
        for key in THOUGHTS {
            if let Some(thoughts) = message.node.get(key).filter(|own| !own.is_null()) {
                self.edit.lose(thoughts, &path.key(key), PLAIN, Loss::Harmless)?;
            }
        }
        Ok(())
    }

    fn lose_other_details(&mut self, details: &[Node<'t>], path: &Path<'_>) -> RuleResult {
        let path = &path.key(DETAILS);
        for (index, entry) in details.iter().enumerate().filter(|(_, entry)| encrypted(**entry).is_none()) {
            self.edit.lose(*entry, &path.index(index), PLAIN, Loss::Harmless)?;
        }
        Ok(())
    }
}

fn item(id: Option<Str<'_>>, summary: Option<Str<'_>>, encrypted: Option<Str<'_>>) -> Vec<u8> {
    let mut out = [b"{\"type\":\"", REASONING.as_bytes(), b"\""].concat();
    if let Some(id) = id {
        write::pieces(&mut out, [b",\"id\":\"", id.raw(), b"\""]);
    }
    out.extend_from_slice(b",\"summary\":[");
    if let Some(text) = summary {
        write::pieces(&mut out, [b"{\"type\":\"summary_text\",\"text\":\"", text.raw(), b"\"}"]);
    }
    out.push(b']');
    if let Some(data) = encrypted {
        write::pieces(&mut out, [b",\"encrypted_content\":\"", data.raw(), b"\""]);
    }
    out.push(b'}');
    out
}
