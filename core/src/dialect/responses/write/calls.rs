//! Calls as the client knows its tools: a custom tool's with its free text, a namespaced one with its namespace.
//!
//! Input: calls and their arguments, and how the client declared its tools. Output: one item for each. State: arguments.

use super::ResponsesWriter;
use super::events::OpenText;
use super::items::ItemBody;
use super::missing::IN_PROGRESS_ITEM;
use super::objects;
use crate::answer::{CallKind, CallStart, Context, CustomInputDecoder};
use crate::dialect::responses::Streamed;
use crate::json::{ObjectCheck, Str, Value, write::contents};
use crate::options::Options;
use crate::outcome::NoteCode;
use crate::request::ClientTool;
use crate::tool_kind::ToolKind;

/// Ids, names and arguments are JSON string contents.
#[derive(Debug, Clone)]
pub(super) struct OutputCall {
    id: Vec<u8>,
    /// How the client declared its tool.
    tool: ClientTool,
    /// The name that the upstream called.
    name: Vec<u8>,
    /// What it comes back as.
    kind: ToolKind,
    /// The upstream sends free text, not arguments.
    is_custom: bool,
    arguments: Vec<u8>,
    decoder: CustomInputDecoder,
    /// Of a custom tool: the input so far.
    input: Vec<u8>,
    /// Its place in the output, once it is open.
    pub(super) item: Option<usize>,
    /// What it streams, once it is open.
    open: Option<OpenText>,
    /// The upstream ended it in the middle of its arguments: by the end of the answer it was cut, or they are malformed.
    is_doubtful: bool,
    is_closed: bool,
}

impl ResponsesWriter {
    /// Opens the item of a call. One that does not stream comes at its end, whole.
    pub(super) fn open_call(&mut self, start: &CallStart<'_>, cx: &mut Context<'_>) {
        self.close_text("completed", cx.out);
        let tool = tool(start.name, cx.options);
        let is_custom = start.kind == CallKind::Custom;
        let kind = if is_custom { ToolKind::Custom } else { tool.kind };
        self.calls.push(OutputCall {
            id: original_id(start.id, cx.options),
            tool,
            name: start.name.to_vec(),
            kind,
            is_custom,
            arguments: Vec::new(),
            decoder: CustomInputDecoder::default(),
            input: Vec::new(),
            item: None,
            open: None,
            is_doubtful: false,
            is_closed: false,
        });
        if kind.streams().is_some() {
            self.open_item(start.nth, cx);
        }
    }

    fn open_item(&mut self, nth: usize, cx: &mut Context<'_>) {
        let kind = self.calls[nth].kind;
        let output_index = self.add(kind.id_prefix(), ItemBody::Call(nth), cx);
        let item_id = self.items.list[output_index].id.clone();
        let open =
            |kind| OpenText { streamed: Some(Streamed::Call(kind)), item_id, output_index, part_index: 0 };
        let call = &mut self.calls[nth];
        call.item = Some(output_index);
        call.open = kind.streams().map(open);
    }

    /// More arguments.
    pub(super) fn call_piece(&mut self, nth: usize, piece: Str<'_>, out: &mut Vec<u8>) {
        let Self { calls, events, .. } = self;
        let Some(call) = calls.get_mut(nth).filter(|call| !call.is_closed) else { return };
        call.arguments.extend_from_slice(piece.raw());
        let begin = call.input.len();
        let written = if call.kind.streams() != Some(CallKind::Custom) {
            piece.raw()
        } else if call.is_custom {
            call.input.extend_from_slice(piece.raw());
            piece.raw()
        } else {
            call.decoder.piece(piece, &mut call.input);
            &call.input[begin..]
        };
        if let Some(open) = call.open.as_ref().filter(|_| !written.is_empty()) {
            events.delta(out, open, written, b"");
        }
    }

    /// The end of a call; one that seems cut stays open until it is known whether the answer was.
    pub(super) fn end_call(&mut self, nth: usize, cx: &mut Context<'_>) {
        match self.calls.get_mut(nth) {
            Some(call) if call.item.is_some() && call.is_cut() => call.is_doubtful = true,
            _ => self.close_call(nth, cx),
        }
    }

    /// The answer is whole, and so is every call that was ended.
    pub(super) fn close_doubtful(&mut self, cx: &mut Context<'_>) {
        for nth in 0..self.calls.len() {
            if self.calls[nth].is_doubtful {
                self.close_call(nth, cx);
            }
        }
    }

