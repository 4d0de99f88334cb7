//! A profile against `core/profiles/schema.json`, the one list of what a profile may have.
//!
//! Input: a profile as JSON. Output: nothing, or the error that names the first wrong option, what was given and what is
//! allowed. State: the schema, parsed once. Of JSON Schema only what that file has is read: `type`, `enum`, `const`,
//! `minimum`, `properties`, `required`, `additionalProperties`, `items`, `oneOf` and `$ref`.

use crate::error::Error;
use crate::json::Str;
use crate::json::tree::{Node, Tree};
use crate::limits::MAX_DETAIL_BYTES;
use crate::outcome::clip;
use crate::request::path::Path;
use std::sync::OnceLock;

pub(super) const SCHEMA: &str = include_str!("../../../profiles/schema.json");

type Checked = Result<(), Error>;

/// The first thing in a profile that the schema does not allow.
pub(super) fn check(profile: Node<'_>) -> Checked {
    static TREE: OnceLock<Option<Tree<'static>>> = OnceLock::new();
    let tree = TREE.get_or_init(|| Tree::parse(SCHEMA.as_bytes()).ok());
    let Some(tree) = tree else { return Ok(()) };
    Schema { root: tree.root(), node: tree.root() }.check(profile, &Path::Root)
}

/// The error for an option: what was given, and what is allowed.
pub(super) fn wrong(path: String, given: String, allowed: String) -> Error {
    Error::InvalidProfile { path, given, allowed }
}

/// A list for people: `"a", "b"`.
pub(super) fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
}

#[derive(Clone, Copy)]
struct Schema<'s> {
    root: Node<'s>,
    node: Node<'s>,
}

impl<'s> Schema<'s> {
    fn of(self, node: Node<'s>) -> Self {
        Self { node, ..self }.resolved()
    }

    /// `#/$defs/name`
    fn resolved(self) -> Self {
        let name = self.node.text("$ref").map(Str::decode);
        let name = name.as_deref().and_then(|target| target.strip_prefix("#/$defs/"));
        let target = name.and_then(|name| self.root.get("$defs")?.get(name));
        target.map_or(self, |node| Self { node, ..self })
    }

    fn get(self, key: &str) -> Option<Self> {
        self.node.get(key).map(|node| self.of(node))
    }

    fn each(self, key: &str) -> impl Iterator<Item = Self> {
        self.node.get(key).into_iter().flat_map(Node::elements).map(move |node| self.of(node))
    }

    fn check(self, value: Node<'_>, path: &Path<'_>) -> Checked {
        if self.node.get("oneOf").is_some() {
            return self.branch(value, path)?.check(value, path);
        }
        if !self.fits(value) {
            return Err(wrong(path.to_string(), shown(value), self.allowed()));
        }
        for (index, element) in value.elements().enumerate() {
            self.get("items").map_or(Ok(()), |items| items.check(element, &path.index(index)))?;
        }
        self.members(value, path)
    }

    fn members(self, object: Node<'_>, path: &Path<'_>) -> Checked {
        for member in object.members() {
            let name = member.key().decode();
            let path = &path.key(crate::request::path::shown(&name));
            let own = self.get("properties").and_then(|known| known.get(&name));
            match own.or_else(|| self.get("additionalProperties").filter(|rest| rest.node.is_object())) {
                Some(schema) => schema.check(member, path)?,
                None if self.node.get("additionalProperties").is_none() => {}
                None => return Err(wrong(path.to_string(), "an unknown option".to_owned(), self.names())),
            }
        }
        let missing = self.each("required").find_map(|name| {
            let name = name.node.as_str()?.decode();
            object.get(&name).is_none().then_some(name)
        });
        missing.filter(|_| object.is_object()).map_or(Ok(()), |name| {
            let schema = self.get("properties").and_then(|known| known.get(&name));
            let allowed = schema.map_or_else(String::new, Self::allowed);
            Err(wrong(path.key(&name).to_string(), "nothing".to_owned(), allowed))
        })
    }

    /// The one of several schemas that the value is meant for: by its type, or by its `rule`.
    fn branch(self, value: Node<'_>, path: &Path<'_>) -> Result<Self, Error> {
        let is_rule = |schema: &Self| schema.rule().is_some();
        let branches: Vec<_> = self.each("oneOf").collect();
        if !branches.iter().any(is_rule) {
            let fitting = branches.iter().find(|schema| schema.fits(value));
            let all: Vec<_> = branches.iter().map(|schema| schema.allowed()).collect();
            return fitting.copied().ok_or_else(|| wrong(path.to_string(), shown(value), all.join(", ")));
        }
        if !value.is_object() {
            return Err(wrong(path.to_string(), shown(value), "an object".to_owned()));
        }
        let rule = value.get("rule");
        let meant = |schema: &&Self| schema.rule().is_some_and(|own| rule.is_some_and(|rule| rule.is(&own)));
        branches.iter().find(meant).copied().ok_or_else(|| {
            let names: Vec<_> = branches.iter().filter_map(|schema| schema.rule()).collect();
            let given = rule.map_or_else(|| "nothing".to_owned(), shown);
            wrong(path.key("rule").to_string(), given, listed(names.iter().map(String::as_str)))
        })
    }

    /// The rule that a schema is for.
    fn rule(self) -> Option<String> {
        self.get("properties")?.get("rule")?.node.text("const").map(Str::decode)
    }

    /// Whether the value itself is allowed, whatever is in it.
    fn fits(self, value: Node<'_>) -> bool {
        let is_value = |known: Self| known.node.raw() == value.raw();
        let types = self.types();
        (types.is_empty() || types.iter().any(|name| is_type(value, name)))
            && (self.node.get("enum").is_none() || self.each("enum").any(is_value))
            && self.get("minimum").is_none_or(|own| own.node.value().as_u64() <= value.value().as_u64())
    }

    fn types(self) -> Vec<String> {
        let own = self.node.get("type");
        let one = own.and_then(Node::as_str).into_iter();
        one.chain(own.into_iter().flat_map(Node::elements).filter_map(Node::as_str))
            .map(Str::decode)
            .collect()
    }

    /// What is allowed, for people.
    fn allowed(self) -> String {
        let known: Vec<_> = self.each("enum").map(|known| shown(known.node)).collect();
        if !known.is_empty() {
            return known.join(", ");
        }
        let types: Vec<_> = self.types().iter().map(|name| kind(name)).collect();
        let minimum = self.get("minimum").map(|own| format!(" of at least {}", shown(own.node)));
        if types.is_empty() {
            "any value".to_owned()
        } else {
            types.join(" or ") + &minimum.unwrap_or_default()
        }
    }

    fn names(self) -> String {
        let names: Vec<_> =
            self.get("properties").into_iter().flat_map(|known| known.node.members()).collect();
        let names: Vec<_> = names.iter().map(|member| member.key().decode()).collect();
        listed(names.iter().map(String::as_str))
    }
}

fn is_type(value: Node<'_>, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.as_str().is_some(),
        "null" => value.is_null(),
        "integer" => value.raw().iter().all(u8::is_ascii_digit),
        "number" => value.raw().first().is_some_and(|byte| *byte == b'-' || byte.is_ascii_digit()),
        _ => false,
    }
}

fn kind(name: &str) -> String {
    match name {
        "null" => "null".to_owned(),
        "array" => "a list".to_owned(),
        "object" | "integer" => format!("an {name}"),
        name => format!("a {name}"),
    }
}

fn shown(value: Node<'_>) -> String {
    let text = String::from_utf8_lossy(value.raw());
    clip(&text, MAX_DETAIL_BYTES).to_owned()
}
