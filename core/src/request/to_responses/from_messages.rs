//! The members of a Messages request, each where Responses has it: `table` has the place, this module moves and converts.
//!
//! Input: a Messages request. Output: edits and changes. State: one [`FromMessages`] per request.

mod blocks;
mod documents;
mod items;
mod marks;
mod results;
mod session;
mod system;
mod thinking;
mod thoughts;
mod tool_choice;
mod tools;

use super::super::context::RequestContext;
use super::super::options::RequestOptions;
use super::super::path::{self, Path};
use super::super::profile::{Profile, Rule};
use super::super::request_edit::{Action, Change, Loss, RequestEdit, RuleResult};
use super::table::{self, Class, Field};
use super::{given, wrong_type};
use crate::error::Error;
use crate::json::splice::Edits;
use crate::json::tree::Node;
use marks::Marks;
use std::collections::HashMap;

/// One Messages request on its way to the Responses shape.
struct FromMessages<'t> {
    root: Node<'t>,
    profile: &'t Profile,
    options: &'t RequestOptions,
    edit: RequestEdit,
    marks: Marks,
    /// What became of tools that have a type, by name: the Responses type, or none for one that is gone.
    typed_tools: HashMap<String, Option<&'static str>>,
    has_tools: bool,
    /// Items before those of `messages`.
    first: Vec<Vec<u8>>,
    /// The effort that a system message sets for the turns after it.
    effort: Option<Effort<'t>>,
    /// Hashes of the ids of the calls so far.
    calls: Vec<u32>,
}

/// An effort that a system message sets.
#[derive(Clone, Copy)]
struct Effort<'t> {
    value: Node<'t>,
    /// Its index.
    message: usize,
    is_for_one_turn: bool,
}

/// What makes the body a Responses request.
pub(super) fn from_messages<'t>(
    root: Node<'t>,
    profile: &'t Profile,
    options: &'t RequestOptions,
    room: usize,
    context: &mut RequestContext,
) -> Result<(Edits, Vec<Change>, usize), Error> {
    let mut request = FromMessages {
        root,
        profile,
        options,
        edit: RequestEdit::new(options.strict, room),
        marks: Marks::new(profile),
        typed_tools: HashMap::new(),
        has_tools: false,
        first: Vec::new(),
        effort: None,
        calls: Vec::new(),
    };
    request.members()?;
    context.keep_calls(request.calls);
    request.edit.into_edits()
}

impl<'t> FromMessages<'t> {
    fn members(&mut self) -> RuleResult {
        // First: a member that is removed must not uncover an earlier one of its name.
        self.edit.remove_duplicates(self.root, &Path::Root);
        self.unknown_members()?;
        self.system()?;
        self.tools()?;
        self.tool_choice()?;
        self.input()?;
        self.thinking()?;
        self.cache_key()?;
        self.tier()?;
        for (field, member) in table::MESSAGES.fields_of(self.root) {
            self.field(field, member, &Path::Root.key(field.name))?;
        }
        self.store_nothing();
        Ok(())
    }

    /// The members that keep their form.
    fn field(&mut self, field: Field, member: Node<'t>, path: &Path<'_>) -> RuleResult {
        match field.class() {
            Class::Mapped if field.name == "max_tokens" => self.max_tokens(member, path),
            Class::Mapped | Class::Passed => Ok(()),
            _ if self.is_for_chat() && !field.in_chat().is_empty() && !member.is_null() => {
                if field.in_chat() == field.name {
                    Ok(())
                } else {
                    self.rename(member, field.in_chat(), "chat", path)
                }
            }
            _ if field.is_default(member) => {
                self.edit.remove(member, path, "asks for nothing", Loss::Harmless)
            }
            Class::Removed | Class::Rejected => {
                self.edit.remove(member, path, field.reason(), Loss::ClientSetting)
            }
        }
    }

