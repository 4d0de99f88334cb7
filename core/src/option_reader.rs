//! Reads options objects.
//!
//! Input: JSON. Output: calls of a setter, or a typed error.

use crate::error::Error;
use crate::json::{self, Value};
use crate::kinds::Transport;

/// Calls `set` for each member; `None` from it means an unknown name or a wrong type. A `null` is as if left out.
pub(crate) fn read(json: &[u8], mut set: impl FnMut(&str, Value<'_>) -> Option<()>) -> Result<(), Error> {
    let mut wrong = None;
    let walked = json::walk(json, |name, value| {
        let name = name.decode();
        if !value.is_null() && set(&name, value).is_none() {
            wrong.get_or_insert(name);
        }
    });
    walked.map_err(|malformed| Error::InvalidJson { offset: malformed.0 as u64 })?;
    wrong.map_or(Ok(()), |path| Err(Error::InvalidOption { path }))
}

/// A size in bytes.
pub(crate) fn size(value: Value<'_>) -> Option<usize> {
    usize::try_from(value.as_u64()?).ok()
}

/// Keys in hexadecimal.
pub(crate) fn keys(value: Value<'_>) -> Option<Vec<Vec<u8>>> {
    list(value)?.iter().map(|text| from_hexadecimal(text)).collect()
}

pub(crate) fn from_hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<_>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(digits.chunks_exact(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect())
}

pub(crate) fn text(value: Value<'_>) -> Option<String> {
    value.as_str().map(json::Str::decode)
}

/// One of a few named choices.
pub(crate) fn one_of<T: Copy>(value: Value<'_>, choices: &[(&str, T)]) -> Option<T> {
    let name = value.as_str()?;
    choices.iter().find(|(choice, _)| name.is(choice)).map(|(_, choice)| *choice)
}

/// `http` or `websocket`.
pub(crate) fn transport(value: Value<'_>) -> Option<Transport> {
    one_of(value, &[Transport::Http, Transport::Websocket].map(|own| (own.as_str(), own)))
}

/// An array of strings.
pub(crate) fn list(array: Value<'_>) -> Option<Vec<String>> {
    array.raw().starts_with(b"[").then_some(())?;
    array.elements().map(text).collect()
}

/// The string members of an object that has no others.
pub(crate) fn texts(object: Value<'_>) -> Option<Vec<(String, String)>> {
    let mut members = Vec::new();
    object.each_member(|key, value| members.push(text(value).map(|value| (key.decode(), value))));
    members.into_iter().collect::<Option<_>>().filter(|_| object.is_object())
}
