//! Enters: bytes and a position inside JSON whose other bytes are known. Leaves: where the value that varies there
//! ends, if it is as strict a value as [`super::walk`] and UTF-8 decoding would let pass.

use super::scan;

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
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let (words, _) = bytes.get(at..)?.first_chunk::<16>()?.as_chunks::<8>();
    for (nth, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let hit = scan::special(word).trailing_zeros();
        if hit == 64 && word & HIGH == 0 {
            continue;
        }
        // The bits below the byte that was hit; what is hit there must be the quote.
        let before = (1_u64 << (hit & !7 & 63)).wrapping_sub(1);
        let end = at + 8 * nth + (hit / 8) as usize;
        let is_text = hit < 64 && word & HIGH & before == 0 && bytes[end] == b'"';
        return is_text.then_some(end);
    }
    None
}

/// Index after the whole number at `at`; what follows it is for the caller to compare.
#[inline]
pub(crate) fn digits(bytes: &[u8], at: usize) -> Option<usize> {
    let end = scan::digits(bytes, at).ok()?;
    (bytes[at] != b'0' || end == at + 1).then_some(end)
}