    /// Members that neither Messages nor the profile has: a gateway's client may be newer than the gateway.
    fn unknown_members(&mut self) -> RuleResult {
        for member in self.root.members() {
            let key = member.key_bytes();
            let is_known = table::MESSAGES.has(&key) || self.profile.knows(member.key());
            if is_known || self.edit.is_removed(member) {
                continue;
            }
            let (key, loss) = (String::from_utf8_lossy(&key), Loss::of(member));
            self.edit.remove(
                member,
                &Path::Root.key(path::shown(&key)),
                "Responses has no such member",
                loss,
            )?;
        }
        Ok(())
    }

    /// Zero fills the cache and asks for no answer: elsewhere there is none without a token.
    fn max_tokens(&mut self, member: Node<'t>, path: &Path<'_>) -> RuleResult {
        if member.is_null() {
            return self.edit.remove(member, path, "asks for nothing", Loss::Harmless);
        }
        if member.value().as_u64().is_none() {
            return Err(wrong_type(member, path, "a number of tokens"));
        }
        if member.raw() == b"0" {
            self.edit.replace(member, "1", path, "an answer has at least one token");
        }
        self.rename(member, "max_output_tokens", "Responses", path)
    }

    /// A member under its name in a dialect; one that is there already counts.
    fn rename(&mut self, member: Node<'t>, to: &str, dialect: &str, path: &Path<'_>) -> RuleResult {
        if given(self.root, to).is_some() {
            let reason = format!("{to} is given by another member");
            return self.edit.remove(member, path, &reason, Loss::ClientSetting);
        }
        self.drop_null(to);
        self.edit.unlisted().rename(member, to);
        self.edit.note(Action::Renamed, path, &format!("{to} in {dialect}"));
        Ok(())
    }

    /// A member that Messages has elsewhere, at the end.
    fn add(&mut self, key: &str, value: &[u8]) {
        self.drop_null(key);
        self.edit.unlisted().append_member(self.root, key, value);
    }

    /// What is null gives way.
    fn drop_null(&mut self, key: &str) {
        if let Some(null) = self.root.get(key) {
            self.edit.unlisted().remove(null);
        }
    }

    /// The member goes, for its meaning is elsewhere now.
    fn moved(&mut self, member: Node<'t>, path: &Path<'_>, to: &str) {
        self.edit.unlisted().remove(member);
        self.edit.note(Action::Moved, path, &format!("{to} in Responses"));
    }

    fn lose(&mut self, node: Node<'t>, path: &Path<'_>, reason: &str) -> RuleResult {
        self.edit.lose(node, path, reason, Loss::ClientSetting)
    }

    /// Notes the members of an object that nobody read.
    fn leave(&mut self, object: Node<'t>, read: &[&str], path: &Path<'_>) -> RuleResult {
        for member in object.members().filter(|member| !member.is_void()) {
            if !read.iter().any(|name| member.is_named(name)) {
                let key = member.key().decode();
                let path = &path.key(path::shown(&key));
                self.edit.lose(member, path, "Responses has no place for it", Loss::Harmless)?;
            }
        }
        Ok(())
    }

    /// Messages servers store nothing, and what is encrypted for them comes with the answer.
    fn store_nothing(&mut self) {
        if !self.is_for_chat() && given(self.root, "store").is_none() && !self.is_refused("store") {
            self.add("store", b"false");
            self.edit.note(Action::Added, &Path::Root.key("store"), "a Messages server stores nothing");
        }
    }

    /// Whether the profile takes no such member.
    fn is_refused(&self, name: &str) -> bool {
        self.profile.rule(name).is_some_and(|field| matches!(field.rule, Rule::Remove | Rule::Reject))
    }

    fn is_for_chat(&self) -> bool {
        self.profile.chat.is_some()
    }
}

fn list(elements: &[Vec<u8>]) -> Vec<u8> {
    [&b"["[..], &elements.join(&b','), b"]"].concat()
}
