//! Byte scanning with SIMD. This file and its folder are the only code that knows a machine, and the only `unsafe`.
//!
//! Input: 16 bytes, or a run of them. Output: a mask with a bit for each byte that ends a plain run, or the end of the
//! run. State: none.
//!
//! SSE2 is part of every x86-64, and of Rust's usual 32 bits of it; elsewhere the masks are made byte by byte. What is `unsafe`: loads of 16 and 32 bytes, a
//! hint to load some, the promises that the build has SSE2 and the machine AVX2, and that a line whose bytes were all seen
//! to be UTF-8 is a `str`.

pub(crate) const WIDTH: usize = 16;

/// Bytes in a row, the first in the lowest bit of every mask.
pub(crate) type Lanes = [u8; WIDTH];

/// Four lanes: what long runs are searched by.
pub(crate) type WideBlock = [u8; 4 * WIDTH];

#[cfg(target_feature = "sse2")]
#[allow(
    unsafe_code,
    reason = "SSE2 is enabled for the whole build; benches/: twice the speed of word arithmetic"
)]
mod sse2;

#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code, reason = "benches/: normalizing a large request takes two thirds of the time")]
mod avx2;

#[cfg(any(test, not(target_feature = "sse2")))]
mod portable;

mod utf8;

#[cfg(not(target_feature = "sse2"))]
use portable as machine;
#[cfg(target_feature = "sse2")]
use sse2 as machine;

/// What the backslashes escape; `is_cut`: 1 where the first byte is escaped, then where the one after the last is. All at
/// once: a run of backslashes is a number, and the carry of a subtraction shows whether it is odd. (After simdjson.)
#[cfg(any(test, target_arch = "x86_64"))]
#[inline]
fn escaped(backslashes: u64, is_cut: &mut u64) -> u64 {
    const ODD: u64 = 0xaaaa_aaaa_aaaa_aaaa;
    let first = backslashes & !*is_cut;
    let codes_and_ends = (first << 1 | ODD).wrapping_sub(first) ^ ODD;
    let escaped = codes_and_ends ^ (backslashes | *is_cut);
    *is_cut = (codes_and_ends & backslashes) >> 63;
    escaped
}

/// How many of the bytes, inside a JSON string, are text and short escapes for sure, and the number of these escapes; a short
/// one is of two bytes and not `\/`. Looks at whole blocks, at one cost however many escapes there are, and at nothing on a
/// machine that cannot do that.
#[inline]
#[cfg_attr(not(target_arch = "x86_64"), allow(unused_variables, reason = "looks at nothing there"))]
pub(crate) fn text_length(bytes: &[u8]) -> (usize, usize) {
    #[cfg(target_arch = "x86_64")]
    if bytes.len() >= size_of::<WideBlock>()
        && is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("popcnt")
    {
        #[allow(unsafe_code, reason = "the machine was just asked")]
        // SAFETY: it has both.
        return unsafe { avx2::text_length(bytes) };
    }
    (0, 0)
}

/// What cannot stand for itself in a JSON string: a quote, a backslash, a control byte.
#[inline]
pub(crate) fn ends_plain(bytes: &Lanes) -> u32 {
    machine::ends_plain(bytes)
}

/// [`ends_plain`], and bytes of characters outside ASCII.
#[inline]
pub(crate) fn ends_text(bytes: &Lanes) -> u32 {
    machine::ends_text(bytes)
}

/// The bytes that continue no UTF-8 character.
#[inline]
pub(crate) fn begins_character(bytes: &Lanes) -> u32 {
    machine::begins_character(bytes)
}

/// Prefetch distance in bytes. A fresh chunk is often not in cache, and the CPU's own prefetcher stops at page ends.
const AHEAD: usize = 2048;

/// Prefetches the beginning of a new chunk.
#[inline]
pub(crate) fn prefetch_first(chunk: &[u8]) {
    chunk.as_chunks().0.iter().take(AHEAD / size_of::<WideBlock>()).for_each(machine::prefetch);
}

/// Asks for some bytes, an event's worth, that are [`AHEAD`].
#[inline]
pub(crate) fn prefetch(bytes: &[u8]) {
    if let Some(ahead) = bytes.get(AHEAD..).and_then(|ahead| ahead.first_chunk::<256>()) {
        ahead.as_chunks().0.iter().for_each(machine::prefetch);
    }
}

/// LF and CR are among the control bytes up to here; a JSON text on one line has none of them but, rarely, TAB.
const LAST_CONTROL: u8 = b'\r';

