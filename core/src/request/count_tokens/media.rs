//! What images and documents count, by the first bytes of their data.
//!
//! Input: a part with a picture or a file. Output: its tokens, or the texts that it has. State: none.

use crate::json::Str;
use crate::json::tree::Node;
use base64_simd::STANDARD as BASE64;

/// Of Anthropic's documentation: width · height / 750, once an image fits these.
const PIXELS_PER_TOKEN: u64 = 750;
const LONGEST_EDGE: u64 = 1568;
/// The most that an image counts; one of unknown size counts it, too.
const MOST_PER_IMAGE: u64 = 1600;
/// Of 1,500 to 3,000, by Anthropic's documentation.
const PER_PAGE: u64 = 2000;
/// A page of a PDF that does not begin with their number.
const BYTES_PER_PAGE: usize = 64 << 10;
/// So much of the data is looked at. The size of a JPEG stands after its thumbnail, which has up to 64 KiB.
const HEAD_BYTES: usize = 96 << 10;
/// Where a PDF has its number of pages, if it is made to be read from the network.
const PDF_HEAD_BYTES: usize = 1 << 10;

pub(super) enum Document<'t> {
    /// A text, or content.
    Text(Node<'t>),
    /// A file that is a text.
    File(String),
    /// Pages, in tokens.
    Pages(u64),
}

/// An image's tokens.
pub(super) fn image(part: Node<'_>) -> u64 {
    data_of(part).and_then(|data| size(&head(data))).map_or(MOST_PER_IMAGE, |(width, height)| {
        let longest = width.max(height).max(1);
        let scaled = |edge: u64| if longest > LONGEST_EDGE { edge * LONGEST_EDGE / longest } else { edge };
        (scaled(width) * scaled(height)).div_ceil(PIXELS_PER_TOKEN).clamp(1, MOST_PER_IMAGE)
    })
}

/// A document's pages or texts.
pub(super) fn document(part: Node<'_>) -> Document<'_> {
    let source = part.get("source");
    let is = |kind: &str| source.and_then(|source| source.get("type")).is_some_and(|own| own.is(kind));
    let text = source.and_then(|source| source.get(if is("text") { "data" } else { "content" }));
    text.map_or_else(|| data_of(part).map_or(Document::Pages(PER_PAGE), file), Document::Text)
}

/// A text is itself; what else there is has pages, as a PDF.
fn file(data: Str<'_>) -> Document<'_> {
    let head = head(data);
    let text = || String::from_utf8(decoded(&data.unescaped())).ok().filter(|text| !text.is_empty());
    let text = if head.starts_with(b"%PDF") { None } else { text() };
    text.map_or_else(|| Document::Pages(pages(data, &head)), Document::File)
}

fn pages(data: Str<'_>, head: &[u8]) -> u64 {
    let by_size = || (data.raw().len() / 4 * 3).div_ceil(BYTES_PER_PAGE).max(1) as u64;
    PER_PAGE * page_count(head).unwrap_or_else(by_size)
}

/// The base64, or the URL that has it.
fn data_of(part: Node<'_>) -> Option<Str<'_>> {
    const PLACES: [&[&str]; 7] = [
        &["source", "data"],
        &["source", "url"],
        &["image_url", "url"],
        &["image_url"],
        &["result"],
        &["file_data"],
        &["file", "file_data"],
    ];
    let at = |path: &&[&str]| {
        let node = path.iter().try_fold(part, |node, name| node.get(name))?;
        node.as_str()
    };
    PLACES.iter().find_map(at)
}

fn head(data: Str<'_>) -> Vec<u8> {
    decoded(&data.prefix(HEAD_BYTES))
}

/// The bytes; none of what is not base64.
fn decoded(text: &[u8]) -> Vec<u8> {
    let base64 = match text.strip_prefix(b"data:") {
        Some(url) => memchr::memchr(b',', url).map_or(&[][..], |comma| &url[comma + 1..]),
        None => text,
    };
    BASE64.decode_to_vec(&base64[..base64.len() / 4 * 4]).unwrap_or_default()
}

/// Of a PDF whose first object says that it is linearized: `/N`, its number of pages.
fn page_count(head: &[u8]) -> Option<u64> {
    let head = &head[..head.len().min(PDF_HEAD_BYTES)];
    let rest = &head[memchr::memmem::find(head, b"/Linearized")?..];
    let number = rest[memchr::memmem::find(rest, b"/N ")? + 3..].trim_ascii_start();
    let end = number.iter().position(|byte| !byte.is_ascii_digit())?;
    std::str::from_utf8(&number[..end]).ok()?.parse::<u16>().ok().filter(|count| *count > 0).map(u64::from)
}

/// Width and height in pixels, of PNG, GIF, WebP or JPEG.
fn size(head: &[u8]) -> Option<(u64, u64)> {
    let large = |at: usize| Some(u64::from(u32::from_be_bytes(*head.get(at..)?.first_chunk()?)));
    let small = |at: usize| Some(u64::from(u16::from_le_bytes(*head.get(at..)?.first_chunk()?)));
    match head {
        [0x89, b'P', b'N', b'G', ..] => Some((large(16)?, large(20)?)),
        [b'G', b'I', b'F', b'8', ..] => Some((small(6)?, small(8)?)),
        [b'R', b'I', b'F', b'F', ..] => match head.get(12..16)? {
            b"VP8 " => Some((small(26)? & 0x3FFF, small(28)? & 0x3FFF)),
            b"VP8L" => {
                let bits = small(21)? | small(23)? << 16;
                Some(((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1))
            }
            _ => Some((
                1 + (small(24)? | (small(26)? & 0xFF) << 16),
                1 + (small(27)? | u64::from(*head.get(29)?) << 16),
            )),
        },
        [0xFF, 0xD8, ..] => jpeg_size(head),
        _ => None,
    }
}

/// Segment by segment, to the one that begins the picture.
fn jpeg_size(head: &[u8]) -> Option<(u64, u64)> {
    let number = |at: usize| Some(u16::from_be_bytes(*head.get(at..)?.first_chunk()?));
    let mut at = 2;
    loop {
        let [0xFF, marker] = *head.get(at..)?.first_chunk()? else { return None };
        match marker {
            0xFF => at += 1, // fills up
            0xC0..=0xCF if !matches!(marker, 0xC4 | 0xC8 | 0xCC) => {
                return Some((u64::from(number(at + 7)?), u64::from(number(at + 5)?)));
            }
            0x01 | 0xD0..=0xD7 => at += 2,
            _ => at += 2 + usize::from(number(at + 2)?),
        }
    }
}
