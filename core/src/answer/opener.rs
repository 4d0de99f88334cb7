//! Opens calls of `multi_tool_use.parallel`: models were trained to put several calls into one call of that name, and still do
//! where nobody declared such a tool.
//!
//! Input: calls of a [`Writer`]. Output: the same for the writer that it wraps; each call in such a bundle is one of its own, with
//! the id of the bundle and its place in it. State: bundles that are not over, under the limits of held arguments, and which
//! calls of the reader are which of the writer.
//! A bundle that its client declared, that is cut, or that has anything else in it stays as it is.

use super::{
    Begins, CallKind, CallStart, Citation, CitedText, Context, Image, ReasoningItem, TextKind, TextRef,
    WebSearch, Writer,
};
use crate::envelope::Envelope;
use crate::json::template_gap::Text;
use crate::json::{Progress, Str, Value, write};
use crate::limits::{MAX_BUNDLED_CALLS, MAX_HELD_BYTES};
use crate::options::Options;
use crate::outcome::{FinishReason, NoteCode};

/// Names of the bundle, without its namespace.
const BUNDLE: &[u8] = b"parallel";
const NAMESPACES: [&[u8]; 4] = [b"multi_tool_use.", b"multi_tool_use__", b"multi_tool_use_", b""];
/// What stands before the name of a declared function in a bundle.
const FUNCTIONS: &[u8] = b"functions.";

#[derive(Debug, Clone)]
pub(crate) struct Opener<W> {
    pub(crate) inner: W,
    /// Only where bundles are to be opened.
    calls: Option<Box<Calls>>,
}

#[derive(Debug, Clone, Default)]
struct Calls {
    /// What became of each call of the reader.
    list: Vec<Call>,
    /// Calls that the writer has.
    written: usize,
    /// Bytes of the bundles that wait.
    held: usize,
}

#[derive(Debug, Clone)]
enum Call {
    /// The writer has it, under this number.
    Written(usize),
    Bundle(Box<Bundle>),
    /// Its calls were written.
    Opened,
}

/// A call that is perhaps a bundle, of which no part was written.
#[derive(Debug, Clone)]
struct Bundle {
    id: Box<[u8]>,
    name: Box<[u8]>,
    arguments: Vec<u8>,
}

/// A call in a bundle, as JSON.
struct Bundled<'a> {
    name: Str<'a>,
    arguments: Value<'a>,
}

impl<W: Writer> Opener<W> {
    pub(crate) fn new(writer: W, options: &Options) -> Self {
        let opens = options.open_parallel_calls && !W::IS_SILENT;
        Self { inner: writer, calls: opens.then(Box::default) }
    }

    /// The number that the writer has for a call; `None` for a bundle.
    fn written(&self, nth: usize) -> Option<usize> {
        let Some(calls) = &self.calls else { return Some(nth) };
        match calls.list.get(nth) {
            Some(Call::Written(written)) => Some(*written),
            _ => None,
        }
    }

    fn write_call(&mut self, kind: CallKind, id: &[u8], name: &[u8], cx: &mut Context<'_>) -> usize {
        let calls = self.calls.get_or_insert_default();
        let nth = calls.written;
        calls.written += 1;
        self.inner.call(CallStart { nth, kind, id, name }, cx);
        nth
    }

    fn take(&mut self, nth: usize) -> Option<Bundle> {
        let calls = self.calls.as_mut()?;
        let call = calls.list.get_mut(nth).filter(|call| matches!(call, Call::Bundle(_)))?;
        let Call::Bundle(bundle) = std::mem::replace(call, Call::Opened) else { return None };
        calls.held -= bundle.arguments.len();
        Some(*bundle)
    }

    /// More of the arguments of a bundle; past the limit it is written as it is.
    fn hold(&mut self, nth: usize, piece: Str<'_>, cx: &mut Context<'_>) {
        let Some(calls) = &mut self.calls else { return };
        let Some(Call::Bundle(bundle)) = calls.list.get_mut(nth) else { return };
        if calls.held + piece.raw().len() <= MAX_HELD_BYTES {
            calls.held += piece.raw().len();
            return bundle.arguments.extend_from_slice(piece.raw());
        }
        if let Some(written) = self.keep(nth, cx) {
            self.inner.arguments(written, piece, cx);
        }
    }

    /// A bundle is over: `None` where its calls were written.
    fn opened_or_kept(&mut self, nth: usize, cx: &mut Context<'_>) -> Option<usize> {
        if self.open(nth, cx).is_some() { None } else { self.keep(nth, cx) }
    }

