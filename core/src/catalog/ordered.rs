//! A map that keeps the order in which its names first came.
//!
//! Input: values by name. Output: a value of a name; all values in order. State: the values.

use std::collections::HashMap;

#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Ordered<V> {
    entries: Vec<(String, V)>,
    places: HashMap<String, usize>,
}

impl<V: Default> Ordered<V> {
    pub(super) fn get(&self, name: &str) -> Option<&V> {
        let (_, value) = self.entries.get(*self.places.get(name)?)?;
        Some(value)
    }

    /// The value of that name; a default one where there was none.
    pub(super) fn of(&mut self, name: String) -> &mut V {
        let place = *self.places.entry(name.clone()).or_insert(self.entries.len());
        if place == self.entries.len() {
            self.entries.push((name, V::default()));
        }
        &mut self.entries[place].1
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &V)> {
        self.entries.iter().map(|(name, value)| (&**name, value))
    }
}
