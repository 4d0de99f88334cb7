//! The rules of a Messages request: those of the profile and of the model, that no signature reaches a server which did not
//! give it, how many cache marks there are, and how the answer that is to go on ends.
//!
//! Input: a Messages request. Output: the same without what the server refuses, and changes. State: none.

use super::backend_rules;
use super::cache_marks::CACHE_CONTROL;
use super::context::RequestContext;
use super::options::RequestOptions;
use super::path::Path;
use super::profile::{MessagesTarget, Profile, Thinking};
use super::request_edit::{Change, Loss, RequestEdit, RuleResult, too_large};
use super::to_messages::models;
use crate::error::Error;
use crate::json::tree::{Node, Tree};
use crate::json::write;
use crate::opaque::is_envelope;

const CONTENT: &str = "content";
const MOST_MARKS: usize = 4;

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
    thoughts(root, target, &mut edit)?;
    thinking_within_a_turn(root, target, &mut edit)?;
    models::rules(root, target, &mut edit)?;
    marks(root, &mut edit)?;
    last_words(root, &mut edit);
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

/// A model that thinks within a budget must have begun the turn that goes on with a thought: one without begins another way.
fn thinking_within_a_turn(root: Node<'_>, target: &MessagesTarget, edit: &mut RequestEdit) -> RuleResult {
    let is_bound = target.model(root.text("model")).is_some_and(|row| row.thinking == Thinking::Enabled);
    let is_within = |own: &Node<'_>| is_of(*own, "enabled") || (is_bound && is_of(*own, "adaptive"));
    let Some(thinking) = root.get("thinking").filter(is_within) else { return Ok(()) };
    let (mut turn, mut goes_on) = (None, false);
    for message in root.get("messages").into_iter().flat_map(Node::elements) {
        if message.get("role").is_some_and(|role| role.is("assistant")) {
            (turn, goes_on) = (Some(message), false);
        } else {
            goes_on |= blocks(message).any(|block| is_of(block, "tool_result"));
        }
    }
    let first = turn.and_then(|turn| blocks(turn).find(|block| !edit.is_removed(*block)));
    let begins_with_thought = first.is_some_and(is_thought);
    if goes_on && !begins_with_thought {
        let reason = "the turn that goes on began without a thought";
        edit.remove(thinking, &Path::Root.key("thinking"), reason, Loss::ClientSetting)?;
    }
    Ok(())
}

/// Of the cache marks the last: a server takes no more, the whole request's own among them.
fn marks(root: Node<'_>, edit: &mut RequestEdit) -> RuleResult {
    if !root.may_hold(CACHE_CONTROL) {
        return Ok(());
    }
    let own = usize::from(root.get(CACHE_CONTROL).is_some_and(Node::is_object));
    let mut marks = 0;
    each_mark(root, &mut |_, _| {
        marks += 1;
        Ok(())
    })?;
    let mut surplus = (marks + own).saturating_sub(MOST_MARKS);
    each_mark(root, &mut |mark, path| {
        if surplus == 0 {
            return Ok(());
        }
        surplus -= 1;
        edit.remove(mark, path, "a Messages server takes four", Loss::ClientSetting)
    })
}

/// The marks in the order of the prompt.
fn each_mark<'t>(root: Node<'t>, each: &mut impl FnMut(Node<'t>, &Path<'_>) -> RuleResult) -> RuleResult {
    for key in ["tools", "system"] {
        marks_of(root.get(key), &Path::Root.key(key), each)?;
    }
    let (messages, path) = (root.get("messages"), Path::Root.key("messages"));
    for (index, message) in messages.into_iter().flat_map(Node::elements).enumerate() {
        marks_of(message.get(CONTENT), &path.index(index).key(CONTENT), each)?;
    }
    Ok(())
}

fn marks_of<'t>(
    list: Option<Node<'t>>,
    path: &Path<'_>,
    each: &mut impl FnMut(Node<'t>, &Path<'_>) -> RuleResult,
) -> RuleResult {
    for (index, block) in list.into_iter().flat_map(Node::elements).enumerate() {
        let path = &path.index(index);
        if is_of(block, "tool_result") {
            marks_of(block.get(CONTENT), &path.key(CONTENT), each)?;
        }
        if let Some(mark) = block.get(CACHE_CONTROL).filter(|mark| mark.is_object()) {
            each(mark, &path.key(CACHE_CONTROL))?;
        }
    }
    Ok(())
}

/// An answer that goes on does so after a word.
fn last_words(root: Node<'_>, edit: &mut RequestEdit) {
    let messages = root.get("messages").into_iter().flat_map(Node::elements).enumerate();
    let is_assistants = |message: Node<'_>| message.get("role").is_some_and(|role| role.is("assistant"));
    let Some((index, last)) = messages.last().filter(|(_, last)| is_assistants(*last)) else { return };
    let Some(content) = last.get(CONTENT) else { return };
    let path = Path::Root.key("messages");
    let path = path.index(index);
    let path = &path.key(CONTENT);
    match content.elements().enumerate().last() {
        Some((index, block)) if is_of(block, "text") => {
            trim(block.get("text"), &path.index(index).key("text"), edit);
        }
        _ => trim(Some(content), path, edit),
    }
}

fn trim(text: Option<Node<'_>>, path: &Path<'_>, edit: &mut RequestEdit) {
    let Some((node, text)) = text.and_then(|own| Some((own, own.as_str()?.decode()))) else { return };
    let words = text.trim_end();
    if !words.is_empty() && words.len() < text.len() {
        edit.replace(node, write::quoted(words), path, "the answer goes on after a word");
    }
}

fn blocks(message: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    message.get(CONTENT).into_iter().flat_map(Node::elements)
}

fn is_of(value: Node<'_>, name: &str) -> bool {
    value.get("type").is_some_and(|kind| kind.is(name))
}

fn is_thought(block: Node<'_>) -> bool {
    is_of(block, "thinking") || is_of(block, "redacted_thinking")
}

/// Why the server cannot read a thought.
fn unreadable(block: Node<'_>, target: &MessagesTarget) -> Option<&'static str> {
    if !is_thought(block) {
        return None;
    }
    let key = if is_of(block, "thinking") { "signature" } else { "data" };
    match block.text(key).filter(|sealed| !sealed.is_blank()) {
        Some(sealed) if is_envelope(sealed) => Some("signed by another server"),
        None if !target.keeps_unsigned => Some("thinking without a signature"),
        _ => None,
    }
}
