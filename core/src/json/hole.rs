//! Enters: bytes and a position inside JSON whose other bytes are known. Leaves: where the value that varies there
//! ends, if it is as strict a value as [`super::walk`] and UTF-8 decoding would let pass.

use super::scan;
use crate::lanes;

/// Index of the quote that ends the string contents at `at`.
#[inline]
pub(crate) fn text(bytes: &[u8], at: usize) -> Option<usize> {
    short(bytes, at).or_else(|| {
        let end = scan::string(bytes, at).ok()?;
        std::str::from_utf8(&bytes[at..end]).is_ok().then_some(end)
    })
}

/// [`text`] of fewer than 16 bytes of plain ASCII, the commonest, without a call.
#[inline]
fn short(bytes: &[u8], at: usize) -> Option<usize> {
    let lanes = bytes.get(at..)?.first_chunk()?;
    let end = lanes::ends_plain(lanes).trailing_zeros();
    let before = 1_u32.checked_shl(end)?.wrapping_sub(1);
    let is_text = lanes::non_ascii(lanes) & before == 0 && bytes[at + end as usize] == b'"';
    is_text.then_some(at + end as usize)
}

/// Index after the whole number at `at`; what follows it is for the caller to compare.
#[inline]
pub(crate) fn digits(bytes: &[u8], at: usize) -> Option<usize> {
    let end = scan::digits(bytes, at).ok()?;
    (bytes[at] != b'0' || end == at + 1).then_some(end)
}
