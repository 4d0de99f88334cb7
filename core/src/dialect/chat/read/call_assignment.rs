//! Assigns tool-call pieces to calls, as chat servers really send them: indexes missing, reused, counted from 1; ids blank,
//! repeated, new in every chunk.
//!
//! Input: pieces. Output: which call each is of; never two calls merged, never one split. State: of each call its id and
//! name, how deep its arguments are open, and their digest.
//!
//! An id that is known goes on with its call. A new id or another name opens a new one; where that is in doubt, what came so
//! far decides: arguments that are complete cannot go on, arguments that are not must.

use super::nesting::Nesting;
use crate::dialect::chat::chunk::ToolCall;
use crate::json::template_gap::Text;
use crate::json::{Progress, Str, SurrogatePairs, Value};
use crate::limits::{MAX_HELD_BYTES, MAX_ITEMS};
use std::collections::HashMap;

/// Position in the order of first sight.
pub(super) type CallRef = usize;

/// Ids, names and arguments are JSON string contents.
#[derive(Debug, Clone, Default)]
pub(super) struct Call {
    index: Option<u64>,
    pub(super) id: Option<Box<[u8]>>,
    pub(super) name: Option<Box<[u8]>>,
    /// All arguments so far.
    pub(super) streamed: Progress,
    nesting: Nesting,
    units: SurrogatePairs,
    /// A custom tool's input, not wrapped in arguments.
    pub(super) is_custom: bool,
    /// Arguments that came before the call could be passed on.
    pub(super) waiting: Vec<u8>,
    /// Its place among the calls passed on.
    pub(super) nth: Option<usize>,
    pub(super) is_closed: bool,
    /// `{}` came first: perhaps only a placeholder for what follows.
    pub(super) is_placeholder: bool,
    /// A name that came again after complete arguments: a new call only if more comes.
    is_doubtful: bool,
    /// The member that only the server can read, with its name.
    pub(super) state: Option<Box<[u8]>>,
    /// That was passed on: the first counts.
    pub(super) is_sealed: bool,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Calls {
    list: Vec<Call>,
    by_id: HashMap<Box<[u8]>, CallRef>,
    by_index: HashMap<u64, CallRef>,
    /// Bytes of ids, each twice, names and waiting arguments.
    held: usize,
    decoded: Vec<u8>,
}

impl Call {
    /// Nothing can follow its arguments.
    pub(super) fn is_complete(&self) -> bool {
        !self.is_custom && self.nesting.is_complete()
    }

    /// Whether its arguments end in the middle.
    pub(super) fn is_cut(&self) -> bool {
        !self.is_custom && !self.streamed.is_empty() && !self.nesting.is_whole()
    }

    /// Nothing but white space came.
    pub(super) fn is_blank(&self) -> bool {
        self.streamed.is_empty() || self.nesting.is_blank()
    }

    /// Never more than a name that came twice.
    pub(super) fn is_nothing(&self) -> bool {
        self.is_doubtful && self.streamed.is_empty()
    }

    /// Whether `piece` is all of its arguments again, as they are or as JSON of a string.
    pub(super) fn is_repeated_by(&self, piece: Str<'_>) -> bool {
        let is_encoded = || piece.decoded_again().is_some_and(|own| self.is_all(Str::from_raw(&own)));
        !self.streamed.is_empty() && (self.is_all(piece) || is_encoded())
    }

    fn is_all(&self, text: Str<'_>) -> bool {
        self.streamed.rest_of(text).is_some_and(Str::is_empty)
    }

    /// Arguments that came whole, but as JSON of a string.
    pub(super) fn decoded(&self, piece: Str<'_>) -> Option<Vec<u8>> {
        let is_first = !self.is_custom && (self.is_blank() || self.is_placeholder);
        let own = piece.decoded_again().filter(|_| is_first)?;
        Value::document(Str::from_raw(&own).decode().as_bytes())?;
        Some(own)
    }

