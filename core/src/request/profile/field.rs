//! A profile's rule for one member of a request, typed, and what the rule makes of a value.
//!
//! Input: a member of `fields`, checked against `core/profiles/schema.json`. Output: a [`Field`]; for a value, a
//! [`Ruling`]. State: none.

use super::{Limit, Transport};
use crate::json::Value;
use crate::json::tree::Node;
use crate::option_reader;
use crate::request::request_edit::Loss;
use std::collections::HashSet;

/// What happens to a member, or to one inside another (`reasoning.effort`).
#[derive(Debug, Clone, PartialEq)]
pub(in crate::request) enum Rule {
    Pass,
    Remove,
    Reject,
    /// It gets this value (JSON text), there or not.
    Force(Vec<u8>),
    /// It gets this value (JSON text) where it is missing or null.
    Default(Vec<u8>),
    /// It goes on under another name, and under the rule of that name.
    Rename(String),
    /// Known values are replaced (JSON text; `null`: removed); with `only`, all others are removed.
    Map {
        values: Vec<(String, Vec<u8>)>,
        only: Option<Vec<String>>,
    },
    /// An object that keeps only these members; gone when none is left.
    Members(Vec<String>),
    /// A list of strings that must have some and must not have others.
    Include {
        with: Vec<String>,
        without: Vec<String>,
    },
    Limit(Limit),
}

/// A field's rule.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::request) struct Field {
    pub(in crate::request) name: String,
    pub(in crate::request) rule: Rule,
    pub(in crate::request) reason: String,
    /// A value (JSON text without white space) that asks for nothing: what holds without it, too.
    default: Option<Vec<u8>>,
    on: Option<Transport>,
}

/// What a rule makes of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::request) enum Ruling {
    Keep,
    /// JSON text.
    Replace(Vec<u8>),
    Remove,
    Reject,
}

/// The fields in the order of the profile; of several rules for one name the last.
pub(super) fn fields(value: Value<'_>) -> Option<Vec<Field>> {
    let mut fields = Vec::new();
    value.each_member(|key, value| fields.push(Field::read(key.decode(), value)));
    let mut fields = fields.into_iter().rev().collect::<Option<Vec<_>>>()?;
    let mut names = HashSet::new();
    fields.retain(|field| names.insert(field.name.clone()));
    fields.reverse();
    Some(fields)
}

impl Field {
    pub(in crate::request) fn applies(&self, transport: Transport) -> bool {
        self.on.is_none_or(|on| on == transport)
    }

    /// Whether the member's removal takes something that was asked for.
    pub(in crate::request) fn loss(&self, member: Node<'_>) -> Loss {
        let is_default = |default: &Vec<u8>| member.value().is_same(Value::of_valid(default));
        if self.default.as_ref().is_some_and(is_default) { Loss::Harmless } else { Loss::of(member) }
    }

    fn read(name: String, value: Value<'_>) -> Option<Self> {
        let [rule, on, reason, default] = value.members(["rule", "on", "reason", "default"]);
        let on = on.map_or(Some(None), |on| option_reader::transport(on).map(Some))?;
        let reason = reason.map_or(Some(String::new()), option_reader::text)?;
        let compact =
            |own: Value<'_>| own.raw().iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
        let default = default.map(compact);
        Some(Self { name, rule: Rule::read(&option_reader::text(rule?)?, value)?, reason, default, on })
    }
}

impl Rule {
    fn read(name: &str, value: Value<'_>) -> Option<Self> {
        let list = |key| value.get(key).map(option_reader::list);
        let json = |key| value.get(key).map(|value| value.raw().to_vec());
        Some(match name {
            "pass" => Self::Pass,
            "remove" => Self::Remove,
            "reject" => Self::Reject,
            "force" => Self::Force(json("value")?),
            "default" => Self::Default(json("value")?),
            "rename" => Self::Rename(option_reader::text(value.get("to")?)?),
            "members" => Self::Members(list("only")??),
            "map" | "choose" => {
                let only = list("only").map_or(Some(None), |only| only.map(Some))?;
                Self::Map { values: value.get("values").map_or(Some(Vec::new()), values)?, only }
            }
            "include" => Self::Include { with: list("with")??, without: list("without")?? },
            "limit" => Self::Limit(Limit::read(value)?),
            _ => return None,
        })
    }

    /// What becomes of a value as a whole. Rules of what is inside an object or a list keep it.
    pub(in crate::request) fn judge(&self, value: Value<'_>) -> Ruling {
        match self {
            Self::Remove => Ruling::Remove,
            Self::Reject => Ruling::Reject,
            Self::Force(own) if value.raw() == own => Ruling::Keep,
            Self::Force(own) => Ruling::Replace(own.clone()),
            Self::Default(own) if value.is_null() => Ruling::Replace(own.clone()),
            Self::Map { values, only } => mapped(values, only.as_deref(), value),
            Self::Limit(limit) => limit.judge(value),
            Self::Pass | Self::Default(_) | Self::Rename(_) | Self::Members(_) | Self::Include { .. } => {
                Ruling::Keep
            }
        }
    }
}

fn values(value: Value<'_>) -> Option<Vec<(String, Vec<u8>)>> {
    let mut values = Vec::new();
    value.each_member(|key, value| values.push((key.decode(), value.raw().to_vec())));
    value.is_object().then_some(values)
}

/// A string is known by its text, any other value by its JSON: `true`, `0`.
fn mapped(values: &[(String, Vec<u8>)], only: Option<&[String]>, value: Value<'_>) -> Ruling {
    let is = |known: &str| match value.as_str() {
        Some(text) => text.is(known),
        None => value.raw() == known.as_bytes(),
    };
    match values.iter().find(|(known, _)| is(known)) {
        Some((_, new)) if new == b"null" => Ruling::Remove,
        Some((_, new)) => Ruling::Replace(new.clone()),
        None if only.is_none_or(|only| only.iter().any(|known| is(known))) => Ruling::Keep,
        None => Ruling::Remove,
    }
}
