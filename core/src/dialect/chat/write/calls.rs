//! How calls are shown to a chat client.
//!
//! Input: pieces of arguments, or of a custom tool's input. Output: pieces of what the client sees. State: the form of each
//! call, and how much of the wrapping `{"input":"…"}` was written.

use crate::answer::{CallKind, CallStart, WrappedInput};
use crate::dialect::chat::CallForm;
use crate::json::Str;
use crate::options::{CustomTools, Options};

#[derive(Debug, Clone, Default)]
pub(super) struct Calls {
    list: Vec<Shown>,
    wrapped: Vec<u8>,
}

#[derive(Debug, Clone)]
struct Shown {
    form: CallForm,
    wrapping: WrappedInput,
}

impl Calls {
    /// The form of a call that starts. `is_of_chat`: the server gave it to a chat client.
    pub(super) fn start(&mut self, call: &CallStart<'_>, is_of_chat: bool, options: &Options) -> CallForm {
        let is_legacy = options.context.as_ref().is_some_and(|context| context.legacy_functions);
        let form = match (call.kind, options.custom_tools) {
            _ if options.legacy_completions => CallForm::Hidden,
            _ if is_legacy && self.list.is_empty() => CallForm::Legacy,
            _ if is_legacy => CallForm::Hidden,
            (CallKind::Function, _) | (_, Some(CustomTools::Raw)) => CallForm::Function,
            (_, Some(CustomTools::Function)) => CallForm::Wrapped,
            (_, Some(CustomTools::Custom)) => CallForm::Custom,
            _ if is_of_chat || is_declared_custom(call.name, options) => CallForm::Custom,
            _ => CallForm::Wrapped,
        };
        self.list.reserve_exact(usize::from(self.list.is_empty())); // one is the rule
        self.list.push(Shown { form, wrapping: WrappedInput::default() });
        form
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// The form of a call whose pieces are passed on as they are.
    pub(super) fn plain_form(&self, nth: usize) -> Option<CallForm> {
        self.list.get(nth).map(|call| call.form).filter(|form| *form != CallForm::Wrapped)
    }

    /// What is to be written for a piece; `is_end`: nothing more comes.
    pub(super) fn piece<'a>(&'a mut self, nth: usize, piece: &'a [u8], is_end: bool) -> (CallForm, &'a [u8]) {
        let Some(Shown { form, wrapping }) = self.list.get_mut(nth) else {
            return (CallForm::Function, b"");
        };
        if *form != CallForm::Wrapped {
            return (*form, piece);
        }
        self.wrapped.clear();
        wrapping.piece(piece, is_end, &mut self.wrapped);
        (*form, &self.wrapped)
    }

    /// The whole arguments as they are shown.
    pub(super) fn whole(&self, nth: usize, whole: &[u8]) -> Vec<u8> {
        match self.list.get(nth) {
            Some(Shown { form: CallForm::Wrapped, wrapping, .. }) => wrapping.whole(whole),
            _ => whole.to_vec(),
        }
    }
}

/// Whether the client declared this tool as a custom one; `name` is JSON string contents.
fn is_declared_custom(name: &[u8], options: &Options) -> bool {
    let declared = options.context.iter().flat_map(|context| &context.custom_tools);
    declared.into_iter().any(|own| Str::from_raw(name).is(own))
}
