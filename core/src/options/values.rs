//! Values of options that are more than a text, a number or a switch.
//!
//! Input: JSON. Output: the value; `None` for one that the option cannot have. State: none.

use super::{Reasoning, ThinkTags};
use crate::json::Value;
use crate::limits;
use crate::option_reader::{list, object, one_of, text};
use crate::outcome::{FailureText, MadeFailure, Messages};

pub(super) fn reasoning(value: Value<'_>) -> Option<Reasoning> {
    let choices = [
        ("default", Reasoning::Default),
        ("reasoning_content", Reasoning::ReasoningContent),
        ("reasoning", Reasoning::Reasoning),
        ("tags", Reasoning::Tags),
        ("summary", Reasoning::Summary),
        ("text", Reasoning::Text),
        ("off", Reasoning::Off),
    ];
    one_of(value, &choices)
}

pub(super) fn think_tags(value: Value<'_>) -> Option<ThinkTags> {
    match value.as_bool() {
        Some(true) => Some(ThinkTags::On),
        Some(false) => Some(ThinkTags::Off),
        None => one_of(value, &[("open", ThinkTags::Open)]),
    }
}

/// Names that can stand in a tag.
pub(super) fn tag_names(value: Value<'_>) -> Option<Vec<String>> {
    let names = list(value)?;
    let is_name = |name: &String| {
        let is_fine = |letter: char| letter.is_ascii_alphanumeric() || "-_:|".contains(letter);
        !name.is_empty() && name.len() <= limits::MAX_NAME_BYTES && name.chars().all(is_fine)
    };
    (!names.is_empty() && names.iter().all(is_name)).then_some(names)
}

/// A host's own codes and words: `{"upstream_truncated":{"code":…,"message":…}}`.
pub(super) fn messages(value: Value<'_>) -> Option<Messages> {
    object(value, |messages: &mut Messages, name, value| {
        messages.set(MadeFailure::named(name)?, object(value, failure_text)?);
        Some(())
    })
}

fn failure_text(own: &mut FailureText, name: &str, value: Value<'_>) -> Option<()> {
    match name {
        _ if value.is_null() => {}
        "code" => own.code = Some(text(value)?),
        "message" => own.message = Some(text(value)?),
        _ => return None,
    }
    Some(())
}
