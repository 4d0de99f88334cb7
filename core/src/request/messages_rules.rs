//! The rules of a Messages request: those of the profile and of the model, and that no signature reaches a server which did
//! not give it.
//!
//! Input: a Messages request. Output: the same without what the server refuses, and changes. State: none.

use super::backend_rules;
use super::context::RequestContext;
use super::path::Path;
use super::profile::{MessagesTarget, Profile};
use super::request_edit::{Change, Loss, RequestEdit, RuleResult, too_large};
use super::to_messages::models;
use super::{Error, RequestOptions};
use crate::json::tree::{Node, Tree};
use crate::opaque::is_envelope;

/// The body to send, and the changes. `root`: the request.
pub(super) fn apply(
    root: Node<'_>,
    profile: &Profile,
    target: &MessagesTarget,
    options: &RequestOptions,
    room: usize,
    context: &mut RequestContext,
) -> Result<(Vec<u8>, Vec<Change>), Error> {
    let edit = backend_rules::apply_fields(root, profile, options, room, context)?;
    let (edits, mut changes, room) = edit.into_edits()?;
    let body = edits.apply(root);
    let ruled = (!edits.is_empty()).then(|| Tree::parse(&body)).transpose().map_err(|_| too_large())?;
    let root = ruled.as_ref().map_or(root, Tree::root);
    let mut edit = RequestEdit::new(options.strict, room);
    models::rules(root, target, &mut edit)?;
    thoughts(root, target, &mut edit)?;
    let (edits, of_model, _) = edit.into_edits()?;
    changes.extend(of_model);
    let changed = (!edits.is_empty()).then(|| edits.apply(root));
    drop(ruled);
    Ok((changed.unwrap_or(body), changes))
}

/// Thinking of another server, and such as nobody signed: either would end the conversation in an error.
fn thoughts(root: Node<'_>, target: &MessagesTarget, edit: &mut RequestEdit) -> RuleResult {
    let messages = Path::Root.key("messages");
    let list = root.get("messages").into_iter().flat_map(Node::elements).enumerate();
    for (index, message) in
        list.filter(|(_, message)| message.get("role").is_some_and(|role| role.is("assistant")))
    {
        let path = messages.index(index);
        let path = &path.key("content");
        let content = message.get("content");
        let mut left = content.map_or(0, |own| own.elements().count());
        let had = left;
        for (index, block) in content.into_iter().flat_map(Node::elements).enumerate() {
            if let Some(reason) = unreadable(block, target) {
                edit.remove(block, &path.index(index), reason, Loss::Harmless)?;
                left -= 1;
            }
        }
        if left == 0 && had > 0 {
            edit.unlisted().remove(message);
        }
    }
    Ok(())
}

/// Why the server cannot read a thought.
fn unreadable(block: Node<'_>, target: &MessagesTarget) -> Option<&'static str> {
    let is = |name: &str| block.get("type").is_some_and(|kind| kind.is(name));
    let key = if is("thinking") { "signature" } else { "data" };
    if !is("thinking") && !is("redacted_thinking") {
        return None;
    }
    match block.text(key).filter(|sealed| !sealed.is_blank()) {
        Some(sealed) if is_envelope(sealed) => Some("signed by another server"),
        None if !target.keeps_unsigned => Some("thinking without a signature"),
        _ => None,
    }
}
