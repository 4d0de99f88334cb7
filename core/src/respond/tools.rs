//! Enters: what is known of each call, and how the client declared its tools. Leaves: calls as that client knows them: a
//! custom tool's with its free text, a namespaced one with its namespace, each item once.

use super::calls::{Call, CallRef};
use super::items::Body;
use super::state::State;
use crate::chat::ToolCall;
use crate::json::{Str, Value, write::contents};
use crate::outcome::NoteCode;
use crate::request::ClientTool;
use crate::responses::{self, Lane, Spoken, ToolKind};

impl State {
    pub(super) fn open_call(
        &mut self,
        said: &ToolCall<'_>,
        piece: Str<'_>,
        out: &mut Vec<u8>,
    ) -> Option<CallRef> {
        self.make_way(out);
        self.calls.open(said, piece.raw())
    }

    /// Opens the item of a call as soon as its id and name are known. One that does not stream comes at its end, whole.
    pub(super) fn announce(&mut self, at: CallRef, out: &mut Vec<u8>) {
        let call = self.calls.get(at);
        let is_new = call.item.is_none() && !call.is_closed && !call.is_nothing();
        let is_due = is_new && call.id.is_some() && call.name.is_some();
        if let Some(kind) = is_due.then(|| self.kind(call)).filter(|kind| kind.lane().is_some()) {
            self.open_item(at, kind, out);
        }
    }

    /// The item of a call, and what was said of it so far.
    fn open_item(&mut self, at: CallRef, kind: ToolKind, out: &mut Vec<u8>) {
        self.calls.call(at).kind = Some(kind);
        let output_index = self.add(kind.id_prefix(), Body::Call(at), out);
        let item_id = self.items.list[output_index].id.clone();
        let call = self.calls.call(at);
        call.item = Some(output_index);
        call.spoken =
            kind.lane().map(|lane| Spoken { lane: Some(lane), item_id, output_index, part_index: 0 });
        self.say_call(at, None, out);
    }

    /// More arguments of a call.
    pub(super) fn call_piece(&mut self, at: CallRef, piece: Str<'_>, out: &mut Vec<u8>) {
        let call = self.calls.get(at);
        if call.is_complete() || call.is_closed {
            // Said again whole, or white space: nothing new.
            if *call.arguments != *piece.raw() && !piece.is_blank() {
                self.note_call(NoteCode::InconsistentText, at, b"arguments");
            }
        } else if self.has_room(piece.raw().len()) {
            self.calls.push(at, piece);
            self.say_call(at, Some(piece), out);
        }
    }

    /// Says a piece, or all that there is, of a call that is open.
    fn say_call(&mut self, at: CallRef, piece: Option<Str<'_>>, out: &mut Vec<u8>) {
        let Self { calls, events, .. } = self;
        calls.say(at, piece, |spoken, said| {
            if !said.is_empty() {
                events.delta(out, spoken, said, b"");
            }
        });
    }

    /// The end of a call. One that never had a name nobody can run.
    pub(super) fn close_call(&mut self, at: CallRef, status: &'static str, out: &mut Vec<u8>) {
        let call = self.calls.call(at);
        if std::mem::replace(&mut call.is_closed, true) || call.is_nothing() {
            return;
        }
        if call.name.is_none() {
            return self.note_call(NoteCode::CallNameMissing, at, b"");
        }
        let made_up = call.id.is_none().then(|| self.made_up_id("call", at));
        if let Some(id) = &made_up {
            self.calls.call(at).id = Some(id.as_slice().into());
        }
        if self.calls.get(at).item.is_none() {
            let kind = self.kind(self.calls.get(at));
            self.open_item(at, kind, out);
        }
        if let Some(id) = made_up {
            self.note_call(NoteCode::CallIdMissing, at, &id);
        }
        self.settle_arguments(at, out);
        self.end_call(at, status, out);
    }

    fn end_call(&mut self, at: CallRef, status: &'static str, out: &mut Vec<u8>) {
        let call = self.calls.get(at);
        let Some(output_index) = call.item else { return };
        let name = contents(&self.tool(call).name);
        let Self { calls, events, .. } = self;
        let call = calls.get(at);
        if let Some(spoken) = &call.spoken {
            events.done(out, spoken, call.said(), b"", &name);
        }
        self.close_item(output_index, status, out);
    }