/// The text that `bytes` begin with, up to the first line end (LF, CR), or up to what is not UTF-8.
#[inline]
#[allow(
    unsafe_code,
    reason = "each byte was just seen to be UTF-8; a second look costs as much as the parse"
)]
pub(crate) fn line(bytes: &[u8]) -> &str {
    let ascii = ascii_length(bytes);
    let length = match bytes.get(ascii) {
        None | Some(b'\n' | b'\r') => ascii,
        Some(_) => line_length(bytes, ascii),
    };
    // SAFETY: `ascii_length` stops at the first byte that is not ASCII, `line_length` at the first that is not UTF-8.
    unsafe { std::str::from_utf8_unchecked(&bytes[..length]) }
}

/// [`line`] beyond a run of ASCII of this length.
fn line_length(bytes: &[u8], ascii: usize) -> usize {
    let mut at = ascii;
    loop {
        at += match bytes.get(at) {
            None | Some(b'\n' | b'\r') => return at,
            Some(..0x80) => 1,
            Some(_) => match utf8::wide_length(&bytes[at..]) {
                0 => return at,
                length => length,
            },
        };
        at += ascii_length(&bytes[at..]);
    }
}

#[inline]
fn ascii_length(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    while let Some((block, after)) = rest.split_first_chunk::<{ 4 * WIDTH }>() {
        if !machine::is_ascii(block) {
            let ends = of_block(block, machine::ends_ascii);
            return bytes.len() - rest.len() + ends.trailing_zeros() as usize;
        }
        rest = after;
    }
    bytes.len() - rest.len() + ascii_tail(rest)
}

/// [`ascii_length`] of less than a block.
fn ascii_tail(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    while let Some((lanes, after)) = rest.split_first_chunk() {
        let ends = machine::ends_ascii(lanes);
        if ends != 0 {
            return bytes.len() - rest.len() + ends.trailing_zeros() as usize;
        }
        rest = after;
    }
    let run = rest.iter().take_while(|byte| (LAST_CONTROL + 1..0x80).contains(*byte)).count();
    bytes.len() - rest.len() + run
}

/// Whether `bytes` begin with `prefix`. A call costs more than the comparison of a few bytes does.
#[inline]
pub(crate) fn starts_with(bytes: &[u8], prefix: &[u8]) -> bool {
    let Some(there) = bytes.get(..prefix.len()) else { return false };
    if prefix.len() > 4 * WIDTH {
        return there == prefix;
    }
    if let (Some(a), Some(b)) = (there.last_chunk::<WIDTH>(), prefix.last_chunk::<WIDTH>()) {
        let pairs = there.as_chunks::<WIDTH>().0.iter().zip(prefix.as_chunks::<WIDTH>().0);
        return a == b && pairs.into_iter().all(|(a, b)| a == b);
    }
    if let (Some(a), Some(b)) = (there.first_chunk::<8>(), prefix.first_chunk::<8>()) {
        return a == b && there.last_chunk::<8>() == prefix.last_chunk::<8>();
    }
    if let (Some(a), Some(b)) = (there.first_chunk::<4>(), prefix.first_chunk::<4>()) {
        return a == b && there.last_chunk::<4>() == prefix.last_chunk::<4>();
    }
    there.iter().zip(prefix).all(|(a, b)| a == b)
}

