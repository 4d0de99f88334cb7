//! The end of a run of text, by AVX2.
//!
//! Input: bytes inside a JSON string. Output: how many of them are text: 64 at a time, with their escapes. State:
//! none.

use super::WideBlock;
use std::arch::x86_64::{
    __m256i, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_min_epu8, _mm256_movemask_epi8, _mm256_or_si256,
    _mm256_set1_epi8, _mm256_setr_epi8, _mm256_shuffle_epi8, _mm256_testz_si256,
};

#[inline]
#[target_feature(enable = "avx2")]
fn equal(lanes: __m256i, byte: u8) -> __m256i {
    _mm256_cmpeq_epi8(lanes, _mm256_set1_epi8(byte.cast_signed()))
}

/// What ends a string, or cannot stand in it; backslashes.
#[inline]
#[target_feature(enable = "avx2")]
fn special(lanes: __m256i) -> [__m256i; 2] {
    let control = _mm256_cmpeq_epi8(_mm256_min_epu8(lanes, _mm256_set1_epi8(0x1f)), lanes);
    [_mm256_or_si256(control, equal(lanes, b'"')), equal(lanes, b'\\')]
}

#[inline]
#[target_feature(enable = "avx2")]
fn load(bytes: &[u8; 32]) -> __m256i {
    // SAFETY: 32 readable bytes; the load needs no alignment.
    unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) }
}

/// Whether there is nothing special in a block.
#[inline]
#[target_feature(enable = "avx2")]
fn is_plain(low: &[u8; 32], high: &[u8; 32]) -> bool {
    let ([ends, backslashes], [more_ends, more_backslashes]) = (special(load(low)), special(load(high)));
    let any =
        _mm256_or_si256(_mm256_or_si256(ends, backslashes), _mm256_or_si256(more_ends, more_backslashes));
    _mm256_testz_si256(any, any) == 1
}

/// [`special`], and what may follow a backslash in a short escape.
#[inline]
#[target_feature(enable = "avx2")]
fn masks(bytes: &[u8; 32]) -> [u64; 3] {
    let lanes = load(bytes);
    let [ends, backslashes] = special(lanes);
    // By their low four bits. No byte is taken for what stands for none: 0 would be NUL.
    let ([r, t, f, back, n], no) = (b"rtf\\n".map(u8::cast_signed), -1);
    let table = _mm256_setr_epi8(
        no, no, r, no, t, no, f, no, no, no, no, no, back, no, n, no, no, no, r, no, t, no, f, no, no, no,
        no, no, back, no, n, no,
    );
    let others = _mm256_cmpeq_epi8(_mm256_shuffle_epi8(table, lanes), lanes);
    let short = _mm256_or_si256(others, _mm256_or_si256(equal(lanes, b'"'), equal(lanes, b'b')));
    [ends, backslashes, short].map(|lanes| u64::from(_mm256_movemask_epi8(lanes).cast_unsigned()))
}

#[target_feature(enable = "avx2,popcnt")]
pub(super) fn text_length(bytes: &[u8]) -> (usize, usize) {
    let (blocks, _) = bytes.as_chunks::<64>();
    let (mut is_cut, mut count, mut is_plain_run) = (0, 0, true);
    for (nth, block) in blocks.iter().enumerate() {
        let ([low, high], _) = block.as_chunks() else { break };
        if is_plain_run && is_plain(low, high) {
            continue; // an image is nothing else
        }
        let (low, high) = (masks(low), masks(high));
        let [ends, backslashes, short] = [0, 1, 2].map(|nth| low[nth] | high[nth] << 32);
        let escaped = super::escaped(backslashes, &mut is_cut);
        let long = escaped & !short;
        let stops = ends & !escaped | long;
        if stops != 0 {
            let before = (stops & stops.wrapping_neg()) - 1;
            let at = nth * size_of::<WideBlock>() + before.count_ones() as usize;
            let is_long = long & (before + 1) != 0; // its backslash is the byte before
            return (at - usize::from(is_long), count + (escaped & before).count_ones() as usize);
        }
        count += escaped.count_ones() as usize;
        is_plain_run = backslashes == 0;
    }
    (size_of_val(blocks) - is_cut as usize, count)
}
