//! `thinking`, `output_config`, `output_format`: how much the model thinks, whether that is shown, and the form of its answer.
//!
//! Input: these members, and what system messages say of effort. Output: `reasoning`, `text.format`, `include`. State: none.

use super::super::super::path::Path;
use super::super::super::request_edit::{Action, Loss, RuleResult};
use super::super::{effort, given, tools, wrong_type};
use super::FromMessages;
use crate::error::Error;
use crate::json::tree::Node;

const REASONING: &str = "reasoning";
const EFFORT: &str = "reasoning.effort";
const INCLUDE: &str = "include";
const ENCRYPTED: &[u8] = br#"["reasoning.encrypted_content"]"#;
/// Kinds of `thinking` that think.
const ON: [&str; 3] = ["enabled", "adaptive", "between_tools"];

impl<'t> FromMessages<'t> {
    pub(super) fn thinking(&mut self) -> RuleResult {
        let (thinking, config) = (self.root.get("thinking"), self.root.get("output_config"));
        for (own, key) in [(thinking, "thinking"), (config, "output_config")] {
            if let Some(wrong) = own.filter(|own| !own.is_object() && !own.is_null()) {
                return Err(wrong_type(wrong, &Path::Root.key(key), "an object"));
            }
        }
        let is = |words: &[&str]| {
            thinking
                .and_then(|own| own.get("type"))
                .is_some_and(|kind| words.iter().any(|word| kind.is(word)))
        };
        let (is_on, is_off) = (is(&ON), is(&["disabled"]));
        let asked = self.asked_effort(config)?.filter(|_| !is_off);
        let effort = asked.map(|own| own.raw().to_vec()).or_else(|| thinking.and_then(effort::effort));
        let is_shown =
            is_on && !thinking.and_then(|own| own.get("display")).is_some_and(|own| own.is("omitted"));
        self.reason(effort.as_deref(), is_shown && !self.is_for_chat());
        self.leave_thinking(thinking)?;
        self.formats(config)
    }

    /// The effort for the next turn: the last that a system message sets, else that of the request.
    fn asked_effort(&mut self, config: Option<Node<'t>>) -> Result<Option<Node<'t>>, Error> {
        let own = config.and_then(|config| given(config, "effort"));
        let path = Path::Root.key("output_config");
        match (self.effort, own) {
            (Some(later), own) => {
                if let Some(own) = own.filter(|own| own.raw() != later.value.raw()) {
                    let reason = format!("messages[{}] sets another one", later.message);
                    self.edit.lose(own, &path.key("effort"), &reason, Loss::Harmless)?;
                }
                Ok(Some(later.value))
            }
            (None, own) => Ok(own),
        }
    }

    /// A summary is what can be shown of reasoning; what is encrypted comes back in the next turn.
    fn reason(&mut self, effort: Option<&[u8]>, is_shown: bool) {
        if given(self.root, REASONING).is_some() || (effort.is_none() && !is_shown) {
            return;
        }
        let effort = effort.map(|effort| [br#""effort":"#, effort].concat());
        let summary = is_shown.then(|| br#""summary":"auto""#.to_vec());
        let members: Vec<_> = effort.into_iter().chain(summary).collect();
        self.add(REASONING, &[b"{", &members.join(&b',')[..], b"}"].concat());
        if !self.is_for_chat() && given(self.root, INCLUDE).is_none() && !self.is_refused(INCLUDE) {
            self.add(INCLUDE, ENCRYPTED);
            let path = &Path::Root.key(INCLUDE);
            self.edit.note(Action::Added, path, "reasoning must come back encrypted where nothing is stored");
        }
    }

    fn leave_thinking(&mut self, thinking: Option<Node<'t>>) -> RuleResult {
        let Some(thinking) = thinking else { return Ok(()) };
        let path = &Path::Root.key("thinking");
        if thinking.is_null() {
            return self.edit.remove(thinking, path, "asks for nothing", Loss::Harmless);
        }
        self.leave(thinking, &["type", "budget_tokens", "display"], path)?;
        self.moved(thinking, path, EFFORT);
        Ok(())
    }

    /// The form of the answer, in either of its places.
    fn formats(&mut self, config: Option<Node<'t>>) -> RuleResult {
        let path = Path::Root.key("output_config");
        if let Some(config) = config {
            for member in
                config.members().filter(|own| !["effort", "format"].iter().any(|key| own.is_named(key)))
            {
                let key = member.key().decode();
                let path = path.key(super::path::shown(&key));
                self.edit.lose(member, &path, "Responses has no place for it", Loss::of(member))?;
            }
            self.moved(config, &path, "reasoning.effort and text.format");
        }
        let older = self.root.get("output_format");
        let own = config.and_then(|config| given(config, "format"));
        if let Some(own) = own {
            self.format(own, &path.key("format"))?;
        }
        let path = Path::Root.key("output_format");
        match older {
            Some(older) if own.is_some() || older.is_null() => {
                self.edit.remove(older, &path, "output_config.format is given", Loss::Harmless)
            }
            Some(older) => {
                self.moved(older, &path, "text.format");
                self.format(older, &path)
            }
            None => Ok(()),
        }
    }

    fn format(&mut self, format: Node<'t>, path: &Path<'_>) -> RuleResult {
        let written = tools::format(format, path)?;
        if given(self.root, "text").is_some() {
            return self.lose(format, path, "text is given");
        }
        self.add("text", &[br#"{"format":"#, &written[..], b"}"].concat());
        Ok(())
    }
}
