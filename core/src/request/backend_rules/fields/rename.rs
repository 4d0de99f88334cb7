//! The rule `rename`. The member goes on under the last name of the chain, by the rule of that name; a name that has a
//! value already keeps it.
//!
//! Input: a member and its rule. Output: edits and changes. State: the names that were given.

use super::super::Rules;
use crate::json::tree::Node;
use crate::request::nested::{lookup, spelled};
use crate::request::path::Path;
use crate::request::profile::{Field, Profile, Rule, Ruling};
use crate::request::request_edit::{Action, Loss, RuleResult};

impl Rules<'_> {
    pub(super) fn rename(&mut self, field: &Field, member: Node<'_>, path: &Path<'_>) -> RuleResult {
        let to = last_name(self.profile, &field.name);
        if to == field.name {
            return Ok(());
        }
        let own = lookup(self.root, to, self.edit.unlisted());
        let other = own.filter(|own| !own.is_null());
        if other.is_some() || self.is_claimed(to) {
            let is_same = member.is_null() || other.is_some_and(|own| own.raw() == member.raw());
            let loss = if is_same { Loss::Harmless } else { Loss::ClientSetting };
            return self.edit.remove(member, path, &format!("{to} is given by another member"), loss);
        }
        let target = self.profile.rule(to);
        match target.map_or(Ruling::Keep, |target| target.rule.judge(member.value())) {
            Ruling::Keep => self.give(to, None, member, own, path, &field.reason),
            Ruling::Replace(value) => {
                let target = target.unwrap_or(field);
                self.remember(target, member, &value);
                self.give(to, Some(value), member, own, path, &field.reason);
                self.edit.note(Action::Replaced, path, &target.reason);
            }
            ruling @ (Ruling::Remove | Ruling::Reject) => {
                return self.refuse(target.unwrap_or(field), &ruling, member, path);
            }
        }
        Ok(())
    }

    /// Whether a member was renamed to this already.
    pub(super) fn is_claimed(&self, name: &str) -> bool {
        self.claimed.iter().any(|own| own == name)
    }

    /// Gives the member its new name: in place, or at the place of its name. `own`: a null that stands there.
    fn give(
        &mut self,
        to: &str,
        value: Option<Vec<u8>>,
        member: Node<'_>,
        own: Option<Node<'_>>,
        path: &Path<'_>,
        reason: &str,
    ) {
        let is_in_place = !to.contains('.') && self.root.members().any(|top| top.start() == member.start());
        if let Some(null) = own.filter(|_| is_in_place) {
            self.edit.unlisted().remove(null);
            self.edit.note(Action::Removed, &Path::Root.key(to), "a null asks for nothing");
        }
        if is_in_place {
            self.edit.unlisted().rename(member, &spelled(to));
            if let Some(value) = value {
                self.edit.put(member, value);
            }
            self.edit.note(Action::Renamed, path, reason);
        } else {
            self.edit.unlisted().remove(member);
            self.added.push(to, value.as_deref().unwrap_or(member.raw()));
            self.edit.note(Action::Moved, path, reason);
        }
        self.claimed.push(to.to_owned());
    }
}

/// Where a chain of renames ends; a circle ends where it comes back to.
fn last_name<'p>(profile: &'p Profile, name: &'p str) -> &'p str {
    let mut seen = vec![name];
    while let Some(Rule::Rename(to)) = profile.rule(seen[seen.len() - 1]).map(|field| &field.rule) {
        if seen.contains(&&**to) {
            return to;
        }
        seen.push(to);
    }
    seen[seen.len() - 1]
}
