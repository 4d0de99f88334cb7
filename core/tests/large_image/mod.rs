//! A stream with one image of any size.

use sha2::{Digest, Sha256};

pub(crate) const MIB: usize = 1 << 20;
pub(crate) const LARGE: usize = 100 * MIB;
pub(crate) const CHUNKS: [usize; 2] = [16 << 10, 1000];

/// A stream with one image, generated as it is read: `before`, the base64 of `block` over and over, `after`.
pub(crate) struct Stream {
    pub(crate) block: Vec<u8>,
    base64: Vec<u8>,
    size: usize,
}

impl Stream {
    pub(crate) fn new(size: usize) -> Self {
        let mut block: Vec<u8> =
            (0..48_u32 << 10).map(|nth| (nth.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        block[..8].copy_from_slice(b"\x89PNG\r\n\x1a\n");
        let base64 = base64_simd::STANDARD.encode_to_string(&block).into_bytes();
        Self { block, base64, size }
    }

    pub(crate) fn sha256(&self) -> String {
        let mut hash = Sha256::new();
        for at in (0..self.size).step_by(self.block.len()) {
            hash.update(&self.block[..self.block.len().min(self.size - at)]);
        }
        format!("{:x}", hash.finalize())
    }

    /// Calls `feed` with chunks of exactly `size` bytes, but for the last.
    pub(crate) fn chunks(&self, size: usize, mut feed: impl FnMut(&[u8])) {
        let mut chunk = Vec::with_capacity(size);
        let mut push = |mut bytes: &[u8]| {
            while !bytes.is_empty() {
                let (taken, rest) = bytes.split_at(bytes.len().min(size - chunk.len()));
                chunk.extend_from_slice(taken);
                bytes = rest;
                if chunk.len() == size {
                    feed(&chunk);
                    chunk.clear();
                }
            }
        };
        push(b"data: {\"type\":\"response.output_item.done\",\"output_index\":0,\"item\":{\"id\":\"ig_1\",");
        push(b"\"type\":\"image_generation_call\",\"result\":\"");
        for at in (0..self.size).step_by(self.block.len()) {
            let rest = self.size - at;
            if rest < self.block.len() {
                push(base64_simd::STANDARD.encode_to_string(&self.block[..rest]).as_bytes());
            } else {
                push(&self.base64);
            }
        }
        push(b"\"}}\n\ndata: {\"type\":\"response.completed\",\"response\":{\"output\":[]}}\n\n");
        feed(&chunk);
    }
}
