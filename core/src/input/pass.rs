//! One event's data on its way to a consumer.
//!
//! Input: data that came with a block, without one, or as a whole body. Output: a call of the consumer. State: none.

use super::{Consumer, Event, Input, Watch};
use crate::json::Malformed;
use crate::sse;

/// Hands one event's data on.
pub(super) fn pass<C: Consumer>(
    parsed: &Result<C::Event<'_>, Malformed>,
    event: sse::Event<'_>,
    raw: &[u8],
    to: &mut C,
    out: &mut Vec<u8>,
) {
    let input = match parsed {
        Ok(event) => Input::Event(event),
        Err(_) => match event.data.trim_ascii() {
            "" => return, // an empty heartbeat
            "[DONE]" => Input::Done,
            _ => Input::Malformed { data: event.data, name: event.event },
        },
    };
    to.input(&input, raw, out);
}

/// A body that was no stream: a whole answer, an error, or one event.
pub(super) fn document<C: Consumer>(
    body: &str,
    watch: &mut Option<Box<Watch>>,
    to: &mut C,
    out: &mut Vec<u8>,
) {
    let Ok(event) = C::Event::parse(body.as_bytes(), "") else {
        return to.input(&Input::Malformed { data: body, name: "document" }, &[], out);
    };
    if !event.is_document() {
        return pass_data(body, "", watch, to, out);
    }
    match to.rename_back(&event) {
        Some(json) => {
            if let Ok(event) = C::Event::parse(&json, "") {
                to.input(&Input::Document(&event), &[], out);
            }
        }
        None => to.input(&Input::Document(&event), &[], out),
    }
}

/// An event that came without a block, or whose block was cut.
pub(super) fn pass_data<C: Consumer>(
    data: &str,
    name: &str,
    watch: &mut Option<Box<Watch>>,
    to: &mut C,
    out: &mut Vec<u8>,
) {
    let parsed = C::Event::parse(data.as_bytes(), name);
    if let Some(watch) = watch {
        watch.see(parsed.as_ref().ok().map(Event::json), name, data);
    }
    match parsed.as_ref().ok().and_then(|event| to.rename_back(event)) {
        Some(json) => pass_renamed(&json, name, to, out),
        None => pass(&parsed, sse::Event { event: name, data, id: "", lent: false }, &[], to, out),
    }
}

/// An event whose names were turned back, so that its block no longer fits.
pub(super) fn pass_renamed<C: Consumer>(json: &[u8], name: &str, to: &mut C, out: &mut Vec<u8>) {
    if let Ok(event) = C::Event::parse(json, name) {
        to.input(&Input::Event(&event), &[], out);
    }
}
