//! The end of a response: what still waits of its calls.
//!
//! Input: whether the response is complete. Output: calls that waited for an id, arguments for those that got none, ends;
//! whether a call was cut, where the upstream does not say whether the response is.
//! State: the parent's.

use super::{Call, Calls, Path};
use crate::answer::{CallKind, Context, Writer};
use crate::json::{ObjectCheck, Str};
use crate::outcome::NoteCode;

impl Call {
    /// Whether it has come to its end, or to that of its arguments. Where a free text ends, nobody can see.
    fn is_over(&self, check: Option<&ObjectCheck>) -> bool {
        let stand_in =
            self.stand_in.as_deref().filter(|_| !self.is_due && !self.has_waiting()).map(Str::from_raw);
        let stand_in = stand_in.is_some_and(|added| {
            let mut check = ObjectCheck::default();
            check.push(added);
            check.is_object()
        });
        let is_whole = stand_in || check.is_some_and(ObjectCheck::is_object);
        self.is_done || (self.kind == CallKind::Function && !self.is_cut && is_whole)
    }
}

impl Calls {
    /// Whether the response may have been cut in a call: nothing said that it is over.
    pub(in crate::dialect::responses::read) fn is_any_cut(&self) -> bool {
        let check = |call: &Call| self.checks.as_ref()?.get(&call.item);
        self.list.iter().any(|call| !call.is_hosted && call.name.is_some() && !call.is_over(check(call)))
    }

    /// The response is over (`is_complete`: and complete, so all its calls are): what still waits is passed on, as far as
    /// it can be.
    pub(in crate::dialect::responses::read) fn settle(
        &mut self,
        is_complete: bool,
        path: Path<'_>,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        self.is_settled = true;
        for at in 0..self.list.len() {
            let call = &mut self.list[at];
            let item = call.item();
            if call.is_hosted {
                continue;
            }
            if call.name.is_none() {
                let id = call.id.as_deref().unwrap_or_default();
                cx.facts.notes.push(NoteCode::CallNameMissing, path(item), id);
                continue;
            }
            if call.id.is_none() {
                let made = || format!("call_{}", self.started).into_bytes().into();
                let id = call.item_id.clone().unwrap_or_else(made);
                cx.facts.notes.push(NoteCode::CallIdMissing, path(item), &id);
                call.id = Some(id);
            }
            self.settle_call(at, is_complete, writer, cx);
        }
    }

    fn settle_call(&mut self, at: usize, is_complete: bool, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let call = &mut self.list[at];
        let item = call.item();
        let added = call.stand_in.take();
        self.held -= added.as_ref().map_or(0, |added| added.len());
        call.is_due |= call.has_waiting();
        let added = added.filter(|added| !call.is_due && !Str::from_raw(added).is_blank());
        let is_bare = !call.is_due && call.kind == CallKind::Function && is_complete && !call.is_cut;
        let blank = if call.is_due { Vec::new() } else { std::mem::take(&mut call.waiting) };
        self.held -= blank.len();
        let missing = added.as_deref().or(is_bare.then_some(b"{}")).unwrap_or(&blank);
        self.start(item, writer, cx);
        self.pass_waiting(item, writer, cx);
        let call = self.call(item);
        if let Some(nth) = call.nth().filter(|_| !missing.is_empty()) {
            writer.arguments(nth, Str::from_raw(missing), cx);
            call.stand_in = Some(missing.into());
        }
        let is_over = is_complete || (call.is_done && !call.is_cut);
        if is_over {
            self.end(item, writer, cx);
        }
    }
}
