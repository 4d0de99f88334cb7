//! The profile's table, applied to the top-level members and to those one level down that it names with a dot.

use super::context::RequestContext;
use super::draft::{Action, Loss, Verdict, reject};
use super::path::Path;
use super::profile::{Field, Rule, Transport};
use super::rules::Rules;
use super::{Error, UnresolvedPrevious};
use crate::dialect::responses::PREVIOUS_RESPONSE_ID as PREVIOUS;
use crate::error::RejectCode;
use crate::json::tree::Node;
use crate::json::write::quoted;

impl Rules<'_> {
    pub(super) fn fields(&mut self, context: &mut RequestContext) -> Verdict {
        self.model_and_type()?;
        for member in self.root.members() {
            if self.draft.is_removed(member) {
                continue;
            }
            match self.profile.field(member.key(), self.options.transport) {
                Some(field) => self.field(field, member, &Path::Root.key(&field.name))?,
                None if self.profile.knows(member.key()) => {}
                None => context.unknown_fields.push(member.key().decode()),
            }
        }
        self.inner_fields()?;
        self.missing_fields();
        Ok(())
    }

    fn model_and_type(&mut self) -> Verdict {
        if let Some(model) =
            self.root.get("model").filter(|model| !model.is_null() && model.as_str().is_none())
        {
            let path = &Path::Root.key("model");
            return Err(reject(RejectCode::InvalidType, model, path, "model must be a string"));
        }
        let kind = self.root.get("type").filter(|kind| !kind.is_null() && !kind.is("response.create"));
        if let Some(kind) = kind.filter(|_| self.options.transport == Transport::Websocket) {
            let path = &Path::Root.key("type");
            let message = "Unsupported value: type (only response.create frames are requests)";
            return Err(reject(RejectCode::UnsupportedValue, kind, path, message));
        }
        Ok(())
    }

    /// `reasoning.effort` and the like.
    fn inner_fields(&mut self) -> Verdict {
        for field in &self.profile.fields {
            let Some((outer, inner)) = field.name.split_once('.') else { continue };
            let member = self.root.get(outer).and_then(|holder| holder.get(inner));
            if let Some(member) = member {
                self.field(field, member, &Path::Root.key(outer).key(inner))?;
            }
        }
        Ok(())
    }

    /// What the backend demands and the client did not say.
    fn missing_fields(&mut self) {
        for field in self.profile.fields.iter().filter(|field| self.root.get(&field.name).is_none()) {
            match &field.rule {
                Rule::Force(value) => {
                    self.draft.set(self.root, &field.name, value, &Path::Root, &field.reason);
                }
                Rule::Include { with, .. } if !with.is_empty() => {
                    self.draft.set(self.root, &field.name, &list(with), &Path::Root, &field.reason);
                }
                _ => {}
            }
        }
    }

    fn field(&mut self, field: &Field, member: Node<'_>, path: &Path<'_>) -> Verdict {
        let reason = field.reason.as_str();
        // A null asks for nothing.
        let loss = if member.is_null() { Loss::Nothing } else { Loss::Asked };
        match &field.rule {
            Rule::Pass => Ok(()),
            Rule::Reject if loss == Loss::Asked && !self.drops(field) => Err(refused(field, member, path)),
            Rule::Force(value) => {
                if member.raw() != value {
                    self.draft.replace(member, value.clone(), path, reason);
                }
                Ok(())
            }
            Rule::Rename(to) if self.root.get(to).is_none() => {
                self.draft.edits().rename(member, to);
                self.draft.note(Action::Renamed, path, reason);
                Ok(())
            }
            Rule::Remove | Rule::Reject | Rule::Rename(_) => self.draft.remove(member, path, reason, loss),
            Rule::Choose { values, only } => self.choose(values, only.as_deref(), member, path, reason),
            Rule::Members(only) => self.only_members(only, member, path, reason),
            Rule::Include { with, without } => self.include(with, without, member, path, reason),
        }
    }

    fn drops(&self, field: &Field) -> bool {
        field.name == PREVIOUS && self.options.unresolved_previous == UnresolvedPrevious::Drop
    }

    fn choose(
        &mut self,
        values: &[(String, String)],
        only: Option<&[String]>,
        member: Node<'_>,
        path: &Path<'_>,
        reason: &str,
    ) -> Verdict {
        if let Some((_, value)) = values.iter().find(|(value, _)| member.is(value)) {
            self.draft.replace(member, quoted(value), path, reason);
            return Ok(());
        }
        let is_allowed = only.is_none_or(|only| only.iter().any(|value| member.is(value)));
        let loss = if member.is_null() { Loss::Nothing } else { Loss::Asked };
        if is_allowed { Ok(()) } else { self.draft.remove(member, path, reason, loss) }
    }

    fn only_members(&mut self, only: &[String], holder: Node<'_>, path: &Path<'_>, reason: &str) -> Verdict {
        let is_allowed = |member: &Node<'_>| only.iter().any(|name| member.key().is(name));
        if !holder.members().any(|member| is_allowed(&member)) {
            let asks_nothing = holder.is_null() || (holder.is_object() && holder.members().next().is_none());
            let loss = if asks_nothing { Loss::Nothing } else { Loss::Asked };
            return self.draft.remove(holder, path, reason, loss);
        }
        for member in holder.members().filter(|member| !is_allowed(member)) {
            let key = member.key().decode();
            self.draft.remove(member, &path.key(super::path::shown(&key)), reason, Loss::Asked)?;
        }
        Ok(())
    }

    fn include(
        &mut self,
        with: &[String],
        without: &[String],
        member: Node<'_>,
        path: &Path<'_>,
        reason: &str,
    ) -> Verdict {
        if member.is_null() {
            self.draft.replace(member, list(with), path, reason);
            return Ok(());
        }
        if !member.is_array() {
            return Err(reject(RejectCode::InvalidType, member, path, "include must be a list"));
        }
        for (index, element) in member.elements().enumerate() {
            if without.iter().any(|value| element.is(value)) {
                self.draft.remove(element, &path.index(index), reason, Loss::Asked)?;
            }
        }
        for value in with.iter().filter(|value| !member.elements().any(|element| element.is(value))) {
            self.draft.edits().append(member, quoted(value));
            self.draft.note(Action::Added, path, reason);
        }
        Ok(())
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
