//! Opaque state of a chat server: signatures and encrypted reasoning, gathered for the next turn.
//!
//! Input: members of deltas and messages. Output: them as one object, once something in it is opaque. State: the members so
//! far, bounded by [`MAX_HELD_BYTES`], and digests of what was passed on, by [`MAX_ITEMS`]. Entries of a list that come in
//! pieces are joined as clients of the server join them.

use crate::json::{Progress, Str, Value, write};
use crate::limits::{MAX_HELD_BYTES, MAX_ITEMS};
use crate::opaque::STATE_OF_MESSAGE;
use std::collections::HashSet;

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
    /// Values that were passed on.
    passed: HashSet<Progress>,
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
    /// What a delta holds, or what a whole message has beyond what was passed on; `false` where that is too much.
    pub(super) fn add(
        &mut self,
        state: &[Option<Value<'_>>; STATE_OF_MESSAGE.len()],
        is_whole: bool,
    ) -> bool {
        for (nth, value) in state.iter().enumerate() {
            let Some(value) = *value else { continue };
            let gathered = self.0.get_or_insert_default();
            let Some(known) = (if is_whole { gathered.known(value) } else { Some(0) }) else { continue };
            gathered.bytes += value.raw().len();
            if gathered.bytes > MAX_HELD_BYTES {
                return false;
            }
            if is_whole {
                gathered.members[nth] = Member::Absent; // its beginning
            }
            gathered.is_opaque |= gathered.members[nth].add(value, known);
        }
        true
    }

    /// All members so far as one object, if anything in them is opaque; nothing is kept.
    pub(super) fn take(&mut self) -> Option<Vec<u8>> {
        let gathered = self.0.as_deref_mut().filter(|gathered| gathered.is_opaque)?;
        let members = STATE_OF_MESSAGE.iter().zip(&gathered.members);
        let there = members.filter(|(_, member)| !matches!(member, Member::Absent));
        let mut out = b"{".to_vec();
        write::separated(&mut out, there, |out, (name, member)| {
            write::string(out, name);
            out.push(b':');
            member.write(out);
        });
        out.push(b'}');
        gathered.forget();
        Some(out)
    }

    pub(super) fn has_any(&self) -> bool {
        self.0.as_ref().is_some_and(|gathered| gathered.is_opaque)
    }
}

impl Gathered {
    /// How many entries of a whole list were passed on; `None`: all of it was, or the value that is no list.
    fn known(&self, value: Value<'_>) -> Option<usize> {
        if !is_list(value) {
            return (!self.passed.contains(&digest(value.raw()))).then_some(0);
        }
        let entries: Vec<_> = value.elements().collect();
        let is_known =
            |entry: &Value<'_>| opaque_values(*entry).any(|own| self.passed.contains(&digest(own.raw())));
        let known = entries.iter().rposition(is_known).map_or(0, |last| last + 1);
        (known < entries.len()).then_some(known)
    }

    /// The members were passed on.
    fn forget(&mut self) {
        let Self { members, passed, .. } = self;
        for value in members.iter().flat_map(Member::opaque_values) {
            if passed.len() < MAX_ITEMS {
                passed.insert(digest(value));
            }
        }
        *self = Self { passed: std::mem::take(passed), ..Self::default() };
    }
}

impl Member {
    /// Adds what came, from an entry on; whether there is something opaque in it.
    fn add(&mut self, value: Value<'_>, from: usize) -> bool {
        if !is_list(value) {
            *self = Self::Whole(value.raw().to_vec());
            return true;
        }
        if !matches!(self, Self::List(_)) {
            *self = Self::List(Vec::new());
        }
        let Self::List(entries) = self else { return false };
        let mut is_opaque = false;
        for entry in value.elements().skip(from).filter(|entry| entry.is_object()) {
            is_opaque |= opaque_values(entry).next().is_some();
            join(entries, entry);
        }
        is_opaque
    }

    fn opaque_values(&self) -> Vec<&[u8]> {
        match self {
            Self::Absent => Vec::new(),
            Self::Whole(json) => vec![json],
            Self::List(entries) => {
                let is_opaque = |key: &[u8]| OPAQUE.iter().any(|name| name.as_bytes() == key);
                let members = entries.iter().flatten().filter(|(key, _)| is_opaque(key));
                members.map(|(_, value)| &value[..]).collect()
            }
        }
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

fn is_list(value: Value<'_>) -> bool {
    value.raw().starts_with(b"[")
}

/// What of an entry only the server can read.
fn opaque_values(entry: Value<'_>) -> impl Iterator<Item = Value<'_>> {
    let text = move |key| entry.get(key).filter(|own| own.as_str().is_some_and(|text| !text.is_empty()));
    OPAQUE.into_iter().filter_map(text)
}

fn digest(json: &[u8]) -> Progress {
    Progress::of(Str::from_raw(json))
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
