//! The members of a chat request, each where Responses has it: `table` has the place, this module moves and converts.
//!
//! Input: the members of a request. Output: edits. State: members that are made of several, until all are seen.

use super::super::context::RequestContext;
use super::super::path::Path;
use super::super::profile::UnknownFields;
use super::super::request_edit::{Action, Loss, RuleResult, reject};
use super::table::{self, Class, Field, Slot};
use super::{ENCRYPTED_REASONING, ToResponses, effort, given, tools, wrong_type};
use crate::dialect::Dialect;
use crate::error::Error;
use crate::error::RejectCode;
use crate::json::tree::Node;
use crate::json::write;

/// Effort and format in one member, as Messages has them.
const CONFIG: &str = "output_config";
const CONFIG_FORMAT: &str = "output_config.format";

/// A member that the chat request does not have, made of one or more that it has.
pub(super) struct Target<'t> {
    name: &'static str,
    slot: Slot,
    /// Where it will stand: the first source, or a null of that name.
    place: Node<'t>,
    pieces: Vec<Vec<u8>>,
}

impl<'t> ToResponses<'t> {
    /// The members that chat has, or clients write, and Responses has not, wherever the talk is.
    pub(super) fn fields(&mut self, context: &RequestContext) -> RuleResult {
        let is_chat = context.dialect == Dialect::Chat;
        // First: a member that is removed must not uncover an earlier one of its name.
        self.edit.remove_duplicates(self.root, &Path::Root);
        let mut config = None;
        for (field, member) in table::CHAT.fields_of(self.root) {
            if !self.edit.is_removed(member) && (is_chat || self.is_foreign(field)) {
                self.field(field, member, &Path::Root.key(field.name))?;
                config = config.or(Some(member).filter(|_| field.name == CONFIG));
            }
        }
        if let Some(format) = config.and_then(|config| given(config, "format")) {
            self.format_of_config(format)?;
        }
        self.foreign_reasoning()?;
        if context.reasoning_details {
            self.include_state();
        }
        for target in std::mem::take(&mut self.targets) {
            let place = target.place;
            self.edit.put(place, target.value());
        }
        if is_chat {
            self.default_store_false();
        }
        Ok(())
    }

    /// The form of the answer that stands beside an effort, as in Messages; after all others, which count before it.
    fn format_of_config(&mut self, format: Node<'t>) -> RuleResult {
        const KEY: &str = "text";
        let path = &Path::Root.key(CONFIG);
        let path = &path.key("format");
        let Some(field) = table::CHAT.field(CONFIG_FORMAT) else { return Ok(()) };
        let value = tools::format(format, path)?;
        let is_begun = self.targets.iter().any(|target| target.name == KEY);
        if is_begun || self.root.get(KEY).is_some() {
            return self.put(field, format, path, value);
        }
        self.edit.unlisted().append_member(
            self.root,
            KEY,
            &[b"{", &field.target().1.piece(value)[..], b"}"].concat(),
        );
        self.edit.note(Action::Moved, path, &field.goal());
        Ok(())
    }

    /// Reasoning that comes back in the next turn must be sent encrypted, unless the server keeps it.
    fn include_state(&mut self) {
        const KEY: &str = "include";
        let value = write::quoted(ENCRYPTED_REASONING);
        let own = self.root.get(KEY).filter(|own| !own.is_null());
        let has = own.into_iter().flat_map(Node::elements).any(|own| own.raw() == value);
        let is = |key| self.root.get(key).is_some_and(|own| own.raw() == b"true");
        let (is_moved, is_stored) = (is("include_reasoning"), is("store"));
        if has || is_moved || is_stored || self.is_for_chat() || self.profile.includes(ENCRYPTED_REASONING) {
            return;
        }
        let (path, reason) =
            (&Path::Root.key(KEY), "reasoning must come back encrypted where nothing is stored");
        match (self.targets.iter_mut().find(|target| target.name == KEY), own) {
            (Some(target), _) if target.pieces.contains(&value) => return,
            (Some(target), _) => target.pieces.push(value),
            (None, Some(own)) if own.is_array() => self.edit.unlisted().append(own, value),
            (None, Some(_)) => return,
            (None, None) => {
                let list = [b"[", &value[..], b"]"].concat();
                return self.edit.set(self.root, KEY, &list, &Path::Root, reason);
            }
        }
        self.edit.note(Action::Added, path, reason);
    }

    /// Members of `reasoning` that only OpenRouter has: its budget or switch is an effort where none is given.
    fn foreign_reasoning(&mut self) -> RuleResult {
        const EFFORT: &str = "reasoning.effort";
        let Some(own) = self.root.get("reasoning") else { return Ok(()) };
        let path = &Path::Root.key("reasoning");
        self.edit.remove_duplicates(own, path);
        for key in ["max_tokens", "enabled", "exclude"] {
            let Some(member) = own.get(key) else { continue };
            let effort = (key != "exclude").then(|| effort::effort(member)).flatten();
            let is_open = own.get("effort").is_none_or(Node::is_null) && !self.filled.contains(&EFFORT);
            if let Some(effort) = effort.filter(|_| is_open && !member.is_null()) {
                self.filled.push(EFFORT);
                self.edit.set(own, "effort", &effort, path, "an effort in Responses");
            }
            self.edit.remove(member, &path.key(key), "Responses has no such member", Loss::Harmless)?;
        }
        Ok(())
    }

