//! Tool calls and their outputs as items. Which output answers which call is decided with all items at hand, in
//! `call_pairs`: an item that came without an id is written without one.
//!
//! Input: a message. Output: items. State: none.

use super::super::cache_marks::CACHE_CONTROL;
use super::super::input_shapes::{CUSTOM_CALL, FUNCTION_CALL, FUNCTION_OUTPUT};
use super::super::path::Path;
use super::super::request_edit::{Action, Loss, RequestEdit, RuleResult};
use super::message::Message;
use super::parts::string;
use super::{ToResponses, given, missing, wrong_type};
use crate::error::Error;
use crate::json::tree::Node;
use crate::json::{Str, Value, write};
use std::borrow::Cow;

/// Why a call that a message has in another form too is left out.
pub(super) const LISTED: &str = "tool_calls has it";

impl<'t> ToResponses<'t> {
    /// The items of what a message calls.
    pub(super) fn calls(
        &mut self,
        message: &Message<'t>,
        items: &mut Vec<Vec<u8>>,
        path: &Path<'_>,
    ) -> RuleResult {
        self.uses(message, items, path)?;
        let list = message.tool_calls.filter(|list| !list.is_null());
        if let Some(wrong) = list.filter(|list| !list.is_array()) {
            return Err(wrong_type(wrong, &path.key("tool_calls"), "a list"));
        }
        for (index, call) in list.into_iter().flat_map(Node::elements).enumerate() {
            items.push(self.call(call, &path.key("tool_calls").index(index))?);
        }
        let Some(call) = message.function_call.filter(|call| !call.is_null()) else { return Ok(()) };
        let path = &path.key("function_call");
        if is_listed(call, list) {
            return self.edit.lose(call, path, LISTED, Loss::Harmless);
        }
        items.push(self.begun(call, call, false, path)?);
        Ok(())
    }

    /// An entry of `tool_calls`.
    fn call(&mut self, call: Node<'t>, path: &Path<'_>) -> Result<Vec<u8>, Error> {
        if !call.is_object() {
            return Err(wrong_type(call, path, "an object"));
        }
        let is_custom = match call.get("type") {
            Some(kind) => kind.is("custom"),
            None => call.get("function").is_none() && call.get("custom").is_some(),
        };
        let key = if is_custom { "custom" } else { "function" };
        self.lose_others(call, &["id", "type", key], path)?;
        let path = &path.key(key);
        let own = call.get(key).ok_or_else(|| missing(call, path))?;
        self.begun(call, own, is_custom, path)
    }

    /// The item of a call; `own` has its name and its arguments or input.
    fn begun(
        &mut self,
        call: Node<'t>,
        own: Node<'t>,
        is_custom: bool,
        path: &Path<'_>,
    ) -> Result<Vec<u8>, Error> {
        if !own.is_object() {
            return Err(wrong_type(own, path, "an object"));
        }
        let (key, none) = if is_custom { ("input", "") } else { ("arguments", "{}") };
        let name = string(own, "name", path)?;
        self.lose_others(own, &["name", key], path)?;
        let mut buffer = Vec::new();
        let input = input(own, key, none, &mut buffer, path)?;
        Ok(self.call_item(call, name, is_custom, input.raw()))
    }

    /// `input`: JSON string contents. A function that is declared as a custom tool is one.
    pub(super) fn call_item(&self, call: Node<'t>, name: Str<'_>, is_custom: bool, input: &[u8]) -> Vec<u8> {
        let is_declared = self.customs.contains(&*name.unescaped());
        let unwrapped = (is_declared && !is_custom).then(|| unwrapped(Str::from_raw(input)));
        let input = unwrapped.as_deref().unwrap_or(input);
        let is_custom = is_custom || is_declared;
        let (kind, key) = if is_custom { (CUSTOM_CALL, "input") } else { (FUNCTION_CALL, "arguments") };
        let mut out = begun(kind, call.get("id"));
        write::pieces(
            &mut out,
            [b",\"name\":\"", name.raw(), b"\",\"", key.as_bytes(), b"\":\"", input, b"\"}"],
        );
        out
    }

