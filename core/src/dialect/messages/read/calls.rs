//! Calls of a message.
//!
//! Input: blocks of calls and pieces of their input. Output: each call once, its arguments once. State: that of its block.
//!
//! Input that is blank, or never came, is `{}`. A `{}` that comes first says nothing: some servers send it as a placeholder
//! for what follows, or beside the input that the block started with.

use super::blocks::{BlockState, Role};
use super::{MessageLog, MessagesReader};
use crate::answer::{CallKind, CallStart, Context, Writer};
use crate::dialect::messages::event::Block;
use crate::dialect::messages::is_placeholder;
use crate::json::Str;
use crate::outcome::NoteCode;

impl<L: MessageLog> MessagesReader<L> {
    /// Announces a call. Without a name it is none; without an id it gets one.
    pub(super) fn call(&mut self, block: &Block<'_>, writer: &mut dyn Writer, cx: &mut Context<'_>) -> Role {
        let (nth, path) = (self.calls, format!("content[{}]", self.blocks.len()));
        let Some(name) = block.name else {
            cx.facts.notes.push(NoteCode::CallNameMissing, path, b"");
            return Role::Nothing;
        };
        let id = block.id.map_or_else(
            || {
                cx.facts.notes.push(NoteCode::CallIdMissing, path.clone(), name.raw());
                writer.made_up_call_id(nth, cx)
            },
            |id| id.raw().to_vec(),
        );
        let id = match self.blocks.unique(&id, nth) {
            Some(own) => {
                cx.facts.notes.push(NoteCode::Repaired, path, b"id");
                own
            }
            None => id,
        };
        self.calls += 1;
        writer.call(CallStart { nth, kind: CallKind::Function, id: &id, name: name.raw() }, cx);
        Role::Call(nth)
    }

    /// A piece of a call's arguments.
    pub(super) fn input_piece(
        &mut self,
        at: usize,
        piece: Str<'_>,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) -> bool {
        let block = self.blocks.get_mut(at);
        match block.role {
            Role::Call(_) | Role::Search(_) if !block.has_piece && is_placeholder(piece) => return false,
            Role::Call(_) if piece.is_empty() => return false,
            Role::Call(_) if block.is_over => {
                cx.facts.notes.push(NoteCode::InconsistentText, format!("content[{at}]"), b"arguments");
                return false;
            }
            Role::Call(nth) => writer.arguments(nth, piece, cx),
            Role::Search(nth) => self.searches.input(nth, piece),
            Role::Hosted => return false,
            _ => {
                cx.facts.note(NoteCode::MalformedEvent, b"input_json_delta");
                return false;
            }
        }
        block.has_piece = true;
        matches!(block.role, Role::Call(_))
    }

    /// The end of a call: where its deltas said nothing, what it started with.
    pub(super) fn end_call(
        nth: usize,
        block: &mut BlockState,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        if !block.has_piece {
            let input = block.input.take();
            writer.arguments(nth, Str::from_raw(input.as_deref().unwrap_or(b"{}")), cx);
        }
        writer.call_end(nth, cx);
    }
}
