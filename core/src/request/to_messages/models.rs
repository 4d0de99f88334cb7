//! What a model takes: of a Messages request, whoever wrote it, what it would refuse is taken out.
//!
//! Input: the request and the profile's rows of models. Output: edits and changes. State: none.

use super::super::path::Path;
use super::super::profile::{MessagesTarget, ModelRow, Profile, Rule, Sampling, Thinking};
use super::super::request_edit::{Loss, RequestEdit, RuleResult};
use super::super::to_responses::effort::effort as of_budget;
use crate::json::tree::Node;
use crate::json::{Str, write};

const MAX: &str = "max_tokens";
const THINKING: &str = "thinking";
const CONFIG: &str = "output_config";
const EFFORT: &str = "effort";
const NOT_TAKEN: &str = "the model does not take it";
const ENABLED: &str = "enabled";
/// Kinds of `thinking` that think.
const ON: [&str; 3] = [ENABLED, "adaptive", "between_tools"];
const SAMPLING: [&str; 3] = ["temperature", "top_p", "top_k"];

/// A model and how long its answer may be.
pub(super) struct Limits<'t> {
    pub(super) row: Option<&'t ModelRow>,
    pub(super) max_tokens: u64,
}

impl<'t> Limits<'t> {
    /// `root`: a Responses request.
    pub(super) fn of(root: Node<'_>, profile: &Profile, target: &'t MessagesTarget) -> Self {
        let row = target.model(root.text("model"));
        let asked = root.get("max_output_tokens").and_then(|own| own.value().as_u64());
        let default = || match profile.rule(MAX).map(|field| &field.rule) {
            Some(Rule::Default(value) | Rule::Force(value)) => std::str::from_utf8(value).ok()?.parse().ok(),
            _ => None,
        };
        let asked = asked.or_else(default).unwrap_or(u64::MAX);
        let most = row.and_then(|row| row.max_tokens).unwrap_or(u64::MAX);
        Self { row, max_tokens: asked.min(most) }
    }
}

/// The rules of the model, for a Messages request.
pub(in crate::request) fn rules(
    root: Node<'_>,
    target: &MessagesTarget,
    edit: &mut RequestEdit,
) -> RuleResult {
    let row = target.model(root.text("model"));
    limit(root, row, edit);
    let Some(row) = row else { return Ok(()) };
    sampling(root, row, edit)?;
    effort(root, row, edit)?;
    thinking(root, row, target, edit)
}

/// An effort where the model has none.
fn effort(root: Node<'_>, row: &ModelRow, edit: &mut RequestEdit) -> RuleResult {
    let config = root.get(CONFIG).filter(|_| !row.has_effort);
    let Some((config, own)) = config.and_then(|config| Some((config, config.get(EFFORT)?))) else {
        return Ok(());
    };
    let is_alone = config.members().count() == 1;
    let path = &Path::Root.key(CONFIG);
    edit.remove(if is_alone { config } else { own }, &path.key(EFFORT), NOT_TAKEN, Loss::ClientSetting)
}

