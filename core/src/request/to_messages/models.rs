//! What a model takes: of a Messages request, whoever wrote it, what it would refuse is taken out.
//!
//! Input: the request and the profile's rows of models. Output: edits and changes. State: none.

use super::super::path::Path;
use super::super::profile::{MessagesTarget, ModelRow, Profile, Rule, Sampling};
use super::super::request_edit::{Loss, RequestEdit, RuleResult};
use crate::json::tree::Node;

const MAX: &str = "max_tokens";
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
    let Some(row) = target.model(root.text("model")) else { return Ok(()) };
    limit(root, row, edit);
    sampling(root, row, edit)
}

fn limit(root: Node<'_>, row: &ModelRow, edit: &mut RequestEdit) {
    let own = root.get(MAX).and_then(|own| Some((own, own.value().as_u64()?)));
    if let (Some(most), Some((own, asked))) = (row.max_tokens, own)
        && asked > most
    {
        edit.replace(own, most.to_string(), &Path::Root.key(MAX), "the most that the model answers with");
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
            Sampling::None => "the model does not take it",
            _ if thinks && !is_one => "not while the model thinks",
            Sampling::One if key == SAMPLING[1] && has_two => "the model takes one of temperature and top_p",
            _ => continue,
        };
        let loss = if own.is_null() { Loss::Harmless } else { Loss::ClientSetting };
        edit.remove(own, &Path::Root.key(key), reason, loss)?;
    }
    Ok(())
}
