//! A Response as an Images API response.
//!
//! Input: a final Response. Output: what the Images API would have answered. State: none.

use crate::dialect::images::image_usage;
use crate::dialect::responses::{Item, ItemType, Response};
use crate::error::Error;
use crate::json::{self, Str, Value, write};

/// Folds a final Response (JSON) into an Images-API response: `{"created":…,"data":[{"b64_json":…,
/// "revised_prompt":…}],"usage":…}`.
///
/// `data` has the finished images in output order, `usage` is the response's for its image tool; a member that
/// is not known is left out. Without an image `data` is empty: [`crate::ImageOutcome::no_image`] has the reason.
pub fn images_api(response: &[u8]) -> Result<Vec<u8>, Error> {
    json::walk(response, |_, _| {}).map_err(|malformed| Error::InvalidJson { offset: malformed.0 as u64 })?;
    let Some(document) = Value::document(response) else { return Err(Error::InvalidJson { offset: 0 }) };
    let read = Response::parse(document);
    let mut out = b"{\"created\":".to_vec();
    write::number(&mut out, read.created_at.unwrap_or(0));
    out.extend_from_slice(b",\"data\":[");
    let items = read.output.into_iter().flat_map(Value::elements);
    for (nth, (result, item)) in items.filter_map(image).enumerate() {
        out.extend_from_slice(if nth == 0 { b"{\"b64_json\":" } else { b",{\"b64_json\":" });
        out.extend_from_slice(result.raw());
        let prompt = item.get("revised_prompt").filter(|prompt| is_text(*prompt));
        member(&mut out, b",\"revised_prompt\":", prompt);
        out.push(b'}');
    }
    out.push(b']');
    let usage = document.get("tool_usage").and_then(image_usage);
    member(&mut out, b",\"usage\":", usage.as_deref().and_then(Value::document));
    out.push(b'}');
    Ok(out)
}

/// The base64 string of an item that is a finished image.
fn image(item: Value<'_>) -> Option<(Value<'_>, Value<'_>)> {
    let read = Item::parse(item).filter(|read| read.item_type == ItemType::Image)?;
    let is_failed = item.get("status").and_then(Value::as_str).is_some_and(|status| status.is("failed"));
    let result = read.result.filter(|result| is_text(*result) && !is_failed)?;
    Some((result, item))
}

fn is_text(value: Value<'_>) -> bool {
    value.as_str().is_some_and(|text| !Str::is_empty(text))
}

fn member(out: &mut Vec<u8>, name: &[u8], value: Option<Value<'_>>) {
    if let Some(value) = value {
        out.extend_from_slice(name);
        out.extend_from_slice(value.raw());
    }
}
