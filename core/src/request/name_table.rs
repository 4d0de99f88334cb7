//! A closed set of names, found by length and first bytes: no hash, and one comparison of texts at most.
//!
//! Input: names that are known when this is compiled; a name. Output: its place among them. State: none.

use crate::json::Str;

/// Longer names are in no table.
const LONGEST: usize = 48;

/// Names and their places.
pub(super) struct NameTable<const N: usize> {
    names: [&'static str; N],
    /// First bytes and places, shortest name first.
    by_length: [(u64, u8); N],
    /// How many names are shorter than each length.
    shorter: [u8; LONGEST + 2],
}

impl<const N: usize> NameTable<N> {
    pub(super) const fn new(names: [&'static str; N]) -> Self {
        let (mut by_length, mut shorter) = ([(0, 0); N], [0; LONGEST + 2]);
        let (mut found, mut length) = (0, 0);
        while length <= LONGEST {
            let mut at = 0;
            while at < N {
                if names[at].len() == length {
                    by_length[found] = (first_bytes(names[at].as_bytes()), at as u8);
                    found += 1;
                }
                at += 1;
            }
            length += 1;
            shorter[length] = found as u8;
        }
        assert!(found == N, "a name is too long");
        Self { names, by_length, shorter }
    }

    /// The names of rows that are a name and what it means.
    pub(super) const fn of_rows<T: Copy>(rows: &[(&'static str, T); N]) -> Self {
        let (mut names, mut at) = ([""; N], 0);
        while at < N {
            names[at] = rows[at].0;
            at += 1;
        }
        Self::new(names)
    }

    /// The place of a name.
    #[inline]
    pub(super) fn find(&self, name: &[u8]) -> Option<usize> {
        let length = name.len();
        let (from, to) = (*self.shorter.get(length)?, *self.shorter.get(length + 1)?);
        let same_length = self.by_length.get(usize::from(from)..usize::from(to))?;
        let first = first_bytes(name);
        let mut places = same_length.iter().filter(|(own, _)| *own == first).map(|(_, at)| usize::from(*at));
        if length <= size_of::<u64>() {
            return places.next();
        }
        places.find(|at| self.names.get(*at).is_some_and(|own| own.as_bytes() == name))
    }

    /// The place of the name that a JSON string is, escaped or not.
    pub(super) fn find_text(&self, name: Str<'_>) -> Option<usize> {
        self.find(name.raw()).or_else(|| name.is_escaped().then(|| self.find(&name.unescaped()))?)
    }
}

/// Up to eight of them, as one number.
#[inline]
const fn first_bytes(name: &[u8]) -> u64 {
    if let Some(first) = name.first_chunk::<8>() {
        return u64::from_le_bytes(*first);
    }
    if let (Some(low), Some(high)) = (name.first_chunk::<4>(), name.last_chunk::<4>()) {
        return u32::from_le_bytes(*low) as u64 | (u32::from_le_bytes(*high) as u64) << 32;
    }
    let (mut number, mut at) = (0, 0);
    while at < name.len() {
        number = number << 8 | name[at] as u64;
        at += 1;
    }
    number
}

/// The place of a name in a list that must have it.
pub(super) const fn place(names: &[&str], name: &str) -> usize {
    let mut at = 0;
    while !is_same(names[at].as_bytes(), name.as_bytes()) {
        at += 1;
    }
    at
}

const fn is_same(a: &[u8], b: &[u8]) -> bool {
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_found_at_its_place_and_no_other_is_found() {
        let names =
            ["type", "", "role", "content", "roles", "internal_chat_message_metadata_passthrough", "a"];
        let table = NameTable::new(names);
        for (at, name) in names.iter().enumerate() {
            assert_eq!(table.find(name.as_bytes()), Some(at));
            assert_eq!(table.find_text(Str::from_raw(name.as_bytes())), Some(at));
            assert_eq!(table.find(format!("{name}x").as_bytes()), None);
        }
        assert_eq!(table.find_text(Str::from_raw(br"r\u006fle")), Some(2));
        assert_eq!(table.find("x".repeat(100).as_bytes()), None);
        assert_eq!(table.find(b"tyqe"), None);
    }
}
