//! The key of the cache: the conversation that a request belongs to; and how fast the answer is to be.
//!
//! Input: the session from the host, or the client's `metadata`. Output: `prompt_cache_key`, `service_tier`. State: none.

use super::super::super::path::Path;
use super::super::super::request_edit::{Loss, RuleResult};
use super::super::given;
use super::FromMessages;
use crate::json::{Str, Value, write};
use sha2::{Digest, Sha256};

const KEY: &str = "prompt_cache_key";
const TIER: &str = "service_tier";

impl FromMessages<'_> {
    /// `metadata` names the user to the vendor of another API: it is not sent on.
    pub(super) fn cache_key(&mut self) -> RuleResult {
        let metadata = self.root.get("metadata");
        let user = metadata.and_then(|own| own.text("user_id")).filter(|user| !user.is_blank());
        let is_open = given(self.root, KEY).is_none() && !self.is_refused(KEY);
        let from_user = user.map(|user| session_of(&user.decode()));
        let key = self.options.session.clone().filter(|own| !own.is_empty()).or_else(|| from_user.clone());
        if let Some(key) = key.as_ref().filter(|_| is_open) {
            self.add(KEY, &write::quoted(key));
        }
        let path = &Path::Root.key("metadata");
        match metadata {
            None if is_open && key.is_some() => {
                let path = &Path::Root.key(KEY);
                self.edit.note(super::Action::Added, path, "the session of the request");
                Ok(())
            }
            None => Ok(()),
            Some(metadata) if is_open && key.is_some() => {
                self.moved(metadata, path, KEY);
                Ok(())
            }
            Some(metadata) => {
                self.edit.remove(metadata, path, "names the user to another API", Loss::Harmless)
            }
        }
    }

    /// `speed: fast` is a tier elsewhere.
    pub(super) fn tier(&mut self) -> RuleResult {
        let speed = self.root.get("speed");
        let is_fast = speed.is_some_and(|speed| speed.is("fast"));
        if let Some(speed) = speed {
            let path = &Path::Root.key("speed");
            match speed {
                _ if is_fast => {
                    self.add_tier("priority");
                    self.moved(speed, path, TIER);
                }
                _ if speed.is("standard") => {
                    self.edit.remove(speed, path, "what is done anyway", Loss::Harmless)?;
                }
                _ => self.edit.remove(speed, path, "Responses has no such speed", Loss::of(speed))?,
            }
        }
        let Some(tier) = self.root.get(TIER) else { return Ok(()) };
        let path = &Path::Root.key(TIER);
        match tier {
            _ if is_fast => {
                self.edit.unlisted().remove(tier);
                self.edit.lose(tier, path, "speed says it", Loss::Harmless)
            }
            _ if tier.is("auto") => self.edit.remove(tier, path, "what is done anyway", Loss::Harmless),
            _ if tier.is("standard_only") => {
                self.edit.replace(tier, "\"default\"", path, "default in Responses");
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn add_tier(&mut self, tier: &str) {
        self.edit.unlisted().append_member(self.root, TIER, &write::quoted(tier));
    }
}

/// The session in a user's id: a member of its JSON, the end of its older form, else a hash of the text.
fn session_of(user: &str) -> String {
    let json = Value::document(user.as_bytes());
    let session = json.and_then(|json| json.get("session_id")?.as_str()).map(Str::decode);
    let older = user.rsplit_once("_session_").map(|(_, session)| session.to_owned());
    let session = session.or(older).filter(|session| !session.trim().is_empty());
    session.unwrap_or_else(|| Sha256::digest(user)[..16].iter().map(|byte| format!("{byte:02x}")).collect())
}
