//! Finds the model that a client's name means.
//!
//! Input: a name as clients write it: `openai/gpt-5.5-2026-05-01-high`, `gpt-5.5(high)`, `gpt-5.5/high`. Output: the known
//! model, and what the variant adds. State: none.

use super::Catalog;
use super::rules::{EFFORTS, ModelRules};
use crate::limits::MAX_NAME_BYTES;

/// A name, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Variant<'m> {
    pub(super) slug: &'m str,
    /// What to ask the upstream for: the slug, with its date where the name had one.
    pub(super) model: &'m str,
    /// The same with a provider's prefix, where the name had one.
    pub(crate) prefixed: &'m str,
    pub(crate) effort: Option<&'m str>,
}

impl Catalog {
    /// The model that a name means, and its rules.
    pub(crate) fn rules_of<'m>(&self, name: &'m str) -> Option<(Variant<'m>, &ModelRules)> {
        let found = self.find(name)?;
        Some((found, &self.models.get(found.slug)?.rules))
    }

    /// A model's own name, else one without an effort behind it; either may have a provider's prefix.
    pub(super) fn find<'m>(&self, name: &'m str) -> Option<Variant<'m>> {
        if name.len() > MAX_NAME_BYTES {
            return None;
        }
        let whole = self.prefixed(name);
        if whole.is_some_and(|found| found.slug == found.model) {
            return whole;
        }
        self.with_effort_behind(name).or(whole)
    }

    /// `…(high)` or `…/high`.
    fn with_effort_behind<'m>(&self, name: &'m str) -> Option<Variant<'m>> {
        let in_parentheses = || name.strip_suffix(')')?.split_once('(');
        let (base, effort) = in_parentheses().or_else(|| name.rsplit_once('/'))?;
        let found = self.prefixed(base)?;
        let is_effort = found.effort.is_none() && self.is_effort(found.slug, effort);
        is_effort.then_some(Variant { effort: Some(effort), ..found })
    }

    fn prefixed<'m>(&self, name: &'m str) -> Option<Variant<'m>> {
        let starts = std::iter::once(0).chain(name.match_indices('/').map(|(at, _)| at + 1));
        starts.into_iter().find_map(|start| {
            let found = self.variant(&name[start..])?;
            Some(Variant { prefixed: &name[..start + found.model.len()], ..found })
        })
    }

    /// The longest slug that ends where the name does, or before a dash: `gpt-5.55` is no `gpt-5.5`.
    fn variant<'m>(&self, name: &'m str) -> Option<Variant<'m>> {
        let dashes = name.rmatch_indices('-').map(|(at, _)| at);
        let mut slugs = std::iter::once(name.len()).chain(dashes).map(|end| &name[..end]);
        let slug = slugs.find(|slug| self.models.get(slug).is_some())?;
        let (dated, last) = name[slug.len()..].rsplit_once('-').unwrap_or_default();
        let is_date = dated.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let effort = Some(last).filter(|last| is_date && self.is_effort(slug, last));
        let model = effort.map_or(name, |_| &name[..slug.len() + dated.len()]);
        Some(Variant { slug, model, prefixed: model, effort })
    }

    fn is_effort(&self, slug: &str, name: &str) -> bool {
        let levels = self.models.get(slug).map(|model| &model.rules.efforts);
        EFFORTS.contains(&name) || levels.is_some_and(|levels| levels.iter().any(|own| own == name))
    }
}
