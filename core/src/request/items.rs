//! Input items: what a backend that stores nothing refuses, ids it did not give, calls and outputs that lost each
//! other.

use super::draft::{Action, Loss, Verdict, reject};
use super::history::{self, Pairs};
use super::kinds::{self, Item, Part};
use super::path::Path;
use super::rules::{BREAKPOINT, Rules};
use crate::dialect::responses::PREVIOUS_RESPONSE_ID;
use crate::error::RejectCode;
use crate::json::tree::Node;
use crate::json::{Str, write};
use std::borrow::Cow;

const INPUT: &str = "input";

/// What a string as `input` stands for.
pub(crate) fn as_list(text: Str<'_>) -> Vec<u8> {
    let head = br#"[{"type":"message","role":"user","content":[{"type":"input_text","text":""#;
    [head, text.raw(), br#""}]}]"#].concat()
}

impl<'t> Rules<'t> {
    pub(super) fn input(&mut self) -> Verdict {
        let path = &Path::Root.key(INPUT);
        let Some(input) = self.root.get(INPUT) else { return Ok(()) };
        if let Some(text) = input.as_str() {
            if self.profile.lists_input {
                self.draft.replace(input, as_list(text), path, "the backend takes a list");
            }
            return Ok(());
        }
        if !input.is_array() && !input.is_null() {
            return Err(reject(RejectCode::InvalidType, input, path, "input must be a string or a list"));
        }
        let pairs = self.repairs().then(|| Pairs::of(&self.items));
        for item in std::mem::take(&mut self.items) {
            if !self.draft.is_removed(item.node) {
                self.item(&item, &path.index(item.index), pairs.as_ref())?;
            }
        }
        Ok(())
    }

    /// With a `previous_response_id` the other half may be on the server.
    fn repairs(&self) -> bool {
        let previous = self.root.get(PREVIOUS_RESPONSE_ID);
        self.profile.repairs_orphans && previous.is_none_or(|id| id.is_null() || self.draft.is_removed(id))
    }

    fn item(&mut self, item: &Item<'t>, path: &Path<'_>, pairs: Option<&Pairs>) -> Verdict {
        let Item { node, kind, part, .. } = *item;
        if !node.is_object() {
            return Err(reject(RejectCode::InvalidType, node, path, "an input item must be an object"));
        }
        self.duplicates(node, path);
        if kind.name == kinds::ITEM_REFERENCE && self.profile.removes_references {
            return self.draft.remove(node, path, "the backend stores nothing to refer to", Loss::Asked);
        }
        if kind.name == kinds::REASONING && self.is_unreadable(node) {
            return self.draft.remove(node, path, "reasoning that the backend cannot read", Loss::Asked);
        }
        if let Some(pairs) = pairs.filter(|_| part == Part::Output) {
            let Some(expected) = pairs.expected(item) else {
                let text = history::as_user_text(node, self.has_breakpoints.then_some(BREAKPOINT));
                self.draft.replace(node, text, path, "a tool output without its call");
                return Ok(());
            };
            self.output_type(item, expected, path);
        }
        if kind.name == kinds::REASONING {
            self.reasoning(node, path)?;
        }
        self.item_id(item, path)?;
        if let Some(name) = item.name.filter(|_| kind.is_named) {
            self.name(name, path);
        }
        self.breakpoints(node, path)?;
        let call_id = self.call_id(item, path);
        if let (Part::Call { output, aborted }, true) =
            (part, pairs.is_some_and(|pairs| self.profile.chat.is_none() && !pairs.has_output(item)))
        {
            let call_id = call_id.unwrap_or_else(|| self.made_up_id(item, path));
            let head = format!("{{\"type\":\"{output}\",\"call_id\":\"");
            let text = [head.as_bytes(), &call_id, b"\",", aborted.as_bytes(), b"}"].concat();
            self.draft.edits().insert_after(node, text);
            // The client stopped before it answered; the backend demands an output.
            self.draft.note(Action::Added, path, "an output for a call that was never answered");
        }
        Ok(())
    }

    /// Encrypted for somebody else, or not at all where the backend has no plain form of it.
    fn is_unreadable(&self, item: Node<'_>) -> bool {
        let encrypted = item.text("encrypted_content").filter(|text| !text.is_blank());
        self.options.is_foreign() || (self.profile.encrypts_reasoning && encrypted.is_none())
    }

    /// Sent back as it came, but for what is only ever output.
    fn reasoning(&mut self, item: Node<'_>, path: &Path<'_>) -> Verdict {
        if !self.profile.encrypts_reasoning {
            return Ok(());
        }
        if let Some(status) = item.get("status") {
            self.draft.remove(
                status,
                &path.key("status"),
                "only output items have a status",
                Loss::Nothing,
            )?;
        }
        if let Some(content) = item.get("content").filter(|content| content.elements().next().is_some()) {
            self.draft.remove(
                content,
                &path.key("content"),
                "the backend takes it encrypted only",
                Loss::Nothing,
            )?;
        }
        if item.get("summary").is_none_or(Node::is_null) {
            self.draft.set(item, "summary", b"[]", path, "the backend requires a summary");
        }
        Ok(())
    }

    /// Functions and custom tools have outputs of the same shape; the backend wants that of the call.
    fn output_type(&mut self, item: &Item<'_>, expected: &str, path: &Path<'_>) {
        let outputs = [kinds::FUNCTION_OUTPUT, kinds::CUSTOM_OUTPUT];
        let is_other =
            item.kind.name != expected && [expected, item.kind.name].iter().all(|it| outputs.contains(it));
        if let Some(kind) = is_other.then(|| item.node.get("type")).flatten() {
            self.draft.replace(
                kind,
                format!("\"{expected}\""),
                &path.key("type"),
                "the type that its call expects",
            );
        }
    }

    /// Ids of another vendor or of a proxy; never rewritten, for the backend would look for what it does not know.
    fn item_id(&mut self, item: &Item<'_>, path: &Path<'_>) -> Verdict {
        let is_checked = self.profile.checks_item_ids && !item.is_paired_by_id();
        let Some(id) = item.id.filter(|id| is_checked && !id.is_null()) else {
            return Ok(());
        };
        let limit = self.profile.id_bytes;
        let is_fine = |text: Str<'_>| item.kind.allows_id(text) && text.unescaped().len() <= limit;
        if id.as_str().is_some_and(is_fine) {
            return Ok(());
        }
        self.draft.remove(id, &path.key("id"), "not an id that the backend gave", Loss::Nothing)
    }

    fn breakpoints(&mut self, item: Node<'_>, path: &Path<'_>) -> Verdict {
        if !self.has_breakpoints {
            return Ok(());
        }
        self.breakpoint(item, path)?;
        for key in ["content", "output"] {
            let path = path.key(key);
            for (index, part) in item.get(key).into_iter().flat_map(Node::elements).enumerate() {
                self.breakpoint(part, &path.index(index))?;
            }
        }
        Ok(())
    }

    /// The `call_id` that is sent, as JSON string contents; `None` where there is none.
    fn call_id(&mut self, item: &Item<'t>, path: &Path<'_>) -> Option<Cow<'t, [u8]>> {
        let (member, text) = item.call_id()?;
        let Some(short) = self.call_ids.short(text) else { return Some(text.raw().into()) };
        let mut raw = Vec::new();
        write::escaped(&mut raw, short);
        let quoted = [b"\"", &raw[..], b"\""].concat();
        self.draft.replace(member, quoted, &path.key("call_id"), "too long; restored in the answer");
        Some(raw.into())
    }

    fn made_up_id(&mut self, item: &Item<'_>, path: &Path<'_>) -> Cow<'t, [u8]> {
        let id = kinds::missing_call_id(item.index);
        self.draft.set(item.node, "call_id", format!("\"{id}\"").as_bytes(), path, "a call needs an id");
        id.into_bytes().into()
    }
}
