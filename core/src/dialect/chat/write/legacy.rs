//! What clients of the legacy Completions API see of an answer: its text alone.
//!
//! Input: texts as they come. Output: a note, once, where one is left out or loses its name. State: none.
//!
//! A refusal becomes text: it is all that such an answer has. Calls, citations and images are noted where they are written.

use super::ChatWriter;
use crate::answer::{Context, TextKind, TextRef};
use crate::options::Reasoning;
use crate::outcome::NoteCode;

pub(super) fn note_text(text: TextRef, cx: &mut Context<'_>) {
    if !cx.options.legacy_completions {
        return;
    }
    if text.kind == TextKind::Refusal {
        cx.facts.note(NoteCode::RefusalAsText, b"");
    } else if cx.options.reasoning != Reasoning::Off && ChatWriter::field(text, cx.options).is_none() {
        cx.facts.note(NoteCode::ReasoningDropped, b"");
    }
}
