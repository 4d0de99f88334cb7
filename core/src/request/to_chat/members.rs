//! The other members of a request, each where chat has it.
//!
//! Input: the top level of the request, and the profile. Output: edits and changes. State: the members that are added.

use super::super::configuration;
use super::super::nested::lookup;
use super::super::path::Path;
use super::super::profile::{Field, Rule, Ruling, chat};
use super::super::request_edit::{Action, Loss, RuleResult};
use super::ToChat;
use crate::json::Value;
use crate::json::splice::Edits;
use crate::json::tree::{Node, Tree};

pub(super) const NOT_KNOWN: &str = "the server does not know it";

impl ToChat<'_> {
    pub(super) fn members(&mut self) -> RuleResult {
        self.limits()?;
        self.text()?;
        self.reasoning_effort()?;
        self.logprobs()?;
        self.stream_options()
    }

    /// Servers refuse two limits; the one stays that the server is known to take.
    fn limits(&mut self) -> RuleResult {
        let [old, new] = ["max_tokens", "max_completion_tokens"];
        let is_new = matches!(self.profile.rule("max_output_tokens"), Some(Field { rule: Rule::Rename(to), .. }) if to == new);
        let [kept, other] = if is_new { [new, old] } else { [old, new] };
        let given = |name| self.root.get(name).filter(|own| !own.is_null());
        let (Some(own), Some(surplus)) = (given(kept), given(other)) else { return Ok(()) };
        let loss = if own.raw() == surplus.raw() { Loss::Harmless } else { Loss::ClientSetting };
        let reason = format!("{kept} is given by another member");
        self.edit.remove(surplus, &Path::Root.key(other), &reason, loss)
    }

    /// `text.format` as `response_format`, `text.verbosity` under the server's name.
    fn text(&mut self) -> RuleResult {
        let updated = configuration::updated(self.root, configuration::FORMAT);
        let path = &Path::Root.key("text");
        let text = self.root.get("text");
        if let Some(text) = text {
            self.edit.unlisted().remove(text);
            self.edit.note(Action::Moved, path, "members of their own in chat");
            self.leave(text, &["format", "verbosity"], path)?;
        }
        let own = text.and_then(|text| text.get("format")).filter(|own| own.is_object());
        let format = updated.map(|(_, format)| format).or(own);
        if let Some(replaced) = own.filter(|_| updated.is_some()) {
            self.edit.lose(replaced, &path.key("format"), configuration::UPDATED, Loss::Harmless)?;
        }
        let format =
            format.filter(|own| own.is_object() && !own.get("type").is_some_and(|kind| kind.is("text")));
        if let Some(format) = format {
            self.add("response_format", response_format(format), format, &path.key("format"))?;
        }
        let Some(text) = text else { return Ok(()) };
        let verbosity = text.get("verbosity").filter(|own| !own.is_null());
        match verbosity {
            None => Ok(()),
            Some(own) if self.target.verbosity.is_empty() => {
                self.lose(own, &path.key("verbosity"), NOT_KNOWN)
            }
            Some(own) => self.add(&self.target.verbosity, own.raw().to_vec(), own, &path.key("verbosity")),
        }
    }

    /// `reasoning.effort` where the server has it; how reasoning is shown is the server's to decide.
    fn reasoning_effort(&mut self) -> RuleResult {
        let updated = configuration::updated(self.root, configuration::EFFORT).map(|(_, effort)| effort);
        let path = &Path::Root.key("reasoning");
        let reasoning = self.root.get("reasoning");
        if let Some(reasoning) = reasoning {
            self.edit.unlisted().remove(reasoning);
            self.edit.note(Action::Moved, path, "members of their own in chat");
            for member in reasoning.members().filter(|member| !member.is_named("effort") && !member.is_null())
            {
                let key = member.key().decode();
                self.lose(member, &path.key(super::super::path::shown(&key)), NOT_KNOWN)?;
            }
        }
        let own = reasoning.and_then(|own| own.get("effort")).filter(|own| !own.is_null());
        if let Some(replaced) = own.filter(|_| updated.is_some()) {
            self.edit.lose(replaced, &path.key("effort"), configuration::UPDATED, Loss::Harmless)?;
        }
        let Some(effort) = updated.or(own) else { return Ok(()) };
        let path = &path.key("effort");
        if self.target.reasoning_effort.is_empty() {
            return self.lose(effort, path, NOT_KNOWN);
        }
        for name in &self.target.reasoning_effort {
            self.add(name, chat::effort(name, effort.value()), effort, path)?;
        }
        Ok(())
    }

    /// `include` asks for logprobs; nothing else that it asks for is to be had.
    fn logprobs(&mut self) -> RuleResult {
        let include = self.root.get("include");
        let is_asked = |value: Node<'_>| value.is("message.output_text.logprobs");
        let asks = include.is_some_and(|list| list.elements().any(is_asked));
        if let Some(include) = include {
            let rest = include
                .elements()
                .filter(|value| !is_asked(*value) && !value.is("reasoning.encrypted_content"));
            let loss = if rest.count() > 0 { Loss::ClientSetting } else { Loss::Harmless };
            self.edit.remove(include, &Path::Root.key("include"), "chat has none", loss)?;
        }
        let top = self.root.get("top_logprobs").filter(|top| !top.is_null());
        if let Some(none) = top.filter(|top| !asks && top.value().as_u64() == Some(0)) {
            let path = Path::Root.key("top_logprobs");
            return self.edit.remove(none, &path, "without logprobs there are none", Loss::Harmless);
        }
        if asks || top.is_some() {
            let from = include.or(top).unwrap_or(self.root);
            self.add("logprobs", b"true".to_vec(), from, &Path::Root.key("include"))?;
        }
        Ok(())
    }

    /// Usage is part of every Responses stream; a chat server must be asked for it.
    fn stream_options(&mut self) -> RuleResult {
        const KEY: &str = "stream_options";
        const USAGE: &[u8] = b"{\"include_usage\":true}";
        let is_stream = self.root.get("stream").is_some_and(|stream| stream.raw() == b"true");
        let path = &Path::Root.key(KEY);
        match self.root.get(KEY) {
            Some(options) if !is_stream => {
                self.edit.remove(options, path, "there is no stream", Loss::Harmless)
            }
            _ if !is_stream || self.is_refused(KEY) || self.is_refused("stream_options.include_usage") => {
                Ok(())
            }
            Some(own) if own.raw() == USAGE => Ok(()),
            _ => {
                self.edit.set(self.root, KEY, USAGE, &Path::Root, "a Responses stream ends with usage");
                Ok(())
            }
        }
    }

    /// What the profile removes is not added again.
    pub(super) fn is_refused(&self, name: &str) -> bool {
        self.profile.rule(name).is_some_and(|field| matches!(field.rule, Rule::Remove | Rule::Reject))
    }

    /// A member that chat has, by the profile's rule of its name; `from` is where it stood.
    fn add(&mut self, name: &str, value: Vec<u8>, source: Node<'_>, from: &Path<'_>) -> RuleResult {
        let outer = name.split('.').next().unwrap_or_default();
        let field =
            self.profile.rule(name).or_else(|| self.profile.rule(outer).filter(|_| self.is_refused(outer)));
        let value = match field.map_or(Ruling::Keep, |field| field.rule.judge(Value::of_valid(&value))) {
            Ruling::Keep => value,
            Ruling::Replace(value) => {
                let reason = field.map_or("", |field| field.reason.as_str());
                self.edit.note(Action::Replaced, from, reason);
                value
            }
            Ruling::Remove | Ruling::Reject => {
                let reason = field.map(|field| field.reason.as_str()).filter(|reason| !reason.is_empty());
                return self.lose(source, from, reason.unwrap_or(NOT_KNOWN));
            }
        };
        let value = self.inside(name, value, from);
        if let Some(own) = lookup(self.root, name, self.edit.unlisted()) {
            return self.yield_to(name, own, value, source, from);
        }
        self.added.push(name, &value);
        self.edit.note(Action::Moved, from, &format!("{name} in chat"));
        Ok(())
    }

    /// The rules of what is inside a new member.
    fn inside(&mut self, name: &str, value: Vec<u8>, from: &Path<'_>) -> Vec<u8> {
        let Ok(tree) = Tree::parse(&value) else { return value };
        let mut edits = Edits::default();
        for field in &self.profile.fields {
            let inner = field.name.strip_prefix(name).and_then(|rest| rest.strip_prefix('.'));
            let Some(member) = inner.and_then(|inner| lookup(tree.root(), inner, &edits)) else { continue };
            let action = match field.rule.judge(member.value()) {
                Ruling::Keep => continue,
                Ruling::Replace(value) => {
                    edits.replace(member, value);
                    Action::Replaced
                }
                Ruling::Remove | Ruling::Reject => {
                    edits.remove(member);
                    Action::Removed
                }
            };
            self.edit.note(action, from, &format!("{}: {}", field.name, field.reason));
        }
        edits.edited(tree.root())
    }

    /// The client sent it as chat has it, and that counts; only a default of the profile's gives way.
    fn yield_to(
        &mut self,
        name: &str,
        own: Node<'_>,
        value: Vec<u8>,
        source: Node<'_>,
        from: &Path<'_>,
    ) -> RuleResult {
        let default = self.profile.rule(name).map(|field| &field.rule);
        let is_default = matches!(default, Some(Rule::Default(default)) if own.raw() == default);
        if own.raw() == value {
            self.edit.note(Action::Moved, from, &format!("{name} in chat"));
        } else if is_default || own.is_null() {
            self.edit.put(own, value);
            self.edit.note(Action::Moved, from, &format!("{name} in chat"));
        } else {
            return self.lose(source, from, &format!("{name} is given by another member"));
        }
        Ok(())
    }
}

/// A flat format, nested as chat has it.
fn response_format(format: Node<'_>) -> Vec<u8> {
    if !format.get("type").is_some_and(|kind| kind.is("json_schema")) {
        return format.raw().to_vec();
    }
    let members: Vec<_> = format
        .members()
        .filter(|member| !member.is_named("type") && !member.is_null())
        .map(|member| [b"\"", member.key().raw(), b"\":", member.raw()].concat())
        .collect();
    [&b"{\"type\":\"json_schema\",\"json_schema\":{"[..], &members.join(&b','), b"}}"].concat()
}
