//! Enters: 16 bytes. Leaves: a mask with a bit for each byte that ends a plain run: the only file that knows a machine.
//!
//! SSE2 is part of every x86-64. The register is made of two `u64` (one load, once compiled), so no pointer is touched:
//! the only `unsafe` is the promise that the build has SSE2. Elsewhere the masks are made byte by byte.

pub(crate) const WIDTH: usize = 16;

/// Bytes in a row, the first in the lowest bit of every mask.
pub(crate) type Lanes = [u8; WIDTH];

#[cfg(target_feature = "sse2")]
#[allow(
    unsafe_code,
    reason = "SSE2 is enabled for the whole build; benches/: twice the speed of word arithmetic"
)]
mod sse2 {
    use super::Lanes;
    use std::arch::x86_64::{
        __m128i, _mm_cmpeq_epi8, _mm_loadu_si128, _mm_min_epu8, _mm_movemask_epi8, _mm_or_si128,
        _mm_set1_epi8,
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

    #[inline]
    pub(super) fn line_ends(bytes: &Lanes) -> u32 {
        // SAFETY: this module is only there where SSE2 is enabled for the whole build.
        unsafe {
            let lanes = load(bytes);
            mask(_mm_or_si128(equal(lanes, b'\n'), equal(lanes, b'\r')))
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
    pub(super) fn non_ascii(bytes: &Lanes) -> u32 {
        // SAFETY: as above.
        unsafe { mask(load(bytes)) }
    }
}

#[cfg(any(test, not(target_feature = "sse2")))]
mod portable {
    use super::Lanes;

    #[inline]
    fn mask(bytes: &Lanes, is_hit: impl Fn(u8) -> bool) -> u32 {
        bytes.iter().enumerate().fold(0, |mask, (nth, byte)| mask | u32::from(is_hit(*byte)) << nth)
    }

    pub(super) fn line_ends(bytes: &Lanes) -> u32 {
        mask(bytes, |byte| byte == b'\n' || byte == b'\r')
    }

    pub(super) fn ends_plain(bytes: &Lanes) -> u32 {
        mask(bytes, |byte| byte < 0x20 || byte == b'"' || byte == b'\\')
    }

    pub(super) fn non_ascii(bytes: &Lanes) -> u32 {
        mask(bytes, |byte| byte >= 0x80)
    }
}

#[cfg(not(target_feature = "sse2"))]
use portable as machine;
#[cfg(target_feature = "sse2")]
use sse2 as machine;

/// What cannot stand for itself in a JSON string: a quote, a backslash, a control byte.
#[inline]
pub(crate) fn ends_plain(bytes: &Lanes) -> u32 {
    machine::ends_plain(bytes)
}

/// Bytes of characters outside ASCII.
#[inline]
pub(crate) fn non_ascii(bytes: &Lanes) -> u32 {
    machine::non_ascii(bytes)
}

/// [`ends_plain`] of 64 bytes.
#[inline]
pub(crate) fn ends_plain_of_block(block: &[u8; 64]) -> u64 {
    of_block(block, ends_plain)
}

/// Line ends, LF and CR, of 64 bytes.
#[inline]
pub(crate) fn line_ends_of_block(block: &[u8; 64]) -> u64 {
    of_block(block, machine::line_ends)
}

#[inline]
fn of_block(block: &[u8; 64], of_lanes: impl Fn(&Lanes) -> u32) -> u64 {
    let ([a, b, c, d], _) = block.as_chunks::<WIDTH>() else { return 0 };
    let low = of_lanes(a) | of_lanes(b) << WIDTH;
    let high = of_lanes(c) | of_lanes(d) << WIDTH;
    u64::from(low) | u64::from(high) << (2 * WIDTH)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Masks = [fn(&Lanes) -> u32; 3];

    /// Line ends, ends of plain text, bytes outside ASCII.
    fn is_hit(byte: u8) -> [bool; 3] {
        let ends_plain = byte < 0x20 || byte == b'"' || byte == b'\\';
        [byte == b'\n' || byte == b'\r', ends_plain, byte >= 0x80]
    }

    #[test]
    fn each_byte_is_judged_alone_at_each_place() {
        let machines: [Masks; 2] = [
            [machine::line_ends, machine::ends_plain, machine::non_ascii],
            [portable::line_ends, portable::ends_plain, portable::non_ascii],
        ];
        for (byte, place) in (0..=255).flat_map(|byte| (0..WIDTH).map(move |place| (byte, place))) {
            let mut lanes = [b'x'; WIDTH];
            lanes[place] = byte;
            let expected = is_hit(byte).map(|is_hit| u32::from(is_hit) << place);
            for masks in machines {
                assert_eq!(masks.map(|mask| mask(&lanes)), expected, "{byte} at {place}");
            }
        }
    }

    #[test]
    fn a_block_is_four_lanes_in_order() {
        for place in 0..64 {
            let mut block = [b'x'; 64];
            block[place] = b'\n';
            assert_eq!(line_ends_of_block(&block), 1 << place);
            assert_eq!(ends_plain_of_block(&block), 1 << place);
        }
    }
}
