//! The calls of a response: what becomes known of each, in any order, becomes one call with its arguments, once.
//!
//! Input: ids, names and arguments as events and items give them. Output: a call as soon as its id and name are known; its
//! arguments wait with it. State: that, bounded by [`MAX_HELD_BYTES`]. Names and arguments are JSON string contents.
//!
//! - The id and name that were passed on stay; before that the latest count. A change is noted.
//! - A snapshot replaces arguments that wait; of those passed on it adds what is missing. So it is read before a call that
//!   waits is passed on.
//! - A call that the response completed without arguments has `{}`: an empty string is no JSON, and neither is white space,
//!   which waits until something follows it. So does a `{}` that no snapshot states: what follows it takes its place.
//! - A call that ended without arguments stays open until the response is over: some servers end it before it is filled.
//! - Arguments that do not begin as an object wait for the end of the call: some servers stream them encrypted, and have them
//!   plain only there.
//! - A custom call that nobody declared, where it is known what was declared, is the provider's own.

mod arguments;
mod settle;

use super::LoggedCall;
use crate::answer::{CallKind, CallStart, Context, Writer};
use crate::dialect::responses::ItemRef;
use crate::json::{ObjectCheck, Progress, Str};
use crate::limits::MAX_HELD_BYTES;
use crate::outcome::{NoteCode, Notes};
pub(super) use arguments::Told;
use std::collections::HashMap;
use std::num::NonZeroU32;

#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct Call {
    item: u32,
    kind: CallKind,
    id: Option<Box<[u8]>>,
    item_id: Option<Box<[u8]>>,
    name: Option<Box<[u8]>>,
    /// Its place among the calls passed on, and one. Small, as transcoders idle by the thousand.
    nth: Option<NonZeroU32>,
    /// All arguments so far, passed on or waiting.
    taken: Progress,
    waiting: Vec<u8>,
    /// They are passed on as they come: they begin as an object, or the call is done.
    is_due: bool,
    /// Arguments for a call that gets none: those of `output_item.added`, then what was passed on in their place.
    stand_in: Option<Box<[u8]>>,
    is_inconsistent: bool,
    /// The upstream ended the call.
    is_done: bool,
    /// So it is for the client.
    is_ended: bool,
    /// Its item says that it stopped early.
    is_cut: bool,
    /// The provider runs it.
    is_hosted: bool,
    /// Whether its deltas have their old name; a gateway that sends both sends them twice.
    is_legacy: Option<bool>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Calls {
    list: Vec<Call>,
    /// Position in `list` of each item's call.
    by_item: Vec<Option<u32>>,
    started: u32,
    held: usize,
    /// By item: there where `[DONE]` may be the end, before which nobody need say that a call is over.
    #[expect(clippy::box_collection, reason = "few have any, and transcoders idle by the thousand")]
    checks: Option<Box<HashMap<u32, ObjectCheck>>>,
    is_settled: bool,
}

/// The members of an event on a call, besides its arguments.
#[derive(Debug, Clone, Copy)]
pub(super) struct CallInfo<'a> {
    pub(super) kind: CallKind,
    pub(super) id: Option<Str<'a>>,
    pub(super) item_id: Option<Str<'a>>,
    pub(super) name: Option<Str<'a>>,
}

/// Gives JSON paths to items.
pub(super) type Path<'a> = &'a dyn Fn(ItemRef) -> String;

impl Calls {
    pub(super) fn is_any_started(&self) -> bool {
        self.started > 0
    }

    /// Whether it says nothing else than before. `is_own`: whether a custom tool of that name is the client's.
    pub(super) fn learn(
        &mut self,
        item: ItemRef,
        info: CallInfo<'_>,
        is_own: impl FnOnce(&[u8]) -> bool,
        path: Path<'_>,
        cx: &mut Context<'_>,
    ) -> bool {
        let (mut held, mut is_same) = (self.held, true);
        let call = self.call(item);
        call.kind = info.kind;
        let has_started = call.nth.is_some();
        let notes = &mut cx.facts.notes;
        keep(&mut call.item_id, info.item_id, &mut held, notes);
        for (slot, value) in [(&mut call.id, info.id), (&mut call.name, info.name)] {
            let Some(other) = value.filter(|value| slot.as_deref().is_some_and(|own| own != value.raw()))
            else {
                keep(slot, value, &mut held, notes);
                continue;
            };
            is_same = false;
            notes.push(NoteCode::CallChanged, path(item), other.raw());
            if !has_started {
                held -= slot.take().map_or(0, |own| own.len());
                keep(slot, value, &mut held, notes);
            }
        }
        self.held = held;
        self.judge(item, is_own, path, cx);
        is_same
    }

    /// Whether a custom call is the provider's own, once its name is known.
    fn judge(
        &mut self,
        item: ItemRef,
        is_own: impl FnOnce(&[u8]) -> bool,
        path: Path<'_>,
        cx: &mut Context<'_>,
    ) {
        let call = self.call(item);
        if call.kind == CallKind::Custom
            && call.nth.is_none()
            && !call.is_hosted
            && call.name.as_deref().is_some_and(|name| !is_own(name))
        {
            call.is_hosted = true;
            cx.facts.notes.push(NoteCode::HostedCall, path(item), call.name.as_deref().unwrap_or_default());
        }
    }

