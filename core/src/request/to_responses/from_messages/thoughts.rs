//! Thinking that comes back: a reasoning item where its signature is an envelope of ours, else nothing. Only the server that
//! signed it can read the rest, and no other must get it as its own.
//!
//! Input: a `thinking` or `redacted_thinking` block. Output: a reasoning item, or a line. State: none.

use super::super::super::item_types::REASONING;
use super::super::super::path::Path;
use super::super::super::request_edit::{Action, Loss, RuleResult};
use super::FromMessages;
use super::items::Items;
use crate::dialect::Dialect;
use crate::json::tree::Node;
use crate::json::{Str, Value, write};
use crate::opaque::{Opaque, is_envelope};

impl<'t> FromMessages<'t> {
    pub(super) fn thought(&mut self, block: Node<'t>, items: &mut Items, path: &Path<'_>) -> RuleResult {
        let sealed = ["signature", "data"].into_iter().find_map(|key| Some((key, block.text(key)?)));
        let text = block.text("thinking").filter(|text| !text.is_blank());
        let Some((key, sealed)) = sealed.filter(|(_, sealed)| is_envelope(*sealed)) else {
            return self.unsigned(block, text, sealed.map(|(_, sealed)| sealed), items, path);
        };
        self.edit.note(Action::Moved, &path.key(key), "a reasoning item in Responses");
        match Opaque::open(sealed).filter(|state| state.origin == Dialect::Responses.as_str()) {
            Some(state) => items.push(&own_item(&state.members)),
            None => items.push(&item(text, Some(sealed))), // who can read it is decided with all items
        }
        Ok(())
    }

    /// A chat server that wants its reasoning back has not signed it.
    fn unsigned(
        &mut self,
        block: Node<'t>,
        text: Option<Str<'t>>,
        signature: Option<Str<'t>>,
        items: &mut Items,
        path: &Path<'_>,
    ) -> RuleResult {
        let is_unsigned = signature.is_none_or(Str::is_blank);
        let is_wanted = self.profile.chat.as_ref().is_some_and(|chat| !chat.reasoning.is_empty());
        if is_unsigned && is_wanted && text.is_some() {
            self.edit.note(Action::Moved, path, "a reasoning item in Responses");
            items.push(&item(text, None));
            return Ok(());
        }
        let reason = if is_unsigned { "thinking without a signature" } else { "signed by another server" };
        self.edit.lose(block, path, reason, Loss::Harmless)
    }
}

/// The item that the server gave, as it was; what is shown of it is in what is encrypted.
fn own_item(members: &[u8]) -> Vec<u8> {
    let members = Value::document(members).unwrap_or(Value::EMPTY);
    let mut out = [b"{\"type\":\"", REASONING.as_bytes(), b"\""].concat();
    if let Some(id) = members.get("id").filter(|id| id.as_str().is_some()) {
        write::pieces(&mut out, [b",\"id\":", id.raw()]);
    }
    out.extend_from_slice(b",\"summary\":[]");
    if let Some(encrypted) = members.get("encrypted_content").filter(|own| own.as_str().is_some()) {
        write::pieces(&mut out, [b",\"encrypted_content\":", encrypted.raw()]);
    }
    out.push(b'}');
    out
}

fn item(summary: Option<Str<'_>>, encrypted: Option<Str<'_>>) -> Vec<u8> {
    let mut out = [b"{\"type\":\"", REASONING.as_bytes(), b"\",\"summary\":["].concat();
    if let Some(text) = summary {
        write::pieces(&mut out, [br#"{"type":"summary_text","text":""#, text.raw(), b"\"}"]);
    }
    out.push(b']');
    if let Some(sealed) = encrypted {
        write::pieces(&mut out, [br#","encrypted_content":""#, sealed.raw(), b"\""]);
    }
    out.push(b'}');
    out
}
