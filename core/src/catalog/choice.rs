//! Which catalog a request's model is looked up in.
//!
//! Input: the caller's choice. Output: the catalog, if any. State: the bundled one, read once.

use super::Catalog;
use crate::error::Error;
use crate::json::Value;
use std::sync::{Arc, LazyLock};

static BUNDLED: LazyLock<Catalog> = LazyLock::new(Catalog::bundled);

/// Where the rules of models come from.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub enum ModelCatalog {
    /// What this version knows of models.
    #[default]
    Bundled,
    /// Model rules are off: nothing is done for a model's sake.
    Off,
    /// A catalog of one's own, such as the bundled one with an upstream's `/models` merged in.
    Own(Arc<Catalog>),
}

impl ModelCatalog {
    /// As JSON: `"bundled"`, `"none"`, or a `/models` document that is merged over the bundled catalog.
    pub(crate) fn read(json: Value<'_>) -> Option<Self> {
        match json.as_str() {
            Some(name) if name.is("bundled") => Some(Self::Bundled),
            Some(name) if name.is("none") => Some(Self::Off),
            Some(_) => None,
            None => Self::merged(json.raw()).ok(),
        }
    }

    /// The bundled catalog, under what an upstream says.
    pub fn merged(live: &[u8]) -> Result<Self, Error> {
        let mut catalog = BUNDLED.clone();
        catalog.merge_live(live)?;
        Ok(Self::Own(Arc::new(catalog)))
    }

    /// The catalog; `None` where model rules are off.
    pub fn catalog(&self) -> Option<&Catalog> {
        match self {
            Self::Bundled => Some(&BUNDLED),
            Self::Off => None,
            Self::Own(catalog) => Some(catalog),
        }
    }
}
