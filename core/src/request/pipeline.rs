//! The passes of a request, in order: parse, escape, `to_responses`, `model_rules`, `backend_rules`; then for a chat server
//! `to_chat`, for a Messages server `to_messages` and `messages_rules`.
//!
//! Input: a body and how it came in. Output: the body to send, its changes and the context. State: none is kept.
//! Each pass reads the tree of what the one before it left; after one that had nothing to do nothing is read again.

use super::backend_rules;
use super::body::{at_origin, parse, room, tree_of, without_offset, written};
use super::compact::{Tools, summary_instead};
use super::context::RequestContext;
use super::item_types::{self, Item};
use super::options::{Harmony, RequestOptions};
use super::profile::Profile;
use super::request_edit::Change;
use super::{harmony, messages_rules, model_rules, to_responses};
use crate::dialect::Dialect;
use crate::error::Error;
use crate::json::tree::Tree;

/// A request that its upstream takes.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct ConvertedRequest {
    /// What to send.
    pub body: Vec<u8>,
    /// Every difference from what came in. Paths are those of the Responses request; for a chat request the lines that
    /// turned it into one come first, with its own paths.
    pub changes: Vec<Change>,
    /// What to give the transcoder or collector that reads the answer.
    pub context: RequestContext,
}

/// Makes a client's request one that the upstream accepts, by a profile that says what that is: [`Profile::of_upstream`], or
/// one of your own. Without a `client` the body tells its dialect; a body that is plainly of another dialect than `client`
/// is read as what it is. Give the `context` to what reads the answer.
///
/// ```
/// use sluicegate::{Dialect, Profile, RequestOptions, convert_request};
/// let body = br#"{"model":"gpt-5.5","messages":[{"role":"user","content":"Hi"}],"stop":"x"}"#;
/// let upstream = Dialect::Responses;
/// let profile = Profile::of_upstream(upstream);
/// let request = convert_request(body, None, upstream, &profile, &RequestOptions::default())?;
/// assert!(String::from_utf8_lossy(&request.body).contains(r#""content":[{"type":"input_text","text":"Hi"}]"#));
/// assert!(request.changes.iter().any(|change| change.path == "stop"));
/// assert_eq!(request.context.dialect, Dialect::Chat);
/// # Ok::<(), sluicegate::Error>(())
/// ```
pub fn convert_request(
    body: &[u8],
    client: Option<Dialect>,
    upstream: Dialect,
    profile: &Profile,
    options: &RequestOptions,
) -> Result<ConvertedRequest, Error> {
    let client = client.unwrap_or_default();
    match upstream {
        Dialect::Responses => normalize(body, client, profile, options),
        Dialect::Chat => to_chat(body, client, profile, options),
        Dialect::Messages => to_messages(body, client, profile, options),
    }
}

/// Any body as a request that a Responses server accepts.
fn normalize(
    body: &[u8],
    route: Dialect,
    profile: &Profile,
    options: &RequestOptions,
) -> Result<ConvertedRequest, Error> {
    if options.harmony == Harmony::Escape && harmony::is_in(body) {
        return escaped(body, route, profile, options);
    }
    let (tree, mut context) = (parse(body, profile.body_bytes)?, RequestContext::default());
    let shape = |tree: &Tree<'_>, items: &[Item<'_>], context: &mut RequestContext| {
        to_responses::to_responses(tree.root(), items, route, profile, options, room(body.len()), context)
    };
    let items = item_types::items(tree.root());
    let (edits, mut changes, room) = shape(&tree, &items, &mut context)?;
    if edits.is_empty() {
        let ruled = ruled(&tree, items, profile, options, room, &mut context)?;
        changes.extend(ruled.changes);
        let body = ruled.body.unwrap_or_else(|| body.to_vec());
        context.echo(tree.root());
        return Ok(ConvertedRequest { body, changes, context });
    }
    let shaped = written(&edits, &tree)?;
    drop((edits, items)); // as large as the next ones
    drop(tree);
    let tree = tree_of(&shaped).map_err(without_offset)?;
    let items = item_types::items(tree.root());
    let ruled = ruled(&tree, items, profile, options, room, &mut context).map_err(|error| {
        let Ok(tree) = parse(body, profile.body_bytes) else { return error };
        let again = shape(&tree, &item_types::items(tree.root()), &mut RequestContext::default());
        again.map_or_else(|error| error, |(edits, ..)| at_origin(error, &edits, tree.root()))
    })?;
    changes.extend(ruled.changes);
    context.echo(tree.root());
    Ok(ConvertedRequest { body: ruled.body.unwrap_or(shaped), changes, context })
}

/// What rules made of a Responses request; no body where they left it as it was.
struct Ruled {
    body: Option<Vec<u8>>,
    changes: Vec<Change>,
}

/// The rules of the request's model, then those of the backend. Offsets of errors are in the body that the tree is of.
fn ruled<'t>(
    tree: &'t Tree<'_>,
    items: Vec<Item<'t>>,
    profile: &Profile,
    options: &RequestOptions,
    room: usize,
    context: &mut RequestContext,
) -> Result<Ruled, Error> {
    let Some((edits, mut changes)) = model_rules::apply(tree.root(), &items, options, room)? else {
        let (edits, changes) = backend_rules::apply(tree.root(), items, profile, options, room, context)?;
        let body = (!edits.is_empty()).then(|| written(&edits, tree)).transpose()?;
        return Ok(Ruled { body, changes });
    };
    let fitted = written(&edits, tree)?;
    drop(items);
    let of_model = tree_of(&fitted).map_err(without_offset)?;
    let items = item_types::items(of_model.root());
    let backend = backend_rules::apply(of_model.root(), items, profile, options, room, context);
    let (rules, ruled) = backend.map_err(|error| at_origin(error, &edits, tree.root()))?;
    changes.extend(ruled);
    let body = (!rules.is_empty()).then(|| written(&rules, &of_model)).transpose()?;
    Ok(Ruled { body: Some(body.unwrap_or(fitted)), changes })
}

