//! Images API requests as Responses requests.
//!
//! Input: a request to the Images API. Output: a Responses request that has a tool make the image. State: none.

use crate::error::{Error, RejectCode};
use crate::json::tree::Node;
use crate::json::write;
use crate::limits::MAX_REQUEST_BYTES;
use crate::request;

/// What the tool is given, by the same names.
const PASSED: [&str; 7] =
    ["model", "size", "quality", "background", "output_format", "output_compression", "moderation"];

const HEAD: &[u8] = br#","instructions":"Make exactly one image with the image_generation tool, of what the user says. Write no text.","input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"#;

/// A member, the values of it that can be answered, and what its others are told.
type Able = (&'static str, fn(Node<'_>) -> bool, &'static str);

const ABLE: [Able; 3] = [
    ("n", |count| count.raw() == b"1", "one image at a time"),
    ("stream", |stream| stream.raw() == b"false", "images are not streamed here"),
    ("response_format", |format| !format.is("url"), "images come as b64_json"),
];

/// Makes a request to the Images API one that a Responses backend answers by its image tool; `host_model` calls the tool.
/// [`crate::images_api`] makes the answer of the Response.
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
    let mut out = b"{\"model\":".to_vec();
    write::string(&mut out, host_model);
    write::pieces(&mut out, [HEAD, prompt.raw(), br#"}]}],"tools":[{"type":"image_generation""#]);
    for (name, value) in PASSED.iter().filter_map(|name| Some((name, given(name)?))) {
        write::pieces(&mut out, [b",\"", name.as_bytes(), b"\":", value.raw()]);
    }
    out.extend_from_slice(b"}]}");
    Ok(out)
}

fn rejected(code: RejectCode, path: &str, message: &str) -> Error {
    Error::Rejected { code, path: Some(path.to_owned()), offset: None, message: message.to_owned() }
}
