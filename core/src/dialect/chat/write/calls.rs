//! How calls are shown to a chat client: by the name and in the form that it declared.
//!
//! Input: pieces of arguments, or of a custom tool's input. Output: pieces of what the client sees. State: the form of each
//! call, and how much of the wrapping `{"input":"…"}` was written or read.

use crate::answer::{CallKind, CallStart, CustomInputDecoder, WrappedInput};
use crate::dialect::Dialect;
use crate::dialect::chat::CallForm;
use crate::json::{Str, write};
use crate::limits::MAX_HELD_BYTES;
use crate::options::{CustomTools, Options};
use crate::request::ClientTool;
use crate::tool_kind::ToolKind;

#[derive(Debug, Clone, Default)]
pub(super) struct Calls {
    list: Vec<Shown>,
    /// The server knows no custom tools: it was given functions in their place.
    pub(super) has_only_functions: bool,
}

#[derive(Debug, Clone)]
struct Shown {
    form: CallForm,
    /// Where the client sees another thing than the server sends. Boxed: few do.
    changed: Option<Box<Changed>>,
}

#[derive(Debug, Clone)]
struct Changed {
    by: Change,
    /// Of the last piece.
    seen: Vec<u8>,
}

#[derive(Debug, Clone)]
enum Change {
    /// Free text as arguments.
    Wrapped(WrappedInput),
    /// The free text that the arguments are.
    Unwrapped(Unwrapped),
}

#[derive(Debug, Clone, Default)]
struct Unwrapped {
    decoder: CustomInputDecoder,
    /// All that came, while the input has not begun.
    arguments: Vec<u8>,
}

impl Calls {
    /// The form of a call that starts. `is_of_chat`: the server gave it to a chat client.
    pub(super) fn start(&mut self, call: &CallStart<'_>, is_of_chat: bool, options: &Options) -> CallForm {
        let is_legacy = options.context.as_ref().is_some_and(|context| context.legacy_functions);
        let is_wrapped = call.kind == CallKind::Function && self.is_wrapped(call.name, options);
        let form = match options.custom_tools {
            _ if options.legacy_completions => CallForm::Hidden,
            _ if is_legacy && self.list.is_empty() => CallForm::Legacy,
            _ if is_legacy => CallForm::Hidden,
            _ if call.kind == CallKind::Function && !is_wrapped => CallForm::Function,
            Some(CustomTools::Custom) => CallForm::Custom,
            None if is_wrapped || is_of_chat || is_declared_custom(call.name, options) => CallForm::Custom,
            _ => CallForm::Function,
        };
        let is_free = form == CallForm::Custom || options.custom_tools == Some(CustomTools::Raw);
        let by = match call.kind {
            CallKind::Function if is_wrapped && is_free => Some(Change::Unwrapped(Unwrapped::default())),
            CallKind::Custom if form == CallForm::Function && !is_free => {
                Some(Change::Wrapped(WrappedInput::default()))
            }
            _ => None,
        };
        let changed = by.map(|by| Box::new(Changed { by, seen: Vec::new() }));
        self.list.reserve_exact(usize::from(self.list.is_empty())); // one is the rule
        self.list.push(Shown { form, changed });
        form
    }

    /// Whether a function stands for a custom tool of the client.
    fn is_wrapped(&self, name: &[u8], options: &Options) -> bool {
        self.has_only_functions
            && client_tool(name, options)
                .map_or_else(|| is_declared_custom(name, options), |tool| tool.kind == ToolKind::Custom)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// The form of a call whose pieces are passed on as they are.
    pub(super) fn plain_form(&self, nth: usize) -> Option<CallForm> {
        self.list.get(nth).filter(|call| call.changed.is_none()).map(|call| call.form)
    }

    /// What is to be written for a piece; `None` where there is no room for it.
    pub(super) fn piece<'a>(&'a mut self, nth: usize, piece: &'a [u8]) -> Option<(CallForm, &'a [u8])> {
        let Some(Shown { form, changed }) = self.list.get_mut(nth) else {
            return Some((CallForm::Function, b""));
        };
        let Some(Changed { by, seen }) = changed.as_deref_mut() else { return Some((*form, piece)) };
        seen.clear();
        match by {
            Change::Wrapped(wrapping) => wrapping.piece(piece, false, seen),
            Change::Unwrapped(own) => own.piece(Str::from_raw(piece), seen)?,
        }
        Some((*form, seen))
    }

    /// What is to be written at the end of a call.
    pub(super) fn end(&mut self, nth: usize) -> (CallForm, &[u8]) {
        let Some(Shown { form, changed }) = self.list.get_mut(nth) else {
            return (CallForm::Function, b"");
        };
        let Some(Changed { by, seen }) = changed.as_deref_mut() else { return (*form, b"") };
        seen.clear();
        match by {
            Change::Wrapped(wrapping) => wrapping.piece(b"", true, seen),
            Change::Unwrapped(own) => _ = own.decoder.rest(Str::from_raw(&own.arguments), seen),
        }
        (*form, seen)
    }

    /// The whole arguments as they are shown.
    pub(super) fn whole(&self, nth: usize, whole: &[u8]) -> Vec<u8> {
        match self.list.get(nth).and_then(|call| call.changed.as_deref()) {
            Some(Changed { by: Change::Wrapped(wrapping), .. }) => wrapping.whole(whole),
            _ => whole.to_vec(),
        }
    }
}

impl Unwrapped {
    fn piece(&mut self, piece: Str<'_>, out: &mut Vec<u8>) -> Option<()> {
        self.decoder.piece(piece, out);
        if !self.decoder.has_begun() {
            let has_room = self.arguments.len() + piece.raw().len() <= MAX_HELD_BYTES;
            has_room.then(|| self.arguments.extend_from_slice(piece.raw()))?;
        }
        Some(())
    }
}

/// A tool that the server knows otherwise than a chat client declared it.
fn client_tool<'o>(name: &[u8], options: &'o Options) -> Option<&'o ClientTool> {
    let context = options.context.as_deref().filter(|context| context.dialect == Dialect::Chat)?;
    context.tools.get(&Str::from_raw(name).decode())
}

/// The name that the client gave a tool; JSON string contents.
pub(super) fn client_name(name: &[u8], options: &Options) -> Option<Vec<u8>> {
    client_tool(name, options).map(|tool| write::contents(&tool.name))
}

/// Whether the client declared this tool as a custom one; `name` is JSON string contents.
fn is_declared_custom(name: &[u8], options: &Options) -> bool {
    let declared = options.context.iter().flat_map(|context| &context.custom_tools);
    declared.into_iter().any(|own| Str::from_raw(name).is(own))
}
