//! Input: what JavaScript gives and the core answers. Output: the same for the other side.

use napi::bindgen_prelude::{Either, Env};
use napi::{JsString, Result};
use sluicegate::{Dialect, Error};
use std::borrow::Cow;

/// The dialect of that name; `role`: the argument.
pub(crate) fn dialect(name: &str, role: &str) -> Result<Dialect> {
    Dialect::named(name).ok_or_else(|| to_js_err(Error::wrong_option(role, name, &Dialect::names())))
}

pub(crate) fn frame_text<'a>(frame: &'a Either<String, &[u8]>) -> Cow<'a, str> {
    match frame {
        Either::A(text) => text.into(),
        // Sound as a rule, and checked faster than mended.
        Either::B(bytes) => {
            std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
        }
    }
}

/// Types and data by turns; null where there are none.
pub(crate) fn told<'e>(events: impl Iterator<Item = (&'e str, &'e str)>) -> Option<Vec<&'e str>> {
    let told: Vec<_> = events.flat_map(|(name, data)| [name, data]).collect();
    (!told.is_empty()).then_some(told)
}

/// JavaScript's text of UTF-8; it has a shorter way for what is ASCII.
pub(crate) fn text<'env>(env: &'env Env, utf8: &[u8]) -> Result<JsString<'env>> {
    if utf8.is_ascii() {
        return env.create_string_latin1(utf8);
    }
    env.create_string(String::from_utf8_lossy(utf8))
}

/// A document.
pub(crate) fn as_bytes<'a>(document: &'a Either<String, &[u8]>) -> &'a [u8] {
    match document {
        Either::A(text) => text.as_bytes(),
        Either::B(bytes) => bytes,
    }
}

/// Exact up to 2^53, as JavaScript has it.
#[allow(clippy::cast_precision_loss)]
pub(crate) fn to_js_number(number: u64) -> f64 {
    number as f64
}

/// What is below zero, or no number, is zero.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub(crate) fn from_js_number(number: f64) -> u64 {
    number as u64
}

pub(crate) fn to_js_err(error: Error) -> napi::Error {
    let items = format!("[{}]", item(&error));
    to_js_errs(&[error], items)
}

/// The error as JSON; a rejected request has the answer for its client beside it.
fn item(error: &Error) -> String {
    let json = error.to_json();
    match (error, json.strip_suffix('}')) {
        (Error::Rejected { .. }, Some(open)) => format!("{open},\"envelope\":{}}}", error.envelope()),
        _ => json,
    }
}

/// A line of message for each error, and as its cause the JSON array of what the call gave, errors included.
pub(crate) fn to_js_errs(errors: &[Error], items: String) -> napi::Error {
    let lines: Vec<_> = errors.iter().map(Error::to_string).collect();
    let mut raised = napi::Error::from_reason(lines.join("\n"));
    raised.set_cause(napi::Error::from_reason(items));
    raised
}
