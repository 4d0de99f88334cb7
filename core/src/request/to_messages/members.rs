//! The other members of a request, each where Messages has it.
//!
//! Input: the top level of the request, and the profile. Output: edits and changes. State: none.

use super::super::path::{self, Path};
use super::super::request_edit::{Action, Loss, RuleResult};
use super::{ToMessages, given};
use crate::json::Str;
use crate::json::tree::Node;

const PERSON: &str = "Messages takes no address and no number of a person";

impl ToMessages<'_> {
    pub(super) fn members(&mut self) -> RuleResult {
        self.thinking_and_format()?;
        self.rename("max_output_tokens", "max_tokens")?;
        self.include()?;
        self.user()?;
        self.tier()?;
        self.stops()?;
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
        let own = metadata.and_then(|metadata| metadata.get("user_id"));
        let mut taken = own.and_then(Node::as_str).filter(|id| !id.is_blank() && !is_person(*id));
        if let Some(person) = own.filter(|own| own.as_str().is_some_and(is_person)) {
            self.edit.lose(person, &Path::Root.key("metadata").key("user_id"), PERSON, Loss::Harmless)?;
        }
        for key in ["user", "safety_identifier", "prompt_cache_key"] {
            let Some(member) = self.root.get(key) else { continue };
            let path = &Path::Root.key(key);
            match member.as_str().filter(|id| taken.is_none() && !id.is_blank()) {
                Some(id) if !is_person(id) => {
                    taken = Some(id);
                    self.edit.unlisted().remove(member);
                    self.edit.note(Action::Moved, path, "metadata.user_id in Messages");
                }
                Some(_) => self.edit.remove(member, path, PERSON, Loss::Harmless)?,
                None => self.edit.remove(member, path, "Messages names one user", Loss::Harmless)?,
            }
        }
        let path = &Path::Root.key("metadata");
        for member in metadata.into_iter().flat_map(Node::members).filter(|own| !own.is_named("user_id")) {
            let key = member.key().decode();
            self.lose(member, &path.key(path::shown(&key)), "Messages has only user_id")?;
        }
        let value = taken.map(|id| [br#"{"user_id":""#, id.raw(), b"\"}"].concat());
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

    /// Chat's clients may send one as a text. White space alone stops nothing there.
    fn stops(&mut self) -> RuleResult {
        const BLANK: &str = "a stop sequence has more than white space";
        let Some(stop) = given(self.root, "stop_sequences") else { return Ok(()) };
        let path = &Path::Root.key("stop_sequences");
        let is_blank = |own: &Node<'_>| own.as_str().is_some_and(Str::is_blank);
        let blank: Vec<_> = stop.elements().enumerate().filter(|(_, own)| is_blank(own)).collect();
        if is_blank(&stop) || (!blank.is_empty() && blank.len() == stop.elements().count()) {
            return self.edit.remove(stop, path, BLANK, Loss::ClientSetting);
        }
        for (index, own) in blank {
            self.edit.remove(own, &path.index(index), BLANK, Loss::ClientSetting)?;
        }
        if stop.as_str().is_some() {
            self.edit.replace(stop, [b"[", stop.raw(), b"]"].concat(), path, "a list in Messages");
        }
        Ok(())
    }
}

/// Whether a text is what a Messages server refuses for a user: an e-mail address or a telephone number.
fn is_person(id: Str<'_>) -> bool {
    let id = id.decode();
    let id = id.trim();
    let is_address = id.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
    let digits = id.bytes().filter(u8::is_ascii_digit).count();
    let is_number =
        id.starts_with('+') && id[1..].bytes().all(|c| c.is_ascii_digit() || b" ()-./".contains(&c));
    is_address || (is_number && (7..=15).contains(&digits))
}
