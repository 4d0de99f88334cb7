//! Members by a name that may be nested (`reasoning.effort`): looked up, and added where they are missing.
//!
//! Input: an object, names and values. Output: edits. State: what is to be added.

use crate::json::splice::Edits;
use crate::json::tree::Node;
use crate::json::write;
use crate::limits::MAX_JSON_DEPTH;

/// The member of that name; not one that is removed, or inside one.
pub(super) fn lookup<'t>(root: Node<'t>, name: &str, edits: &Edits) -> Option<Node<'t>> {
    let member = |object: Node<'t>, key| object.get(key).filter(|member| !edits.is_removed(*member));
    name.split('.').try_fold(root, member)
}

/// Members to be added, each once.
#[derive(Debug, Default)]
pub(super) struct Insertions(Vec<(String, Vec<u8>)>);

impl Insertions {
    /// `value` is JSON text. A name that is deeper than JSON may be adds nothing.
    pub(super) fn push(&mut self, name: &str, value: &[u8]) {
        if name.split('.').count() > MAX_JSON_DEPTH {
            return;
        }
        self.0.push((name.to_owned(), value.to_vec()));
    }

    /// Puts each into the innermost object of its name that is there; objects that are missing are made.
    pub(super) fn write(self, root: Node<'_>, edits: &mut Edits) {
        let mut new: Vec<Place<'_, '_>> = Vec::new();
        for (name, value) in &self.0 {
            let place = Place::of(root, name, value, edits);
            match new.iter_mut().find(|own| own.is_beside(&place)) {
                Some(own) => own.members.extend(place.members),
                None => new.push(place),
            }
        }
        for place in new {
            place.write(edits);
        }
    }
}

/// Where new members go: under a key of an object that is there.
struct Place<'t, 'n> {
    object: Node<'t>,
    key: &'n str,
    /// The rest of the names, and the values.
    members: Vec<(Vec<&'n str>, &'n [u8])>,
}

impl<'t, 'n> Place<'t, 'n> {
    fn of(root: Node<'t>, name: &'n str, value: &'n [u8], edits: &Edits) -> Self {
        let (mut object, mut keys) = (root, name.split('.').peekable());
        let mut key = keys.next().unwrap_or_default();
        while keys.peek().is_some() {
            let inner = object.get(key).filter(|own| own.is_object() && !edits.is_removed(*own));
            let Some(inner) = inner else { break };
            object = inner;
            key = keys.next().unwrap_or_default();
        }
        Self { object, key, members: vec![(keys.collect(), value)] }
    }

    fn is_beside(&self, other: &Self) -> bool {
        let is_inside = |place: &Self| place.members.iter().all(|(keys, _)| !keys.is_empty());
        self.object.start() == other.object.start()
            && self.key == other.key
            && is_inside(self)
            && is_inside(other)
    }

    /// What stands there already is null, or no object: it gives way.
    fn write(&self, edits: &mut Edits) {
        let value = nest(&self.members);
        match self.object.get(self.key).filter(|own| !edits.is_removed(*own)) {
            Some(own) => edits.replace(own, value),
            None => edits.append_member(self.object, &spelled(self.key), &value),
        }
    }
}

/// Members by the rest of their names; one without a rest is the value itself.
fn nest(members: &[(Vec<&str>, &[u8])]) -> Vec<u8> {
    if let Some((_, value)) = members.iter().find(|(keys, _)| keys.is_empty()) {
        return value.to_vec();
    }
    let mut out = b"{".to_vec();
    let mut done: Vec<&str> = Vec::new();
    for (keys, _) in members {
        if done.contains(&keys[0]) {
            continue;
        }
        done.push(keys[0]);
        let inside = members.iter().filter(|(own, _)| own[0] == keys[0]);
        let inside: Vec<_> = inside.map(|(own, value)| (own[1..].to_vec(), *value)).collect();
        if out.len() > 1 {
            out.push(b',');
        }
        write::string(&mut out, keys[0]);
        out.push(b':');
        out.extend_from_slice(&nest(&inside));
    }
    out.push(b'}');
    out
}

/// A key as JSON string contents.
pub(super) fn spelled(key: &str) -> String {
    String::from_utf8_lossy(&write::contents(key)).into_owned()
}