    /// Writes a bundle as it is.
    fn keep(&mut self, nth: usize, cx: &mut Context<'_>) -> Option<usize> {
        let Bundle { id, name, arguments } = self.take(nth)?;
        let written = self.write_call(CallKind::Function, &id, &name, cx);
        if let Some(call) = self.calls.as_mut().and_then(|calls| calls.list.get_mut(nth)) {
            *call = Call::Written(written);
        }
        if !arguments.is_empty() {
            self.inner.arguments(written, Str::from_raw(&arguments), cx);
        }
        Some(written)
    }

    /// Writes the calls in a bundle that is whole; `None`: it is none.
    fn open(&mut self, nth: usize, cx: &mut Context<'_>) -> Option<()> {
        let Some(Call::Bundle(bundle)) = self.calls.as_ref()?.list.get(nth) else { return None };
        let json = Str::from_raw(&bundle.arguments).decode();
        let list = bundled(&json)?;
        let Bundle { id, name, .. } = self.take(nth)?;
        for (at, Bundled { name, arguments }) in list.iter().enumerate() {
            let id = [&*id, format!("_{}", at + 1).as_bytes()].concat();
            let (mut json, mut contents) = (Vec::new(), Vec::new());
            write::compact(&mut json, arguments.raw());
            write::escaped_again(&mut contents, &json);
            let written = self.write_call(CallKind::Function, &id, name.raw(), cx);
            self.inner.arguments(written, Str::from_raw(&contents), cx);
            self.inner.call_end(written, cx);
        }
        cx.facts.note(NoteCode::ParallelOpened, &name);
        Some(())
    }

    /// Writes what waits as it is: its end never came.
    fn keep_all(&mut self, cx: &mut Context<'_>) {
        let calls = self.calls.as_ref().map_or(0, |calls| calls.list.len());
        for nth in 0..calls {
            self.keep(nth, cx);
        }
    }
}

/// Whether a call has the name of a bundle, and is not the client's own tool.
fn is_bundle(call: CallStart<'_>, options: &Options) -> bool {
    let is_named = NAMESPACES.iter().any(|space| call.name.strip_prefix(*space) == Some(BUNDLE));
    let is_declared = || {
        let Some(context) = &options.context else { return false };
        let echoed = options.request().and_then(|request| request.get("tools"));
        let mut echoed =
            echoed.into_iter().flat_map(Value::elements).filter_map(|tool| tool.get("name")?.as_str());
        context.tools.keys().chain(&context.custom_tools).any(|name| name.as_bytes() == call.name)
            || echoed.any(|name| name.raw() == call.name)
    };
    call.kind == CallKind::Function && is_named && !is_declared()
}

/// The calls of `{"tool_uses":[{"recipient_name":…,"parameters":{…}},…]}`; `None` for anything else.
fn bundled(json: &str) -> Option<Vec<Bundled<'_>>> {
    let uses = Value::document(json.as_bytes())?.get("tool_uses")?;
    let list: Vec<_> =
        uses.elements().take(MAX_BUNDLED_CALLS + 1).map(bundled_call).collect::<Option<_>>()?;
    Some(list).filter(|list| (1..=MAX_BUNDLED_CALLS).contains(&list.len()))
}

