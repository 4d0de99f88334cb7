//! Lists that may be most of what a request takes: they grow by a quarter, where a `Vec` would take twice as much.
//!
//! Input: a list and one more for it. Output: the longer list. State: none.

/// How many there is room for at first.
const FIRST: usize = 64;

#[inline]
pub(crate) fn push<T>(list: &mut Vec<T>, one: T) {
    if list.len() == list.capacity() {
        list.reserve_exact((list.len() / 4).max(FIRST));
    }
    list.push(one);
}
