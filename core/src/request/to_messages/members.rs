//! The other members of a request, each where Messages has it.
//!
//! Input: the top level of the request, and the profile. Output: edits and changes. State: none.

use super::super::path::{self, Path};
use super::super::request_edit::{Action, Loss, RuleResult};
use super::{ToMessages, given};
use crate::json::tree::Node;

impl ToMessages<'_> {
    pub(super) fn members(&mut self) -> RuleResult {
        self.thinking_and_format()?;
        self.rename("max_output_tokens", "max_tokens")?;
        self.include()?;
        self.user()?;
        self.tier()?;
        self.stops();
        for key in ["temperature", "top_p", "top_k", "stream", "stop_sequences"] {
            if let Some(null) = self.root.get(key).filter(|own| own.is_null()) {
                self.edit.remove(null, &Path::Root.key(key), "asks for nothing", Loss::Harmless)?;
            }
        }
        Ok(())
    }

    fn rename(&mut self, from: &str, to: &str) -> RuleResult {
        let Some(own) = self.root.get(from) else { return Ok(()) };
        let path = &Path::Root.key(from);
        if own.is_null() {
            return self.edit.remove(own, path, "asks for nothing", Loss::Harmless);
        }
        self.edit.unlisted().rename(own, to);
        self.edit.note(Action::Renamed, path, &format!("{to} in Messages"));
        Ok(())
    }

    /// Messages gives what there is.
    fn include(&mut self) -> RuleResult {
        let Some(include) = self.root.get("include") else { return Ok(()) };
        let is_usual = |value: Node<'_>| value.is("reasoning.encrypted_content");
        let loss = if include.elements().all(is_usual) { Loss::Harmless } else { Loss::ClientSetting };
        self.edit.remove(include, &Path::Root.key("include"), "Messages gives what there is", loss)
    }

    /// Who asks: `metadata.user_id`, else the first of the members that name a user or a conversation.
    fn user(&mut self) -> RuleResult {
        let metadata = self.root.get("metadata");
        let own = metadata.and_then(|metadata| metadata.text("user_id")).filter(|id| !id.is_blank());
        let mut taken = own.map(|id| (id, "metadata"));
        for key in ["user", "safety_identifier", "prompt_cache_key"] {
            let Some(member) = self.root.get(key) else { continue };
            let path = &Path::Root.key(key);
            match member.as_str().filter(|id| taken.is_none() && !id.is_blank()) {
                Some(id) => {
                    taken = Some((id, key));
                    self.edit.unlisted().remove(member);
                    self.edit.note(Action::Moved, path, "metadata.user_id in Messages");
                }
                None => self.edit.remove(member, path, "Messages names one user", Loss::Harmless)?,
            }
        }
        let path = &Path::Root.key("metadata");
        for member in metadata.into_iter().flat_map(Node::members).filter(|own| !own.is_named("user_id")) {
            let key = member.key().decode();
            self.lose(member, &path.key(path::shown(&key)), "Messages has only user_id")?;
        }
        let value = taken.map(|(id, _)| [br#"{"user_id":""#, id.raw(), b"\"}"].concat());
        match (metadata, value) {
            (Some(metadata), Some(value)) if metadata.raw() != value => self.edit.put(metadata, value),
            (Some(metadata), None) => self.edit.remove(metadata, path, "no user_id", Loss::Harmless)?,
            (None, Some(value)) => self.edit.unlisted().append_member(self.root, "metadata", &value),
            _ => {}
        }
        Ok(())
    }

    /// What is faster is a speed there, where the profile has it.
    fn tier(&mut self) -> RuleResult {
        let Some(tier) = self.root.get("service_tier") else { return Ok(()) };
        let path = &Path::Root.key("service_tier");
        if tier.is("priority") && self.target.is_fast {
            self.edit.unlisted().rename(tier, "speed");
            self.edit.put(tier, "\"fast\"");
            self.edit.note(Action::Renamed, path, "speed in Messages");
            return Ok(());
        }
        let asks = !tier.is_null() && !["auto", "default"].iter().any(|own| tier.is(own));
        let loss = if asks { Loss::ClientSetting } else { Loss::Harmless };
        self.edit.remove(tier, path, "Messages has other tiers", loss)
    }

    /// Chat's clients may send one as a text.
    fn stops(&mut self) {
        if let Some(stop) = given(self.root, "stop_sequences").filter(|stop| stop.as_str().is_some()) {
            let path = &Path::Root.key("stop_sequences");
            self.edit.replace(stop, [b"[", stop.raw(), b"]"].concat(), path, "a list in Messages");
        }
    }
}
