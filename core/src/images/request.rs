//! Images API requests as Responses requests.
//!
//! Input: a request to the Images API. Output: a Responses request that has a tool make the image. State: none.

use crate::error::{Error, RejectCode};
use crate::json::tree::Node;
use crate::json::write;
use crate::limits::MAX_REQUEST_BYTES;
use crate::request;

/// What the tool is given, by the same names.
const PASSED: [&str; 12] = [
    "model",
    "size",
    "quality",
    "background",
    "output_format",
    "output_compression",
    "moderation",
    "input_fidelity",
    "complexity",
    "frame_count",
    "frame_duration_ms",
    "svg",
];

/// Up to the text, of a request without images and of one with them.
const GENERATE: &[u8] =
    b"Make exactly one image with the image_generation tool, of what the user says. Write no text.";
const EDIT: &[u8] = b"Edit the images of the user with the image_generation tool into exactly one, as the user says. Write no text.";
const INPUT: &[u8] = br#"","input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"#;

/// How an image is named by reference.
const REFERENCES: [&str; 2] = ["image_url", "file_id"];

/// A member, the values of it that can be answered, and what its others are told.
type Able = (&'static str, fn(Node<'_>) -> bool, &'static str);

const ABLE: [Able; 3] = [
    ("n", |count| count.raw() == b"1", "one image at a time"),
    ("stream", |stream| is_flag(stream), "stream must be true or false"),
    ("response_format", |format| !format.is("url"), "images come as b64_json"),
];

/// Makes a request to the Images API one that a Responses backend answers by its image tool; `host_model` calls the tool. With
/// `images`, and perhaps a `mask`, it is one for an edit: each an object with an `image_url` or a `file_id`, or the URL alone.
/// With `stream` the answer is for an [`crate::ImagesTranscoder`], else [`crate::images_api`] makes it of the Response.
///
/// ```
/// let request = sluicegate::images_request(br#"{"prompt":"A cat","size":"1024x1024"}"#, "gpt-5.5")?;
/// assert!(request.ends_with(br#""tools":[{"type":"image_generation","size":"1024x1024"}]}"#));
/// # Ok::<(), sluicegate::Error>(())
/// ```
pub fn images_request(body: &[u8], host_model: &str) -> Result<Vec<u8>, Error> {
    let tree = request::parse(body, MAX_REQUEST_BYTES)?;
    let asked = tree.root();
    let given = |name: &str| asked.get(name).filter(|value| !value.is_null());
    let prompt = given("prompt").filter(|prompt| prompt.as_str().is_some());
    let prompt =
        prompt.ok_or_else(|| rejected(RejectCode::InvalidType, "prompt", "prompt must be a string"))?;
    for (name, is_able, message) in ABLE {
        if given(name).is_some_and(|value| !is_able(value)) {
            return Err(rejected(RejectCode::UnsupportedValue, name, message));
        }
    }
    let (images, mask) = (images(given)?, given("mask").map(|mask| reference(mask, "mask")).transpose()?);
    let is_stream = given("stream").is_some_and(|stream| stream.raw() == b"true");
    let mut out = b"{\"model\":".to_vec();
    write::string(&mut out, host_model);
    let instructions = if images.is_empty() { GENERATE } else { EDIT };
    write::pieces(&mut out, [b",\"instructions\":\"", instructions, INPUT, prompt.raw(), b"}"]);
    for image in &images {
        write::pieces(&mut out, [b",{\"type\":\"input_image\",", image, b"}"]);
    }
    out.extend_from_slice(br#"]}],"tools":[{"type":"image_generation""#);
    if !images.is_empty() {
        out.extend_from_slice(b",\"action\":\"edit\"");
    }
    let previews = is_stream.then_some("partial_images"); // there is no place for them in an answer that is whole
    for (name, value) in PASSED.into_iter().chain(previews).filter_map(|name| Some((name, given(name)?))) {
        write::pieces(&mut out, [b",\"", name.as_bytes(), b"\":", value.raw()]);
    }
    if let Some(mask) = mask {
        write::pieces(&mut out, [b",\"input_image_mask\":{", &mask, b"}"]);
    }
    out.extend_from_slice(if is_stream { b"}],\"stream\":true}" } else { b"}]}" });
    Ok(out)
}

/// References to the images that are to be edited, under the name of the endpoint's JSON form or of its other one.
fn images<'t>(given: impl Fn(&str) -> Option<Node<'t>>) -> Result<Vec<Vec<u8>>, Error> {
    let Some((name, images)) = ["images", "image"].into_iter().find_map(|name| Some((name, given(name)?)))
    else {
        return Ok(Vec::new());
    };
    if !images.is_array() {
        return Ok(vec![reference(images, name)?]);
    }
    let each = images.elements().enumerate();
    each.map(|(nth, image)| reference(image, &format!("{name}[{nth}]"))).collect()
}

/// `"image_url":…` or `"file_id":…`
fn reference(image: Node<'_>, path: &str) -> Result<Vec<u8>, Error> {
    let member = |name: &str, value: Node<'_>| [b"\"", name.as_bytes(), b"\":", value.raw()].concat();
    if image.as_str().is_some() {
        return Ok(member(REFERENCES[0], image));
    }
    let named = REFERENCES.iter().find_map(|name| Some((name, image.get(name)?)));
    let named = named.filter(|(_, value)| image.is_object() && value.as_str().is_some());
    let message = "an image is an object with image_url or file_id, or a URL";
    named
        .map(|(name, value)| member(name, value))
        .ok_or_else(|| rejected(RejectCode::InvalidType, path, message))
}

fn is_flag(value: Node<'_>) -> bool {
    matches!(value.raw(), b"true" | b"false")
}

fn rejected(code: RejectCode, path: &str, message: &str) -> Error {
    Error::Rejected { code, path: Some(path.to_owned()), offset: None, message: message.to_owned() }
}
