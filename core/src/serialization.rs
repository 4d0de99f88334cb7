//! `Serialize` and `Deserialize` of the values that cross the border, and requests as `serde_json::Value`.
//!
//! Input: a value, or a deserializer of any self-describing format. Output: the data of `to_json`; a value. State: none.
//!
//! Nothing is derived: core's own writers and readers decide the form, and so it is one for all.

mod json_text;
mod read;
mod request;

use crate::catalog::{Catalog, CatalogShape};
use crate::change::{Action, Change};
use crate::dialect::Dialect;
use crate::json::Value;
use crate::lint::{Finding, LintProfile, LintRule, Severity};
use crate::outcome::{
    ErrorBody, ErrorClass, FinishReason, Note, NoteCode, Outcome, Reconstructed, Status, Usage, Verdict,
};
use crate::request::{ClientTool, RequestContext};
use crate::tool_kind::ToolKind;
use json_text::JsonText;
pub use request::convert_request_value;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A value as its JSON: `write` appends it, `read` is the reverse.
macro_rules! as_json {
    ($($type:ident: $write:expr, $read:expr;)*) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let write: fn(&Self, &mut Vec<u8>) = $write;
                let mut json = Vec::new();
                write(self, &mut json);
                JsonText(json).serialize(serializer)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let read: fn(&[u8]) -> Result<Self, String> = $read;
                let JsonText(json) = JsonText::deserialize(deserializer)?;
                read(&json).map_err(|error| D::Error::custom(format_args!("{}: {error}", stringify!($type))))
            }
        }
    )*};
}

as_json! {
    Outcome: |own, out| out.extend(own.to_json().into_bytes()), |json| named_error(Self::from_json(json));
    RequestContext: |own, out| out.extend(own.to_json().into_bytes()), |json| named_error(Self::from_json(json));
    Catalog: |own, out| out.extend(own.to_json(CatalogShape::Codex).into_bytes()), |json| named_error(Self::from_json(json));
    Change: Self::write, |json| object(json, Self::read);
    ClientTool: Self::write, |json| object(json, Self::read);
    ErrorBody: Self::write, |json| object(json, Self::read);
    Finding: Self::write, |json| object(json, Self::read);
    Note: Self::write, |json| object(json, Self::read);
    Usage: Self::write_all, |json| object(json, Self::read);
    Verdict: Self::write, |json| object(json, Self::read);
}

fn named_error<T>(read: Result<T, crate::Error>) -> Result<T, String> {
    read.map_err(|error| error.to_string())
}

fn object<T>(json: &[u8], read: impl FnOnce(Value<'_>) -> Option<T>) -> Result<T, String> {
    Value::document(json).and_then(read).ok_or_else(|| "a member is missing or wrong".to_owned())
}

/// A value as its name.
macro_rules! as_name {
    ($($type:ident)*) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = String::deserialize(deserializer)?;
                let found = Self::ALL.iter().find(|known| known.as_str() == name).copied();
                found.ok_or_else(|| D::Error::custom(format_args!("no {}: {name}", stringify!($type))))
            }
        }
    )*};
}

as_name! {
    Action Dialect ErrorClass FinishReason LintProfile LintRule NoteCode Reconstructed Severity Status ToolKind
}
