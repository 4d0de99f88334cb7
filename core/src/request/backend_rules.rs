//! Enters: a Responses request. Leaves: the edits that make it one the profile's backend accepts. The order of the
//! steps is the order of the ledger.

mod items;
mod system;
mod tool_choice;
mod tools;

use super::context::RequestContext;
use super::item_types::{self, Item};
use super::path::Path;
use super::profile::Profile;
use super::request_edit::{Change, Draft, Loss, Verdict};
use super::short_names::{Kind, Shortener};
use super::{Error, RequestOptions};
use crate::json::splice::Edits;
use crate::json::tree::Node;
pub(crate) use items::as_list;

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
    let mut rules = Rules {
        root,
        items: item_types::items(root),
        profile,
        options,
        draft: Draft::new(options.strict),
        names: Shortener::new(Kind::Name, name_bytes, root),
        call_ids: Shortener::new(Kind::CallId, profile.id_bytes, root),
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
