//! Gives a client its own tool names and ids back.
//!
//! Input: an event or a body as the upstream sent it. Output: the same with the names and ids that the client knows, before
//! anything else reads it. State: the names and ids that a request was given.

use super::{Event, EventKind, FUNCTION_CALL, PREVIOUS_RESPONSE_ID as PREVIOUS, Streamed, document_status};
use crate::answer::CallKind;
use crate::json::splice::Edits;
use crate::json::tree::{Node, Tree};
use crate::json::{Value, write};
use crate::options::Options;
use crate::request::RequestContext;
use std::collections::BTreeMap;

/// What a request changed and its answer must not show.
#[derive(Debug, Default, Clone)]
pub(crate) struct NameRestorer {
    /// Short → original.
    names: BTreeMap<String, String>,
    call_ids: BTreeMap<String, String>,
    /// Of what a response repeats of the request beside these.
    values: BTreeMap<String, String>,
    /// Function calls get item ids that begin with `fc_`.
    fc_ids: bool,
    /// What the client continues, as a JSON string: the backend was sent the whole conversation instead.
    previous_response_id: Option<Vec<u8>>,
}

const ARGUMENTS: Streamed = Streamed::Call(CallKind::Function);

impl NameRestorer {
    /// `None` where there is nothing to give back, as for most.
    pub(crate) fn new(options: &Options) -> Option<Box<Self>> {
        let context = options.context.as_deref();
        let RequestContext { names, call_ids, values, .. } = context.cloned().unwrap_or_default();
        let previous_response_id = options.previous_response_id.as_deref().map(write::quoted);
        let restorer = Self { names, call_ids, values, fc_ids: options.fc_ids, previous_response_id };
        (restorer.renames() || restorer.replaces()).then(|| Box::new(restorer))
    }

    /// The event's JSON, where it must be changed.
    pub(crate) fn event(&self, event: &Event<'_>) -> Option<Vec<u8>> {
        let is_bare = event.kind == EventKind::Other && event.members.kind.is_none();
        if is_bare && document_status(event.json).is_some() {
            return edited(event.json, |edits, root| self.response(edits, root)); // a body that is no stream
        }
        if !self.concerns(event) {
            return None;
        }
        edited(event.json, |edits, root| {
            self.names_and_ids(edits, root);
            if matches!(event.kind, EventKind::Delta(ARGUMENTS) | EventKind::Done(ARGUMENTS)) {
                self.fc_id(edits, root.get("item_id"));
            }
            root.get("item").into_iter().for_each(|item| self.item(edits, item));
            root.get("response").into_iter().for_each(|response| self.response(edits, response));
        })
    }

    fn replaces(&self) -> bool {
        !self.values.is_empty() || self.previous_response_id.is_some()
    }

    fn renames(&self) -> bool {
        !self.names.is_empty() || !self.call_ids.is_empty() || self.fc_ids
    }

    /// Deltas are many, and nearly none names a call.
    fn concerns(&self, event: &Event<'_>) -> bool {
        match event.kind {
            _ if event.members.response.is_some() => true,
            _ if !self.renames() => false,
            EventKind::Delta(ARGUMENTS) if self.fc_ids => true,
            EventKind::Delta(_) => event.members.call_id.is_some() || event.members.name.is_some(),
            _ => true,
        }
    }

    /// `output`, and the request that a response repeats.
    fn response(&self, edits: &mut Edits, response: Node<'_>) {
        self.previous(edits, response);
        self.echoes(edits, response);
        let lists = ["output", "tools"].into_iter().filter_map(|key| response.get(key));
        lists.flat_map(Node::elements).for_each(|item| self.item(edits, item));
        response.get("tool_choice").into_iter().for_each(|choice| self.item(edits, choice));
    }

    /// Texts and names that a limit made short, wherever the response repeats them.
    fn echoes(&self, edits: &mut Edits, response: Node<'_>) {
        let is_echo = |member: &Node<'_>| !["output", "tools"].iter().any(|key| member.is_named(key));
        let echoes = response.members().filter(|member| is_echo(member) && !self.values.is_empty());
        for node in echoes.flat_map(|member| std::iter::once(member).chain(member.descendants())) {
            if let Some(original) = node.as_str().and_then(|text| self.values.get(&text.decode())) {
                edits.replace(node, write::quoted(original));
            }
            if let Some(original) = self.values.get(&node.key().decode()) {
                edits.rename(node, &String::from_utf8_lossy(&write::contents(original)));
            }
        }
    }

    fn previous(&self, edits: &mut Edits, response: Node<'_>) {
        let Some(id) = self.previous_response_id.as_ref().filter(|_| response.is_object()) else { return };
        match response.get(PREVIOUS) {
            Some(member) => edits.replace(member, id.clone()),
            None => edits.append_member(response, PREVIOUS, id),
        }
    }

    /// An item, a tool, or a choice of tools; a namespace and a choice have tools of their own.
    fn item(&self, edits: &mut Edits, item: Node<'_>) {
        self.names_and_ids(edits, item);
        if item.get("type").is_some_and(|kind| kind.is(FUNCTION_CALL)) {
            self.fc_id(edits, item.get("id"));
        }
        item.get("tools").into_iter().flat_map(Node::elements).for_each(|tool| self.item(edits, tool));
    }

    fn names_and_ids(&self, edits: &mut Edits, holder: Node<'_>) {
        for (key, originals) in [("name", &self.names), ("call_id", &self.call_ids)] {
            let member = holder.get(key).filter(|_| !originals.is_empty());
            let original = member.and_then(|member| originals.get(&member.as_str()?.decode()));
            if let (Some(member), Some(original)) = (member, original) {
                edits.replace(member, write::quoted(original));
            }
        }
    }

    /// `fc_` and the id without `call_`.
    fn fc_id(&self, edits: &mut Edits, id: Option<Node<'_>>) {
        let member = id.filter(|_| self.fc_ids);
        let text = member.and_then(Node::as_str).filter(|text| !text.is_empty());
        if let (Some(member), Some(text)) = (member, text.filter(|text| !text.raw().starts_with(b"fc_"))) {
            let rest = text.raw().strip_prefix(b"call_").unwrap_or(text.raw());
            edits.replace(member, [b"\"fc_", rest, b"\""].concat());
        }
    }
}

fn edited(json: Value<'_>, edit: impl FnOnce(&mut Edits, Node<'_>)) -> Option<Vec<u8>> {
    let tree = Tree::parse(json.raw()).ok()?;
    let mut edits = Edits::default();
    edit(&mut edits, tree.root());
    (!edits.is_empty()).then(|| edits.apply(tree.root()))
}
