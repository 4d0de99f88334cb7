//! Input: a client's request, and options as JSON text. Output: the request to send, with its ledger and its context
//! as JSON text. State: the rules of a backend, read once.

use crate::convert::{as_bytes, to_js_err};
use napi::Result;
use napi::bindgen_prelude::{BufferSlice, Either, Env};
use napi_derive::napi;
use sluicegate::{Change, Error, RequestOptions};

/// The rules of one backend.
#[napi]
pub struct Profile {
    profile: sluicegate::Profile,
}

/// A request that its backend takes.
#[napi(object, object_from_js = false)]
pub struct Normalized<'env> {
    /// What to send.
    pub body: BufferSlice<'env>,
    /// The ledger, as a JSON array.
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
    #[napi(getter)]
    pub fn json(&self) -> String {
        self.profile.to_json()
    }

    /// Of a Responses request, the one to send. Options as JSON text.
    #[napi(catch_unwind)]
    pub fn normalize_request<'env>(
        &self,
        env: &'env Env,
        body: Either<String, &[u8]>,
        options: String,
    ) -> Result<Normalized<'env>> {
        self.run(env, sluicegate::normalize_request, &body, &options)
    }

    /// The same of a chat request.
    #[napi(catch_unwind)]
    pub fn chat_to_responses<'env>(
        &self,
        env: &'env Env,
        body: Either<String, &[u8]>,
        options: String,
    ) -> Result<Normalized<'env>> {
        self.run(env, sluicegate::chat_to_responses, &body, &options)
    }

    /// Of a Responses request, the chat request for a server that speaks only chat.
    #[napi(catch_unwind)]
    pub fn responses_to_chat<'env>(
        &self,
        env: &'env Env,
        body: Either<String, &[u8]>,
        options: String,
    ) -> Result<Normalized<'env>> {
        self.run(env, sluicegate::responses_to_chat, &body, &options)
    }

    fn run<'env>(
        &self,
        env: &'env Env,
        verb: Verb,
        body: &Either<String, &[u8]>,
        options: &str,
    ) -> Result<Normalized<'env>> {
        let given = verb(as_bytes(body), &self.profile, &request_options(options)?).map_err(to_js_err)?;
        let changes: Vec<_> = given.changes.iter().map(Change::to_json).collect();
        Ok(Normalized {
            body: BufferSlice::copy_from(env, given.body)?,
            changes: format!("[{}]", changes.join(",")),
            context: given.context.to_json(),
        })
    }
}

/// What becomes of each member of a chat request, as JSON text.
#[napi(catch_unwind)]
pub fn chat_fields() -> &'static str {
    sluicegate::chat_fields()
}

type Verb =
    fn(&[u8], &sluicegate::Profile, &RequestOptions) -> std::result::Result<sluicegate::Normalized, Error>;

pub(crate) fn request_options(json: &str) -> Result<RequestOptions> {
    RequestOptions::from_json(json.as_bytes()).map_err(to_js_err)
}
