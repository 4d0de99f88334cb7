//! A JSON document between serde's formats.
//!
//! Input: JSON; data of a self-describing format. Output: the same data; JSON. State: none.
//!
//! Numbers are the integers of 64 bits that serde has, else floats. Order and repeated members stay.

use crate::json::tree::{Node, Tree};
use crate::json::write;
use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

pub(super) struct JsonText(pub(super) Vec<u8>);

impl Serialize for JsonText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let tree = Tree::parse(&self.0).map_err(|_| S::Error::custom("nested too deep"))?;
        Part(tree.root()).serialize(serializer)
    }
}

/// A value of it.
struct Part<'t>(Node<'t>);

impl Serialize for Part<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(node) = self;
        match node.raw() {
            b"null" => serializer.serialize_none(),
            b"true" => serializer.serialize_bool(true),
            b"false" => serializer.serialize_bool(false),
            [b'{', ..] => {
                serializer.collect_map(node.members().map(|member| (member.key().decode(), Part(member))))
            }
            [b'[', ..] => serializer.collect_seq(node.elements().map(Part)),
            raw => match node.as_str() {
                Some(text) => serializer.serialize_str(&text.decode()),
                None => number(&String::from_utf8_lossy(raw), serializer),
            },
        }
    }
}

fn number<S: Serializer>(digits: &str, serializer: S) -> Result<S::Ok, S::Error> {
    if let Ok(number) = digits.parse::<u64>() {
        serializer.serialize_u64(number)
    } else if let Ok(number) = digits.parse::<i64>() {
        serializer.serialize_i64(number)
    } else {
        serializer.serialize_f64(digits.parse().map_err(S::Error::custom)?)
    }
}

impl<'de> Deserialize<'de> for JsonText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut json = Vec::new();
        Appender(&mut json).deserialize(deserializer)?;
        Ok(Self(json))
    }
}

/// Appends what it visits.
struct Appender<'j>(&'j mut Vec<u8>);

impl Appender<'_> {
    #[expect(clippy::unnecessary_wraps, reason = "it is what visitors give")]
    fn raw<E>(self, json: &str) -> Result<(), E> {
        self.0.extend_from_slice(json.as_bytes());
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Appender<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Appender<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("data as JSON has it")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.raw("null")
    }

    fn visit_none<E>(self) -> Result<(), E> {
        self.raw("null")
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.raw(if value { "true" } else { "false" })
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.raw(&number.to_string())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.raw(&number.to_string())
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        // JSON has no infinity; this form of a float has no hundreds of digits.
        if number.is_finite() { self.raw(&format!("{number:?}")) } else { self.raw("null") }
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        write::string(self.0, text);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        let start = self.0.len();
        self.0.push(b'[');
        while elements.next_element_seed(Appender(self.0))?.is_some() {
            self.0.push(b',');
        }
        close(self.0, start, b']');
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let start = self.0.len();
        self.0.push(b'{');
        while let Some(key) = members.next_key::<String>()? {
            write::string(self.0, &key);
            self.0.push(b':');
            members.next_value_seed(Appender(self.0))?;
            self.0.push(b',');
        }
        close(self.0, start, b'}');
        Ok(())
    }
}

/// In place of the comma after the last one.
fn close(json: &mut Vec<u8>, start: usize, bracket: u8) {
    if json.len() > start + 1 {
        json.pop();
    }
    json.push(bracket);
}
