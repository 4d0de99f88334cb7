//! The catalog of models.
//!
//! Input: facts on models, as JSON: bundled, and live from an upstream's `/models`. Output: the same merged, and the
//! route of a request to one of them. State: each model's members as they were sent, known to us or not.
//!
//! Nothing about a model is code: `core/catalog/models.json` has what is bundled, with its source and date.

mod choice;
mod diff;
mod matching;
mod ordered;
mod request;
mod route;
mod rules;

use crate::error::Error;
use crate::json::tree::{Node, Tree};
use crate::json::{Malformed, Str, Value, write};
use crate::limits::MAX_CATALOG_BYTES;
pub use choice::ModelCatalog;
pub use diff::{CatalogChange, CatalogDiff};
use ordered::Ordered;
pub use request::RoutedRequest;
pub use route::{Endpoint, Route, RouteOptions, RouteReason};
pub(crate) use rules::{ModelRules, NO_EFFORT};

const BUNDLED: &str = include_str!("../catalog/models.json");

/// What a model is called, by either list.
const NAMES: [&str; 2] = ["slug", "id"];

/// What is known of models. A model that is not in it is routed by default, never refused.
///
/// ```
/// use sluicegate::{Catalog, RouteOptions};
/// let mut catalog = Catalog::bundled();
/// catalog.merge_live(br#"{"data":[{"id":"house-model","prefer_websockets":true}]}"#)?;
/// let route = catalog.route("openai/gpt-5.5-high", &RouteOptions::default());
/// assert_eq!((&*route.model, route.effort.as_deref()), ("gpt-5.5", Some("high")));
/// assert_eq!(route.reason.as_str(), "prefers_websocket");
/// # Ok::<(), sluicegate::Error>(())
/// ```
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Catalog {
    /// By slug.
    models: Ordered<Model>,
}

#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Model {
    /// All but its slug, as JSON.
    members: Ordered<Vec<u8>>,
    /// What they demand of a request.
    rules: ModelRules,
}

/// The two lists of models that clients read.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum CatalogShape {
    /// `{"models":[{"slug":…}]}`, of the Codex client.
    #[default]
    Codex,
    /// `{"object":"list","data":[{"id":…,"object":"model"}]}`, of the OpenAI API.
    OpenAi,
}

impl Catalog {
    /// The models that this version knows of.
    pub fn bundled() -> Self {
        Self::from_json(BUNDLED.as_bytes()).unwrap_or_default()
    }

    /// A catalog of one's own, instead of the bundled one; any document that [`Catalog::merge_live`] takes.
    pub fn from_json(json: &[u8]) -> Result<Self, Error> {
        let mut catalog = Self::default();
        catalog.merge_live(json)?;
        Ok(catalog)
    }

    /// Merges an upstream's `/models` document, in either shape: `models` or `data`, `slug` or `id`. Field by field,
    /// it wins over what was known; what it leaves out or has as null stays. Models that were not known are added.
    pub fn merge_live(&mut self, json: &[u8]) -> Result<(), Error> {
        let tree = Tree::parse(json).map_err(|Malformed(at)| Error::InvalidJson { offset: at as u64 })?;
        let lists = ["models", "data"].map(|name| tree.root().get(name).filter(|list| list.is_array()));
        if lists.iter().all(Option::is_none) {
            return Err(Error::wrong_option("models", "", "a list `models` or `data`"));
        }
        let mut room = MAX_CATALOG_BYTES.saturating_sub(self.bytes());
        lists.into_iter().flatten().flat_map(Node::elements).for_each(|model| self.merge(model, &mut room));
        Ok(())
    }

    /// Of all keys and values.
    fn bytes(&self) -> usize {
        let members = |members: &Ordered<Vec<u8>>| -> usize {
            members.iter().map(|(key, value)| key.len() + value.len()).sum()
        };
        self.models.iter().map(|(slug, model)| slug.len() + members(&model.members)).sum()
    }

    fn merge(&mut self, model: Node<'_>, room: &mut usize) {
        let slug = NAMES.iter().find_map(|name| model.text(name)).filter(|slug| !slug.is_empty());
        let Some(slug) = slug.map(Str::decode).filter(|slug| take(room, slug.len())) else { return };
        let known = self.models.of(slug);
        for member in model.members().filter(|member| !NAMES.iter().any(|name| member.is_named(name))) {
            let key = member.key().decode();
            // A null does not replace what is known.
            let is_news = !member.is_null() || known.members.get(&key).is_none();
            if is_news && take(room, key.len() + member.raw().len()) {
                let value = known.members.of(key);
                value.clear();
                write::compact(value, member.raw());
            }
        }
        known.rules = ModelRules::read(&known.members);
    }

    /// All that is known of the model that `name` is a variant of, as JSON.
    pub fn model(&self, name: &str) -> Option<String> {
        let slug = self.find(name)?.slug;
        let mut out = Vec::new();
        write_model(&mut out, CatalogShape::Codex, slug, &self.models.get(slug)?.members);
        Some(String::from_utf8_lossy(&out).into_owned())
    }

    /// The whole catalog, in the order in which its models became known.
    pub fn to_json(&self, shape: CatalogShape) -> String {
        let mut out = shape.head().as_bytes().to_vec();
        write::separated(&mut out, self.models.iter(), |out, (slug, model)| {
            write_model(out, shape, slug, &model.members);
        });
        out.extend_from_slice(b"]}");
        String::from_utf8_lossy(&out).into_owned()
    }
}

/// Takes that many bytes, if there is room for them.
fn take(room: &mut usize, bytes: usize) -> bool {
    let rest = room.checked_sub(bytes);
    *room = rest.unwrap_or(*room);
    rest.is_some()
}

impl CatalogShape {
    fn head(self) -> &'static str {
        match self {
            Self::Codex => "{\"models\":[",
            Self::OpenAi => "{\"object\":\"list\",\"data\":[",
        }
    }

    /// What each model begins with; clients of the OpenAI API type these, so they are there in any case.
    fn defaults(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Codex => &[],
            Self::OpenAi => &[("object", "\"model\""), ("created", "0"), ("owned_by", "\"openai\"")],
        }
    }
}

fn write_model(out: &mut Vec<u8>, shape: CatalogShape, slug: &str, members: &Ordered<Vec<u8>>) {
    out.extend_from_slice(match shape {
        CatalogShape::Codex => b"{\"slug\":",
        CatalogShape::OpenAi => b"{\"id\":",
    });
    write::string(out, slug);
    let lacking = shape.defaults().iter().filter(|(key, _)| members.get(key).is_none());
    lacking.for_each(|(key, value)| write_member(out, key, value.as_bytes()));
    members.iter().for_each(|(key, value)| write_member(out, key, value));
    out.push(b'}');
}

fn write_member(out: &mut Vec<u8>, key: &str, value: &[u8]) {
    out.push(b',');
    write::string(out, key);
    out.push(b':');
    out.extend_from_slice(value);
}

/// A member's value, to look into.
fn value<'a>(members: &'a Ordered<Vec<u8>>, key: &str) -> Option<Value<'a>> {
    members.get(key).map(|json| Value::of_valid(json))
}
