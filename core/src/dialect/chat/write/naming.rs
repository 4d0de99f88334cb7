//! What a chat answer is called: id, time and model.
//!
//! Input: what the caller and the upstream say. Output: the header of a chunk or a completion. State: none.

use crate::answer::{Context, Facts};
use crate::dialect::chat::{ChunkHeader, ObjectForm, completion_id};
use crate::json::write::contents;
use crate::options::{ModelFrom, Options};

/// What the answer is called, as far as that is known.
pub(super) struct Naming {
    id: Vec<u8>,
    created: u64,
    model: Vec<u8>,
}

impl Naming {
    pub(super) fn of(options: &Options, facts: &Facts) -> Self {
        let upstream = &facts.upstream;
        let id = options.id.as_deref().map(contents);
        Self {
            id: id.unwrap_or_else(|| completion_id(ObjectForm::of(options), upstream.id.as_deref())),
            created: upstream.created.unwrap_or(options.created),
            model: options.model_of_answer(upstream.model.as_deref()),
        }
    }

    pub(super) fn header(&self) -> ChunkHeader<'_> {
        ChunkHeader { id: &self.id, created: self.created, model: &self.model }
    }
}

/// The id of a call that has none: the one that a Response has for it, since a collector gives both.
pub(super) fn made_up_call_id(nth: usize, cx: &Context<'_>) -> Vec<u8> {
    let given =
        cx.options.id.as_deref().map(contents).or(cx.facts.upstream.id.as_deref().map(<[u8]>::to_vec));
    let own = completion_id(ObjectForm::Chat, Some(given.as_deref().unwrap_or(b"unknown")));
    let base = &own[ObjectForm::Chat.id_prefix().len()..];
    [b"call_", base, b"_", nth.to_string().as_bytes()].concat()
}

impl Options {
    /// The model that the answer names, as JSON string contents.
    pub(crate) fn model_of_answer(&self, served: Option<&[u8]>) -> Vec<u8> {
        let requested = self.requested_model().map(contents);
        let served = served.map(<[u8]>::to_vec);
        let model = match self.model_from {
            ModelFrom::Default | ModelFrom::Requested => requested.or(served),
            ModelFrom::Served => served.or(requested),
        };
        model.unwrap_or_else(|| b"unknown".to_vec())
    }
}
