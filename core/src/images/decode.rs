//! Base64 in pieces.
//!
//! Input: base64 text, cut anywhere. Output: its bytes, a block at a time. State: the block, and up to three
//! characters.
//!
//! RFC 4648 §4; padding may be missing, every other character outside the alphabet is an error.

use base64_simd::{AsOut, STANDARD_NO_PAD};

/// Characters decoded at once: large enough for the vector loop, small enough for the L1 and L2 caches.
const BLOCK: usize = 32 << 10;
const GROUP: usize = 4;

#[derive(Debug, Default)]
pub(super) struct Decoder {
    block: Vec<u8>,
    /// Characters of a group that is not complete.
    carry: [u8; GROUP],
    carried: usize,
    padding: u64,
    seen: u64,
    bad: Option<u64>,
}

impl Decoder {
    /// Before another text.
    pub(super) fn reset(&mut self) {
        *self = Self { block: std::mem::take(&mut self.block), ..Self::default() };
    }

    /// Index of the first character that cannot stand where it stands; nothing after it is decoded.
    pub(super) fn bad(&self) -> Option<u64> {
        self.bad
    }

    /// A character that is no byte.
    pub(super) fn reject(&mut self) {
        self.bad.get_or_insert(self.seen);
    }

    /// Takes up to a block from the front of `text`.
    pub(super) fn push(&mut self, text: &mut &[u8]) -> &[u8] {
        if self.padding > 0 {
            self.pad(text);
            *text = &[];
            return &[];
        }
        if self.carried > 0 || text.len() < GROUP {
            return self.push_slowly(text);
        }
        let (groups, rest) = text.split_at(text.len().min(BLOCK) & !(GROUP - 1));
        *text = rest;
        self.decode(groups)
    }

    /// The end of the text.
    pub(super) fn end(&mut self) -> &[u8] {
        if self.padding == 0 {
            // What was carried was not looked at yet.
            let (group, carried) = (self.carry, std::mem::take(&mut self.carried));
            self.seen -= carried as u64;
            self.decode_front(&group[..carried]);
        }
        if self.carried == 1 {
            self.bad.get_or_insert(self.seen);
        }
        if self.bad.is_some() || self.carried == 0 {
            return &[];
        }
        let (mut group, carried) = (self.carry, std::mem::take(&mut self.carried));
        group[carried..].fill(b'A');
        let length = self.decode(&group).len().min(carried - 1);
        &self.block[..length]
    }

    /// Completes a group over a cut.
    fn push_slowly(&mut self, text: &mut &[u8]) -> &[u8] {
        let (taken, rest) = text.split_at(text.len().min(GROUP - self.carried));
        *text = rest;
        self.carry[self.carried..][..taken.len()].copy_from_slice(taken);
        self.carried += taken.len();
        self.seen += taken.len() as u64;
        if self.carried < GROUP {
            return &[];
        }
        self.carried = 0;
        self.seen -= GROUP as u64;
        self.decode(&{ self.carry })
    }

    /// Whole groups; where one is bad or padded, those before it.
    fn decode(&mut self, groups: &[u8]) -> &[u8] {
        self.block.resize(BLOCK / GROUP * 3, 0);
        let length = match STANDARD_NO_PAD.decode(groups, self.block.as_out()) {
            Ok(bytes) => {
                self.seen += groups.len() as u64;
                bytes.len()
            }
            Err(_) => self.decode_front(groups),
        };
        &self.block[..length]
    }

    fn decode_front(&mut self, groups: &[u8]) -> usize {
        let good = groups.iter().position(|byte| !is_base64(*byte)).unwrap_or(groups.len());
        let (text, rest) = groups.split_at(good);
        let (whole, part) = text.split_at(good & !(GROUP - 1));
        let length = STANDARD_NO_PAD.decode(whole, self.block.as_out()).map_or(0, |bytes| bytes.len());
        self.carry[..part.len()].copy_from_slice(part);
        self.carried = part.len();
        self.seen += good as u64;
        self.pad(rest);
        length
    }

    fn pad(&mut self, text: &[u8]) {
        let room = if self.carried < 2 { 0 } else { (GROUP - self.carried) as u64 };
        for byte in text {
            if *byte != b'=' || self.padding == room {
                self.bad.get_or_insert(self.seen);
                return;
            }
            self.padding += 1;
            self.seen += 1;
        }
    }
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/'
}

#[cfg(test)]
mod tests {
    use super::Decoder;

    fn decode<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<u8>, Option<u64>) {
        let mut decoder = Decoder::default();
        let mut out = Vec::new();
        for mut piece in pieces {
            while !piece.is_empty() && decoder.bad().is_none() {
                out.extend_from_slice(decoder.push(&mut piece));
            }
        }
        out.extend_from_slice(decoder.end());
        (out, decoder.bad())
    }

    #[test]
    fn padding_may_be_missing_and_nothing_else() {
        let cases: [(&str, &[u8], Option<u64>); 20] = [
            ("", b"", None),
            ("TWFu", b"Man", None),
            ("TWE=", b"Ma", None),
            ("TWE", b"Ma", None),
            ("TQ==", b"M", None),
            ("TQ=", b"M", None),
            ("TQ", b"M", None),
            ("TWFuTQ", b"ManM", None),
            ("T", b"", Some(1)),
            ("TWFuT", b"Man", Some(5)),
            ("T===", b"", Some(1)),
            ("=", b"", Some(0)),
            ("TWFu=", b"Man", Some(4)),
            ("TWE==", b"", Some(4)),
            ("TQ===", b"", Some(4)),
            ("TQ==TQ==", b"", Some(4)),
            ("TWFu...u", b"Man", Some(4)),
            ("TW-_", b"", Some(2)),
            ("TW", b"M", None),
            ("TWFuT\n", b"Man", Some(5)),
        ];
        for (text, bytes, bad) in cases {
            let whole = decode([text.as_bytes()]);
            assert_eq!(whole.1, bad, "{text}");
            assert_eq!(whole.0, bytes, "{text}");
            assert_eq!(decode(text.as_bytes().chunks(1)), whole, "{text}");
            for at in 0..=text.len() {
                assert_eq!(decode([&text.as_bytes()[..at], &text.as_bytes()[at..]]), whole, "{text}");
            }
        }
    }

    #[test]
    fn blocks_and_cuts_join() {
        let bytes: Vec<u8> = (0..200_003_u32).map(|nth| (nth * 7 + nth / 251) as u8).collect();
        let text = base64_simd::STANDARD.encode_to_string(&bytes);
        for size in [1, 3, 1000, 32 << 10, text.len()] {
            assert!(decode(text.as_bytes().chunks(size)) == (bytes.clone(), None), "{size}");
        }
    }
}
