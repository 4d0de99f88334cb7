//! One change of a request, as callers see it.
//!
//! Input: what was done, where and why. Output: its JSON, the same in three languages. State: none.

use crate::json::write;

/// What was done to a member or item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// It is gone.
    Removed,
    /// It has another name.
    Renamed,
    /// It has another value.
    Replaced,
    /// It was not there before.
    Added,
    /// Its content stands elsewhere.
    Moved,
    /// The request must not be sent because of it.
    Rejected,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Removed, Self::Renamed, Self::Replaced, Self::Added, Self::Moved, Self::Rejected];

    /// `snake_case`, the same in three languages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Removed => "removed",
            Self::Renamed => "renamed",
            Self::Replaced => "replaced",
            Self::Added => "added",
            Self::Moved => "moved",
            Self::Rejected => "rejected",
        }
    }
}

/// One entry of the list of changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What was done.
    pub action: Action,
    /// To what: a JSON path such as `input[3].id`, in the body as a Responses request.
    pub path: String,
    /// Why, for people. A list has 1,000 lines; those that have no line of their own are counted here, in the last line with
    /// the same action and reason: `… (and 42 more)`.
    pub reason: String,
}

impl Change {
    /// `{"action":…,"path":…,"reason":…}`
    pub fn to_json(&self) -> String {
        let mut out = Vec::new();
        self.write(&mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"action\":");
        write::string(out, self.action.as_str());
        out.extend_from_slice(b",\"path\":");
        write::string(out, &self.path);
        out.extend_from_slice(b",\"reason\":");
        write::string(out, &self.reason);
        out.push(b'}');
    }
}
