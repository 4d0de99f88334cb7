//! What becomes of system (and developer) messages, and of `instructions`.
//!
//! Input: the request and the profile's policy. Output: edits. State: none of its own.

use super::super::cache_marks::{BREAKPOINT, CACHE_CONTROL};
use super::super::item_types::{self, Item, Role};
use super::super::path::{self, Path};
use super::super::profile::{SystemPolicy, Transport};
use super::super::request_edit::{Action, Loss, RuleResult, reject};
use super::Rules;
use crate::error::Error;
use crate::error::RejectCode;
use crate::json::tree::Node;
use crate::json::{Str, write};

const INPUT: &str = "input";
const INSTRUCTIONS: &str = "instructions";
/// What a client asks for beside a text.
const ASKED: [&str; 3] = [BREAKPOINT, CACHE_CONTROL, "name"];
const LITE_MARKER: &str = "ws_request_header_x_openai_internal_codex_responses_lite";

/// Whether a message part is text.
fn text_of(part: Node<'_>) -> Option<Str<'_>> {
    let kind = part.text("type")?;
    ["input_text", "text", "output_text"].iter().any(|name| kind.is(name)).then(|| part.text("text"))?
}

impl Rules<'_> {
    pub(super) fn system(&mut self) -> RuleResult {
        let existing = self.root.get(INSTRUCTIONS).filter(|existing| !existing.is_null());
        if let Some(wrong) = existing.filter(|existing| existing.as_str().is_none()) {
            let path = &Path::Root.key(INSTRUCTIONS);
            return Err(reject(RejectCode::InvalidType, wrong, path, "instructions must be a string"));
        }
        if self.is_lite() {
            if self.profile.system != SystemPolicy::Keep {
                self.rename_roles();
            }
            return Ok(());
        }
        let hoisted = match self.policy() {
            SystemPolicy::Keep => Vec::new(),
            SystemPolicy::Developer => {
                self.rename_roles();
                Vec::new()
            }
            SystemPolicy::HoistSystem => self.hoist(&[Role::System])?,
            SystemPolicy::HoistAll => self.hoist(&[Role::System, Role::Developer])?,
        };
        self.instruct(existing.and_then(Node::as_str), &hoisted);
        Ok(())
    }

    /// Responses-Lite: tools and prompt come in `input`, and there are no instructions. Codex marks it in frames whose
    /// `input` is only the tail.
    fn is_lite(&self) -> bool {
        let marker = self.root.get("client_metadata").and_then(|metadata| metadata.get(LITE_MARKER));
        self.items.iter().any(|item| item.kind.name == item_types::ADDITIONAL_TOOLS)
            || (self.options.transport == Transport::Websocket
                && marker.is_some_and(|marker| marker.is("true")))
    }

    /// Hoisting everything would leave no input: then the messages stay, under a role the backend takes.
    fn policy(&self) -> SystemPolicy {
        let stays = |item: &Item<'_>| {
            let is_hoisted = match self.profile.system {
                SystemPolicy::HoistSystem => item.role == Role::System,
                SystemPolicy::HoistAll => item.role.instructs(),
                _ => false,
            };
            let parts = item.node.get("content").into_iter().flat_map(Node::elements);
            !is_hoisted || parts.into_iter().any(|part| text_of(part).is_none())
        };
        let is_taken = |item: &Item<'_>| self.refusal_of(item).is_none();
        let leaves_nothing =
            !self.items.is_empty() && !self.items.iter().any(|item| stays(item) && is_taken(item));
        if leaves_nothing { SystemPolicy::Developer } else { self.profile.system }
    }

    fn rename_roles(&mut self) {
        let path = &Path::Root.key(INPUT);
        for item in self.items.iter().filter(|item| item.role == Role::System) {
            if let Some(role) = item.node.get("role") {
                let path = path.index(item.index());
                let reason = "system messages are not allowed";
                self.edit.replace(role, "\"developer\"", &path.key("role"), reason);
            }
        }
    }

    /// Takes the text of such messages, as JSON string contents; parts that are no text stay, as the user's.
    fn hoist(&mut self, roles: &[Role]) -> Result<Vec<Vec<u8>>, Error> {
        let (path, mut texts) = (&Path::Root.key(INPUT), Vec::new());
        let items: Vec<_> = self.items.iter().filter(|item| roles.contains(&item.role)).copied().collect();
        let json = self.asks_for_json().then(|| self.only_mention(roles)).flatten();
        for item in items {
            let path = &path.index(item.index());
            if json == Some(item.index()) {
                self.keep_as_developer(item.node, path);
                continue;
            }
            let text = text(item.node);
            if Str::from_raw(&text).is_blank() {
                self.edit.note(Action::Removed, path, "an empty system message");
            } else {
                self.edit.note(Action::Moved, path, "system messages are not allowed: now in instructions");
                texts.push(text);
            }
            self.leave_rest(item.node, path)?;
        }
        Ok(texts)
    }

    fn asks_for_json(&self) -> bool {
        let format = self.root.get("text").and_then(|text| text.get("format"));
        format.and_then(|format| format.get("type")).is_some_and(|kind| kind.is("json_object"))
    }

    /// The first message that would be moved and has the word "JSON", where none that stays does: with `json_object` the
    /// backend wants to find the word in `input`.
    fn only_mention(&self, moved: &[Role]) -> Option<usize> {
        let (going, staying): (Vec<_>, Vec<_>) =
            self.items.iter().copied().partition(|item| moved.contains(&item.role));
        let has_json =
            |item: &Item<'_>| text(item.node).to_ascii_lowercase().windows(4).any(|word| word == b"json");
        if staying.iter().any(has_json) {
            return None;
        }
        going.into_iter().find(has_json).map(|item| item.index())
    }

    fn keep_as_developer(&mut self, item: Node<'_>, path: &Path<'_>) {
        if let Some(role) = item.get("role").filter(|role| !role.is("developer")) {
            let reason = "json_object needs the word in input";
            self.edit.replace(role, "\"developer\"", &path.key("role"), reason);
        }
    }

    /// What of a message is no text; what beside its texts is lost is listed.
    fn leave_rest(&mut self, item: Node<'_>, path: &Path<'_>) -> RuleResult {
        let parts = item.get("content").map(Node::elements);
        let is_text = |part: &Node<'_>| text_of(*part).is_some();
        let content = path.key("content");
        for (index, part) in parts.into_iter().flatten().enumerate().filter(|(_, part)| is_text(part)) {
            self.lose_others(part, &["type", "text"], &content.index(index))?;
        }
        if !parts.is_some_and(|mut parts| parts.any(|part| !is_text(&part))) {
            self.lose_others(item, &["type", "role", "content", "id", "status"], path)?;
            self.edit.unlisted().remove(item);
            return Ok(());
        }
        if let Some(role) = item.get("role") {
            self.edit.replace(role, "\"user\"", &path.key("role"), "only text can be moved to instructions");
        }
        for (index, part) in parts.into_iter().flatten().enumerate().filter(|(_, part)| is_text(part)) {
            self.edit.remove(part, &content.index(index), "moved to instructions", Loss::Harmless)?;
        }
        Ok(())
    }

    /// Instructions are a text: the other members of what is moved there are lost.
    fn lose_others(&mut self, object: Node<'_>, read: &[&str], path: &Path<'_>) -> RuleResult {
        self.breakpoint(object, path)?;
        for member in object.members().filter(|member| !member.is_void()) {
            let is_one_of = |names: &[&str]| names.iter().any(|name| member.is_named(name));
            if !is_one_of(read) && !self.edit.is_removed(member) {
                let loss = if is_one_of(&ASKED) { Loss::ClientSetting } else { Loss::Harmless };
                let key = member.key().decode();
                self.edit.remove(member, &path.key(path::shown(&key)), "instructions are only text", loss)?;
            }
        }
        Ok(())
    }

    /// Existing instructions first, then what was hoisted; the default text where there is neither.
    fn instruct(&mut self, existing: Option<Str<'_>>, hoisted: &[Vec<u8>]) {
        let existing = existing.filter(|text| !text.is_blank());
        let default = self.profile.instructions.as_deref();
        let (text, reason) = match (existing, hoisted.is_empty(), default) {
            (_, false, _) => {
                let all = existing.iter().map(|text| text.raw()).chain(hoisted.iter().map(|text| &text[..]));
                (all.collect::<Vec<_>>().join(&br"\n\n"[..]), "system messages moved here")
            }
            (None, true, Some(default)) => {
                let mut text = Vec::new();
                write::escaped(&mut text, default);
                (text, "the backend requires instructions")
            }
            _ => return,
        };
        let value = [b"\"", &text[..], b"\""].concat();
        if self.root.get(INSTRUCTIONS).is_none_or(|own| own.raw() != value) {
            self.edit.set(self.root, INSTRUCTIONS, &value, &Path::Root, reason);
        }
    }
}

/// The text of a message, as JSON string contents; its parts joined as they are.
fn text(item: Node<'_>) -> Vec<u8> {
    let Some(content) = item.get("content") else { return Vec::new() };
    match content.as_str() {
        Some(text) => text.raw().to_vec(),
        None => content.elements().filter_map(text_of).flat_map(Str::raw).copied().collect(),
    }
}
