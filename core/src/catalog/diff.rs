//! What a live document has that the catalog has otherwise: drift, on the day it begins.
//!
//! Input: an upstream's `/models` document. Output: models added and dropped, members changed. State: none. Only members
//! that the catalog has of a model are compared, and those that a rule reads: live documents are full of texts.

use super::{Catalog, rules, write_member};
use crate::error::Error;
use crate::json::{Value, write};

/// A member of a model that is another one now; JSON, `None` where it was not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogChange {
    /// The model.
    pub model: String,
    /// The member.
    pub member: String,
    /// Its value in the catalog.
    pub was: Option<String>,
    /// Its value in the document.
    pub is: String,
}

/// What a live document adds, drops and changes.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct CatalogDiff {
    /// Models that the catalog does not know.
    pub added: Vec<String>,
    /// Models of the catalog that the document does not have.
    pub dropped: Vec<String>,
    /// Members that differ.
    pub changed: Vec<CatalogChange>,
}

impl Catalog {
    /// What a live `/models` document has otherwise than this catalog.
    ///
    /// ```
    /// use sluicegate::Catalog;
    /// let catalog = Catalog::from_json(br#"{"models":[{"slug":"a","context_window":1},{"slug":"b"}]}"#)?;
    /// let diff = catalog.diff(br#"{"data":[{"id":"a","context_window":2},{"id":"c"}]}"#)?;
    /// assert_eq!((diff.added, diff.dropped), (vec!["c".to_owned()], vec!["b".to_owned()]));
    /// assert_eq!((&*diff.changed[0].member, &*diff.changed[0].is), ("context_window", "2"));
    /// # Ok::<(), sluicegate::Error>(())
    /// ```
    pub fn diff(&self, live: &[u8]) -> Result<CatalogDiff, Error> {
        let (live, mut diff) = (Self::from_json(live)?, CatalogDiff::default());
        for (slug, model) in live.models.iter() {
            let Some(known) = self.models.get(slug) else {
                diff.added.push(slug.to_owned());
                continue;
            };
            for (member, is) in model.members.iter() {
                let was = known.members.get(member);
                let matters = was.is_some() || rules::MEMBERS.contains(&member);
                if matters && was.is_none_or(|was| plain(was) != plain(is)) && is != b"null" {
                    let text = |json: &Vec<u8>| String::from_utf8_lossy(json).into_owned();
                    let (model, member) = (slug.to_owned(), member.to_owned());
                    diff.changed.push(CatalogChange { model, member, was: was.map(text), is: text(is) });
                }
            }
        }
        let is_dropped = |slug: &&str| live.models.get(slug).is_none();
        diff.dropped =
            self.models.iter().map(|(slug, _)| slug).filter(is_dropped).map(str::to_owned).collect();
        Ok(diff)
    }
}

/// The same text for values that say the same: members in order, numbers in one form.
fn plain(json: &[u8]) -> String {
    let value = Value::of_valid(json);
    if let Some(text) = value.as_str() {
        return format!("{:?}", text.decode());
    }
    if value.is_object() {
        let mut members = Vec::new();
        value.each_member(|key, own| members.push(format!("{:?}:{}", key.decode(), plain(own.raw()))));
        members.sort();
        return format!("{{{}}}", members.join(","));
    }
    if json.starts_with(b"[") {
        let elements: Vec<_> = value.elements().map(|own| plain(own.raw())).collect();
        return format!("[{}]", elements.join(","));
    }
    let word = String::from_utf8_lossy(json);
    word.parse::<f64>().map_or_else(|_| word.to_string(), |number| number.to_string())
}

impl CatalogDiff {
    /// Whether the document says the same.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.dropped.is_empty() && self.changed.is_empty()
    }

    /// `{"added":[…],"dropped":[…],"changed":[{"model":…,"member":…,"was":…,"is":…}]}`
    pub fn to_json(&self) -> String {
        let mut out = b"{".to_vec();
        for (key, list) in [("\"added\":[", &self.added), ("],\"dropped\":[", &self.dropped)] {
            out.extend_from_slice(key.as_bytes());
            write::separated(&mut out, list, |out, slug| write::string(out, slug));
        }
        out.extend_from_slice(b"],\"changed\":[");
        write::separated(&mut out, &self.changed, |out, change| change.write(out));
        out.extend_from_slice(b"]}");
        String::from_utf8_lossy(&out).into_owned()
    }
}

impl CatalogChange {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"model\":");
        write::string(out, &self.model);
        write_member(out, "member", &write::quoted(&self.member));
        write_member(out, "was", self.was.as_deref().unwrap_or("null").as_bytes());
        write_member(out, "is", self.is.as_bytes());
        out.push(b'}');
    }
}
