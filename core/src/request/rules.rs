//! Enters: a Responses request. Leaves: the edits that make it one the profile's backend accepts. The order of the
//! steps is the order of the ledger.

use super::context::RequestContext;
use super::draft::{Change, Draft, Loss, Verdict};
use super::kinds::{self, Item};
use super::names::{Kind, Shortener};
use super::nested::Insertions;
use super::path::Path;
use super::profile::{Characters, Profile};
use super::{Error, RequestOptions};
use crate::json::splice::Edits;
use crate::json::tree::Node;
use std::collections::BTreeMap;

/// One pass over a request.
pub(super) struct Rules<'t> {
    pub(super) root: Node<'t>,
    /// What is in `input`, if it is a list.
    pub(super) items: Vec<Item<'t>>,
    pub(super) profile: &'t Profile,
    pub(super) options: &'t RequestOptions,
    pub(super) draft: Draft,
    pub(super) names: Shortener<'t>,
    pub(super) call_ids: Shortener<'t>,
    /// Members that others were renamed to, or that the profile asks for.
    pub(super) added: Insertions,
    /// Names that others were renamed to.
    pub(super) claimed: Vec<String>,
    /// Values that were shortened: short → original.
    pub(super) values: BTreeMap<String, String>,
    /// There are some, and the backend knows none.
    pub(super) has_breakpoints: bool,
}

pub(super) const BREAKPOINT: &str = "prompt_cache_breakpoint";

/// The edits, and the ledger.
pub(super) fn apply<'t>(
    root: Node<'t>,
    profile: &'t Profile,
    options: &'t RequestOptions,
    context: &mut RequestContext,
) -> Result<(Edits, Vec<Change>), Error> {
    // For a chat server names are flattened first, and then made short.
    let name_bytes = if profile.chat.is_some() { usize::MAX } else { profile.name_bytes };
    let id_kind = if profile.id_characters == Characters::Word { Kind::WordId } else { Kind::CallId };
    let mut rules = Rules {
        root,
        items: kinds::items(root),
        profile,
        options,
        draft: Draft::new(options.strict),
        names: Shortener::new(Kind::Name, name_bytes, root),
        call_ids: Shortener::new(id_kind, profile.id_bytes, root),
        added: Insertions::default(),
        claimed: Vec::new(),
        values: BTreeMap::new(),
        has_breakpoints: profile.removes_breakpoints
            && root.descendants().any(|node| node.is_named(BREAKPOINT)),
    };
    rules.duplicates(root, &Path::Root);
    rules.fields(context)?;
    rules.system()?;
    rules.tools()?;
    rules.tool_choice()?;
    rules.input()?;
    context.names = rules.names.restorable();
    context.call_ids = rules.call_ids.restorable();
    context.values = rules.values;
    Ok(rules.draft.into_edits())
}

impl Rules<'_> {
    pub(super) fn duplicates(&mut self, object: Node<'_>, path: &Path<'_>) {
        self.draft.remove_duplicates(object, path);
    }

    /// Removes a member that the profile takes cache hints from.
    pub(super) fn breakpoint(&mut self, holder: Node<'_>, path: &Path<'_>) -> Verdict {
        let marks = holder.members().filter(|member| self.has_breakpoints && member.is_named(BREAKPOINT));
        for mark in marks.collect::<Vec<_>>() {
            if !self.draft.is_removed(mark) {
                let path = &path.key(BREAKPOINT);
                self.draft.remove(mark, path, "unsupported by the backend", Loss::Asked)?;
            }
        }
        Ok(())
    }
}