    /// `arguments` of `output_item.added`.
    pub(super) fn added(&mut self, item: ItemRef, arguments: Str<'_>, cx: &mut Context<'_>) {
        let before = self.call(item).stand_in.take().map_or(0, |added| added.len());
        self.held -= before;
        if self.held + arguments.raw().len() > MAX_HELD_BYTES {
            return cx.facts.note(NoteCode::LimitExceeded, b"arguments");
        }
        self.held += arguments.raw().len();
        self.call(item).stand_in = Some(arguments.raw().into());
    }

    /// Whether deltas under this name count for the call: those that came first.
    pub(super) fn takes(&mut self, item: ItemRef, is_legacy: bool) -> bool {
        *self.call(item).is_legacy.get_or_insert(is_legacy) == is_legacy
    }

    /// Its item says that it stopped early: nothing is made up for it.
    pub(super) fn cut(&mut self, item: ItemRef) {
        self.call(item).is_cut = true;
    }

    /// Each call as it was passed on.
    pub(super) fn each(&self) -> impl Iterator<Item = (ItemRef, LoggedCall<'_>)> {
        self.list.iter().map(|call| {
            let id = call.id.as_deref().or(call.item_id.as_deref());
            let stand_in = call.stand_in.as_deref().filter(|_| self.is_settled && call.nth.is_some());
            let name = call.name.as_deref();
            (call.item(), LoggedCall { kind: call.kind, id, name, stand_in })
        })
    }

    /// The upstream ended the call.
    pub(super) fn done(&mut self, item: ItemRef, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let call = self.call(item);
        call.is_done = true;
        if !call.is_hollow() {
            self.end(item, writer, cx);
        }
    }

    /// Nothing more comes for this call.
    fn end(&mut self, item: ItemRef, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let call = self.call(item);
        if std::mem::replace(&mut call.is_ended, true) {
            return;
        }
        call.is_due |= call.has_waiting();
        if let Some(nth) = call.nth() {
            self.pass_waiting(item, writer, cx);
            writer.call_end(nth, cx);
        }
    }

    /// Arguments that waited for the call, or for its end.
    fn pass_waiting(&mut self, item: ItemRef, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let call = self.call(item);
        let Some(nth) = call.nth().filter(|_| call.is_due) else { return };
        let waiting = std::mem::take(&mut call.waiting);
        self.held -= waiting.len();
        if !waiting.is_empty() {
            writer.arguments(nth, Str::from_raw(&waiting), cx);
        }
    }

    /// Whether a call with this name and these arguments is the one of an item; for a call without arguments too.
    pub(super) fn is_same(&self, item: ItemRef, name: Option<Str<'_>>, arguments: Option<Str<'_>>) -> bool {
        let call = self.by_item.get(item).and_then(|at| self.list.get((*at)? as usize));
        let Some(call) = call.filter(|call| call.name.as_deref() == name.map(Str::raw)) else { return false };
        let arguments = arguments.unwrap_or(Str::from_raw(b""));
        call.name.is_some() && call.taken.rest_of(arguments).is_some_and(Str::is_empty)
    }

    /// Names and arguments of the calls so far, with their items.
    pub(super) fn contents(&self) -> impl Iterator<Item = (ItemRef, &[u8], Progress)> {
        self.list.iter().filter_map(|call| Some((call.item(), call.name.as_deref()?, call.taken)))
    }

    /// Whether nothing came for a call but its announcement.
    pub(super) fn is_hollow(&self, item: ItemRef) -> bool {
        let call = self.by_item.get(item).and_then(|at| self.list.get((*at)? as usize));
        call.is_none_or(Call::is_hollow)
    }

    /// Passes the call on as soon as it has an id and a name.
    pub(super) fn start(&mut self, item: ItemRef, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let nth = self.started as usize;
        let call = self.call(item);
        let (None, false, Some(id), Some(name)) = (call.nth, call.is_hosted, &call.id, &call.name) else {
            return;
        };
        writer.call(CallStart { nth, kind: call.kind, id, name }, cx);
        call.nth = NonZeroU32::new(nth as u32 + 1);
        let is_ended = call.is_ended;
        self.started += 1;
        self.pass_waiting(item, writer, cx);
        if is_ended {
            writer.call_end(nth, cx);
        }
    }

    fn call(&mut self, item: ItemRef) -> &mut Call {
        if item >= self.by_item.len() {
            self.by_item.resize(item + 1, None);
        }
        let next = self.list.len();
        let at = *self.by_item[item].get_or_insert(next as u32) as usize;
        if at == next {
            self.list.reserve_exact(usize::from(next == 0)); // one is the rule
            self.list.push(Call { item: item as u32, ..Call::default() });
        }
        &mut self.list[at]
    }
}

impl Call {
    fn item(&self) -> ItemRef {
        self.item as ItemRef
    }

    fn nth(&self) -> Option<usize> {
        self.nth.map(|nth| nth.get() as usize - 1)
    }

    /// There is more than white space that waits.
    fn has_waiting(&self) -> bool {
        !Str::from_raw(&self.waiting).is_blank()
    }
}

fn keep(slot: &mut Option<Box<[u8]>>, value: Option<Str<'_>>, held: &mut usize, notes: &mut Notes) {
    let Some(value) = value.filter(|_| slot.is_none()) else { return };
    if *held + value.raw().len() > MAX_HELD_BYTES {
        return notes.push(NoteCode::LimitExceeded, String::new(), b"calls");
    }
    *held += value.raw().len();
    *slot = Some(value.raw().into());
}
