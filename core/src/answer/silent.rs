//! A writer that writes nothing, for a stream that is passed on as it arrived.
//!
//! Input: the calls of a reader. Output: none; the facts give the outcome. State: none.

use super::{Begins, CallStart, Citation, CitedText, Context, Image, RunWriter, TextRef, Writer};
use crate::envelope::Envelope;
use crate::json::template_gap::Text;
use crate::json::{Str, Value};
use crate::outcome::FinishReason;

#[derive(Debug, Default)]
pub(crate) struct Silent;

impl Writer for Silent {
    fn is_silent(&self) -> bool {
        true
    }

    fn text(&mut self, _: TextRef, _: Begins, _: Str<'_>, _: Option<Value<'_>>, _: &mut Context<'_>) {}

    fn call(&mut self, _: CallStart<'_>, _: &mut Context<'_>) {}

    fn arguments(&mut self, _: usize, _: Str<'_>, _: &mut Context<'_>) {}

    fn call_end(&mut self, _: usize, _: &mut Context<'_>) {}

    fn citation(&mut self, _: CitedText, _: &Citation<'_>, _: &mut Context<'_>) {}

    fn image(&mut self, _: &Image<'_>, _: &mut Context<'_>) {}

    fn opaque(&mut self, _: &[u8], _: &mut Context<'_>) -> bool {
        true
    }

    fn finish(&mut self, _: FinishReason, _: &mut Context<'_>) {}

    fn fail(&mut self, _: &Envelope, _: &mut Context<'_>) {}

    /// What is passed on counts as output.
    fn has_output(&self) -> bool {
        true
    }
}

impl RunWriter for Silent {
    fn texts<'c>(&mut self, _: TextRef, pieces: impl Iterator<Item = Text<'c>>, _: &mut Context<'_>) {
        pieces.for_each(drop);
    }
}
