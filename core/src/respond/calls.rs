//! Enters: pieces of tool calls as chat servers really send them: indexes missing, reused, counted from 1; ids blank,
//! repeated, new in every chunk. Leaves: which call each piece is of; never two calls merged, never one split.
//! Kept: of each call its id, name and arguments.
//!
//! An id that is known goes on with its call. A new id or another name opens a new one; where that is in doubt, what
//! was said so far decides: arguments that are complete cannot go on, arguments that are not must.

use super::unwrap::{Nesting, Unwrap};
use crate::chat::ToolCall;
use crate::json::{Str, Units};
use crate::limits::{MAX_HELD_BYTES, MAX_ITEMS};
use crate::responses::{Lane, Spoken, ToolKind};
use std::collections::HashMap;

/// Position in the order of first sight.
pub(super) type CallRef = usize;

/// Ids, names and arguments are JSON string contents.
#[derive(Debug, Default)]
pub(super) struct Call {
    index: Option<u64>,
    pub(super) id: Option<Box<[u8]>>,
    pub(super) name: Option<Box<[u8]>>,
    /// Everything that was said.
    pub(super) arguments: Vec<u8>,
    nesting: Nesting,
    units: Units,
    /// A custom tool's input, not wrapped in arguments.
    pub(super) is_custom: bool,
    /// Of a custom tool that the server knows as a function.
    pub(super) unwrap: Unwrap,
    /// Of a custom tool: the input so far.
    pub(super) input: Vec<u8>,
    /// What it comes back as.
    pub(super) kind: Option<ToolKind>,
    /// Which item it is, once announced.
    pub(super) item: Option<usize>,
    /// What it streams, once announced.
    pub(super) spoken: Option<Spoken>,
    pub(super) is_closed: bool,
    /// A name said again after complete arguments: a new call only if more comes.
    is_doubtful: bool,
}

#[derive(Debug, Default)]
pub(super) struct Calls {
    list: Vec<Call>,
    by_id: HashMap<Box<[u8]>, CallRef>,
    by_index: HashMap<u64, CallRef>,
    /// Bytes of ids, each twice, and names.
    held: usize,
    decoded: Vec<u8>,
}

impl Call {
    /// Nothing can follow its arguments.
    pub(super) fn is_complete(&self) -> bool {
        !self.is_custom && self.nesting.is_complete()
    }

    /// Never more than a name that was said twice.
    pub(super) fn is_nothing(&self) -> bool {
        self.is_doubtful && self.arguments.is_empty()
    }

    /// Whether a piece that its identity gives to this call can be of it.
    fn goes_on(&self, said: &ToolCall<'_>, piece: &[u8]) -> bool {
        let Some((own, name)) = self.name.as_deref().zip(said.name) else { return true };
        let is_elsewhere = said.index.is_some() && self.index.is_some() && said.index != self.index;
        let is_said_again = !self.is_complete() || *self.arguments == *piece;
        own == name.raw() && !is_elsewhere && is_said_again
    }

    /// Whether a new id can only be another one of this call: its arguments go on.
    fn is_midway(&self, piece: &[u8]) -> bool {
        let is_begun = !self.arguments.is_empty() || !piece.is_empty();
        is_begun && !self.is_complete()
    }
}

impl Calls {
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    pub(super) fn get(&self, at: CallRef) -> &Call {
        &self.list[at]
    }

    pub(super) fn call(&mut self, at: CallRef) -> &mut Call {
        &mut self.list[at]
    }

    /// The call that a piece goes on with; `None`: it opens one. `piece`: its arguments.
    pub(super) fn find(&self, said: &ToolCall<'_>, piece: &[u8]) -> Option<CallRef> {
        if let Some(at) = said.id.and_then(|id| self.by_id.get(id.raw())) {
            return Some(*at).filter(|at| self.list[*at].goes_on(said, piece));
        }
        let near = self.near(said)?;
        let call = &self.list[near];
        if said.id.is_some() && call.id.is_some() {
            return Some(near).filter(|_| said.name.is_none() && call.is_midway(piece));
        }
        Some(near).filter(|_| call.goes_on(said, piece))
    }

    /// By index; without one the last call, and so where a server counts a call's pieces differently than its head.
    fn near(&self, said: &ToolCall<'_>) -> Option<CallRef> {
        let last = self.list.len().checked_sub(1);
        let Some(index) = said.index else { return last };
        let is_nameless = said.name.is_none() && said.id.is_none();
        self.by_index
            .get(&index)
            .copied()
            .or(last.filter(|last| is_nameless && !self.list[*last].is_complete()))
    }

    /// A new call; `None` when the response has too many.
    pub(super) fn open(&mut self, said: &ToolCall<'_>, piece: &[u8]) -> Option<CallRef> {
        let at = self.list.len();
        let is_again = self.near(said).is_some_and(|near| {
            let call = &self.list[near];
            said.id.is_none() && said.name.is_some_and(|name| call.name.as_deref() == Some(name.raw()))
        });
        let is_doubtful = is_again && piece.is_empty();
        (at < MAX_ITEMS).then(|| {
            self.list.push(Call { is_custom: said.is_custom, is_doubtful, ..Call::default() });
            at
        })
    }

    /// What a piece says of its call. The first id and name count; an id that another call has is none. False where there
    /// is no room for them.
    pub(super) fn learn(&mut self, at: CallRef, said: &ToolCall<'_>) -> bool {
        let call = &mut self.list[at];
        if let Some(index) = said.index {
            call.index.get_or_insert(index);
            if self.by_index.len() < MAX_ITEMS || self.by_index.contains_key(&index) {
                self.by_index.insert(index, at);
            }
        }
        let name = said.name.map(Str::raw).filter(|_| call.name.is_none());
        let id = said.id.map(Str::raw).filter(|id| call.id.is_none() && !self.by_id.contains_key(*id));
        let held = self.held + name.map_or(0, <[u8]>::len) + 2 * id.map_or(0, <[u8]>::len);
        if held > MAX_HELD_BYTES {
            return false;
        }
        self.held = held;
        call.name = name.map(Into::into).or(call.name.take());
        if let Some(id) = id {
            call.id = Some(id.into());
            self.by_id.insert(id.into(), at);
        }
        true
    }

    /// Appends a piece of the arguments; it is then in `decoded`, too.
    pub(super) fn push(&mut self, at: CallRef, piece: Str<'_>) {
        let Self { list, decoded, .. } = self;
        let call = &mut list[at];
        call.arguments.extend_from_slice(piece.raw());
        decoded.clear();
        piece.decode_onto(&mut call.units, decoded);
        call.nesting.push(decoded);
    }

    /// Of all arguments so far what was not said yet, now that it is known as what; then of each piece.
    pub(super) fn say(&mut self, at: CallRef, piece: Option<Str<'_>>, take: impl FnOnce(&Spoken, &[u8])) {
        let Self { list, decoded, .. } = self;
        let Call { arguments, is_custom, unwrap, input, spoken, .. } = &mut list[at];
        let Some(spoken) = spoken else { return };
        let raw = piece.map_or(&arguments[..], |piece| piece.raw());
        if piece.is_none() {
            decoded.clear();
            Str::from_raw(raw).decode_onto(&mut Units::default(), decoded);
        }
        if spoken.lane == Some(Lane::Arguments) {
            return take(spoken, raw);
        }
        let begin = input.len();
        if *is_custom {
            input.extend_from_slice(raw);
        } else {
            unwrap.push(decoded, input);
        }
        take(spoken, &input[begin..]);
    }
}