    /// What a piece adds to its arguments: some servers send all of them so far in every chunk. That is so where no object
    /// can begin.
    pub(super) fn beyond<'a>(&self, piece: Str<'a>) -> Str<'a> {
        let is_again = piece.raw().first() == Some(&b'{')
            && !self.streamed.is_empty()
            && !self.is_custom
            && !self.nesting.can_open();
        let rest = if is_again { self.streamed.rest_of(piece) } else { None };
        rest.unwrap_or(piece)
    }

    /// Whether a piece that its identity gives to this call can be of it.
    fn can_continue(&self, piece_of: &ToolCall<'_>, piece: Str<'_>) -> bool {
        let Some((own, name)) = self.name.as_deref().zip(piece_of.name) else { return true };
        let is_elsewhere = piece_of.index.is_some() && self.index.is_some() && piece_of.index != self.index;
        let is_filled = self.is_placeholder && piece_of.id.is_some() && !piece.is_empty();
        let can_grow = !self.is_complete() || is_filled || self.is_repeated_by(piece);
        own == name.raw() && !is_elsewhere && can_grow
    }

    /// True while its arguments are unfinished JSON: a piece with an unknown id and no name then belongs to it (some servers
    /// change the id in every chunk).
    fn has_unfinished_arguments(&self, piece: Str<'_>) -> bool {
        let is_begun = !self.streamed.is_empty() || !piece.is_empty();
        is_begun && !self.is_complete()
    }

    /// Whether a piece under a new id is of this call: its arguments are open, and the piece begins no others.
    fn can_change_id(&self, piece_of: &ToolCall<'_>, piece: Str<'_>) -> bool {
        let Some(name) = piece_of.name else { return self.has_unfinished_arguments(piece) };
        let begins_object = piece.raw().trim_ascii_start().first().is_none_or(|byte| *byte == b'{');
        self.name.as_deref() == Some(name.raw()) && self.is_cut() && !begins_object
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

    pub(super) fn iter(&self) -> impl Iterator<Item = &Call> {
        self.list.iter()
    }

    /// The call that a piece continues; `None`: it opens one. `piece`: its arguments.
    pub(super) fn find(&self, piece_of: &ToolCall<'_>, piece: Str<'_>) -> Option<CallRef> {
        if let Some(at) = piece_of.id.and_then(|id| self.by_id.get(id.raw())) {
            return Some(*at).filter(|at| self.list[*at].can_continue(piece_of, piece));
        }
        let near = self.match_by_index(piece_of)?;
        let call = &self.list[near];
        if piece_of.id.is_some() && call.id.is_some() {
            return Some(near).filter(|_| call.can_change_id(piece_of, piece));
        }
        Some(near).filter(|_| call.can_continue(piece_of, piece))
    }

    /// The call of those left that one of a whole message is: by its id, else the first that its name and arguments go on
    /// with.
    pub(super) fn take_whole(
        &self,
        left: &mut Vec<CallRef>,
        call: &ToolCall<'_>,
        whole: Str<'_>,
    ) -> Option<CallRef> {
        let by_id = call.id.and_then(|id| self.by_id.get(id.raw()));
        let goes_on = |own: &Call| {
            let has_name = own.name.as_deref().zip(call.name).is_none_or(|(own, name)| own == name.raw());
            has_name
                && (own.is_placeholder
                    || own.is_blank()
                    || own.streamed.rest_of(whole).is_some()
                    || own.is_repeated_by(whole))
        };
        let nth = left
            .iter()
            .position(|at| by_id == Some(at))
            .or_else(|| left.iter().position(|at| goes_on(&self.list[*at])))?;
        Some(left.remove(nth))
    }

    /// Match by index. Without one, the latest call; also if the index is unknown, the piece has no id or name, and the
    /// latest call is unfinished.
    fn match_by_index(&self, piece_of: &ToolCall<'_>) -> Option<CallRef> {
        let last = self.list.len().checked_sub(1);
        let Some(index) = piece_of.index else { return last };
        let is_nameless = piece_of.name.is_none() && piece_of.id.is_none();
        self.by_index
            .get(&index)
            .copied()
            .or(last.filter(|last| is_nameless && !self.list[*last].is_complete()))
    }

    /// A new call; `None` when the response has too many. `is_whole`: of a message, where no call is said twice.
    pub(super) fn new_call(
        &mut self,
        piece_of: &ToolCall<'_>,
        piece: Str<'_>,
        is_whole: bool,
    ) -> Option<CallRef> {
        let at = self.list.len();
        let is_again = !is_whole
            && self.match_by_index(piece_of).is_some_and(|near| {
                let call = &self.list[near];
                piece_of.id.is_none()
                    && piece_of.name.is_some_and(|name| call.name.as_deref() == Some(name.raw()))
            });
        let is_doubtful = is_again && piece.is_empty();
        (at < MAX_ITEMS).then(|| {
            self.list.push(Call { is_custom: piece_of.is_custom, is_doubtful, ..Call::default() });
            at
        })
    }

    /// Records what identifies a call. The first id and name count; an id that another call has is none. False where there
    /// is no room for them.
    pub(super) fn record_identity(&mut self, at: CallRef, piece_of: &ToolCall<'_>) -> bool {
        let call = &mut self.list[at];
        if let Some(index) = piece_of.index {
            call.index.get_or_insert(index);
            if self.by_index.len() < MAX_ITEMS || self.by_index.contains_key(&index) {
                self.by_index.insert(index, at);
            }
        }
        let name = piece_of.name.map(Str::raw).filter(|_| call.name.is_none());
        let id = piece_of.id.map(Str::raw);
        let id = id.filter(|id| call.id.is_none() && !self.by_id.contains_key(*id));
        let state = piece_of.state.filter(|_| !call.is_sealed).map(|state| state.member());
        let bytes = [name.map(<[u8]>::len), id.map(|id| 2 * id.len()), state.as_ref().map(Vec::len)];
        let held = self.held + bytes.into_iter().flatten().sum::<usize>();
        if held > MAX_HELD_BYTES {
            return false;
        }
        self.held = held;
        call.name = name.map(Into::into).or(call.name.take());
        call.state = state.map(Into::into).or(call.state.take());
        if let Some(id) = id {
            call.id = Some(id.into());
            self.by_id.insert(id.into(), at);
        }
        true
    }

    /// Records a piece of the arguments.
    pub(super) fn push(&mut self, at: CallRef, piece: Str<'_>) {
        self.list[at].streamed.push(piece);
        self.follow(at, piece);
    }

    /// [`Calls::push`] of what a template found.
    pub(super) fn push_text(&mut self, at: CallRef, piece: &Text<'_>) {
        self.list[at].streamed.push_text(piece);
        self.follow(at, piece.as_str());
    }

    fn follow(&mut self, at: CallRef, piece: Str<'_>) {
        let Self { list, decoded, .. } = self;
        let call = &mut list[at];
        decoded.clear();
        piece.decode_onto(&mut call.units, decoded);
        call.nesting.push(decoded);
    }

    /// Keeps a piece until its call can be passed on; false where there is no room.
    pub(super) fn wait(&mut self, at: CallRef, piece: Str<'_>) -> bool {
        let has_room = self.held + piece.raw().len() <= MAX_HELD_BYTES;
        if has_room {
            self.held += piece.raw().len();
            self.list[at].waiting.extend_from_slice(piece.raw());
        }
        has_room
    }

    /// Arguments that waited.
    pub(super) fn take_waiting(&mut self, at: CallRef) -> Vec<u8> {
        let waiting = std::mem::take(&mut self.list[at].waiting);
        self.held -= waiting.len();
        waiting
    }

    /// The arguments so far were a placeholder.
    pub(super) fn forget_arguments(&mut self, at: CallRef) {
        let call = &mut self.list[at];
        call.streamed = Progress::default();
        call.nesting = Nesting::default();
        call.is_placeholder = false;
    }
}
