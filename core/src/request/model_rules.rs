//! Model rules: makes a Responses request one that its model accepts, whatever the backend.
//!
//! Input: the request, and the catalog. Output: edits, and a change for each. State: one `ModelPass` per request. A model
//! that the catalog does not know has no rules: nothing is removed on a guess.

use super::item_types::{ADDITIONAL_TOOLS, CONFIGURATION_UPDATE, Item};
use super::options::RequestOptions;
use super::path::Path;
use super::request_edit::{Change, Loss, RequestEdit, RuleResult};
use crate::catalog::{ModelRules, NO_EFFORT};
use crate::error::Error;
use crate::json::Str;
use crate::json::splice::Edits;
use crate::json::tree::Node;
use crate::json::write;

/// Tiers that every model may be asked for.
const USUAL_TIERS: [&str; 4] = ["auto", "default", "flex", "scale"];
const DISABLED: &str = "disabled";

struct ModelPass<'t> {
    root: Node<'t>,
    rules: &'t ModelRules,
    edit: RequestEdit,
}

/// The edits for the request's model, and the list of changes; `None` where it has no rules.
pub(super) fn apply<'t>(
    root: Node<'t>,
    items: &[Item<'t>],
    options: &'t RequestOptions,
    room: usize,
) -> Result<Option<(Edits, Vec<Change>)>, Error> {
    let Some((catalog, model)) = options.catalog.catalog().zip(root.get("model")) else { return Ok(None) };
    let Some(name) = model.as_str().map(Str::decode) else { return Ok(None) };
    let Some((found, rules)) = catalog.rules_of(&name) else { return Ok(None) };
    let mut pass = ModelPass { root, rules, edit: RequestEdit::new(options.strict, room) };
    if found.effort.is_some() {
        let reason = "the model without its effort";
        pass.edit.replace(model, write::quoted(found.prefixed), &Path::Root.key("model"), reason);
    }
    let effort = pass.effort(found.effort);
    pass.updated_efforts(items);
    pass.sampling(effort.as_deref())?;
    pass.verbosity()?;
    pass.parallel_calls(items);
    pass.service_tier()?;
    pass.output_limit();
    pass.cache()?;
    pass.image_detail();
    let (edits, changes, _) = pass.edit.into_edits()?;
    Ok(Some((edits, changes)).filter(|(edits, _)| !edits.is_empty()))
}

impl<'t> ModelPass<'t> {
    /// The effort that is sent: the client's, else that of the model's name, and of either the nearest that there is.
    fn effort(&mut self, of_name: Option<&str>) -> Option<String> {
        let reasoning = self.root.get("reasoning").filter(|own| !own.is_null());
        let own = reasoning.and_then(|own| own.get("effort")).filter(|own| !own.is_null());
        let asked = match own {
            Some(own) => own.as_str()?.decode(),
            None => of_name?.to_owned(),
        };
        let clamped = self.rules.clamped(&asked).map(str::to_owned);
        let path = Path::Root.key("reasoning");
        match (own, &clamped) {
            (Some(own), Some(effort)) => {
                let reason = "the nearest effort that the model has";
                self.edit.replace(own, write::quoted(effort), &path.key("effort"), reason);
            }
            (Some(_), None) => {}
            (None, _) => self.add_effort(reasoning, clamped.as_deref().unwrap_or(&asked)),
        }
        clamped.or(Some(asked))
    }

