//! The rule `limit`: what a server takes of a value at least and at most, as data.
//!
//! Input: a value. Output: the nearest one that the server takes; a text that is too long or has other characters
//! becomes a short form of its own. State: none.

use super::field::Ruling;
use crate::json::{Value, write};
use crate::option_reader;
use crate::request::short_names::{self, NameKind};

/// Characters that a text may have.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(in crate::request) enum Characters {
    #[default]
    Any,
    /// `[A-Za-z0-9_-]`
    Word,
}

/// Limits of one member; those of texts also hold for the texts in a list or an object.
#[derive(Debug, Default, Clone, PartialEq)]
pub(in crate::request) struct Limit {
    /// Numbers, with their JSON text.
    min: Option<(f64, Vec<u8>)>,
    max: Option<(f64, Vec<u8>)>,
    max_chars: Option<usize>,
    characters: Characters,
    /// Of an object or a list.
    pub(in crate::request) max_members: Option<usize>,
    /// Of the names in an object.
    max_name_chars: Option<usize>,
}

/// The default: what the APIs have for names and keys.
const DEFAULT_CHARS: usize = 64;

impl Characters {
    pub(super) fn read(value: Value<'_>) -> Option<Self> {
        option_reader::one_of(value, &[("any", Self::Any), ("word", Self::Word)])
    }

    pub(in crate::request) fn allows(self, c: char) -> bool {
        self == Self::Any || NameKind::Name.allows(c)
    }
}

impl Limit {
    pub(super) fn read(value: Value<'_>) -> Option<Self> {
        let number =
            |key| value.get(key).map_or(Some(None), |own| Some(Some((number(own)?, own.raw().to_vec()))));
        let size = |key| value.get(key).map_or(Some(None), |own| option_reader::size(own).map(Some));
        Some(Self {
            min: number("min")?,
            max: number("max")?,
            max_chars: size("max_chars")?,
            characters: value.get("characters").map_or(Some(Characters::Any), Characters::read)?,
            max_members: size("max_members")?,
            max_name_chars: size("max_name_chars")?,
        })
    }

    pub(super) fn judge(&self, value: Value<'_>) -> Ruling {
        if let Some(text) = value.as_str() {
            let short = self.short(&text.decode());
            return short.map_or(Ruling::Keep, |short| Ruling::Replace(write::quoted(&short)));
        }
        let Some(own) = number(value) else { return Ruling::Keep };
        match (&self.min, &self.max) {
            (Some((min, json)), _) if own < *min => Ruling::Replace(json.clone()),
            (_, Some((max, json))) if own > *max => Ruling::Replace(json.clone()),
            _ => Ruling::Keep,
        }
    }

    /// The short form of a text that the server does not take as it is.
    pub(in crate::request) fn short(&self, text: &str) -> Option<String> {
        short(text, self.max_chars, self.characters)
    }

    /// The same for a name in an object.
    pub(in crate::request) fn short_name(&self, name: &str) -> Option<String> {
        short(name, self.max_name_chars, Characters::Any)
    }
}

fn short(text: &str, max_chars: Option<usize>, characters: Characters) -> Option<String> {
    let is_short = max_chars.is_none_or(|max| text.len() <= max || text.chars().count() <= max);
    if is_short && text.chars().all(|c| characters.allows(c)) {
        return None;
    }
    let kind = if characters == Characters::Word { NameKind::Name } else { NameKind::CallId };
    Some(short_names::short(kind, max_chars.unwrap_or(DEFAULT_CHARS), text))
}

fn number(value: Value<'_>) -> Option<f64> {
    let first = value.raw().first()?;
    (*first == b'-' || first.is_ascii_digit()).then(|| std::str::from_utf8(value.raw()).ok()?.parse().ok())?
}
