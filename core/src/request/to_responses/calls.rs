//! Tool calls and their outputs: who answers whom, also where clients leave ids out, and the items for both.

use super::super::Error;
use super::super::item_types::{self, missing_call_id};
use super::super::path::Path;
use super::messages::Message;
use super::parts::string;
use super::{given, missing, wrong_type};
use crate::json::tree::Node;
use crate::json::{Str, Value};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

type Key<'t> = Cow<'t, [u8]>;

/// A call of the history.
struct Call<'t> {
    /// JSON string contents.
    id: Key<'t>,
    is_custom: bool,
    is_answered: bool,
}

/// The calls so far.
#[derive(Default)]
pub(super) struct Calls<'t> {
    all: Vec<Call<'t>>,
    by_id: HashMap<Key<'t>, usize>,
    /// Legacy functions are answered by name.
    by_name: HashMap<Key<'t>, usize>,
    /// All before these are answered: of all calls, and of `made_up`.
    first_open: usize,
    first_made_up: usize,
    /// Calls that came without an id.
    made_up: Vec<usize>,
    /// Items that were seen and not read yet.
    unread: Vec<Node<'t>>,
    /// Names that are declared as custom tools.
    customs: HashSet<Key<'t>>,
}

impl<'t> Calls<'t> {
    pub(super) fn new(customs: Vec<Str<'t>>) -> Self {
        Self { customs: customs.into_iter().map(Str::unescaped).collect(), ..Self::default() }
    }

    /// Notes an item that came as Responses has it. It is read when a chat shape comes after it: most requests have
    /// none.
    pub(super) fn see(&mut self, item: Node<'t>) {
        self.unread.push(item);
    }

    fn read_all(&mut self) {
        for item in std::mem::take(&mut self.unread) {
            self.read(item);
        }
    }

    fn read(&mut self, item: Node<'t>) {
        let id = item.text("call_id").filter(|id| !id.is_blank());
        let Some((id, kind)) = id.zip(item.text("type")) else { return };
        if kind.raw().ends_with(b"_call") {
            self.open(Some(id), String::new(), kind.is("custom_tool_call"));
        } else if kind.raw().ends_with(b"_output") {
            self.answer(Some(id), None);
        }
    }

    /// A new call, under the id it came with or the one made up for it; JSON string contents.
    fn open(&mut self, id: Option<Str<'t>>, made_up: String, is_custom: bool) -> &[u8] {
        let at = self.all.len();
        let id = if let Some(id) = id {
            self.by_id.insert(id.unescaped(), at);
            Cow::Borrowed(id.raw())
        } else {
            self.made_up.push(at);
            Cow::Owned(made_up.into_bytes())
        };
        self.all.push(Call { id, is_custom, is_answered: false });
        &self.all[at].id
    }

