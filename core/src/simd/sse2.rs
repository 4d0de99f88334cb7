//! The masks of [`super`], by SSE2.
//!
//! Input: 16 bytes, or 64. Output: their mask. State: none.

use super::{LAST_CONTROL, Lanes, WideBlock};
#[cfg(target_arch = "x86")]
use std::arch::x86 as arch;
#[cfg(target_arch = "x86_64")]
use std::arch::x86_64 as arch;

use arch::{
    __m128i, _MM_HINT_T0, _mm_cmpeq_epi8, _mm_cmpgt_epi8, _mm_loadu_si128, _mm_min_epu8, _mm_movemask_epi8,
    _mm_or_si128, _mm_prefetch, _mm_set1_epi8, _mm_subs_epi8,
};

#[inline]
#[target_feature(enable = "sse2")]
fn load(bytes: &Lanes) -> __m128i {
    // SAFETY: 16 readable bytes; the load needs no alignment.
    unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "sse2")]
fn mask(lanes: __m128i) -> u32 {
    _mm_movemask_epi8(lanes).cast_unsigned()
}

#[inline]
#[target_feature(enable = "sse2")]
fn equal(lanes: __m128i, byte: u8) -> __m128i {
    _mm_cmpeq_epi8(lanes, _mm_set1_epi8(byte.cast_signed()))
}

#[inline]
#[target_feature(enable = "sse2")]
fn control(lanes: __m128i) -> __m128i {
    _mm_cmpeq_epi8(_mm_min_epu8(lanes, _mm_set1_epi8(0x1f)), lanes)
}

/// The sign bit of each byte that is not ASCII, or a control up to `LAST_CONTROL`: below that, as signed numbers.
#[inline]
#[target_feature(enable = "sse2")]
fn below_ascii(bytes: &Lanes) -> __m128i {
    _mm_subs_epi8(load(bytes), _mm_set1_epi8(LAST_CONTROL.cast_signed() + 1))
}

#[inline]
pub(super) fn ends_ascii(bytes: &Lanes) -> u32 {
    // SAFETY: this module is only there where SSE2 is enabled for the whole build.
    unsafe { mask(below_ascii(bytes)) }
}

#[inline]
pub(super) fn is_ascii(block: &WideBlock) -> bool {
    let ([a, b, c, d], _) = block.as_chunks() else { return false };
    // SAFETY: as above.
    unsafe {
        let low = _mm_or_si128(below_ascii(a), below_ascii(b));
        let high = _mm_or_si128(below_ascii(c), below_ascii(d));
        mask(_mm_or_si128(low, high)) == 0
    }
}

#[inline]
pub(super) fn ends_plain(bytes: &Lanes) -> u32 {
    // SAFETY: as above.
    unsafe {
        let lanes = load(bytes);
        mask(_mm_or_si128(control(lanes), _mm_or_si128(equal(lanes, b'"'), equal(lanes, b'\\'))))
    }
}

#[inline]
pub(super) fn ends_text(bytes: &Lanes) -> u32 {
    // SAFETY: as above.
    unsafe {
        let lanes = load(bytes);
        let below = _mm_subs_epi8(lanes, _mm_set1_epi8(0x20)); // as in `below_ascii`
        mask(_mm_or_si128(below, _mm_or_si128(equal(lanes, b'"'), equal(lanes, b'\\'))))
    }
}

#[inline]
pub(super) fn prefetch(block: &WideBlock) {
    // SAFETY: a hint that reads nothing; SSE is part of SSE2.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(block.as_ptr().cast()) };
}

#[inline]
pub(super) fn begins_character(bytes: &Lanes) -> u32 {
    // SAFETY: as above. 0x80 to 0xBF are the 64 lowest signed numbers.
    unsafe { mask(_mm_cmpgt_epi8(load(bytes), _mm_set1_epi8(-65))) }
}
