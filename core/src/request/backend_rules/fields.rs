//! The profile's rules of members, applied to a Responses request: to the top level and, by their names, to what is
//! inside (`reasoning.effort`).
//!
//! Input: the request and the profile. Output: edits and changes. State: what is renamed and added.

mod inside;
mod rename;

use super::super::context::RequestContext;
use super::super::nested::lookup;
use super::super::options::UnresolvedPrevious;
use super::super::path::{self, Path};
use super::super::profile::{Field, Rule, Ruling, Transport, UnknownFields};
use super::super::request_edit::{Action, Loss, RuleResult, reject};
use super::Rules;
use crate::dialect::responses::PREVIOUS_RESPONSE_ID as PREVIOUS;
use crate::error::Error;
use crate::error::RejectCode;
use crate::json::tree::Node;
use crate::json::write::quoted;
use crate::limits::MAX_CHANGES;

type IsRight = fn(&Node<'_>) -> bool;

/// Members that rules read, and what each must be.
const TYPES: [(&str, IsRight, &str); 3] = [
    ("model", is_text, "a string"),
    ("reasoning", |node| node.is_object(), "an object"),
    ("reasoning.effort", is_text, "a string"),
];

fn is_text(node: &Node<'_>) -> bool {
    node.as_str().is_some()
}

impl Rules<'_> {
    pub(super) fn fields(&mut self, context: &mut RequestContext) -> RuleResult {
        self.types()?;
        for member in self.root.members() {
            if self.edit.is_removed(member) {
                continue;
            }
            match self.profile.field(member.key(), self.options.transport) {
                Some(field) => self.field(field, member, &Path::Root.key(&field.name))?,
                None if self.profile.knows(member.key()) => {}
                None => self.unknown(member, context)?,
            }
        }
        self.inner_fields()?;
        self.missing_fields();
        std::mem::take(&mut self.added).write(self.root, self.edit.unlisted());
        Ok(())
    }

    fn types(&mut self) -> RuleResult {
        for (name, is_right, kind) in TYPES {
            let member = lookup(self.root, name, self.edit.unlisted());
            if let Some(wrong) = member.filter(|member| !member.is_null() && !is_right(member)) {
                let message = format!("{name} must be {kind}");
                return Err(reject(RejectCode::InvalidType, wrong, &Path::Root.key(name), &message));
            }
        }
        let kind = self.root.get("type").filter(|kind| !kind.is_null() && !kind.is("response.create"));
        if let Some(kind) = kind.filter(|_| self.options.transport == Transport::Websocket) {
            let path = &Path::Root.key("type");
            let message = "Unsupported value: type (only response.create frames are requests)";
            return Err(reject(RejectCode::UnsupportedValue, kind, path, message));
        }
        Ok(())
    }

    /// A member that no rule names.
    fn unknown(&mut self, member: Node<'_>, context: &mut RequestContext) -> RuleResult {
        let name = member.key().decode();
        let name = path::shown(&name);
        let path = &Path::Root.key(name);
        match self.profile.unknown {
            UnknownFields::Pass => {
                if context.unknown_fields.len() < MAX_CHANGES {
                    context.unknown_fields.push(member.key().decode());
                }
                Ok(())
            }
            UnknownFields::Reject if Loss::of(member) == Loss::ClientSetting => {
                let message = format!("Unsupported parameter: {name} (not known to the backend)");
                Err(reject(RejectCode::UnsupportedParameter, member, path, &message))
            }
            UnknownFields::Remove | UnknownFields::Reject => {
                self.edit.remove(member, path, "not known to the backend", Loss::of(member))
            }
        }
    }

    fn inner_fields(&mut self) -> RuleResult {
        for field in self.profile.fields.iter().filter(|field| field.name.contains('.')) {
            let member = lookup(self.root, &field.name, self.edit.unlisted());
            if let Some(member) = member.filter(|_| field.applies(self.options.transport)) {
                self.field(field, member, &Path::Root.key(&field.name))?;
            }
        }
        Ok(())
    }

    /// What the backend demands and the client did not send.
    fn missing_fields(&mut self) {
        for field in self.profile.fields.iter().filter(|field| field.applies(self.options.transport)) {
            let value = match &field.rule {
                Rule::Force(value) | Rule::Default(value) => value.clone(),
                Rule::Include { with, .. } if !with.is_empty() => list(with),
                _ => continue,
            };
            let is_given = lookup(self.root, &field.name, self.edit.unlisted()).is_some();
            if !is_given && !self.is_claimed(&field.name) {
                self.added.push(&field.name, &value);
                self.edit.note(Action::Added, &Path::Root.key(&field.name), &field.reason);
            }
        }
    }

    fn field(&mut self, field: &Field, member: Node<'_>, path: &Path<'_>) -> RuleResult {
        let reason = field.reason.as_str();
        match &field.rule {
            Rule::Rename(_) => return self.rename(field, member, path),
            Rule::Members(only) => return self.only_members(only, member, path, reason),
            Rule::Include { with, without } => return self.include(with, without, member, path, reason),
            Rule::Limit(limit) => self.limit_inside(limit, member, path, reason)?,
            _ => {}
        }
        match field.rule.judge(member.value()) {
            Ruling::Keep => Ok(()),
            Ruling::Replace(value) => {
                self.remember(field, member, &value);
                self.edit.replace(member, value, path, reason);
                Ok(())
            }
            ruling @ (Ruling::Remove | Ruling::Reject) => self.refuse(field, &ruling, member, path),
        }
    }

    /// A member that the backend does not take: removed, or the end of the request. What asks for nothing is no reason.
    fn refuse(&mut self, field: &Field, ruling: &Ruling, member: Node<'_>, path: &Path<'_>) -> RuleResult {
        let loss = field.loss(member);
        if *ruling == Ruling::Reject && loss == Loss::ClientSetting && !self.drops(field) {
            return Err(refused(field, member, path));
        }
        self.edit.remove(member, path, &field.reason, loss)
    }

    fn drops(&self, field: &Field) -> bool {
        field.name == PREVIOUS && self.options.unresolved_previous == UnresolvedPrevious::Drop
    }
}

fn refused(field: &Field, member: Node<'_>, path: &Path<'_>) -> Error {
    let (code, what) = match &*field.name {
        PREVIOUS => (RejectCode::PreviousResponseNotFound, "Previous response not found".to_owned()),
        name => (RejectCode::UnsupportedParameter, format!("Unsupported parameter: {name}")),
    };
    reject(code, member, path, &format!("{what} ({})", field.reason))
}

fn list(texts: &[String]) -> Vec<u8> {
    let texts: Vec<_> = texts.iter().map(|text| quoted(text)).collect();
    [&b"["[..], &texts.join(&b','), b"]"].concat()
}
