//! The masks of [`super`], byte by byte.
//!
//! Input: 16 bytes, or 64. Output: their mask. State: none.

use super::{LAST_CONTROL, Lanes, WideBlock};

#[inline]
fn mask(bytes: &Lanes, is_hit: impl Fn(u8) -> bool) -> u32 {
    bytes.iter().enumerate().fold(0, |mask, (nth, byte)| mask | u32::from(is_hit(*byte)) << nth)
}

pub(super) fn ends_ascii(bytes: &Lanes) -> u32 {
    mask(bytes, |byte| byte <= LAST_CONTROL || byte >= 0x80)
}

pub(super) fn is_ascii(block: &WideBlock) -> bool {
    block.iter().all(|byte| (LAST_CONTROL + 1..0x80).contains(byte))
}

pub(super) fn ends_plain(bytes: &Lanes) -> u32 {
    mask(bytes, |byte| byte < 0x20 || byte == b'"' || byte == b'\\')
}

pub(super) fn ends_text(bytes: &Lanes) -> u32 {
    mask(bytes, |byte| !(0x20..0x80).contains(&byte) || byte == b'"' || byte == b'\\')
}

#[cfg(not(target_feature = "sse2"))]
pub(super) fn prefetch(_: &WideBlock) {}

pub(super) fn begins_character(bytes: &Lanes) -> u32 {
    mask(bytes, |byte| byte & 0xC0 != 0x80)
}
