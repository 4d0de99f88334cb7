//! Calls of a chat answer: passed on as soon as their id and name are known, ended when nothing can follow.
//!
//! Input: pieces of calls. Output: each call once, its arguments once.
//!
//! Arguments that are blank, or never came, are `{}`. A `{}` that comes first waits: some servers send it as a placeholder
//! for what follows.

use super::ChatReader;
use super::call_assignment::CallRef;
use crate::answer::{CallKind, CallStart, Context, Writer};
use crate::dialect::chat::chunk::{Delta, ToolCall};
use crate::json::Str;
use crate::json::template_gap::Text;
use crate::outcome::NoteCode;

impl ChatReader {
    /// A piece of a call; which, if it does nothing but add to its arguments. `before`: how many calls there were before its
    /// chunk. Where one chunk has several elements with a name, each is a call.
    pub(super) fn call(
        &mut self,
        piece_of: &ToolCall<'_>,
        before: usize,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) -> Option<CallRef> {
        let mut buffer = Vec::new();
        let piece = text_of(piece_of, &mut buffer);
        let is_named = piece_of.name.is_some() && piece_of.id.is_none();
        let found = self.calls.find(piece_of, piece).filter(|at| *at < before || !is_named);
        let at = self.known(found, piece_of, piece, false, writer, cx)?;
        self.start(at, writer, cx);
        if !piece.is_empty() {
            self.call_piece(at, piece, writer, cx);
            self.start(at, writer, cx); // one that was in doubt until something came
        }
        let is_plain = piece_of.id.is_none() && piece_of.name.is_none() && piece_of.state.is_none();
        // The call of a piece with an id or a name may depend on its arguments.
        Some(at).filter(|_| is_plain && !piece.is_empty())
    }

    /// The calls of a whole message, each said once: what of them did not come yet.
    pub(super) fn whole_calls(&mut self, message: &Delta<'_>, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let mut left: Vec<CallRef> = (0..self.calls.len()).collect();
        let mut buffer = Vec::new();
        for call in message.calls() {
            let whole = text_of(&call, &mut buffer);
            let found = self.calls.take_whole(&mut left, &call, whole);
            let Some(at) = self.known(found, &call, whole, true, writer, cx) else { return };
            self.start(at, writer, cx);
            let own = self.calls.get(at);
            let rest = if own.is_placeholder { Some(whole) } else { own.streamed.rest_of(whole) };
            match rest {
                _ if own.is_repeated_by(whole) => {}
                Some(rest) if rest.is_empty() => {}
                Some(rest) => self.call_piece(at, rest, writer, cx),
                None => self.contradicted(at, writer, cx),
            }
            buffer.clear();
        }
    }

    /// The call that a piece is of: the one found, or a new one. `is_whole`: of a message, where each call is said once.
    fn known(
        &mut self,
        found: Option<CallRef>,
        piece_of: &ToolCall<'_>,
        piece: Str<'_>,
        is_whole: bool,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) -> Option<CallRef> {
        let at = found.or_else(|| {
            self.end_last_call(is_whole, writer, cx);
            self.pass_state(writer, cx);
            self.calls.new_call(piece_of, piece, is_whole)
        });
        if !at.is_some_and(|at| self.calls.record_identity(at, piece_of)) {
            cx.facts.note(NoteCode::LimitExceeded, b"calls");
        }
        at
    }

    /// Arguments that are others than those that came.
    fn contradicted(&mut self, at: CallRef, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let path = self.calls.get(at).nth.map_or(String::new(), |nth| writer.call_path(nth));
        cx.facts.notes.push(NoteCode::InconsistentText, path, b"arguments");
    }

    /// More arguments of a call.
    fn call_piece(&mut self, at: CallRef, piece: Str<'_>, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let call = self.calls.get(at);
        let decoded = call.decoded(piece);
        let piece = call.beyond(decoded.as_deref().map_or(piece, Str::from_raw));
        if self.takes(at, piece, writer, cx) {
            self.calls.push(at, piece);
            self.pass_piece(at, piece, writer, cx);
        }
    }

    /// More arguments of a call, in a chunk that repeats.
    pub(super) fn call_text(
        &mut self,
        at: CallRef,
        piece: &Text<'_>,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        if piece.as_str().raw().first() == Some(&b'{') {
            return self.call_piece(at, piece.as_str(), writer, cx);
        }
        if self.takes(at, piece.as_str(), writer, cx) {
            self.calls.push_text(at, piece);
            self.pass_piece(at, piece.as_str(), writer, cx);
        }
    }