    fn close_call(&mut self, nth: usize, cx: &mut Context<'_>) {
        let Some(call) = self.calls.get_mut(nth) else { return };
        if std::mem::replace(&mut call.is_closed, true) {
            return;
        }
        if call.item.is_none() {
            // What should hold an object and does not stays a function call: no client runs it.
            if object(&call.arguments).is_none() {
                call.kind = ToolKind::Function;
            }
            self.open_item(nth, cx);
            self.write_arguments(nth, cx.out);
        }
        self.settle_arguments(nth, cx);
        let Self { calls, events, .. } = self;
        let call = &calls[nth];
        if let Some(open) = &call.open {
            events.done(cx.out, open, call.content(), b"", &contents(&call.tool.name));
        }
        if let Some(item) = call.item {
            self.close_item(item, "completed", cx.out);
        }
    }

    /// All arguments of a call that opened late, as one piece.
    fn write_arguments(&mut self, nth: usize, out: &mut Vec<u8>) {
        let Self { calls, events, .. } = self;
        let call = &calls[nth];
        if let Some(open) = call.open.as_ref().filter(|_| !call.arguments.is_empty()) {
            events.delta(out, open, &call.arguments, b"");
        }
    }

    /// Writes what needs the whole arguments; notes what is not the JSON that it should be.
    fn settle_arguments(&mut self, nth: usize, cx: &mut Context<'_>) {
        let call = &mut self.calls[nth];
        let is_input = call.kind == ToolKind::Custom;
        if call.is_custom || (call.arguments.is_empty() && !is_input) {
            return;
        }
        let is_fine =
            if is_input { self.rest_of_input(nth, cx.out) } else { object(&call.arguments).is_some() };
        if !is_fine {
            let name = self.calls[nth].name.clone();
            cx.facts.notes.push(NoteCode::ArgumentsMalformed, self.path_of(nth), &name);
        }
    }

    /// The input that could not be written while it came.
    fn rest_of_input(&mut self, nth: usize, out: &mut Vec<u8>) -> bool {
        let Self { calls, events, .. } = self;
        let OutputCall { arguments, decoder, input, open, .. } = &mut calls[nth];
        let begin = input.len();
        let is_fine = decoder.rest(Str::from_raw(arguments), input);
        if let Some(open) = open.as_ref().filter(|_| input.len() > begin) {
            events.delta(out, open, &input[begin..], b"");
        }
        is_fine
    }

    pub(super) fn write_call(&self, nth: usize, id: &[u8], status: &str, out: &mut Vec<u8>) {
        let call = &self.calls[nth];
        let (name, namespace) = (contents(&call.tool.name), call.tool.namespace.as_deref().map(contents));
        let is_begun = status == IN_PROGRESS_ITEM && call.kind.streams().is_some();
        let call = objects::Call {
            kind: call.kind,
            id,
            call_id: &call.id,
            name: &name,
            namespace: namespace.as_deref(),
            content: if is_begun { b"" } else { call.content() },
            status,
        };
        call.write(out);
    }

    fn path_of(&self, nth: usize) -> String {
        crate::answer::Writer::call_path(self, nth)
    }
}

impl OutputCall {
    /// Arguments of a function, input of a custom tool.
    fn content(&self) -> &[u8] {
        if self.kind.streams() == Some(CallKind::Custom) { &self.input } else { &self.arguments }
    }

    /// Whether its arguments are the beginning of an object.
    fn is_cut(&self) -> bool {
        let mut check = ObjectCheck::default();
        check.push(Str::from_raw(&self.arguments));
        !self.is_custom && check.is_cut()
    }
}

/// How the client declared the tool that is called.
fn tool(name: &[u8], options: &Options) -> ClientTool {
    let sent = Str::from_raw(name).decode();
    let context = options.context.as_ref();
    let declared = context.and_then(|context| context.tools.get(&sent)).cloned();
    let renamed = || context.and_then(|context| context.names.get(&sent)).cloned();
    declared.unwrap_or_else(|| ClientTool {
        kind: ToolKind::Function,
        name: renamed().unwrap_or_else(|| sent.clone()),
        namespace: None,
    })
}

/// The call id that the client knows.
fn original_id(id: &[u8], options: &Options) -> Vec<u8> {
    let originals = options.context.as_ref().map(|context| &context.call_ids);
    let original = originals.and_then(|originals| originals.get(&Str::from_raw(id).decode()));
    original.map_or_else(|| id.to_vec(), |original| contents(original))
}

/// Arguments, decoded, if they are an object.
fn object(arguments: &[u8]) -> Option<Vec<u8>> {
    let text = Str::from_raw(arguments).decode().into_bytes();
    Value::document(&text).is_some().then_some(text)
}
