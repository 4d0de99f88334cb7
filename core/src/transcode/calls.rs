//! Enters: what becomes known of each call, in any order. Leaves: each call once, its arguments once.
//!
//! A custom call's input is free text. Shown as a function its arguments are `{"input":"…"}`, streamed as the input
//! arrives; the closing `"}` is said only when the input is complete, so a cut call stays open.
//!
//! Chat needs id and name in a call's first delta, so a call is held back until both are known; its arguments wait
//! with it. All of that is bounded by [`MAX_HELD_BYTES`].

use super::speaker::Speaker;
use crate::chat::{CallForm, Member};
use crate::items::ItemRef;
use crate::json::hole::Text;
use crate::json::{Progress, Str, write};
use crate::limits::MAX_HELD_BYTES;
use crate::outcome::{NoteCode, Notes};

/// Names and arguments are JSON string contents.
#[derive(Debug, Default)]
struct Call {
    item: ItemRef,
    id: Option<Box<[u8]>>,
    item_id: Option<Box<[u8]>>,
    name: Option<Box<[u8]>>,
    form: CallForm,
    /// Chat index, once announced.
    index: Option<usize>,
    wrapping: Wrapping,
    /// All argument bytes taken so far, said or held.
    taken: Progress,
    held: Vec<u8>,
    /// `arguments` of `output_item.added`: a snapshot, used only if nothing better comes.
    added: Option<Box<[u8]>>,
    is_inconsistent: bool,
    /// The upstream said that nothing more comes.
    is_done: bool,
}

/// How much of `{"input":"…"}` was said, for [`CallForm::Wrapped`].
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Wrapping {
    #[default]
    Unopened,
    Open,
    Closed,
}

#[derive(Debug, Default)]
pub(super) struct Calls {
    list: Vec<Call>,
    /// Position in `list` of each item's call.
    by_item: Vec<Option<usize>>,
    announced: usize,
    held: usize,
    wrapped: Vec<u8>,
}

/// Where calls are said.
pub(super) struct Line<'a> {
    pub(super) speaker: &'a mut Speaker,
    pub(super) notes: &'a mut Notes,
    pub(super) out: &'a mut Vec<u8>,
}

/// What an event says of a call besides its arguments.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) form: CallForm,
    pub(super) id: Option<Str<'a>>,
    pub(super) item_id: Option<Str<'a>>,
    pub(super) name: Option<Str<'a>>,
}

impl Call {
    /// The next piece of `{"input":"…"}`: the input's JSON text, escaped once more.
    fn wrap<'a>(&mut self, piece: &[u8], wrapped: &'a mut Vec<u8>) -> &'a [u8] {
        wrapped.clear();
        if self.wrapping == Wrapping::Unopened && (!piece.is_empty() || self.is_done) {
            wrapped.extend_from_slice(br#"{\"input\":\""#);
            self.wrapping = Wrapping::Open;
        }
        write::escaped_again(wrapped, piece);
        if self.wrapping == Wrapping::Open && self.is_done {
            wrapped.extend_from_slice(br#"\"}"#);
            self.wrapping = Wrapping::Closed;
        }
        wrapped
    }
}

impl Calls {
    pub(super) fn is_any_announced(&self) -> bool {
        self.announced > 0
    }

