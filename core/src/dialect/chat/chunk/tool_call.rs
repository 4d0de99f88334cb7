//! The view of a piece of a tool call.
//!
//! Input: an element of `tool_calls`, or a legacy function call. Output: what it holds, and whatever identifies the call. State:
//! none.

use super::content::has_text;
use super::id;
use crate::json::{Str, Value};
use crate::opaque::{FUNCTION, state_of_call};

/// A piece of a call, with whatever identifies the call.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct ToolCall<'a> {
    pub(crate) index: Option<u64>,
    pub(crate) id: Option<Str<'a>>,
    pub(crate) name: Option<Str<'a>>,
    /// `arguments` of a function, `input` of a custom tool
    pub(crate) arguments: Option<Value<'a>>,
    pub(crate) is_custom: bool,
    pub(crate) state: Option<CallState<'a>>,
}

/// The member of a call, or of its function, that holds opaque state.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CallState<'a> {
    name: &'static str,
    value: Value<'a>,
    is_of_function: bool,
}

impl CallState<'_> {
    /// `"name":value`
    pub(crate) fn member(&self) -> Vec<u8> {
        let member = [b"\"", self.name.as_bytes(), b"\":", self.value.raw()].concat();
        if !self.is_of_function {
            return member;
        }
        [b"\"", FUNCTION.as_bytes(), b"\":{", &member[..], b"}"].concat()
    }
}

impl<'a> ToolCall<'a> {
    pub(super) fn parse(json: Value<'a>) -> Self {
        let (mut read, mut custom, mut own, mut is_flat) = (Self::default(), None, None, false);
        json.each_member(|key, value| match &*key.unescaped() {
            b"index" => read.index = value.as_u64().or_else(|| value.as_str()?.decode().parse().ok()),
            b"id" => read.id = id(Some(value)),
            b"function" => own = Some(value),
            b"custom" => custom = Some(value),
            b"name" => is_flat = true,
            key => read.learn_state(key, value, false),
        });
        let custom = custom.filter(|custom| {
            let has = |key| custom.get(key).is_some_and(has_text);
            custom.is_object() && (has("name") || has("input"))
        });
        read.is_custom = custom.is_some();
        let own = custom.or(own).or(Some(json).filter(|_| is_flat));
        own.map_or(read, |own| read.with(own))
    }

    /// With what its function or custom tool has.
    pub(super) fn with(self, own: Value<'a>) -> Self {
        let keys: [&[u8]; 3] = if self.is_custom {
            [b"input", b"arguments", b"parameters"]
        } else {
            [b"arguments", b"parameters", b""]
        };
        let (mut read, mut arguments) = (self, [None; 3]);
        own.each_member(|key, value| match &*key.unescaped() {
            b"name" => read.name = id(Some(value)),
            key => match keys.iter().position(|own| *own == key) {
                Some(at) => arguments[at] = Some(value).filter(|value| !value.is_null()),
                None => read.learn_state(key, value, true),
            },
        });
        read.arguments = arguments.into_iter().flatten().next();
        read
    }

    /// Takes the first member that holds state.
    fn learn_state(&mut self, key: &[u8], value: Value<'a>, is_of_function: bool) {
        if self.state.is_none() {
            self.state = state_of_call(key, value).map(|name| CallState { name, value, is_of_function });
        }
    }

    /// Whether nothing is in it.
    pub(super) fn is_empty(&self) -> bool {
        let has_arguments =
            self.arguments.is_some_and(|own| own.as_str().is_none_or(|text| !text.is_empty()));
        self.id.is_none() && self.name.is_none() && !has_arguments && self.state.is_none()
    }
}