    /// Efforts from some item on; Codex writes `disabled` for none.
    fn updated_efforts(&mut self, items: &[Item<'t>]) {
        let input = Path::Root.key("input");
        for item in items.iter().filter(|item| item.kind.name == CONFIGURATION_UPDATE) {
            let effort = item.node.get("reasoning").and_then(|own| own.get("effort"));
            let Some((effort, name)) = effort.and_then(|own| Some((own, own.as_str()?.decode()))) else {
                continue;
            };
            let name = if name == DISABLED { NO_EFFORT } else { &*name };
            if let Some(clamped) = self.rules.clamped(name) {
                let path = input.index(item.index());
                let (path, reason) = (path.key("reasoning"), "the nearest effort that the model has");
                self.edit.replace(effort, write::quoted(clamped), &path.key("effort"), reason);
            }
        }
    }

    fn add_effort(&mut self, reasoning: Option<Node<'t>>, effort: &str) {
        let (value, reason) = (write::quoted(effort), "the effort that the model's name has");
        match reasoning {
            Some(own) if own.is_object() => {
                self.edit.set(own, "effort", &value, &Path::Root.key("reasoning"), reason);
            }
            Some(_) => {} // a wrong type, which the backend refuses
            None => {
                let value = [b"{\"effort\":", &value[..], b"}"].concat();
                self.edit.set(self.root, "reasoning", &value, &Path::Root, reason);
            }
        }
    }

    /// What the model refuses while it reasons.
    fn sampling(&mut self, effort: Option<&str>) -> RuleResult {
        const REASON: &str = "the model takes it with the effort none only";
        if effort == Some(NO_EFFORT) || self.rules.refused_while_reasoning.is_empty() {
            return Ok(());
        }
        for member in self.root.members() {
            let key = member.key_bytes();
            let name = self.rules.refused_while_reasoning.iter().find(|name| name.as_bytes() == &*key);
            if let Some(name) = name {
                let loss = if member.is_null() { Loss::Harmless } else { Loss::ClientSetting };
                self.edit.remove(member, &Path::Root.key(name), REASON, loss)?;
            }
        }
        let include = self.root.get("include").filter(|include| include.is_array());
        let refused = |entry: &Node<'_>| self.rules.refused_while_reasoning.iter().any(|name| entry.is(name));
        let Some(include) = include.filter(|include| include.elements().any(|entry| refused(&entry))) else {
            return Ok(());
        };
        let path = &Path::Root.key("include");
        if include.elements().all(|entry| refused(&entry)) {
            return self.edit.remove(include, path, REASON, Loss::ClientSetting);
        }
        let refused: Vec<_> = include.elements().enumerate().filter(|(_, entry)| refused(entry)).collect();
        for (index, entry) in refused {
            self.edit.remove(entry, &path.index(index), REASON, Loss::ClientSetting)?;
        }
        Ok(())
    }

    fn verbosity(&mut self) -> RuleResult {
        let text = self.root.get("text").filter(|_| self.rules.lacks_verbosity);
        let Some(verbosity) = text.and_then(|text| text.get("verbosity")) else { return Ok(()) };
        let path = &Path::Root.key("text");
        self.edit.remove(verbosity, &path.key("verbosity"), "the model has no verbosity", Loss::ClientSetting)
    }

    /// Not with a model that calls one tool at a time, nor where tools come as in Responses-Lite.
    fn parallel_calls(&mut self, items: &[Item<'_>]) {
        let Some(asked) = self.root.get("parallel_tool_calls").filter(|own| own.raw() == b"true") else {
            return;
        };
        let is_lite = || self.rules.is_lite && items.iter().any(|item| item.kind.name == ADDITIONAL_TOOLS);
        if self.rules.has_single_calls || is_lite() {
            let reason = "the model calls one tool at a time";
            self.edit.replace(asked, *b"false", &Path::Root.key("parallel_tool_calls"), reason);
        }
    }

    /// A tier that the model has, by its id or, in any case of letters, its name.
    fn service_tier(&mut self) -> RuleResult {
        const KEY: &str = "service_tier";
        let Some((tiers, member)) = self.rules.service_tiers.as_ref().zip(self.root.get(KEY)) else {
            return Ok(());
        };
        let Some(asked) = member.as_str().map(Str::decode) else { return Ok(()) };
        if USUAL_TIERS.contains(&&*asked) || tiers.iter().any(|[id, _]| *id == asked) {
            return Ok(());
        }
        let path = &Path::Root.key(KEY);
        match tiers.iter().find(|[_, name]| name.eq_ignore_ascii_case(&asked)) {
            Some([id, _]) => {
                self.edit.replace(member, write::quoted(id), path, "the model's own name of the tier");
            }
            None => self.edit.remove(member, path, "the model has no such tier", Loss::ClientSetting)?,
        }
        Ok(())
    }

    /// More output than the model can hold.
    fn output_limit(&mut self) {
        const KEY: &str = "max_output_tokens";
        let Some((most, member)) = self.rules.most_output.zip(self.root.get(KEY)) else { return };
        if member.value().as_u64().is_some_and(|asked| asked > most) {
            let reason = "the model's context window";
            self.edit.replace(member, most.to_string(), &Path::Root.key(KEY), reason);
        }
    }

    /// The older way to say how long the cache lives.
    fn cache(&mut self) -> RuleResult {
        const KEY: &str = "prompt_cache_retention";
        const NEWER: &str = "prompt_cache_options";
        let Some((ttl, member)) = self.rules.cache_ttl.as_ref().zip(self.root.get(KEY)) else {
            return Ok(());
        };
        let reason = "the model takes prompt_cache_options.ttl instead";
        self.edit.remove(member, &Path::Root.key(KEY), reason, Loss::Harmless)?;
        let (ttl, newer) = (write::quoted(ttl), self.root.get(NEWER).filter(|own| !own.is_null()));
        match newer {
            _ if member.is_null() => {}
            Some(own) if own.is_object() && own.get("ttl").is_none() => {
                self.edit.set(own, "ttl", &ttl, &Path::Root.key(NEWER), reason);
            }
            Some(_) => {}
            None => {
                let value = [b"{\"ttl\":", &ttl[..], b"}"].concat();
                self.edit.set(self.root, NEWER, &value, &Path::Root, reason);
            }
        }
        Ok(())
    }

    /// `original` is for models that take an image as it is.
    fn image_detail(&mut self) {
        if !self.rules.lacks_original_detail || !self.root.may_hold("detail") {
            return;
        }
        let input = Path::Root.key("input");
        for (nth, item) in self.root.get("input").into_iter().flat_map(Node::elements).enumerate() {
            for key in ["content", "output"] {
                let (own, item) = (input.index(nth), item.get(key));
                for (part, node) in item.into_iter().flat_map(Node::elements).enumerate() {
                    let Some(detail) = node.get("detail").filter(|detail| detail.is("original")) else {
                        continue;
                    };
                    let path = own.key(key);
                    let path = path.index(part);
                    let reason = "the model takes no image in its original size";
                    self.edit.replace(detail, *b"\"high\"", &path.key("detail"), reason);
                }
            }
        }
    }
}
