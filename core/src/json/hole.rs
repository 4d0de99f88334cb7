//! Enters: bytes and a position inside JSON whose other bytes are known. Leaves: where the value that varies there
//! ends, if it is as strict a value as [`super::walk`] and UTF-8 decoding would let pass.

use super::scan;

/// Index of the quote that ends the string contents at `at`.
#[inline]
pub(crate) fn text(bytes: &[u8], at: usize) -> Option<usize> {
    let end = scan::string(bytes, at).ok()?;
    let text = &bytes[at..end];
    (text.is_ascii() || std::str::from_utf8(text).is_ok()).then_some(end)
}

/// Index after the whole number at `at`; what follows it is for the caller to compare.
#[inline]
pub(crate) fn digits(bytes: &[u8], at: usize) -> Option<usize> {
    let end = scan::digits(bytes, at).ok()?;
    (bytes[at] != b'0' || end == at + 1).then_some(end)
}
