//! Requests with which a client only asks whether a model is there.
//!
//! Input: a Messages request. Output: whether it is one. State: none.

use crate::json::tree::Node;
use crate::limits::MAX_REQUEST_BYTES;

/// Members that a probe may have. Any other asks for something.
const MEMBERS: [&str; 8] =
    ["model", "max_tokens", "messages", "system", "metadata", "stream", "tools", "temperature"];
/// Longest word of a probe: "Hi", "quota" and "test" are those in use.
const MAX_WORD_BYTES: usize = 8;
/// What Claude Code calls itself in its system texts. Anything else is a prompt.
const OWN_NAMES: [&str; 3] = [
    "You are Claude Code, Anthropic's official CLI for Claude.",
    "You are Claude Code, Anthropic's official CLI for Claude, running within the Claude Agent SDK.",
    "You are a Claude agent, built on Anthropic's Claude Agent SDK.",
];
/// The line before that, which says what is to be billed.
const BILLING: &[u8] = b"x-anthropic-billing-header:";
/// It is one short line; a prompt could be behind a longer one.
const MAX_BILLING_BYTES: usize = 160;

/// Whether a Messages request is a probe: a client's question whether it may use a model, of which it reads the status and the
/// usage and throws the one token away. Claude Code sends them for `/model NAME` ("Hi"), a quota ("quota") and a key ("test").
///
/// The rule: `max_tokens` is 1; there is one message, the user's, of one text, and that is one word of at most 8 letters; no
/// system text but Claude Code's own name; no tools, no stream; and no member beside those and `model`, `metadata`,
/// `temperature`. A real request for one token, such as a classifier's, says what the token is to mean, in the system text or
/// in the message, and that takes more than a word: it is never a probe. Neither is what is no Messages request at all.
///
/// ```
/// let probe = br#"{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"Hi"}]}"#;
/// let classifier = br#"{"model":"m","max_tokens":1,"system":"Spam: y or n","messages":[{"role":"user","content":"Hi"}]}"#;
/// assert!(sluicegate::is_probe(probe) && !sluicegate::is_probe(classifier));
/// ```
pub fn is_probe(body: &[u8]) -> bool {
    let Ok(tree) = super::parse(body, MAX_REQUEST_BYTES) else { return false };
    let root = tree.root();
    let is_known = |member: Node<'_>| MEMBERS.iter().any(|name| member.is_named(name)) || member.is_null();
    let is_off =
        |name: &str, off: &[u8]| root.get(name).is_none_or(|member| member.is_null() || member.raw() == off);
    root.members().all(is_known)
        && root.get("max_tokens").is_some_and(|most| most.raw() == b"1")
        && is_off("stream", b"false")
        && root.get("tools").is_none_or(|tools| tools.is_null() || is_empty_list(tools))
        && root.get("system").is_none_or(is_own_name)
        && root.get("messages").and_then(only_text).is_some_and(is_word)
}

fn is_empty_list(node: Node<'_>) -> bool {
    node.is_array() && node.elements().next().is_none()
}

/// The one element of a list.
fn only(list: Node<'_>) -> Option<Node<'_>> {
    let mut elements = list.elements();
    elements.next().filter(|_| elements.next().is_none())
}

/// The one text of the one message, which is the user's.
fn only_text(messages: Node<'_>) -> Option<Node<'_>> {
    let message = only(messages).filter(|message| message.get("role").is_some_and(|role| role.is("user")))?;
    let content = message.get("content")?;
    if content.as_str().is_some() { Some(content) } else { text_of(only(content)?) }
}

fn text_of(block: Node<'_>) -> Option<Node<'_>> {
    block.get("type").filter(|kind| kind.is("text"))?;
    block.get("text")
}

fn is_word(text: Node<'_>) -> bool {
    text.as_str().is_some_and(|text| {
        (1..=MAX_WORD_BYTES).contains(&text.raw().len()) && text.raw().iter().all(u8::is_ascii_alphabetic)
    })
}

/// Nothing, or the client's own name.
fn is_own_name(system: Node<'_>) -> bool {
    if system.is_array() {
        return system.elements().all(|block| text_of(block).is_some_and(is_own_line));
    }
    system.is_null() || is_own_line(system)
}

fn is_own_line(text: Node<'_>) -> bool {
    text.as_str().is_some_and(|text| {
        let is_billing =
            || text.raw().starts_with(BILLING) && text.raw().len() <= MAX_BILLING_BYTES && !text.is_escaped();
        text.is_empty() || OWN_NAMES.iter().any(|name| text.is(name)) || is_billing()
    })
}