    /// Says what only the whole arguments tell; notes what is not the JSON that it should be.
    fn settle_arguments(&mut self, at: CallRef, out: &mut Vec<u8>) {
        let call = self.calls.call(at);
        let is_input = call.kind == Some(ToolKind::Custom);
        if call.is_custom || (call.arguments.is_empty() && !is_input) {
            return;
        }
        let whole = object(&call.arguments);
        let is_fine = if is_input { self.rest_of_input(at, whole.as_deref(), out) } else { whole.is_some() };
        if !is_fine {
            let name = self.calls.get(at).name.as_deref().unwrap_or_default().to_vec();
            self.note_call(NoteCode::ArgumentsMalformed, at, &name);
        }
    }

    /// The input that could not be said while it came: of arguments that begin otherwise, or are no JSON at all.
    fn rest_of_input(&mut self, at: CallRef, whole: Option<&[u8]>, out: &mut Vec<u8>) -> bool {
        let Self { calls, events, .. } = self;
        let Call { arguments, unwrap, input, spoken, .. } = calls.call(at);
        let (begin, mut is_fine) = (input.len(), whole.is_some());
        if unwrap.has_spoken() {
            unwrap.end(input);
        } else {
            let inner = whole.and_then(Value::document).and_then(|own| own.get("input")?.as_str());
            is_fine = inner.is_some();
            input.extend_from_slice(inner.map_or(arguments, |inner| inner.raw()));
        }
        if let Some(spoken) = spoken.as_ref().filter(|_| input.len() > begin) {
            events.delta(out, spoken, &input[begin..], b"");
        }
        is_fine
    }

    /// How the client declared the tool of a call.
    fn tool(&self, call: &Call) -> ClientTool {
        let sent = Str::from_raw(call.name.as_deref().unwrap_or_default()).decode();
        let context = self.options.context.as_ref();
        let declared = context.and_then(|context| context.tools.get(&sent)).cloned();
        let name = || context.and_then(|context| context.names.get(&sent)).cloned();
        declared.unwrap_or_else(|| ClientTool {
            kind: ToolKind::Function,
            name: name().unwrap_or_else(|| sent.clone()),
            namespace: None,
        })
    }

    /// What a call comes back as. One that should hold an object and does not stays a function call: no client runs it.
    fn kind(&self, call: &Call) -> ToolKind {
        match self.tool(call).kind {
            _ if call.is_custom => ToolKind::Custom,
            kind if kind.lane().is_none() && call.is_closed && object(&call.arguments).is_none() => {
                ToolKind::Function
            }
            kind => kind,
        }
    }

    pub(super) fn write_call(&self, at: CallRef, id: &[u8], status: &str, out: &mut Vec<u8>) {
        let call = self.calls.get(at);
        let ClientTool { name, namespace, .. } = self.tool(call);
        let (name, namespace) = (contents(&name), namespace.as_deref().map(contents));
        let call_id = call.id.as_deref().unwrap_or_default();
        let context = self.options.context.as_ref();
        let original = context.and_then(|context| context.call_ids.get(&Str::from_raw(call_id).decode()));
        let original = original.map(|id| contents(id));
        let kind = call.kind.unwrap_or(ToolKind::Function);
        let is_begun = status == responses::IN_PROGRESS_ITEM && kind.lane().is_some();
        let call = responses::Call {
            kind,
            id,
            call_id: original.as_deref().unwrap_or(call_id),
            name: &name,
            namespace: namespace.as_deref(),
            said: if is_begun { b"" } else { call.said() },
            status,
        };
        call.write(out);
    }

    fn note_call(&mut self, code: NoteCode, at: CallRef, detail: &[u8]) {
        let item = self.calls.get(at).item;
        let path = item.map_or(String::new(), |item| format!("output[{item}]"));
        self.notes.push(code, path, detail);
    }
}

impl Call {
    /// Arguments of a function, input of a custom tool.
    fn said(&self) -> &[u8] {
        if self.kind.and_then(ToolKind::lane) == Some(Lane::Input) { &self.input } else { &self.arguments }
    }
}

/// Arguments, decoded, if they are an object.
fn object(arguments: &[u8]) -> Option<Vec<u8>> {
    let text = Str::from_raw(arguments).decode().into_bytes();
    Value::document(&text).is_some().then_some(text)
}
