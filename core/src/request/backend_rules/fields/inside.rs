//! Rules of what is inside a member: `members`, `include`, and the limits of texts in a list or an object.
//!
//! Input: a member and its rule. Output: edits and changes. State: texts that were shortened.

use super::super::Rules;
use super::list;
use crate::error::RejectCode;
use crate::json::tree::Node;
use crate::json::write::quoted;
use crate::json::{Str, Value};
use crate::request::nested::spelled;
use crate::request::path::{self, Path};
use crate::request::profile::{Field, Limit, Rule};
use crate::request::request_edit::{Action, Loss, RuleResult, reject};

impl Rules<'_> {
    pub(super) fn only_members(
        &mut self,
        only: &[String],
        holder: Node<'_>,
        path: &Path<'_>,
        reason: &str,
    ) -> RuleResult {
        let is_allowed = |member: &Node<'_>| only.iter().any(|name| member.key().is(name));
        if !holder.members().any(|member| is_allowed(&member)) {
            return self.edit.remove(holder, path, reason, Loss::of(holder));
        }
        for member in holder.members().filter(|member| !is_allowed(member)) {
            let key = member.key().decode();
            self.edit.remove(member, &path.key(path::shown(&key)), reason, Loss::ClientSetting)?;
        }
        Ok(())
    }

    pub(super) fn include(
        &mut self,
        with: &[String],
        without: &[String],
        member: Node<'_>,
        path: &Path<'_>,
        reason: &str,
    ) -> RuleResult {
        if member.is_null() {
            self.edit.replace(member, list(with), path, reason);
            return Ok(());
        }
        if !member.is_array() {
            return Err(reject(RejectCode::InvalidType, member, path, "include must be a list"));
        }
        for (index, element) in member.elements().enumerate() {
            if without.iter().any(|value| element.is(value)) {
                self.edit.remove(element, &path.index(index), reason, Loss::ClientSetting)?;
            }
        }
        for value in with.iter().filter(|value| !member.elements().any(|element| element.is(value))) {
            self.edit.unlisted().append(member, quoted(value));
            self.edit.note(Action::Added, path, reason);
        }
        Ok(())
    }

    /// Texts, names and the number of what is in a list or an object.
    pub(super) fn limit_inside(
        &mut self,
        limit: &Limit,
        holder: Node<'_>,
        path: &Path<'_>,
        reason: &str,
    ) -> RuleResult {
        for (nth, child) in holder.children().enumerate() {
            let key = child.key().decode();
            let own = if holder.is_object() { path.key(path::shown(&key)) } else { path.index(nth) };
            if limit.max_members.is_some_and(|max| nth >= max) {
                self.edit.remove(child, &own, reason, Loss::ClientSetting)?;
                continue;
            }
            if let Some((original, short)) = child.as_str().and_then(|text| {
                let original = text.decode();
                limit.short(&original).map(|short| (original, short))
            }) {
                self.edit.replace(child, quoted(&short), &own, reason);
                self.values.insert(short, original);
            }
            if let Some(short) = limit.short_name(&key).filter(|_| holder.is_object()) {
                self.edit.unlisted().rename(child, &spelled(&short));
                self.edit.note(Action::Renamed, &own, reason);
                self.values.insert(short, key);
            }
        }
        Ok(())
    }

    /// Remembers the text that a limit made short.
    pub(super) fn remember(&mut self, field: &Field, member: Node<'_>, value: &[u8]) {
        if let (Rule::Limit(_), Some(original)) = (&field.rule, member.as_str()) {
            let short = Value::of_valid(value).as_str().map(Str::decode);
            self.values.extend(short.map(|short| (short, original.decode())));
        }
    }
}
