//! How many items of a type are open, and which, if it is one.
//!
//! Input: items as they open and end. Output: the only open one. State: a count and a sum.

use super::ItemRef;

/// The open items of one type; where `count` is 1, `sum` is the one. Sums wrap; there are under 2^16 items.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Open {
    pub(super) count: u16,
    sum: u16,
}

impl Open {
    pub(super) fn add(&mut self, item: ItemRef) {
        self.count += 1;
        self.sum = self.sum.wrapping_add(item as u16);
    }

    pub(super) fn remove(&mut self, item: ItemRef) {
        self.count -= 1;
        self.sum = self.sum.wrapping_sub(item as u16);
    }

    pub(super) fn only(self) -> Option<ItemRef> {
        (self.count == 1).then_some(self.sum as ItemRef)
    }
}