    /// The item of a tool's answer; one without an id is known by the name alone, as a legacy function's is.
    pub(super) fn output(&mut self, message: &Message<'t>, path: &Path<'_>) -> Result<Vec<u8>, Error> {
        let name = message.name.filter(|_| message.is_known_by_name());
        let answer = self.answer(message, false, path)?;
        let mut item = output(FUNCTION_OUTPUT, message.call_id, name, &answer);
        if let Some(mark) = message.node.get(CACHE_CONTROL).filter(|_| self.is_for_messages()) {
            item.pop();
            write::pieces(&mut item, [b",\"", CACHE_CONTROL.as_bytes(), b"\":", mark.raw(), b"}"]);
        }
        Ok(item)
    }
}

/// Whether one of `tool_calls` is this call in its older form, which has no id.
fn is_listed(call: Node<'_>, list: Option<Node<'_>>) -> bool {
    let (own, calls) = (said(call), list.into_iter().flat_map(Node::elements));
    own.is_some() && calls.filter_map(|call| call.get("function")).any(|function| said(function) == own)
}

/// The name, and the arguments without white space between their tokens.
fn said(call: Node<'_>) -> Option<(Cow<'_, [u8]>, Vec<u8>)> {
    let (mut out, arguments) = (Vec::new(), call.text("arguments"));
    write::compact(&mut out, &arguments.map_or_else(Cow::default, Str::unescaped));
    Some((call.text("name")?.unescaped(), out))
}

pub(super) fn output(kind: &str, id: Option<Node<'_>>, name: Option<Node<'_>>, output: &[u8]) -> Vec<u8> {
    let mut out = begun(kind, id);
    if let Some(name) = name.filter(|name| name.as_str().is_some()) {
        write::pieces(&mut out, [b",\"name\":", name.raw()]);
    }
    write::pieces(&mut out, [b",\"output\":", output, b"}"]);
    out
}

fn begun(kind: &str, id: Option<Node<'_>>) -> Vec<u8> {
    let mut out = [b"{\"type\":\"", kind.as_bytes(), b"\""].concat();
    if let Some(id) = id.and_then(Node::as_id) {
        write::pieces(&mut out, [b",\"call_id\":\"", id.raw(), b"\""]);
    }
    out
}

/// What a call was called with: a string, or the text of what should have been one.
fn input<'b, 't: 'b>(
    own: Node<'t>,
    key: &str,
    none: &'static str,
    buffer: &'b mut Vec<u8>,
    path: &Path<'_>,
) -> Result<Str<'b>, Error> {
    let Some(input) = given(own, key) else { return Ok(Str::from_raw(none.as_bytes())) };
    input.value().as_text(buffer).ok_or_else(|| wrong_type(input, &path.key(key), "a string"))
}

/// The input of a `tool_use` block as the text of an object; another one is the one member of it. JSON string contents.
pub(super) fn arguments(block: Node<'_>, edit: &mut RequestEdit, path: &Path<'_>) -> Vec<u8> {
    let Some(input) = given(block, "input") else { return b"{}".to_vec() };
    let json = || write::contents(&String::from_utf8_lossy(input.raw()));
    let text = input.as_str().map_or_else(json, |text| text.raw().to_vec());
    let own = Str::from_raw(&text);
    if own.is_blank() || Value::document(&own.unescaped()).is_some() {
        return text;
    }
    edit.note(Action::Replaced, &path.key("input"), "an object: what was sent is none");
    let mut out = br#"{\"arguments\":\""#.to_vec();
    write::escaped_again(&mut out, &text);
    out.extend_from_slice(br#"\"}"#);
    out
}

/// `{"input":"…"}`, as custom calls are shown to clients that know only functions, without its wrapping.
fn unwrapped(arguments: Str<'_>) -> Vec<u8> {
    let text = arguments.decode();
    let wrapped = Value::document(text.as_bytes()).and_then(|object| object.get("input")?.as_str());
    wrapped.unwrap_or(arguments).raw().to_vec()
}