    /// The call that an output answers. An unknown id can only be that of a call that came without one; no id is the
    /// next call's that is open.
    fn answer(&mut self, id: Option<Str<'_>>, name: Option<Str<'_>>) -> Option<&Call<'t>> {
        let known = match (id, name) {
            (Some(id), _) => self.by_id.get(&*id.unescaped()),
            (None, Some(name)) => self.by_name.get(&*name.unescaped()),
            (None, None) => None,
        };
        let at = match known {
            Some(at) if id.is_some() || !self.all[*at].is_answered => *at,
            _ if id.is_some() => self.next_made_up()?,
            _ => self.next_open()?,
        };
        let call = self.all.get_mut(at)?;
        call.is_answered = true;
        Some(call)
    }

    fn next_open(&mut self) -> Option<usize> {
        let open = self.all[self.first_open..].iter().position(|call| !call.is_answered);
        self.first_open = open.map_or(self.all.len(), |nth| self.first_open + nth);
        open.map(|_| self.first_open)
    }

    fn next_made_up(&mut self) -> Option<usize> {
        let open = self.made_up[self.first_made_up..].iter().position(|at| !self.all[*at].is_answered);
        self.first_made_up = open.map_or(self.made_up.len(), |nth| self.first_made_up + nth);
        self.made_up.get(self.first_made_up).copied()
    }

    /// The items of what an assistant message calls. `nth`: of the message.
    pub(super) fn items(
        &mut self,
        message: &Message<'t>,
        nth: usize,
        path: &Path<'_>,
    ) -> Result<Vec<Vec<u8>>, Error> {
        self.read_all();
        let mut items = Vec::new();
        let list = message.tool_calls.filter(|list| !list.is_null());
        if let Some(wrong) = list.filter(|list| !list.is_array()) {
            return Err(wrong_type(wrong, &path.key("tool_calls"), "a list"));
        }
        for (index, call) in list.into_iter().flat_map(Node::elements).enumerate() {
            let made_up = missing_call_id(format_args!("{nth}_{index}"));
            items.push(self.call(call, made_up, &path.key("tool_calls").index(index))?);
        }
        if let Some(call) = message.function_call.filter(|call| !call.is_null()) {
            let made_up = missing_call_id(format_args!("{nth}_{}", items.len()));
            items.push(self.legacy_call(call, made_up, &path.key("function_call"))?);
        }
        Ok(items)
    }

    /// An entry of `tool_calls`.
    fn call(&mut self, call: Node<'t>, made_up: String, path: &Path<'_>) -> Result<Vec<u8>, Error> {
        if !call.is_object() {
            return Err(wrong_type(call, path, "an object"));
        }
        let is_custom = match call.get("type") {
            Some(kind) => kind.is("custom"),
            None => call.get("function").is_none() && call.get("custom").is_some(),
        };
        let key = if is_custom { "custom" } else { "function" };
        let path = &path.key(key);
        let own = call.get(key).ok_or_else(|| missing(call, path))?;
        let id = call.text("id").filter(|id| !id.is_blank());
        self.begun(own, is_custom, id, made_up, path)
    }

    fn legacy_call(&mut self, call: Node<'t>, made_up: String, path: &Path<'_>) -> Result<Vec<u8>, Error> {
        let item = self.begun(call, false, None, made_up, path)?;
        if let Some(name) = call.text("name") {
            self.by_name.insert(name.unescaped(), self.all.len() - 1);
        }
        Ok(item)
    }

    /// The item of a call; `own` has its name and its arguments or input.
    fn begun(
        &mut self,
        own: Node<'t>,
        is_custom: bool,
        id: Option<Str<'t>>,
        made_up: String,
        path: &Path<'_>,
    ) -> Result<Vec<u8>, Error> {
        if !own.is_object() {
            return Err(wrong_type(own, path, "an object"));
        }
        let name = string(own, "name", path)?;
        let is_declared = self.customs.contains(&name.unescaped());
        let (key, none) = if is_custom { ("input", "") } else { ("arguments", "{}") };
        let mut buffer = Vec::new();
        let said = said(own, key, none, &mut buffer, path)?;
        let id = self.open(id, made_up, is_custom || is_declared);
        Ok(match (is_custom, is_declared) {
            (true, _) => item("custom_tool_call", id, name, "input", said),
            (false, true) => item("custom_tool_call", id, name, "input", Str::from_raw(&unwrapped(said))),
            (false, false) => item("function_call", id, name, "arguments", said),
        })
    }

    /// The item of a tool's answer. `nth`: of the message.
    pub(super) fn output(
        &mut self,
        message: &Message<'t>,
        nth: usize,
        path: &Path<'_>,
    ) -> Result<Vec<u8>, Error> {
        self.read_all();
        let id = message.call_id.and_then(Node::as_str).filter(|id| !id.is_blank());
        let name = message.name.and_then(Node::as_str).filter(|_| message.is_from("function"));
        let output = message.output(path)?;
        let call = self.answer(id, name);
        let kind = match call {
            Some(call) if call.is_custom => item_types::CUSTOM_OUTPUT,
            _ => item_types::FUNCTION_OUTPUT,
        };
        let made_up = missing_call_id(nth);
        let id = call.map_or_else(|| id.map_or(made_up.as_bytes(), Str::raw), |call| &call.id);
        Ok([b"{\"type\":\"", kind.as_bytes(), b"\",\"call_id\":\"", id, b"\",\"output\":", &output, b"}"]
            .concat())
    }
}

/// What a call was called with: a string, or the text of what should have been one.
fn said<'b, 't: 'b>(
    own: Node<'t>,
    key: &str,
    none: &'static str,
    buffer: &'b mut Vec<u8>,
    path: &Path<'_>,
) -> Result<Str<'b>, Error> {
    let Some(said) = given(own, key) else { return Ok(Str::from_raw(none.as_bytes())) };
    said.value().as_text(buffer).ok_or_else(|| wrong_type(said, &path.key(key), "a string"))
}

fn item(kind: &str, id: &[u8], name: Str<'_>, key: &str, said: Str<'_>) -> Vec<u8> {
    let parts: [&[u8]; 11] = [
        b"{\"type\":\"",
        kind.as_bytes(),
        b"\",\"call_id\":\"",
        id,
        b"\",\"name\":\"",
        name.raw(),
        b"\",\"",
        key.as_bytes(),
        b"\":\"",
        said.raw(),
        b"\"}",
    ];
    parts.concat()
}

/// `{"input":"…"}`, as custom calls are shown to clients that know only functions, without its wrapping.
fn unwrapped(arguments: Str<'_>) -> Vec<u8> {
    let text = arguments.decode();
    let wrapped = Value::document(text.as_bytes()).and_then(|object| object.get("input")?.as_str());
    wrapped.unwrap_or(arguments).raw().to_vec()
}
