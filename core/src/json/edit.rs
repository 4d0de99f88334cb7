//! Sets members of one JSON object.
//!
//! Input: the bytes of an object, and the values that some members must have. Output: the same bytes with only those
//! changed. State: none.

use super::{Str, Value, write};

/// One member's new value, as JSON text.
pub(crate) type Edit<'a> = (&'a str, &'a [u8]);

/// Replaces the values of members that are there (each occurrence), appends the others in the order given.
pub(crate) fn with_members(object: Value<'_>, edits: &[Edit<'_>]) -> Vec<u8> {
    let raw = object.raw();
    let added: usize = edits.iter().map(|(name, value)| name.len() + value.len() + 4).sum();
    let mut out = Vec::with_capacity(raw.len() + added); // a response may be large: not twice that
    let (mut copied, mut is_there, mut is_empty) = (0, vec![false; edits.len()], true);
    object.each_member(|key, value| {
        is_empty = false;
        let Some(nth) = edits.iter().position(|(name, _)| key.is(name)) else { return };
        is_there[nth] = true;
        let start = value.raw().as_ptr() as usize - raw.as_ptr() as usize;
        out.extend_from_slice(&raw[copied..start]);
        out.extend_from_slice(edits[nth].1);
        copied = start + value.raw().len();
    });
    out.extend_from_slice(raw[copied..].strip_suffix(b"}").unwrap_or_default());
    for ((name, value), _) in edits.iter().zip(is_there).filter(|(_, is_there)| !is_there) {
        out.extend_from_slice(if is_empty { b"\"" } else { b",\"" });
        is_empty = false;
        write::escaped(&mut out, name);
        out.extend_from_slice(b"\":");
        out.extend_from_slice(value);
    }
    out.push(b'}');
    out
}

/// Members of `other` that `object` lacks, as edits for [`with_members`]; `except` are never taken.
pub(crate) fn lacking<'a>(object: Value<'_>, other: Value<'a>, except: &[&str]) -> Vec<(String, &'a [u8])> {
    let mut lacking = Vec::new();
    other.each_member(|key: Str<'a>, value| {
        let key = key.decode();
        if object.get(&key).is_none() && !except.contains(&&*key) {
            lacking.push((key, value.raw()));
        }
    });
    lacking
}
