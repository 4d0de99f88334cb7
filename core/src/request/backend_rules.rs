//! Backend rules: makes a Responses request one that the profile's backend accepts.
//!
//! Input: the request. Output: the edits, and the changes in the order of the steps. State: one `Rules` per request.

mod fields;
mod items;
mod outputs;
mod schemas;
mod shapes;
mod summaries;
mod system;
mod tool_choice;
mod tools;

use super::cache_marks::{BREAKPOINT, CACHE_CONTROL};
use super::context::RequestContext;
use super::item_types::Item;
use super::nested::Insertions;
use super::options::RequestOptions;
use super::path::{self, Path};
use super::profile::{Characters, Profile};
use super::request_edit::{Change, Loss, RequestEdit, RuleResult};
use super::short_names::{NameKind, Shortener};
use crate::dialect::Dialect;
use crate::error::Error;
use crate::json::splice::Edits;
use crate::json::tree::Node;
pub(crate) use items::as_list;
use std::collections::BTreeMap;
use tools::Declared;

/// One pass over a request.
pub(super) struct Rules<'t> {
    pub(super) root: Node<'t>,
    /// What is in `input`, if it is a list.
    pub(super) items: Vec<Item<'t>>,
    pub(super) profile: &'t Profile,
    pub(super) options: &'t RequestOptions,
    pub(super) edit: RequestEdit,
    pub(super) names: Shortener<'t>,
    pub(super) call_ids: Shortener<'t>,
    /// Members that others were renamed to, or that the profile asks for.
    pub(super) added: Insertions,
    /// Names that others were renamed to.
    pub(super) claimed: Vec<String>,
    /// Values that were shortened: short → original.
    pub(super) values: BTreeMap<String, String>,
    /// Names of cache marks that the backend does not know and that are somewhere in the request.
    marks: Vec<&'static str>,
    /// What `tool_choice` may name; filled where there is one.
    declared: Declared<'t>,
    /// The client speaks chat, whose outputs do not name the kind of their call.
    is_chat: bool,
    /// Paths of what the table of input shapes does not know.
    unknown: Vec<String>,
}

/// The edits, and the list of changes; `items`: those of `input`, `room`: for new text.
pub(super) fn apply<'t>(
    root: Node<'t>,
    items: Vec<Item<'t>>,
    profile: &'t Profile,
    options: &'t RequestOptions,
    room: usize,
    context: &mut RequestContext,
) -> Result<(Edits, Vec<Change>), Error> {
    let mut rules = Rules::new(root, items, profile, options, room, context.dialect == Dialect::Chat);
    rules.duplicates(root, &Path::Root);
    rules.breakpoint(root, &Path::Root)?;
    rules.fields(context)?;
    rules.reasoning_summary()?;
    rules.format()?;
    rules.system()?;
    rules.tools()?;
    rules.tool_choice()?;
    rules.input()?;
    context.unknown_fields.append(&mut rules.unknown);
    context.names = rules.names.restorable();
    context.call_ids = rules.call_ids.restorable();
    context.values = rules.values;
    rules.edit.into_edits().map(|(edits, changes, _)| (edits, changes))
}

impl<'t> Rules<'t> {
    fn new(
        root: Node<'t>,
        items: Vec<Item<'t>>,
        profile: &'t Profile,
        options: &'t RequestOptions,
        room: usize,
        is_chat: bool,
    ) -> Self {
        // For a server that knows functions only names are flattened first, and then made short.
        let has_other_names = profile.chat.is_some() || profile.messages.is_some();
        let name_bytes = if has_other_names { usize::MAX } else { profile.name_bytes };
        let id_kind =
            if profile.id_characters == Characters::Word { NameKind::WordId } else { NameKind::CallId };
        Self {
            root,
            items,
            profile,
            options,
            edit: RequestEdit::new(options.strict, room),
            names: Shortener::new(NameKind::Name, name_bytes, root),
            call_ids: Shortener::new(id_kind, profile.id_bytes, root),
            added: Insertions::default(),
            claimed: Vec::new(),
            values: BTreeMap::new(),
            marks: marks(root, profile),
            declared: Declared::default(),
            is_chat,
            unknown: Vec::new(),
        }
    }

