//! Input: what is known of models, as JSON, and of a request. Output: the models as JSON text, and how the request
//! goes upstream. State: the core's catalog.

use crate::convert::{as_bytes, to_js_err};
use napi::Result;
use napi::bindgen_prelude::{BufferSlice, Either, Env};
use napi_derive::napi;
use sluicegate::{CatalogShape, Error, RouteOptions};
use std::borrow::Cow;
use std::sync::Arc;

/// What is known of models.
#[napi]
pub struct Catalog {
    pub(crate) catalog: Arc<sluicegate::Catalog>,
}

/// How a request goes upstream, and as what.
#[napi(object, object_from_js = false)]
pub struct RoutedRequest<'env> {
    /// As JSON text.
    pub route: String,
    /// The model that the client asked for.
    pub model: String,
    /// The body with the route's model; null where that is what was given.
    pub body: Option<BufferSlice<'env>>,
}

#[napi]
impl Catalog {
    /// The bundled one, or one's own.
    #[napi(constructor, catch_unwind)]
    pub fn new(json: Option<Either<String, &[u8]>>) -> Result<Self> {
        let own = json.map(|json| sluicegate::Catalog::from_json(as_bytes(&json))).transpose();
        let catalog = own.map_err(to_js_err)?.unwrap_or_else(sluicegate::Catalog::bundled);
        Ok(Self { catalog: Arc::new(catalog) })
    }

    /// Merges what an upstream says.
    #[napi(catch_unwind)]
    pub fn merge_live(&mut self, json: Either<String, &[u8]>) -> Result<()> {
        Arc::make_mut(&mut self.catalog).merge_live(as_bytes(&json)).map_err(to_js_err)
    }

    /// A model as JSON text.
    #[napi(catch_unwind)]
    pub fn model(&self, name: String) -> Option<String> {
        self.catalog.model(&name)
    }

    /// All of them as JSON text.
    #[napi(catch_unwind)]
    pub fn to_json(&self, shape: String) -> Result<String> {
        let shape = match &*shape {
            "codex" => CatalogShape::Codex,
            "openai" => CatalogShape::OpenAi,
            shape => return Err(to_js_err(Error::wrong_option("shape", shape, "codex, openai"))),
        };
        Ok(self.catalog.to_json(shape))
    }

    /// What a live document adds, drops and changes, as JSON text.
    #[napi(catch_unwind)]
    pub fn diff(&self, json: Either<String, &[u8]>) -> Result<String> {
        Ok(self.catalog.diff(as_bytes(&json)).map_err(to_js_err)?.to_json())
    }

    /// The route as JSON text; options as JSON text.
    #[napi(catch_unwind)]
    pub fn route(&self, model: String, options: String) -> Result<String> {
        let options = RouteOptions::from_json(options.as_bytes()).map_err(to_js_err)?;
        Ok(self.catalog.route(&model, &options).to_json())
    }

    /// The route of a request's body; options as JSON text.
    #[napi(catch_unwind)]
    pub fn route_request<'env>(
        &self,
        env: &'env Env,
        body: Either<String, &[u8]>,
        options: String,
    ) -> Result<RoutedRequest<'env>> {
        let options = RouteOptions::from_json(options.as_bytes()).map_err(to_js_err)?;
        let routed = self.catalog.route_request(as_bytes(&body), &options);
        let renamed = match routed.body {
            Cow::Borrowed(_) => None,
            Cow::Owned(body) => Some(BufferSlice::copy_from(env, body)?),
        };
        Ok(RoutedRequest { route: routed.route.to_json(), model: routed.model, body: renamed })
    }
}