#[inline]
fn of_block(block: &WideBlock, of_lanes: impl Fn(&Lanes) -> u32) -> u64 {
    let ([a, b, c, d], _) = block.as_chunks::<WIDTH>() else { return 0 };
    let low = of_lanes(a) | of_lanes(b) << WIDTH;
    let high = of_lanes(c) | of_lanes(d) << WIDTH;
    u64::from(low) | u64::from(high) << (2 * WIDTH)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Masks = [fn(&Lanes) -> u32; 3];

    /// Ends of ASCII lines, of plain text, of plain ASCII text.
    fn is_hit(byte: u8) -> [bool; 3] {
        let ends_plain = byte < 0x20 || byte == b'"' || byte == b'\\';
        [byte <= b'\r' || byte >= 0x80, ends_plain, ends_plain || byte >= 0x80]
    }

    #[test]
    fn characters_are_counted_by_their_first_bytes() {
        let begins = [machine::begins_character, portable::begins_character];
        for (byte, begins) in (0..=255).flat_map(|byte| begins.map(|begins| (byte, begins))) {
            let mut lanes = [b'x'; WIDTH];
            lanes[5] = byte;
            let continues = u32::from((0x80..0xC0).contains(&byte)) << 5;
            assert_eq!(begins(&lanes), 0xffff & !continues, "{byte}");
        }
    }

    #[test]
    fn each_byte_is_judged_alone_at_each_place() {
        let machines: [Masks; 2] = [
            [machine::ends_ascii, machine::ends_plain, machine::ends_text],
            [portable::ends_ascii, portable::ends_plain, portable::ends_text],
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
        for (byte, place) in (0..=255).flat_map(|byte| (0..64).map(move |place| (byte, place))) {
            let mut block = [b'x'; 64];
            block[place] = byte;
            let [ends_ascii, ..] = is_hit(byte);
            assert_eq!(of_block(&block, machine::ends_ascii), u64::from(ends_ascii) << place);
            for is_ascii in [machine::is_ascii, portable::is_ascii] {
                assert_eq!(is_ascii(&block), !ends_ascii, "{byte} at {place}");
            }
        }
    }

    /// What `line` must be, byte by byte.
    fn slow_line(bytes: &[u8]) -> usize {
        let end = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(bytes.len());
        std::str::from_utf8(&bytes[..end]).map_or_else(|error| error.valid_up_to(), str::len)
    }

    #[test]
    fn a_line_ends_at_its_end_or_at_what_is_not_utf8() {
        let pieces: [&[u8]; 9] = [
            "é".as_bytes(),
            "日本".as_bytes(),
            "😀".as_bytes(),
            b"\t",
            b"\n",
            b"\r",
            b"\xff",
            b"\xe6\x97",
            b"",
        ];
        let lengths = [0, 1, 15, 16, 17, 63, 64, 65, 130];
        for (piece, length) in pieces.iter().flat_map(|piece| lengths.map(|length| (piece, length))) {
            for (more, after) in pieces.iter().flat_map(|more| lengths.map(|length| (more, length))) {
                let text = |length| vec![b'x'; length];
                let bytes = [&text(length)[..], piece, &text(after), more, &text(20)].concat();
                let (line, expected) = (line(&bytes), slow_line(&bytes));
                // It may stop earlier only inside the run of long characters that is not UTF-8.
                let bad = bytes[line.len()..expected.max(line.len())].iter().all(|byte| *byte >= 0x80);
                assert!(line.len() <= expected && bad, "{}", bytes.escape_ascii());
                assert_eq!(line.as_bytes(), &bytes[..line.len()]);
            }
        }
    }

    #[test]
    fn a_prefix_is_compared_to_its_last_byte() {
        let bytes: Vec<u8> = (0..200).collect();
        for length in 0..100 {
            assert!(
                starts_with(&bytes, &bytes[..length]) && !starts_with(&bytes[..length], &bytes[..=length])
            );
            for at in 0..length {
                let mut other = bytes[..length].to_vec();
                other[at] ^= 1;
                assert!(!starts_with(&bytes, &other), "{at} of {length}");
            }
        }
    }

    #[test]
    fn every_other_backslash_of_a_run_is_escaped() {
        for (start, length, was_cut) in (0..64).flat_map(|start| {
            (0..=64 - start).flat_map(move |length| [(start, length, 0), (start, length, 1)])
        }) {
            let backslashes = (0..length).fold(0, |mask, nth| mask | 1_u64 << (start + nth));
            let (mut expected, mut is_escaped) = (0, was_cut == 1);
            for place in 0..64 {
                expected |= u64::from(is_escaped) << place;
                is_escaped = !is_escaped && backslashes >> place & 1 == 1;
            }
            let mut is_cut = was_cut;
            assert_eq!(escaped(backslashes, &mut is_cut), expected, "{start} {length} {was_cut}");
            assert_eq!(is_cut == 1, is_escaped);
        }
    }

    #[test]
    fn text_goes_on_to_the_first_byte_that_needs_a_closer_look() {
        let long = (0..128)
            .filter(|byte| !b"\"\\bfnrt".contains(byte))
            .map(|byte| format!("\\{}", char::from(byte)));
        let stops: Vec<_> = ["\"", "\n"].map(str::to_owned).into_iter().chain(long).collect();
        for (stop, before) in stops.iter().flat_map(|stop| (0..150).map(move |before| (stop, before))) {
            for (text, unit) in [("x", 1), ("\\n", 2), ("\\\"", 2), ("\\\\", 2)] {
                let bytes = format!("{}{stop}{}", text.repeat(before), "y".repeat(80));
                let whole = (bytes.len() / 64 * 64) / unit * unit;
                let length = (before * unit).min(whole);
                let expected = (length, if unit == 2 { length / 2 } else { 0 });
                let found = text_length(bytes.as_bytes());
                assert!(found == expected || (found == (0, 0) && !has_blocks()), "{bytes:?}: {found:?}");
            }
        }
    }

    fn has_blocks() -> bool {
        text_length(&[b'x'; 64]) == (64, 0)
    }
}
