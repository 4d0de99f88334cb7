//! Finds the model that a client's name means.
//!
//! Input: a name as clients write it: `openai/gpt-5.5-2026-05-01-high`. Output: the known model, and what the variant
//! adds. State: none.

use super::{Catalog, value};
use crate::json::Value;
use crate::limits::MAX_NAME_BYTES;

/// Efforts that any model's name may end in; a model's own `supported_reasoning_levels` are known beside them.
const EFFORTS: [&str; 8] = ["none", "minimal", "low", "medium", "high", "xhigh", "max", "ultra"];

/// A name, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Variant<'m> {
    pub(super) slug: &'m str,
    /// What to ask the upstream for: the slug, with its date where the name had one.
    pub(super) model: &'m str,
    pub(super) effort: Option<&'m str>,
}

impl Catalog {
    /// The name as it stands, else without what stands before a slash: a provider.
    pub(super) fn find<'m>(&self, name: &'m str) -> Option<Variant<'m>> {
        if name.len() > MAX_NAME_BYTES {
            return None;
        }
        let unprefixed = name.match_indices('/').map(|(at, _)| &name[at + 1..]);
        std::iter::once(name).chain(unprefixed).find_map(|name| self.variant(name))
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
        Some(Variant { slug, model, effort })
    }

    fn is_effort(&self, slug: &str, name: &str) -> bool {
        let levels = self.models.get(slug).and_then(|model| value(model, "supported_reasoning_levels"));
        let is_level = |level: Value<'_>| {
            level.get("effort").unwrap_or(level).as_str().is_some_and(|level| level.is(name))
        };
        EFFORTS.contains(&name) || levels.is_some_and(|levels| levels.elements().any(is_level))
    }
}
