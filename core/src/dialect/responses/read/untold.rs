//! What the upstream spoke of and that is not told yet: failures, what items were announced with.
//!
//! Input: envelopes, texts, opaque state. Output: the same, once it is known what counts. State: they; in one box, since there
//! are rarely any, and transcoders idle by the thousand.

use super::announced::Announced;
use crate::dialect::responses::ItemRef;
use crate::envelope::Envelope;
use crate::json::Str;

#[derive(Debug, Clone, Default)]
pub(super) struct Untold(Option<Box<All>>);

#[derive(Debug, Clone, Default)]
struct All {
    texts: Announced,
    bare: Option<Envelope>,
    announced: Option<Envelope>,
    image: Option<Envelope>,
}

impl Untold {
    fn all(&mut self) -> &mut All {
        self.0.get_or_insert_default()
    }

    pub(super) fn texts(&mut self) -> &mut Announced {
        &mut self.all().texts
    }

    /// As [`Announced::state`].
    pub(super) fn state(&mut self, item: ItemRef, said: Option<Str<'_>>) -> Option<Box<[u8]>> {
        self.0.as_mut()?.texts.state(item, said)
    }

    pub(super) fn take_texts(&mut self) -> Announced {
        self.0.as_mut().map(|all| std::mem::take(&mut all.texts)).unwrap_or_default()
    }

    /// A failure without details: the next event may have them.
    pub(super) fn bare(&mut self, failure: Envelope) {
        self.all().bare = Some(failure);
    }

    pub(super) fn has_bare(&self) -> bool {
        self.0.as_ref().is_some_and(|all| all.bare.is_some())
    }

    pub(super) fn take_bare(&mut self) -> Option<Envelope> {
        self.0.as_mut()?.bare.take()
    }

    /// What a response that has only begun failed with, or did not: it counts where no end comes.
    pub(super) fn announce(&mut self, failure: Option<Envelope>) {
        if failure.is_some() || self.0.is_some() {
            self.all().announced = failure;
        }
    }

    pub(super) fn has_announced(&self) -> bool {
        self.0.as_ref().is_some_and(|all| all.announced.is_some())
    }

    pub(super) fn take_announced(&mut self) -> Option<Envelope> {
        self.0.as_mut()?.announced.take()
    }

    /// Of an image that failed.
    pub(super) fn image(&mut self, failure: Envelope) {
        self.all().image = Some(failure);
    }

    pub(super) fn take_image(&mut self) -> Option<Envelope> {
        self.0.as_mut()?.image.take()
    }
}