/// The same for a body whose reserved tokens are escaped first.
fn escaped(
    body: &[u8],
    route: Dialect,
    profile: &Profile,
    options: &RequestOptions,
) -> Result<ConvertedRequest, Error> {
    let tree = parse(body, profile.body_bytes)?;
    let escape = |tree: &Tree<'_>| harmony::escape(tree.root(), room(body.len()));
    let (edits, escaped) = escape(&tree)?;
    let text = written(&edits, &tree)?;
    drop(edits);
    drop(tree);
    let plain = RequestOptions { harmony: Harmony::Keep, ..options.clone() };
    let mut rest = normalize(&text, route, profile, &plain).map_err(|error| {
        let Ok(tree) = parse(body, profile.body_bytes) else { return error };
        escape(&tree).map_or_else(|error| error, |(edits, _)| at_origin(error, &edits, tree.root()))
    })?;
    rest.changes.splice(0..0, escaped);
    Ok(rest)
}

/// Any body as a request that a chat-only server accepts.
fn to_chat(
    body: &[u8],
    route: Dialect,
    profile: &Profile,
    options: &RequestOptions,
) -> Result<ConvertedRequest, Error> {
    let Some(target) = &profile.chat else {
        return Err(no_target("chat", "for a chat server the profile \"chat\", or one that extends it"));
    };
    let tree = parse(body, profile.body_bytes)?;
    if to_responses::dialect(tree.root(), route)? == Dialect::Chat {
        let context = to_responses::asked(tree.root(), Dialect::Chat);
        let (edits, changes) = to_responses::as_chat(tree.root(), options)?;
        return Ok(ConvertedRequest { body: edits.apply(tree.root()), changes, context });
    }
    let again = |body: &[u8]| to_chat(body, route, profile, options);
    if let Some(summed) = compacted(tree, &target.compaction_prompt, Tools::Dropped, options, again)? {
        return Ok(summed);
    }
    let ConvertedRequest { body: ruled, mut changes, mut context } =
        normalize(body, route, profile, options)?;
    let (ruled, room) = (tree_of(&ruled).map_err(without_offset)?, room(body.len()));
    let chat = super::to_chat::to_chat(ruled.root(), profile, target, options, room, &mut context);
    let (edits, chat_changes) = chat.map_err(without_offset)?;
    changes.extend(chat_changes);
    Ok(ConvertedRequest { body: written(&edits, &ruled)?, changes, context })
}

/// Any body as a request that a Messages server accepts.
fn to_messages(
    body: &[u8],
    route: Dialect,
    profile: &Profile,
    options: &RequestOptions,
) -> Result<ConvertedRequest, Error> {
    let Some(target) = &profile.messages else {
        return Err(no_target(
            "messages",
            "for a Messages server the profile \"anthropic\", or one that extends it",
        ));
    };
    let tree = parse(body, profile.body_bytes)?;
    if to_responses::dialect(tree.root(), route)? == Dialect::Messages {
        let mut context = to_responses::asked(tree.root(), Dialect::Messages);
        let (body, changes) =
            messages_rules::apply(tree.root(), profile, target, options, room(body.len()), &mut context)?;
        return Ok(ConvertedRequest { body, changes, context });
    }
    let again = |body: &[u8]| to_messages(body, route, profile, options);
    if let Some(summed) = compacted(tree, &target.compaction_prompt, Tools::Kept, options, again)? {
        return Ok(summed);
    }
    let ConvertedRequest { body: ruled, mut changes, mut context } =
        normalize(body, route, &profile.before_messages(), options)?;
    let (tree, room) = (tree_of(&ruled).map_err(without_offset)?, room(body.len()));
    let sent = super::to_messages::to_messages(tree.root(), profile, target, options, room, &mut context);
    let (edits, own_changes) = sent.map_err(without_offset)?;
    changes.extend(own_changes);
    let messages = edits.apply(tree.root());
    drop((edits, tree)); // as large as the next ones
    drop(ruled);
    let tree = tree_of(&messages).map_err(without_offset)?;
    let rules = messages_rules::apply(tree.root(), profile, target, options, room, &mut context);
    let (body, ruled) = rules.map_err(without_offset)?;
    changes.extend(ruled);
    Ok(ConvertedRequest { body, changes, context })
}

/// A request to compact becomes one for a summary, `again` converted; `None` for any other.
fn compacted(
    tree: Tree<'_>,
    prompt: &str,
    tools: Tools,
    options: &RequestOptions,
    again: impl Fn(&[u8]) -> Result<ConvertedRequest, Error>,
) -> Result<Option<ConvertedRequest>, Error> {
    let room = room(tree.root().raw().len());
    let Some((asked, changes)) = summary_instead(tree.root(), prompt, tools, options, room)? else {
        return Ok(None);
    };
    drop(tree); // as large as the next one
    let mut converted = again(&asked).map_err(without_offset)?;
    converted.changes.splice(0..0, changes);
    converted.context.compacts = true;
    Ok(Some(converted))
}

/// The profile is for upstreams of another dialect.
fn no_target(member: &str, allowed: &str) -> Error {
    let (path, allowed) = (format!("profile.{member}"), allowed.to_owned());
    Error::InvalidProfile { path, given: "nothing: this profile is for other servers".to_owned(), allowed }
}
