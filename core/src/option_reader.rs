//! Reads options objects.
//!
//! Input: JSON. Output: calls of a setter, or a typed error.

use crate::error::Error;
use crate::json::{self, Value};
use crate::kinds::Transport;
use crate::limits::MAX_DETAIL_BYTES;
use crate::outcome::{MadeFailure, clip};

/// The options that there are, by object, with their types and values; for messages only.
const TABLE: &str = include_str!("../options.json");

/// Calls `set` for each member; `None` from it means an unknown name or a wrong type. A `null` is as if left out. `object`:
/// the name in the table of options, for the message; empty where it has none.
pub(crate) fn read(
    object: &str,
    json: &[u8],
    mut set: impl FnMut(&str, Value<'_>) -> Option<()>,
) -> Result<(), Error> {
    let mut wrong = None;
    let walked = json::walk(json, |name, value| {
        let name = name.decode();
        if !value.is_null() && set(&name, value).is_none() {
            wrong.get_or_insert_with(|| wrong_option(object, &name, value));
        }
    });
    walked.map_err(|malformed| Error::InvalidJson { offset: malformed.0 as u64 })?;
    wrong.map_or(Ok(()), Err)
}

/// What is wrong with an option: its name, or its value.
fn wrong_option(object: &str, name: &str, value: Value<'_>) -> Error {
    let table = Value::document(TABLE.trim_ascii().as_bytes()).unwrap_or(Value::EMPTY);
    let groups = table.get("objects").and_then(|objects| objects.get(object)?.get("groups"));
    let groups = groups.into_iter().flat_map(Value::elements).filter_map(text);
    let options = groups.filter_map(|group| table.get("groups")?.get(&group)?.get("options"));
    let options: Vec<_> = options.flat_map(Value::elements).collect();
    let name_of = |option: &Value<'_>| option.get("name").and_then(text).unwrap_or_default();
    let known = options.iter().find(|option| name_of(option) == name);
    let is_secret =
        known.is_some_and(|option| option.get("type").is_some_and(|kind| kind.raw() == b"\"keys\""));
    let (given, allowed) = match known {
        Some(option) if is_secret => ("something else".to_owned(), allowed(*option)),
        Some(option) => {
            (clip(&String::from_utf8_lossy(value.raw()), MAX_DETAIL_BYTES).to_owned(), allowed(*option))
        }
        None if options.is_empty() => {
            ("something else".to_owned(), "see docs/reference/options.md".to_owned())
        }
        None => (String::new(), options.iter().map(name_of).collect::<Vec<_>>().join(", ")),
    };
    Error::InvalidOption { path: name.to_owned(), given, allowed }
}

/// The values of an option, or their type, in words.
fn allowed(option: Value<'_>) -> String {
    let values = option.get("values").into_iter().flat_map(Value::elements);
    let values: Vec<_> = values.map(|value| String::from_utf8_lossy(value.raw()).into_owned()).collect();
    let kind = option.get("type").and_then(text).unwrap_or_default();
    match &*kind {
        "" => values.join(", "),
        "text" => "a text".to_owned(),
        "flag" => "true, false".to_owned(),
        "integer" => "a whole number".to_owned(),
        "names" => "a list of texts".to_owned(),
        "tag_names" => "a list of names of letters, digits, -, _, : and |".to_owned(),
        "keys" => "a list of keys of 32 bytes or more, in hexadecimal".to_owned(),
        "messages" => {
            let names: Vec<_> = MadeFailure::ALL.iter().map(|made| made.as_str()).collect();
            format!("an object of {}, each with a code, a message, or both", names.join(", "))
        }
        "catalog" => "\"bundled\", \"none\", or a /models document".to_owned(),
        _ => "the context of a converted request".to_owned(),
    }
}

/// A size in bytes. One that a machine of 32 bits cannot address is the largest that it can.
pub(crate) fn size(value: Value<'_>) -> Option<usize> {
    Some(usize::try_from(value.as_u64()?).unwrap_or(usize::MAX))
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

/// The elements of a list that has only numbers of 32 bits.
pub(crate) fn numbers(array: Value<'_>) -> Option<Vec<u32>> {
    array.raw().starts_with(b"[").then_some(())?;
    array.elements().map(|value| u32::try_from(value.as_u64()?).ok()).collect()
}

/// The string members of an object that has no others.
pub(crate) fn texts(object: Value<'_>) -> Option<Vec<(String, String)>> {
    let mut members = Vec::new();
    object.each_member(|key, value| members.push(text(value).map(|value| (key.decode(), value))));
    members.into_iter().collect::<Option<_>>().filter(|_| object.is_object())
}

/// An object, member by member: `set` gives none for a member that it does not know, or that has another type.
pub(crate) fn object<T: Default>(
    value: Value<'_>,
    set: impl Fn(&mut T, &str, Value<'_>) -> Option<()>,
) -> Option<T> {
    let mut read = Some(T::default());
    value.each_member(|key, value| {
        read = read.take().and_then(|mut own| set(&mut own, &key.decode(), value).map(|()| own));
    });
    read.filter(|_| value.is_object())
}
