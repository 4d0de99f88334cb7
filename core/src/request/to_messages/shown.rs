//! Images and documents: by URL or by their bytes.
//!
//! Input: `input_image`, `input_file`. Output: `image`, `document`. State: none.

use crate::json::tree::Node;
use crate::json::{Str, write};
use crate::media;
use base64_simd::STANDARD;

const IMAGES: [&str; 4] = ["image/jpeg", "image/png", "image/gif", "image/webp"];
const PDF: &str = "application/pdf";

/// A data URL's media type and base64.
struct Data {
    media: String,
    /// JSON string contents.
    base64: Vec<u8>,
}

impl Data {
    /// `data:TYPE;base64,…`; the text may have escapes.
    fn of(text: Str<'_>) -> Option<Self> {
        let text = text.unescaped();
        let rest = text.strip_prefix(b"data:")?;
        let comma = memchr::memchr(b',', rest)?;
        let head = std::str::from_utf8(&rest[..comma]).ok()?.strip_suffix(";base64")?;
        let media = head.split(';').next().unwrap_or_default().to_ascii_lowercase();
        let base64 = rest[comma + 1..].to_vec();
        let is_plain = base64.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+/=-_".contains(byte));
        is_plain.then_some(Self { media, base64 })
    }
}

/// Why an image has another type than it was sent with.
pub(super) const OTHER_TYPE: &str = "the type that its bytes have";

/// The block, and whether it has another type; `None` for what Messages does not show.
pub(super) fn image(part: Node<'_>) -> Option<(Vec<u8>, bool)> {
    let own = part.text("image_url")?;
    if is_fetched(own) {
        let block = [br#"{"type":"image","source":{"type":"url","url":""#, own.raw(), b"\"}}"].concat();
        return Some((block, false));
    }
    let data = Data::of(own)?;
    let named = if data.media == "image/jpg" { IMAGES[0] } else { &data.media };
    let media = media::sniff_base64(&data.base64).unwrap_or(named);
    IMAGES.contains(&media).then(|| (with_bytes("image", media, &data.base64), media != named))
}

/// A PDF, or a text; under its name.
pub(super) fn document(part: Node<'_>) -> Option<Vec<u8>> {
    let mut block = match part.text("file_url").filter(|url| is_fetched(*url)) {
        Some(url) => [br#"{"type":"document","source":{"type":"url","url":""#, url.raw(), b"\"}}"].concat(),
        None => from_bytes(part.text("file_data")?)?,
    };
    if let Some(title) = part.text("filename").filter(|title| !title.is_blank()) {
        block.pop();
        write::pieces(&mut block, [br#","title":""#, title.raw(), b"\"}"]);
    }
    Some(block)
}

fn from_bytes(own: Str<'_>) -> Option<Vec<u8>> {
    // Some clients send a PDF without saying what it is.
    let bare = || {
        own.raw().starts_with(b"JVBERi").then(|| Data { media: PDF.to_owned(), base64: own.raw().to_vec() })
    };
    let data = Data::of(own).or_else(bare)?;
    if data.media == PDF {
        return Some(with_bytes("document", PDF, &data.base64));
    }
    let is_text = data.media.starts_with("text/") || data.media == "application/json";
    let text = String::from_utf8(STANDARD.decode_to_vec(&data.base64).ok().filter(|_| is_text)?).ok()?;
    let mut block =
        br#"{"type":"document","source":{"type":"text","media_type":"text/plain","data":"#.to_vec();
    write::string(&mut block, &text);
    block.extend_from_slice(b"}}");
    Some(block)
}

fn with_bytes(kind: &str, media: &str, base64: &[u8]) -> Vec<u8> {
    let mut block =
        format!("{{\"type\":\"{kind}\",\"source\":{{\"type\":\"base64\",\"media_type\":\"{media}\",")
            .into_bytes();
    write::pieces(&mut block, [br#""data":""#, base64, b"\"}}"]);
    block
}

fn is_fetched(url: Str<'_>) -> bool {
    let url = url.unescaped();
    url.starts_with(b"https://") || url.starts_with(b"http://")
}
