//! Calls of `multi_tool_use.parallel`, opened: models were trained to put several calls into one call of that name, and still do
//! where nobody declared such a tool.
//!
//! Input: the calls of a reader. Output: the same for the writer; each call in such a bundle is one of its own, with the id of
//! the bundle and its place in it. State: bundles that are not over, under the limits of held arguments, and which calls of the
//! reader are which of the writer.
//! A bundle that its client declared, that is cut, or that has anything else in it stays as it is.

use crate::answer::{CallKind, CallStart, Context, Writer};
use crate::json::{Str, Value, write};
use crate::limits::{MAX_BUNDLED_CALLS, MAX_HELD_BYTES};
use crate::options::Options;
use crate::outcome::NoteCode;

/// Names of the bundle, without its namespace.
const BUNDLE: &[u8] = b"parallel";
const NAMESPACES: [&[u8]; 4] = [b"multi_tool_use.", b"multi_tool_use__", b"multi_tool_use_", b""];
/// What stands before the name of a declared function in a bundle.
const FUNCTIONS: &[u8] = b"functions.";

#[derive(Debug, Clone, Default)]
pub(super) struct Bundles {
    /// What became of each call of the reader.
    calls: Vec<Call>,
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

impl Bundles {
    /// A call of the reader starts.
    pub(super) fn call(&mut self, call: CallStart<'_>, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let call = if is_bundle(call, cx.options) {
            let (id, name) = (call.id.into(), call.name.into());
            Call::Bundle(Box::new(Bundle { id, name, arguments: Vec::new() }))
        } else {
            Call::Written(self.write(call.kind, call.id, call.name, writer, cx))
        };
        self.calls.push(call);
    }

    /// The number that the writer has for a call; `None` for a bundle.
    pub(super) fn written(&self, nth: usize) -> Option<usize> {
        match self.calls.get(nth) {
            Some(Call::Written(written)) => Some(*written),
            _ => None,
        }
    }

    /// More of the arguments of a bundle; past the limit it is written as it is.
    pub(super) fn hold(&mut self, nth: usize, piece: Str<'_>, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let Some(Call::Bundle(bundle)) = self.calls.get_mut(nth) else { return };
        if self.held + piece.raw().len() <= MAX_HELD_BYTES {
            self.held += piece.raw().len();
            return bundle.arguments.extend_from_slice(piece.raw());
        }
        if let Some(written) = self.keep(nth, writer, cx) {
            writer.arguments(written, piece, cx);
        }
    }

    /// All of the arguments of a bundle, which are others than those that came.
    pub(super) fn replace(
        &mut self,
        nth: usize,
        whole: Str<'_>,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        let Some(Call::Bundle(bundle)) = self.calls.get_mut(nth) else { return };
        self.held -= std::mem::take(&mut bundle.arguments).len();
        self.hold(nth, whole, writer, cx);
    }

    /// A bundle is over: the writer's number where it stays as it is.
    pub(super) fn over(
        &mut self,
        nth: usize,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) -> Option<usize> {
        if self.open(nth, writer, cx).is_some() { None } else { self.keep(nth, writer, cx) }
    }

    /// Writes what waits as it is: its end never came.
    pub(super) fn keep_all(&mut self, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        for nth in 0..self.calls.len() {
            self.keep(nth, writer, cx);
        }
    }

    fn write(
        &mut self,
        kind: CallKind,
        id: &[u8],
        name: &[u8],
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) -> usize {
        let nth = self.written;
        self.written += 1;
        writer.call(CallStart { nth, kind, id, name }, cx);
        nth
    }

    fn take(&mut self, nth: usize) -> Option<Bundle> {
        let call = self.calls.get_mut(nth).filter(|call| matches!(call, Call::Bundle(_)))?;
        let Call::Bundle(bundle) = std::mem::replace(call, Call::Opened) else { return None };
        self.held -= bundle.arguments.len();
        Some(*bundle)
    }

    /// Writes a bundle as it is.
    fn keep(&mut self, nth: usize, writer: &mut dyn Writer, cx: &mut Context<'_>) -> Option<usize> {
        let Bundle { id, name, arguments } = self.take(nth)?;
        let written = self.write(CallKind::Function, &id, &name, writer, cx);
        self.calls[nth] = Call::Written(written);
        if !arguments.is_empty() {
            writer.arguments(written, Str::from_raw(&arguments), cx);
        }
        Some(written)
    }

    /// Writes the calls in a bundle that is whole; `None`: it is none.
    fn open(&mut self, nth: usize, writer: &mut dyn Writer, cx: &mut Context<'_>) -> Option<()> {
        let Some(Call::Bundle(bundle)) = self.calls.get(nth) else { return None };
        let json = Str::from_raw(&bundle.arguments).decode();
        let list = bundled(&json)?;
        let Bundle { id, name, .. } = self.take(nth)?;
        for (at, Bundled { name, arguments }) in list.iter().enumerate() {
            let id = [&*id, format!("_{}", at + 1).as_bytes()].concat();
            let (mut json, mut contents) = (Vec::new(), Vec::new());
            write::compact(&mut json, arguments.raw());
            write::escaped_again(&mut contents, &json);
            let written = self.write(CallKind::Function, &id, name.raw(), writer, cx);
            writer.arguments(written, Str::from_raw(&contents), cx);
            writer.call_end(written, cx);
        }
        cx.facts.note(NoteCode::ParallelOpened, &name);
        Some(())
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