    /// Whether a Responses request cannot have the member. It stays where the profile decides over it, and for a chat
    /// server where Responses has no other place for it.
    fn is_foreign(&self, field: Field) -> bool {
        match field.class() {
            _ if self.profile.messages.is_some() && !field.in_messages().is_empty() => true,
            Class::Passed => false,
            _ if self.profile.decides(field.name) => false,
            Class::Mapped if field.is_switch() && self.is_for_chat() => false,
            Class::Mapped => field.to() != field.name && field.name != "messages",
            Class::Removed | Class::Rejected => {
                !self.is_for_chat() && self.profile.unknown == UnknownFields::Pass
            }
        }
    }

    /// `store` defaults to false in chat and to true in Responses.
    fn default_store_false(&mut self) {
        const KEY: &str = "store";
        if self.profile.messages.is_none() && self.root.get(KEY).is_none_or(Node::is_null) {
            self.edit.set(self.root, KEY, b"false", &Path::Root, "chat stores nothing unless asked");
        }
    }

    /// The name that a Messages server has for what Responses has not. A switch is one there only in its own form.
    fn in_messages(&self, field: Field, member: Node<'_>) -> Option<&'static str> {
        let is_its_own = !field.is_switch() || effort::is_of_messages(member);
        let has_place = self.profile.messages.is_some() && is_its_own;
        Some(field.in_messages()).filter(|name| has_place && !name.is_empty())
    }

    fn field(&mut self, field: Field, member: Node<'t>, path: &Path<'_>) -> RuleResult {
        if let Some(name) = self.in_messages(field, member).filter(|_| !field.is_default(member)) {
            if name != field.name {
                self.edit.unlisted().rename(member, name);
                self.edit.note(Action::Renamed, path, &format!("{name} in Messages"));
            }
            return Ok(());
        }
        match field.class() {
            Class::Passed => Ok(()),
            Class::Mapped if field.to() == field.name => self.in_place(field, member, path),
            _ if field.is_default(member) => {
                self.edit.remove(member, path, "asks for nothing", Loss::Harmless)
            }
            Class::Mapped => match self.value(field, member, path)? {
                Some(value) => self.put(field, member, path, value),
                None if field.name == CONFIG && given(member, "format").is_some() => {
                    self.edit.unlisted().remove(member); // what it asks for is listed with the format
                    Ok(())
                }
                None => self.edit.remove(member, path, "what is done anyway", Loss::Harmless),
            },
            Class::Removed => self.edit.remove(member, path, field.reason(), Loss::ClientSetting),
            Class::Rejected => Err(refused(field, member, path)),
        }
    }

    /// Members that keep their name; `tool_choice` is brought into one shape for either protocol by the rules.
    fn in_place(&mut self, field: Field, member: Node<'t>, path: &Path<'_>) -> RuleResult {
        match field.name {
            "tools" => {
                self.repair_tools(Some(member), path);
                Ok(())
            }
            "stream_options" => self.stream_options(member, path),
            _ => Ok(()),
        }
    }

    /// Responses streams always end with usage; whether the client wants to see it is in the context.
    fn stream_options(&mut self, options: Node<'t>, path: &Path<'_>) -> RuleResult {
        if !options.is_object() && !options.is_null() {
            return Err(wrong_type(options, path, "an object"));
        }
        self.edit.remove_duplicates(options, path);
        let Some(usage) = options.get("include_usage") else { return Ok(()) };
        let reason = "remembered in the context";
        if options.members().all(|member| member.key().is("include_usage")) {
            return self.edit.remove(options, path, reason, Loss::Harmless);
        }
        self.edit.remove(usage, &path.key("include_usage"), reason, Loss::Harmless)
    }

    /// What a member becomes; `None` where it asks for nothing.
    fn value(&mut self, field: Field, member: Node<'t>, path: &Path<'_>) -> Result<Option<Vec<u8>>, Error> {
        Ok(Some(match (field.name, field.to()) {
            ("messages", _) => self.messages(member, path)?,
            ("functions", _) => tools::functions(member, path)?,
            ("function_call", _) => tools::function_choice(member, path)?,
            ("web_search_options", _) => tools::web_search(member, path)?,
            ("system", _) => tools::instructions(member, path)?,
            (_, "text.format") => tools::format(member, path)?,
            ("include_reasoning", _) if member.raw() != b"true" => return Ok(None),
            ("include_reasoning", _) => write::quoted(ENCRYPTED_REASONING),
            (_, "reasoning.effort") if field.is_switch() => return Ok(effort::effort(member)),
            ("logprobs", _) if member.raw() != b"true" => return Err(wrong_type(member, path, "a boolean")),
            ("logprobs", _) => b"\"message.output_text.logprobs\"".to_vec(),
            _ => member.raw().to_vec(),
        }))
    }

    /// Moves a member to its target: into the one that is there, or into one that begins in its place.
    fn put(&mut self, field: Field, source: Node<'t>, path: &Path<'_>, value: Vec<u8>) -> RuleResult {
        let (name, slot) = field.target();
        let own = self.root.get(name).filter(|own| !self.edit.is_removed(*own));
        let begun = self.targets.iter_mut().find(|target| target.name == name);
        match (begun, own) {
            (Some(target), _) if slot == Slot::Whole => {
                let is_same = target.pieces.iter().all(|piece| *piece == value);
                return self.yield_to(name, is_same, source, path);
            }
            (Some(_), _) if self.filled.contains(&field.to()) => {
                return self.yield_to(field.to(), false, source, path);
            }
            (Some(target), _) => target.pieces.push(slot.piece(value)),
            (None, Some(own)) if !own.is_null() => return self.add(field, own, source, path, &value),
            (None, Some(own)) => self.begin(field, own, value),
            (None, None) => {
                self.begin(field, source, value);
                self.edit.unlisted().rename(source, name);
                self.edit.note(Action::Renamed, path, &field.goal());
                return Ok(());
            }
        }
        self.moved(field, source, path);
        Ok(())
    }

    fn fill(&mut self, field: Field) {
        if let Slot::Member(_) = field.target().1 {
            self.filled.push(field.to());
        }
    }

    fn begin(&mut self, field: Field, place: Node<'t>, value: Vec<u8>) {
        let (name, slot) = field.target();
        self.fill(field);
        self.targets.push(Target { name, slot, place, pieces: vec![slot.piece(value)] });
    }

    fn moved(&mut self, field: Field, source: Node<'t>, path: &Path<'_>) {
        self.fill(field);
        self.edit.unlisted().remove(source);
        self.edit.note(Action::Moved, path, &field.goal());
    }

    /// Adds to a member that the client sent in its Responses form already.
    fn add(
        &mut self,
        field: Field,
        own: Node<'t>,
        source: Node<'t>,
        path: &Path<'_>,
        value: &[u8],
    ) -> RuleResult {
        let (name, slot) = field.target();
        match slot {
            Slot::Member(_) if self.filled.contains(&field.to()) => {
                return self.yield_to(field.to(), false, source, path);
            }
            Slot::Whole if name == "instructions" => self.add_text(own, value),
            Slot::Whole => return self.yield_to(name, own.raw() == value, source, path),
            Slot::Member(_) if !own.is_object() => {
                return Err(wrong_type(own, &Path::Root.key(name), "an object"));
            }
            Slot::Member(key) => match own.get(key) {
                None => self.edit.unlisted().append_member(own, key, value),
                Some(inner) if inner.is_null() => self.edit.put(inner, value),
                Some(inner) => return self.yield_to(field.to(), inner.raw() == value, source, path),
            },
            Slot::Element if !own.is_array() => {
                return Err(wrong_type(own, &Path::Root.key(name), "a list"));
            }
            Slot::Element if own.elements().any(|element| element.raw() == value) => {
                return self.yield_to(name, true, source, path);
            }
            Slot::Element => self.edit.unlisted().append(own, value),
        }
        self.moved(field, source, path);
        Ok(())
    }

    /// Instructions from two places are one text.
    fn add_text(&mut self, own: Node<'t>, value: &[u8]) {
        let text = own.as_str().filter(|own| !own.is_blank());
        let joined = text.map(|own| [b"\"", own.raw(), br"\n\n", &value[1..]].concat());
        self.edit.put(own, joined.unwrap_or_else(|| value.to_vec()));
    }

    /// Another member has the same meaning, and that one counts.
    fn yield_to(&mut self, name: &str, is_same: bool, source: Node<'t>, path: &Path<'_>) -> RuleResult {
        let loss = if is_same { Loss::Harmless } else { Loss::ClientSetting };
        self.edit.remove(source, path, &format!("{name} is given by another member"), loss)
    }
}

impl Target<'_> {
    fn value(self) -> Vec<u8> {
        match self.slot {
            Slot::Whole => self.pieces.into_iter().next().unwrap_or_default(),
            Slot::Member(_) => [b"{", &self.pieces.join(&b',')[..], b"}"].concat(),
            Slot::Element => [b"[", &self.pieces.join(&b',')[..], b"]"].concat(),
        }
    }
}

impl Slot {
    fn piece(self, value: Vec<u8>) -> Vec<u8> {
        match self {
            Self::Whole | Self::Element => value,
            Self::Member(key) => [b"\"", key.as_bytes(), b"\":", &value].concat(),
        }
    }
}

fn refused(field: Field, member: Node<'_>, path: &Path<'_>) -> Error {
    let (code, what) = if field.has_default() {
        (RejectCode::UnsupportedValue, "value")
    } else {
        (RejectCode::UnsupportedParameter, "parameter")
    };
    reject(code, member, path, &format!("Unsupported {what}: {} ({})", field.name, field.reason()))
}