fn bundled_call(value: Value<'_>) -> Option<Bundled<'_>> {
    let name = value.get("recipient_name")?.as_str()?;
    let name = Str::from_raw(name.raw().strip_prefix(FUNCTIONS).unwrap_or(name.raw()));
    let arguments = value.get("parameters").filter(|own| own.is_object())?;
    Some(Bundled { name, arguments }).filter(|call| !call.name.is_empty())
}

impl<W: Writer> Writer for Opener<W> {
    const NAMES_ANSWER: bool = W::NAMES_ANSWER;
    const KEEPS_TEXT: bool = W::KEEPS_TEXT;
    const IS_SILENT: bool = W::IS_SILENT;

    fn call(&mut self, call: CallStart<'_>, cx: &mut Context<'_>) {
        if self.calls.is_none() {
            return self.inner.call(call, cx);
        }
        let call = if is_bundle(call, cx.options) {
            Call::Bundle(Box::new(Bundle {
                id: call.id.into(),
                name: call.name.into(),
                arguments: Vec::new(),
            }))
        } else {
            Call::Written(self.write_call(call.kind, call.id, call.name, cx))
        };
        self.calls.get_or_insert_default().list.push(call);
    }

    fn arguments(&mut self, nth: usize, piece: Str<'_>, cx: &mut Context<'_>) {
        match self.written(nth) {
            Some(written) => self.inner.arguments(written, piece, cx),
            None => self.hold(nth, piece, cx),
        }
    }

    fn argument_run<'c>(&mut self, nth: usize, pieces: impl Iterator<Item = Text<'c>>, cx: &mut Context<'_>) {
        match self.written(nth) {
            Some(written) => self.inner.argument_run(written, pieces, cx),
            None => pieces.for_each(|piece| self.arguments(nth, piece.as_str(), cx)),
        }
    }

    fn replace_arguments(&mut self, nth: usize, whole: Str<'_>, cx: &mut Context<'_>) {
        if let Some(written) = self.written(nth) {
            return self.inner.replace_arguments(written, whole, cx);
        }
        if let Some(Call::Bundle(bundle)) = self.calls.as_mut().and_then(|calls| calls.list.get_mut(nth)) {
            let before = std::mem::take(&mut bundle.arguments).len();
            self.calls.get_or_insert_default().held -= before;
            self.hold(nth, whole, cx);
        }
    }

    fn call_end(&mut self, nth: usize, cx: &mut Context<'_>) {
        let Some(written) = self.written(nth).or_else(|| self.opened_or_kept(nth, cx)) else { return };
        self.inner.call_end(written, cx);
    }

    fn settle(&mut self, is_cut: bool, cx: &mut Context<'_>) {
        self.keep_all(cx);
        self.inner.settle(is_cut, cx);
    }

    fn fail(&mut self, error: &Envelope, cx: &mut Context<'_>) {
        self.keep_all(cx);
        self.inner.fail(error, cx);
    }

    fn call_path(&self, nth: usize) -> String {
        self.written(nth).map_or_else(String::new, |written| self.inner.call_path(written))
    }

    // The rest is the writer's.

    fn kept_text(&self, kind: TextKind) -> Progress {
        self.inner.kept_text(kind)
    }

    fn shows(&self, kind: TextKind, options: &Options) -> bool {
        self.inner.shows(kind, options)
    }

    fn text(
        &mut self,
        text: TextRef,
        begins: Begins,
        piece: Str<'_>,
        logprobs: Option<Value<'_>>,
        cx: &mut Context<'_>,
    ) {
        self.inner.text(text, begins, piece, logprobs, cx);
    }

    fn texts<'c>(&mut self, text: TextRef, pieces: impl Iterator<Item = Text<'c>>, cx: &mut Context<'_>) {
        self.inner.texts(text, pieces, cx);
    }

    fn replace_text(&mut self, text: TextRef, whole: Str<'_>, cx: &mut Context<'_>) {
        self.inner.replace_text(text, whole, cx);
    }

    fn citation(&mut self, of: CitedText, citation: &Citation<'_>, cx: &mut Context<'_>) {
        self.inner.citation(of, citation, cx);
    }

    fn image(&mut self, image: &Image<'_>, cx: &mut Context<'_>) {
        self.inner.image(image, cx);
    }

    fn shows_searches(&self, options: &Options) -> bool {
        self.inner.shows_searches(options)
    }

    fn shows_hosted(&self, options: &Options) -> bool {
        self.inner.shows_hosted(options)
    }

    fn hosted_call(&mut self, name: &[u8], cx: &mut Context<'_>) {
        self.inner.hosted_call(name, cx);
    }

    fn web_search(&mut self, search: &WebSearch<'_>, cx: &mut Context<'_>) {
        self.inner.web_search(search, cx);
    }

    fn reasoning_item(&mut self, item: &ReasoningItem<'_>, cx: &mut Context<'_>) {
        self.inner.reasoning_item(item, cx);
    }

    fn opaque(&mut self, sealed: &[u8], cx: &mut Context<'_>) -> bool {
        self.inner.opaque(sealed, cx)
    }

    fn lacks(&self, cx: &Context<'_>) -> Option<Envelope> {
        self.inner.lacks(cx)
    }

    fn finish(&mut self, reason: FinishReason, cx: &mut Context<'_>) {
        self.inner.finish(reason, cx);
    }

    fn end(&mut self, cx: &mut Context<'_>) {
        self.inner.end(cx);
    }

    fn has_output(&self) -> bool {
        self.inner.has_output()
    }

    fn response_id(&self) -> Option<String> {
        self.inner.response_id()
    }

    fn made_up_call_id(&self, nth: usize, cx: &Context<'_>) -> Vec<u8> {
        self.inner.made_up_call_id(nth, cx)
    }
}