    /// Whether a piece is more of the arguments. A placeholder gives way to it.
    fn takes(&mut self, at: CallRef, piece: Str<'_>, writer: &mut dyn Writer, cx: &mut Context<'_>) -> bool {
        let call = self.calls.get(at);
        if call.is_placeholder && !call.is_closed && !piece.is_blank() && !call.is_repeated_by(piece) {
            self.calls.forget_arguments(at);
            return true;
        }
        if call.is_complete() || call.is_closed {
            // All of it again, or white space: nothing new.
            if !call.is_repeated_by(piece) && !piece.is_blank() {
                self.contradicted(at, writer, cx);
            }
            return false;
        }
        if call.streamed.is_empty() && !call.is_custom && piece.is_empty_object() {
            self.calls.push(at, piece);
            self.calls.call(at).is_placeholder = true;
            return false;
        }
        true
    }

    fn pass_piece(&mut self, at: CallRef, piece: Str<'_>, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let nth = self.calls.get(at).nth;
        match nth {
            Some(nth) => writer.arguments(nth, piece, cx),
            None if self.calls.wait(at, piece) => {}
            None => cx.facts.note(NoteCode::LimitExceeded, b"arguments"),
        }
    }

    /// Passes a call on as soon as its id and name are known.
    fn start(&mut self, at: CallRef, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let call = self.calls.get(at);
        if call.nth.is_some() || call.is_closed || call.is_nothing() {
            return;
        }
        let (Some(id), Some(name)) = (call.id.clone(), call.name.clone()) else { return };
        self.start_as(at, &id, &name, writer, cx);
    }

    fn start_as(
        &mut self,
        at: CallRef,
        id: &[u8],
        name: &[u8],
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        self.seal_call(at, id, writer, cx);
        let nth = self.started;
        self.started += 1;
        let call = self.calls.call(at);
        call.nth = Some(nth);
        let kind = if call.is_custom { CallKind::Custom } else { CallKind::Function };
        writer.call(CallStart { nth, kind, id, name }, cx);
        let waiting = self.calls.take_waiting(at);
        if !waiting.is_empty() {
            writer.arguments(nth, Str::from_raw(&waiting), cx);
        }
    }

    /// Opaque state of a call: before it, or after it where it came late.
    fn seal_call(&mut self, at: CallRef, id: &[u8], writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let call = self.calls.call(at);
        if let Some(state) = call.state.take() {
            call.is_sealed = true;
            let members = [b"{", &*state, b"}"].concat();
            Self::seal(Some(Str::from_raw(id).decode()), members, writer, cx);
        }
    }

    /// Before something else begins: the last call, if nothing can follow its arguments. A placeholder may be followed by
    /// more after another call, not after a text; a call without a name may still get one.
    pub(super) fn end_last_call(&mut self, is_text: bool, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let Some(last) = self.calls.len().checked_sub(1) else { return };
        let call = self.calls.get(last);
        let is_over = call.is_complete() && (is_text || !call.is_placeholder);
        if !call.is_closed && is_over && call.name.is_some() {
            self.end_call(last, writer, cx);
        }
    }

    /// The end of a call. One that never had a name nobody can run.
    pub(super) fn end_call(&mut self, at: CallRef, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let call = self.calls.call(at);
        if std::mem::replace(&mut call.is_closed, true) || call.is_nothing() {
            return;
        }
        let Some(name) = call.name.clone() else {
            let path = call.nth.map_or(String::new(), |nth| writer.call_path(nth));
            return cx.facts.notes.push(NoteCode::CallNameMissing, path, b"");
        };
        if call.nth.is_none() {
            let made_up = call.id.is_none().then(|| writer.made_up_call_id(at, cx));
            let id = call.id.clone().or(made_up.clone().map(Into::into)).unwrap_or_default();
            self.start_as(at, &id, &name, writer, cx);
            if let Some(id) = made_up {
                let path = self.calls.get(at).nth.map_or(String::new(), |nth| writer.call_path(nth));
                cx.facts.notes.push(NoteCode::CallIdMissing, path, &id);
            }
        }
        let call = self.calls.get(at);
        let Some(nth) = call.nth else { return };
        let call_id = call.id.clone().filter(|_| call.state.is_some());
        if !call.is_custom && (call.is_placeholder || call.is_blank()) {
            writer.arguments(nth, Str::from_raw(b"{}"), cx);
        }
        writer.call_end(nth, cx);
        if let Some(id) = call_id {
            self.seal_call(at, &id, writer, cx);
        }
    }
}

/// The arguments of a piece.
fn text_of<'a>(piece_of: &ToolCall<'a>, buffer: &'a mut Vec<u8>) -> Str<'a> {
    piece_of.arguments.and_then(|own| own.as_text(buffer)).unwrap_or(Str::from_raw(b""))
}
