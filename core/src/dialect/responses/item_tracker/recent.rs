//! The item of the last delta: nearly always that of the next one.
//!
//! Input: identities, and what a search found. Output: the same for the same identity. State: one identity.

use super::{Identity, ItemRef, ItemType};
use crate::limits::RETAINED_BYTES;

/// The identity of the last delta and the item found.
#[derive(Debug, Clone, Default)]
pub(super) struct Recent {
    id: Vec<u8>,
    output_index: Option<u64>,
    /// Small, as transcoders idle by the thousand.
    pub(super) item: Option<(u32, ItemType)>,
}

impl Recent {
    pub(super) fn get(&self, identity: &Identity<'_>) -> Option<ItemRef> {
        let (item, item_type) = self.item?;
        let is_same = item_type == identity.item_type
            && self.output_index == identity.output_index
            && identity.call_id.is_none()
            && identity.id.is_some_and(|id| self.id == id.raw());
        is_same.then_some(item as ItemRef)
    }

    pub(super) fn set(&mut self, identity: &Identity<'_>, item: Option<ItemRef>) {
        self.item = None;
        let id = identity.id.filter(|id| id.raw().len() <= RETAINED_BYTES && identity.call_id.is_none());
        if let (Some(id), Some(item)) = (id, item) {
            self.id.clear();
            self.id.extend_from_slice(id.raw());
            self.output_index = identity.output_index;
            self.item = Some((item as u32, identity.item_type));
        }
    }
}