    /// The first id and name count. Announces the call as soon as it has both.
    pub(super) fn learn(&mut self, item: ItemRef, known: Known<'_>, line: &mut Line<'_>) {
        let mut held = self.held;
        let call = self.call(item);
        call.form = known.form;
        let mut keep = |slot: &mut Option<Box<[u8]>>, value: Option<Str<'_>>| {
            let Some(value) = value.filter(|_| slot.is_none()) else { return };
            if held + value.raw().len() > MAX_HELD_BYTES {
                return line.notes.push(NoteCode::LimitExceeded, String::new(), b"calls");
            }
            held += value.raw().len();
            *slot = Some(value.raw().into());
        };
        keep(&mut call.id, known.id);
        keep(&mut call.item_id, known.item_id);
        keep(&mut call.name, known.name);
        if call.form == CallForm::Wrapped
            && call.name.as_deref().is_some_and(|name| line.speaker.is_custom(name))
        {
            call.form = CallForm::Custom;
        }
        self.held = held;
        self.announce(item, line);
    }

    /// `arguments` of `output_item.added`.
    pub(super) fn added(&mut self, item: ItemRef, arguments: Str<'_>, line: &mut Line<'_>) {
        let before = self.call(item).added.take().map_or(0, |added| added.len());
        self.held -= before;
        if self.held + arguments.raw().len() > MAX_HELD_BYTES {
            return line.notes.push(NoteCode::LimitExceeded, String::new(), b"arguments");
        }
        self.held += arguments.raw().len();
        self.call(item).added = Some(arguments.raw().into());
    }

    /// More arguments.
    pub(super) fn delta(&mut self, item: ItemRef, piece: Str<'_>, line: &mut Line<'_>) {
        let held = self.held;
        let call = self.call(item);
        if call.index.is_some() {
            call.taken.push(piece);
            self.say(item, piece.raw(), line);
        } else if held + piece.raw().len() > MAX_HELD_BYTES {
            line.notes.push(NoteCode::LimitExceeded, String::new(), b"arguments");
        } else {
            call.taken.push(piece);
            call.held.extend_from_slice(piece.raw());
            self.held += piece.raw().len();
        }
    }

    /// More arguments, in pieces that came the same way.
    #[inline]
    pub(super) fn deltas<'c>(
        &mut self,
        item: ItemRef,
        pieces: impl Iterator<Item = Text<'c>>,
        line: &mut Line<'_>,
    ) {
        let Call { form, index, taken, .. } = self.call(item);
        match (*form, *index) {
            (form @ (CallForm::Function | CallForm::Custom), Some(index)) => {
                let pieces = pieces.filter(|piece| !piece.is_empty());
                let pieces = pieces.inspect(|piece| taken.push_text(piece));
                line.speaker.pieces(line.out, Member::Arguments(form, index), pieces);
            }
            _ => pieces.for_each(|piece| self.delta(item, piece.as_str(), line)),
        }
    }

    /// The whole arguments: what was never streamed is said, a disagreement is noted once.
    pub(super) fn snapshot(
        &mut self,
        item: ItemRef,
        whole: Str<'_>,
        path: &dyn Fn(ItemRef) -> String,
        line: &mut Line<'_>,
    ) {
        let call = self.call(item);
        match call.taken.rest_of(whole) {
            Some(rest) if rest.is_empty() => {}
            Some(rest) if call.wrapping != Wrapping::Closed => {
                line.notes.push(NoteCode::Repaired, path(item), b"arguments");
                self.delta(item, rest, line);
            }
            _ if std::mem::replace(&mut call.is_inconsistent, true) => {}
            _ => line.notes.push(NoteCode::InconsistentText, path(item), b"arguments"),
        }
    }

    /// Nothing more comes for this call.
    pub(super) fn done(&mut self, item: ItemRef, line: &mut Line<'_>) {
        self.call(item).is_done = true;
        self.say(item, b"", line);
    }

    /// The response is over (`is_complete`: and said so of all its calls): what is still held back is said, as far as it can be.
    pub(super) fn settle(
        &mut self,
        is_complete: bool,
        path: &dyn Fn(ItemRef) -> String,
        line: &mut Line<'_>,
    ) {
        for at in 0..self.list.len() {
            let call = &mut self.list[at];
            let item = call.item;
            if call.name.is_none() {
                line.notes.push(
                    NoteCode::CallNameMissing,
                    path(item),
                    call.id.as_deref().unwrap_or_default(),
                );
                continue;
            }
            if call.id.is_none() {
                let id = call
                    .item_id
                    .clone()
                    .unwrap_or_else(|| format!("call_{}", self.announced).into_bytes().into());
                line.notes.push(NoteCode::CallIdMissing, path(item), &id);
                call.id = Some(id);
            }
            let added = call.added.take();
            self.held -= added.as_ref().map_or(0, |added| added.len());
            let added = added.filter(|_| call.taken.is_empty());
            call.is_done |= is_complete;
            self.announce(item, line);
            if let Some(arguments) = added {
                self.delta(item, Str::from_raw(&arguments), line);
            }
            self.say(item, b"", line);
        }
    }

    fn announce(&mut self, item: ItemRef, line: &mut Line<'_>) {
        let index = self.announced;
        let call = self.call(item);
        let (None, Some(id), Some(name)) = (call.index, &call.id, &call.name) else { return };
        call.index = Some(index);
        line.speaker.call(line.out, call.form, index, id, name);
        let held = std::mem::take(&mut call.held);
        self.announced += 1;
        self.held -= held.len();
        self.say(item, &held, line);
    }

    /// Says a piece of the arguments of an announced call.
    fn say(&mut self, item: ItemRef, piece: &[u8], line: &mut Line<'_>) {
        let mut wrapped = std::mem::take(&mut self.wrapped);
        let call = self.call(item);
        if let Some(index) = call.index {
            let piece = if call.form == CallForm::Wrapped { call.wrap(piece, &mut wrapped) } else { piece };
            line.speaker.arguments(line.out, call.form, index, piece);
        }
        self.wrapped = wrapped;
    }

    fn call(&mut self, item: ItemRef) -> &mut Call {
        if item >= self.by_item.len() {
            self.by_item.resize(item + 1, None);
        }
        let next = self.list.len();
        let at = *self.by_item[item].get_or_insert(next);
        if at == next {
            self.list.reserve_exact(usize::from(next == 0)); // one is the rule
            self.list.push(Call { item, ..Call::default() });
        }
        &mut self.list[at]
    }
}
