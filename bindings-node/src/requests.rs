//! Requests and profiles.
//!
//! Input: a client's request, and options as JSON text. Output: the request to send, what was changed and the context, as
//! JSON text. State: the rules of an upstream, read once.

use crate::convert::{as_bytes, dialect, to_js_err};
use crate::routes::Catalog;
use napi::Result;
use napi::bindgen_prelude::{BufferSlice, Either, Env};
use napi_derive::napi;
use sluicegate::{Change, ModelCatalog, RequestOptions};
use std::sync::Arc;

/// The rules of one upstream.
#[napi]
pub struct Profile {
    profile: sluicegate::Profile,
}

/// A request that its upstream takes.
#[napi(object, object_from_js = false)]
pub struct ConvertedRequest<'env> {
    /// What to send.
    pub body: BufferSlice<'env>,
    /// What was changed, as a JSON array.
    pub changes: String,
    /// What the answer must be told, as JSON text.
    pub context: String,
}

#[napi]
impl Profile {
    /// Rules as JSON text.
    #[napi(constructor, catch_unwind)]
    pub fn new(json: String) -> Result<Self> {
        let profile = sluicegate::Profile::from_json(json.as_bytes()).map_err(to_js_err)?;
        Ok(Self { profile })
    }

    /// Built-in ones.
    #[napi(factory, catch_unwind)]
    pub fn named(name: String) -> Result<Self> {
        Ok(Self { profile: sluicegate::Profile::find(&name).map_err(to_js_err)? })
    }

    /// The name of the built-in profile for a route.
    #[napi(catch_unwind)]
    pub fn for_path(path: String) -> Option<&'static str> {
        sluicegate::Profile::for_path(&path)
    }

    /// Names and values. Of the options, as JSON text, the transport counts.
    #[napi(catch_unwind)]
    pub fn headers(&self, options: String) -> Result<Vec<Vec<String>>> {
        let transport = request_options(&options)?.transport;
        Ok(self.profile.headers(transport).into_iter().map(|(name, value)| vec![name, value]).collect())
    }

    /// The whole profile as JSON text.
    #[napi(getter, catch_unwind)]
    pub fn json(&self) -> String {
        self.profile.to_json()
    }

    /// The default one for an upstream of that dialect.
    #[napi(factory, catch_unwind)]
    pub fn of_upstream(upstream: String) -> Result<Self> {
        Ok(Self { profile: sluicegate::Profile::of_upstream(dialect(&upstream, "upstream")?) })
    }

    /// Of a client's request, the one to send; with the client `auto` the body tells its dialect. Options as JSON text, but
    /// for a catalog of one's own.
    #[napi(catch_unwind)]
    pub fn convert_request<'env>(
        &self,
        env: &'env Env,
        body: Either<String, &[u8]>,
        client: String,
        upstream: String,
        options: String,
        catalog: Option<&Catalog>,
    ) -> Result<ConvertedRequest<'env>> {
        let client = if client == "auto" { None } else { Some(dialect(&client, "client")?) };
        let upstream = dialect(&upstream, "upstream")?;
        let mut options = request_options(&options)?;
        if let Some(own) = catalog {
            options.catalog = ModelCatalog::Own(Arc::clone(&own.catalog));
        }
        let request = sluicegate::convert_request(as_bytes(&body), client, upstream, &self.profile, &options);
        let request = request.map_err(to_js_err)?;
        Ok(ConvertedRequest {
            body: BufferSlice::copy_from(env, request.body)?,
            changes: to_json_list(&request.changes),
            context: request.context.to_json(),
        })
    }
}

/// A part of a request, as its upstream takes it.
#[napi(object, object_from_js = false)]
pub struct ConvertedPart {
    /// What to send, as JSON text.
    pub value: String,
    /// What was changed, as a JSON array.
    pub changes: String,
    /// What the answer must be told, as JSON text.
    pub context: String,
}

/// A part of a request, `tools`, `tool_choice` or `messages`, as JSON text. `way`: client, upstream and model. Options as JSON
/// text, but for a catalog of one's own.
#[napi(catch_unwind)]
pub fn convert_part(
    profile: &Profile,
    part: String,
    json: String,
    tools: Option<String>,
    way: (String, String, Option<String>),
    options: String,
    catalog: Option<&Catalog>,
) -> Result<ConvertedPart> {
    let part = sluicegate::RequestPart::named(&part);
    let part = part.ok_or_else(|| napi::Error::from_reason("there is no such part"))?;
    let (client, upstream) = (dialect(&way.0, "client")?, dialect(&way.1, "upstream")?);
    let mut options = request_options(&options)?;
    if let Some(own) = catalog {
        options.catalog = ModelCatalog::Own(Arc::clone(&own.catalog));
    }
    let (profile, model) = (&profile.profile, way.2.as_deref());
    let way = sluicegate::PartWay { client, upstream, model, profile, options: &options };
    let converted =
        sluicegate::convert_part(part, json.as_bytes(), tools.as_deref().map(str::as_bytes), &way);
    let converted = converted.map_err(to_js_err)?;
    Ok(ConvertedPart {
        value: String::from_utf8_lossy(&converted.json).into_owned(),
        changes: to_json_list(&converted.changes),
        context: converted.context.to_json(),
    })
}

/// A `usage` object as another dialect has it, both as JSON text.
#[napi(catch_unwind)]
pub fn convert_usage(usage: String, from_dialect: String, to_dialect: String) -> Result<String> {
    let (from, to) = (dialect(&from_dialect, "from")?, dialect(&to_dialect, "to")?);
    let converted = sluicegate::convert_usage(usage.as_bytes(), from, to).map_err(to_js_err)?;
    Ok(String::from_utf8_lossy(&converted).into_owned())
}

fn to_json_list(changes: &[Change]) -> String {
    format!("[{}]", changes.iter().map(Change::to_json).collect::<Vec<_>>().join(","))
}

/// Estimates the input tokens of a request of any dialect.
#[napi(catch_unwind)]
pub fn count_tokens(body: Either<String, &[u8]>) -> Result<i64> {
    let tokens = sluicegate::count_tokens(as_bytes(&body)).map_err(to_js_err)?;
    Ok(i64::try_from(tokens).unwrap_or(i64::MAX))
}

/// Whether a Messages request is a client's probe.
#[napi(catch_unwind)]
pub fn is_probe(body: Either<String, &[u8]>) -> bool {
    sluicegate::is_probe(as_bytes(&body))
}

/// What becomes of each member of a chat request, as JSON text.
#[napi(catch_unwind)]
pub fn chat_fields() -> &'static str {
    sluicegate::chat_fields()
}

/// What becomes of each member of a Messages request, as JSON text.
#[napi(catch_unwind)]
pub fn messages_fields() -> &'static str {
    sluicegate::messages_fields()
}

pub(crate) fn request_options(json: &str) -> Result<RequestOptions> {
    RequestOptions::from_json(json.as_bytes()).map_err(to_js_err)
}