    pub(super) fn duplicates(&mut self, object: Node<'_>, path: &Path<'_>) {
        self.edit.remove_duplicates(object, path);
    }

    /// Whether the request goes on to a server that speaks only chat: what chat has no form of is decided there.
    pub(super) fn is_for_chat(&self) -> bool {
        self.profile.chat.is_some()
    }

    /// Whether it goes on to a server of another dialect: items that are removed there keep the places of the others.
    pub(super) fn is_for_other(&self) -> bool {
        self.is_for_chat() || self.profile.messages.is_some()
    }

    /// Removes the cache marks of an object.
    pub(super) fn breakpoint(&mut self, holder: Node<'_>, path: &Path<'_>) -> RuleResult {
        for name in self.marks.clone() {
            for mark in holder.members().filter(|member| member.is_named(name)) {
                if !self.edit.is_removed(mark) {
                    self.edit.remove(
                        mark,
                        &path.key(name),
                        "unsupported by the backend",
                        Loss::ClientSetting,
                    )?;
                }
            }
        }
        Ok(())
    }

    /// `none` is what clients write who want no summary; the API has no word for it.
    fn reasoning_summary(&mut self) -> RuleResult {
        let summary = self.root.get("reasoning").and_then(|reasoning| reasoning.get("summary"));
        match summary.filter(|summary| summary.is("none") && !self.edit.is_removed(*summary)) {
            Some(summary) => {
                let path = &Path::Root.key("reasoning");
                self.edit.remove(summary, &path.key("summary"), "asks for nothing", Loss::Harmless)
            }
            None => Ok(()),
        }
    }
}

/// The forms of an answer that have nothing but their type.
const BARE_FORMATS: [&str; 2] = ["text", "json_object"];

impl Rules<'_> {
    /// Members of another form, which the backend refuses; some chat servers have them, and a profile may.
    fn format(&mut self) -> RuleResult {
        let is_ours = !self.is_for_chat() && !self.profile.decides("text.format");
        let is_kept = |own: &Node<'_>| is_ours && !self.edit.is_removed(*own);
        let text = self.root.get("text").filter(is_kept);
        let format = text.and_then(|text| text.get("format")).filter(is_kept);
        let kind = format.and_then(|format| format.get("type"));
        let is_bare = kind.is_some_and(|kind| BARE_FORMATS.iter().any(|own| kind.is(own)));
        let path = &Path::Root.key("text");
        let path = &path.key("format");
        for member in format.filter(|_| is_bare).into_iter().flat_map(Node::members) {
            if !member.is_named("type") && !self.edit.is_removed(member) {
                let key = member.key().decode();
                let path = &path.key(path::shown(&key));
                self.edit.remove(member, path, "of another form of the answer", Loss::of(member))?;
            }
        }
        Ok(())
    }
}

/// The profile's rules of members alone, for a request that is of another dialect already.
pub(super) fn apply_fields<'t>(
    root: Node<'t>,
    profile: &'t Profile,
    options: &'t RequestOptions,
    room: usize,
    context: &mut RequestContext,
) -> Result<RequestEdit, Error> {
    let mut rules = Rules::new(root, Vec::new(), profile, options, room, false);
    rules.duplicates(root, &Path::Root);
    rules.fields(context)?;
    context.values.append(&mut rules.values);
    Ok(rules.edit)
}

/// The marks that are to go, where there are any: most requests have none.
fn marks(root: Node<'_>, profile: &Profile) -> Vec<&'static str> {
    let mut marks = Vec::new();
    if profile.messages.is_some() {
        return marks; // the server has its own
    }
    if profile.removes_breakpoints {
        marks.push(BREAKPOINT);
    }
    if profile.removes_breakpoints || profile.chat.is_none() {
        marks.push(CACHE_CONTROL);
    }
    marks.retain(|mark| root.may_hold(mark) && root.descendants().any(|node| node.is_named(mark)));
    marks
}
