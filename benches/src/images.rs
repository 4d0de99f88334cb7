//! A stream that brings one image, and the image.

use crate::{CHUNK, Random, peers::Peer};
use bytes::Bytes;
use serde::Deserialize;
use std::borrow::Cow;

/// An image in one event.
#[derive(Debug)]
pub struct Image {
    /// The SSE bytes.
    pub stream: Bytes,
    /// The base64 in them.
    pub base64: Vec<u8>,
    /// What it decodes to.
    pub bytes: Vec<u8>,
}

/// A seeded PNG, but for what is in it, of `base64` bytes in the stream.
pub fn image(seed: u64, base64: usize) -> Image {
    let mut random = Random::new(seed);
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    bytes.resize_with(base64 / 4 * 3, || random.below(256) as u8);
    let base64 = base64_simd::STANDARD.encode_to_string(&bytes);
    let stream = format!(
        "event: response.output_item.done\ndata: {{\"type\":\"response.output_item.done\",\"sequence_number\":1,\
         \"output_index\":0,\"item\":{{\"id\":\"ig_1\",\"type\":\"image_generation_call\",\"status\":\"completed\",\
         \"result\":\"{base64}\"}}}}\n\nevent: response.completed\ndata: {{\"type\":\"response.completed\",\
         \"sequence_number\":2,\"response\":{{\"status\":\"completed\",\"output\":[]}}}}\n\n"
    );
    Image { stream: stream.into(), base64: base64.into_bytes(), bytes }
}

/// The least that decoding can cost: the base64 copied once, chunk by chunk, then decoded.
pub fn copy_and_decode(base64: &[u8], copy: &mut Vec<u8>, out: &mut Vec<u8>) {
    copy.clear();
    for chunk in base64.chunks(CHUNK) {
        copy.extend_from_slice(chunk);
    }
    out.resize(base64.len() / 4 * 3, 0);
    let length =
        base64_simd::STANDARD.decode(copy, base64_simd::Out::from_slice(out)).expect("it is base64").len();
    out.truncate(length);
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow)]
    item: Option<Item<'a>>,
}

#[derive(Deserialize)]
struct Item<'a> {
    #[serde(borrow)]
    result: Cow<'a, str>,
}

/// The usual way: the event whole, a struct, the decoder.
pub fn peer(stream: &Bytes, out: &mut Vec<u8>) {
    Peer::SseCore.parse(stream, |data| {
        let event: Event<'_> = serde_json::from_str(data).expect("events are JSON");
        let Some(item) = event.item else { return };
        out.resize(item.result.len() / 4 * 3, 0);
        let base64 = item.result.as_bytes();
        let length = base64_simd::STANDARD
            .decode(base64, base64_simd::Out::from_slice(out))
            .expect("it is base64")
            .len();
        out.truncate(length);
    });
}

#[cfg(test)]
mod tests {
    use crate::ours;

    #[test]
    fn every_one_gives_the_image() {
        let image = super::image(3, 1 << 18);
        let (mut copy, mut out) = (Vec::new(), Vec::new());
        ours::image(&image.stream, &mut out);
        assert!(out == image.bytes, "ours");
        super::copy_and_decode(&image.base64, &mut copy, &mut out);
        assert!(out == image.bytes, "the limit");
        super::peer(&image.stream, &mut out);
        assert!(out == image.bytes, "the peer");
    }
}
