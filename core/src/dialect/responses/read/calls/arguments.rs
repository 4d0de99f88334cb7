//! The arguments of a call: pieces, and snapshots of all of them.
//!
//! Input: either. Output: each argument once, as soon as it is known not to be taken back. State: the parent's.

use super::{Call, Calls, Path};
use crate::answer::{CallKind, Context, RunWriter, Writer};
use crate::dialect::responses::ItemRef;
use crate::json::template_gap::Text;
use crate::json::{Progress, Str};
use crate::limits::MAX_HELD_BYTES;
use crate::outcome::NoteCode;

/// What arguments say beyond those that came.
#[derive(Debug, Clone, Copy)]
pub(in crate::dialect::responses::read) enum Told<'a> {
    /// What follows those; perhaps nothing.
    Rest(Str<'a>),
    /// Something else.
    Whole(Str<'a>),
}

impl Call {
    /// Whether this begins its free text, or its arguments as an object.
    fn begins_with(&self, piece: Str<'_>) -> bool {
        match self.kind {
            CallKind::Custom => !piece.is_empty(),
            CallKind::Function => {
                piece.first_shown() == Some('{') && !piece.is_empty_object() && !self.has_waiting()
            }
        }
    }

    /// A `{}` waits for what may follow it.
    fn is_placeholder(&self) -> bool {
        !self.is_due && self.kind == CallKind::Function && Str::from_raw(&self.waiting).is_empty_object()
    }

    /// It has no arguments yet.
    pub(super) fn is_hollow(&self) -> bool {
        !self.is_due && (!self.has_waiting() || self.is_placeholder())
    }

    /// Arguments, unlike free text, are the same with other white space.
    fn is_spaced_otherwise(&self, whole: Str<'_>) -> bool {
        self.kind == CallKind::Function && Progress::spaced_otherwise(whole).any(|own| own == self.taken)
    }

    /// Free text that is wrapped for the client cannot go on behind its end.
    fn is_closed(&self) -> bool {
        self.is_ended && self.kind == CallKind::Custom
    }
}

impl Calls {
    /// More arguments.
    pub(in crate::dialect::responses::read) fn delta<'a>(
        &mut self,
        item: ItemRef,
        piece: Str<'a>,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) -> Told<'a> {
        let gives_way = self.call(item).is_placeholder() && !piece.is_blank();
        if gives_way {
            self.forget_arguments(item);
        }
        let held = self.held;
        if cx.options.done_is_complete {
            self.checks.get_or_insert_default().entry(item as u32).or_default().push(piece);
        }
        let call = self.call(item);
        call.is_due = call.is_due || call.begins_with(piece);
        if call.is_hosted {
            return Told::Rest(piece);
        }
        if let Some(nth) = call.nth().filter(|_| call.is_due) {
            call.taken.push(piece);
            self.pass_waiting(item, writer, cx);
            if !piece.is_empty() {
                writer.arguments(nth, piece, cx);
            }
        } else if held + piece.raw().len() > MAX_HELD_BYTES {
            cx.facts.note(NoteCode::LimitExceeded, b"arguments");
        } else {
            call.taken.push(piece);
            call.waiting.extend_from_slice(piece.raw());
            self.held += piece.raw().len();
        }
        if gives_way { Told::Whole(piece) } else { Told::Rest(piece) }
    }

    /// The arguments so far were none.
    fn forget_arguments(&mut self, item: ItemRef) {
        if let Some(checks) = &mut self.checks {
            checks.remove(&(item as u32));
        }
        let call = self.call(item);
        call.taken = Progress::default();
        let dropped = std::mem::take(&mut call.waiting).len();
        self.held -= dropped;
    }

    /// More arguments, in pieces that came the same way; none is empty.
    #[inline]
    pub(in crate::dialect::responses::read) fn deltas<'c>(
        &mut self,
        item: ItemRef,
        pieces: impl Iterator<Item = Text<'c>>,
        writer: &mut impl RunWriter,
        cx: &mut Context<'_>,
    ) {
        let call = self.call(item);
        let nth = call.nth().filter(|_| call.is_due && !cx.options.done_is_complete);
        let taken = &mut call.taken;
        match nth {
            Some(nth) => {
                writer.argument_run(nth, pieces.inspect(|piece| taken.push_text(piece)), cx);
            }
            None => pieces.for_each(|piece| _ = self.delta(item, piece.as_str(), writer, cx)),
        }
    }

    /// The whole arguments: what never streamed is passed on, a disagreement is noted once.
    pub(in crate::dialect::responses::read) fn snapshot<'a>(
        &mut self,
        item: ItemRef,
        whole: Str<'a>,
        path: Path<'_>,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) -> Told<'a> {
        let call = self.call(item);
        if call.is_hosted || whole.is_empty() || (call.kind == CallKind::Function && whole.is_blank()) {
            return Told::Rest(Str::from_raw(b"")); // the provider's own; or a hole
        }
        let is_filled = call.is_placeholder();
        let rest = call.taken.rest_of(whole).filter(|rest| rest.is_empty() || !is_filled);
        let nth = call.nth().filter(|_| call.is_due);
        call.is_due |= call.kind == CallKind::Function && whole.is_empty_object();
        match (rest, nth) {
            (Some(rest), nth) if nth.is_none() || rest.is_empty() || !call.is_closed() => {
                let was_inconsistent = call.is_inconsistent;
                if !rest.is_empty() {
                    cx.facts.notes.push(NoteCode::Repaired, path(item), b"arguments");
                    self.delta(item, rest, writer, cx);
                }
                match nth.filter(|_| was_inconsistent) {
                    Some(nth) => writer.replace_arguments(nth, whole, cx),
                    None => return Told::Rest(rest),
                }
            }
            (_, None) => {
                self.forget_arguments(item);
                self.delta(item, whole, writer, cx);
            }
            (_, Some(_)) if call.is_spaced_otherwise(whole) => {
                return Told::Rest(Str::from_raw(b""));
            }
            (_, Some(nth)) => {
                if !std::mem::replace(&mut call.is_inconsistent, true) {
                    cx.facts.notes.push(NoteCode::InconsistentText, path(item), b"arguments");
                }
                writer.replace_arguments(nth, whole, cx);
            }
        }
        Told::Whole(whole)
    }
}
