//! Opaque state of a chat server: signatures and encrypted reasoning, gathered for the next turn.
//!
//! Input: members of deltas and messages. Output: them as one object, once something in it is opaque. State: the members so
//! far, bounded by [`MAX_HELD_BYTES`]. Entries of a list that come in pieces are joined as clients of the server join them.

use crate::json::{Str, Value, write};
use crate::limits::MAX_HELD_BYTES;
use crate::opaque::STATE_OF_MESSAGE;

/// Members of an entry that only the server can read.
const OPAQUE: [&str; 3] = ["data", "signature", "encrypted_content"];
/// Members of an entry that stream in pieces.
const STREAMED: [&str; 4] = ["text", "summary", "thinking", "data"];

#[derive(Debug, Clone, Default)]
pub(super) struct MessageState(Option<Box<Gathered>>);

#[derive(Debug, Clone, Default)]
struct Gathered {
    members: [Member; STATE_OF_MESSAGE.len()],
    bytes: usize,
    is_opaque: bool,
}

#[derive(Debug, Clone, Default)]
enum Member {
    #[default]
    Absent,
    /// Entries: key and value as JSON, but that streamed texts are string contents.
    List(Vec<Vec<(Vec<u8>, Vec<u8>)>>),
    Whole(Vec<u8>),
}

impl MessageState {
    /// What a delta or message holds; `false` where that is too much.
    pub(super) fn add(&mut self, state: &[Option<Value<'_>>; STATE_OF_MESSAGE.len()]) -> bool {
        for (nth, value) in state.iter().enumerate() {
            let Some(value) = value else { continue };
            let gathered = self.0.get_or_insert_default();
            gathered.bytes += value.raw().len();
            if gathered.bytes > MAX_HELD_BYTES {
                return false;
            }
            gathered.is_opaque |= gathered.members[nth].add(*value);
        }
        true
    }

    /// All members so far as one object, if anything in them is opaque; nothing is kept.
    pub(super) fn take(&mut self) -> Option<Vec<u8>> {
        let gathered = self.0.take_if(|gathered| gathered.is_opaque)?;
        let members = STATE_OF_MESSAGE.iter().zip(&gathered.members);
        let there = members.filter(|(_, member)| !matches!(member, Member::Absent));
        let mut out = b"{".to_vec();
        write::separated(&mut out, there, |out, (name, member)| {
            write::string(out, name);
            out.push(b':');
            member.write(out);
        });
        out.push(b'}');
        Some(out)
    }

    pub(super) fn has_any(&self) -> bool {
        self.0.as_ref().is_some_and(|gathered| gathered.is_opaque)
    }
}

impl Member {
    /// Adds what came; whether there is something opaque in it.
    fn add(&mut self, value: Value<'_>) -> bool {
        if !value.raw().starts_with(b"[") {
            let is_blank = value.as_str().is_some_and(Str::is_empty);
            if !is_blank {
                *self = Self::Whole(value.raw().to_vec());
            }
            return !is_blank;
        }
        if !matches!(self, Self::List(_)) {
            *self = Self::List(Vec::new());
        }
        let Self::List(entries) = self else { return false };
        let mut is_opaque = false;
        for entry in value.elements().filter(|entry| entry.is_object()) {
            let has =
                |key: &&str| entry.get(key).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
            is_opaque |= OPAQUE.iter().any(has);
            join(entries, entry);
        }
        is_opaque
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Absent => {}
            Self::Whole(json) => out.extend_from_slice(json),
            Self::List(entries) => {
                out.push(b'[');
                write::separated(out, entries, |out, members| {
                    out.push(b'{');
                    write::separated(out, members, |out, (key, value)| {
                        write::pieces(out, [b"\"", key, b"\":"]);
                        out.extend_from_slice(value);
                    });
                    out.push(b'}');
                });
                out.push(b']');
            }
        }
    }
}

/// Adds an entry, or goes on with the last one of its type and index.
fn join(entries: &mut Vec<Vec<(Vec<u8>, Vec<u8>)>>, entry: Value<'_>) {
    let same = entries.last_mut().filter(|last| {
        ["type", "index", "id"].iter().all(|key| {
            let own = last.iter().find(|(name, _)| name == key.as_bytes()).map(|(_, value)| &value[..]);
            let other = entry.get(key).map(Value::raw);
            own == other || (*key == "id" && (own.is_none() || other.is_none()))
        })
    });
    let is_new = same.is_none();
    if is_new {
        entries.push(Vec::new());
    }
    let Some(members) = entries.last_mut() else { return };
    entry.each_member(|key, value| {
        let is_streamed = !is_new && STREAMED.iter().any(|name| key.is(name));
        match members.iter_mut().find(|(name, _)| name == key.raw()) {
            Some((_, own)) if is_streamed && own.ends_with(b"\"") && value.as_str().is_some() => {
                own.pop();
                own.extend_from_slice(&value.raw()[1..]);
            }
            Some((_, own)) if !value.is_null() && value.raw() != b"\"\"" => *own = value.raw().to_vec(),
            Some(_) => {}
            None => members.push((key.raw().to_vec(), value.raw().to_vec())),
        }
    });
}