/// Thinking in the way that the model knows.
fn thinking(root: Node<'_>, row: &ModelRow, target: &MessagesTarget, edit: &mut RequestEdit) -> RuleResult {
    let own = root.get(THINKING).filter(|own| own.is_object() && !edit.is_removed(*own));
    let Some((own, kind)) = own.and_then(|own| Some((own, own.text("type")?))) else { return Ok(()) };
    let is = |words: &[&str]| words.iter().any(|word| kind.is(word));
    let path = &Path::Root.key(THINKING);
    match row.thinking {
        Thinking::None if is(&ON) => edit.remove(own, path, "the model does not think", Loss::ClientSetting),
        Thinking::Adaptive if is(&[ENABLED]) => {
            edit.replace(
                own,
                shown(br#"{"type":"adaptive""#, own),
                path,
                "the model thinks as it finds right",
            );
            asked_effort(root, row, own, edit);
            Ok(())
        }
        Thinking::Enabled if is(&ON) && !is(&[ENABLED]) => within_a_budget(root, target, own, edit),
        _ => Ok(()),
    }
}

/// The budget that was asked for is an effort.
fn asked_effort(root: Node<'_>, row: &ModelRow, thinking: Node<'_>, edit: &mut RequestEdit) {
    let config = root.get(CONFIG).filter(|own| !own.is_null());
    let has_own = config.is_some_and(|config| config.get(EFFORT).is_some_and(|own| !own.is_null()));
    let Some(effort) = of_budget(thinking).filter(|_| row.has_effort && !has_own) else { return };
    let reason = "what the budget comes to";
    if let Some(config) = config {
        return edit.set(config, EFFORT, &effort, &Path::Root.key(CONFIG), reason);
    }
    edit.set(root, CONFIG, &[b"{\"effort\":", &effort[..], b"}"].concat(), &Path::Root, reason);
}

/// A budget by the effort, less than the answer may have.
fn within_a_budget(
    root: Node<'_>,
    target: &MessagesTarget,
    thinking: Node<'_>,
    edit: &mut RequestEdit,
) -> RuleResult {
    let (medium, path) = (Str::from_raw(b"medium"), &Path::Root.key(THINKING));
    let effort = root.get(CONFIG).and_then(|config| config.text(EFFORT)).unwrap_or(medium);
    let most = root.get(MAX).and_then(|own| own.value().as_u64()).unwrap_or(u64::MAX);
    let Some(budget) = target.budget_within(effort, most) else {
        return edit.remove(thinking, path, "max_tokens leaves no room to think", Loss::ClientSetting);
    };
    let head = [br#"{"type":"enabled","budget_tokens":"#, budget.to_string().as_bytes()].concat();
    edit.replace(thinking, shown(&head, thinking), path, "the model thinks within a budget");
    Ok(())
}

/// The rest of a `thinking` that is written anew.
fn shown(head: &[u8], thinking: Node<'_>) -> Vec<u8> {
    let mut out = head.to_vec();
    if let Some(display) = thinking.get("display").filter(|own| !own.is_null()) {
        write::pieces(&mut out, [b",\"display\":", display.raw()]);
    }
    out.push(b'}');
    out
}

/// The most that the model answers with; else the client's limit, in digits where it came in another spelling: `90e0`.
fn limit(root: Node<'_>, row: Option<&ModelRow>, edit: &mut RequestEdit) {
    let own = root.get(MAX).and_then(|own| Some((own, own.value().as_u64()?)));
    let Some((own, asked)) = own else { return };
    let path = &Path::Root.key(MAX);
    if let Some(most) = row.and_then(|row| row.max_tokens).filter(|most| asked > *most) {
        edit.replace(own, most.to_string(), path, "the most that the model answers with");
    } else if own.raw().iter().any(|digit| !digit.is_ascii_digit()) {
        edit.replace(own, asked.to_string(), path, "a whole number in Messages");
    }
}

/// A model that thinks samples as it likes; some always do.
fn sampling(root: Node<'_>, row: &ModelRow, edit: &mut RequestEdit) -> RuleResult {
    let kind = root.get("thinking").and_then(|own| own.text("type"));
    let thinks = kind.is_some_and(|kind| ["enabled", "adaptive"].iter().any(|own| kind.is(own)));
    let has = |key: &str| root.get(key).is_some_and(|own| !own.is_null());
    let has_two = has(SAMPLING[0]) && has(SAMPLING[1]);
    for key in SAMPLING {
        let Some(own) = root.get(key) else { continue };
        let is_one = own.raw() == b"1" && key != "top_k";
        let reason = match row.sampling {
            Sampling::None => NOT_TAKEN,
            _ if thinks && !is_one => "not while the model thinks",
            Sampling::One if key == SAMPLING[1] && has_two => "the model takes one of temperature and top_p",
            _ => continue,
        };
        let loss = if own.is_null() { Loss::Harmless } else { Loss::ClientSetting };
        edit.remove(own, &Path::Root.key(key), reason, loss)?;
    }
    Ok(())
}
