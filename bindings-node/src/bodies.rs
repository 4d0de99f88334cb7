//! Input: a whole body, or how one begins. Output: what the core makes of it. State: nothing.

use crate::convert::{self, as_bytes, from_js_number, to_js_err};
use napi::Result;
use napi::bindgen_prelude::{BufferSlice, Either, Env};
use napi_derive::napi;
use sluicegate::{Dialect, Error, Failure, Finding, LintProfile, OtelOptions, Outcome};

/// Of a final Response what the Images API would have answered, both JSON.
#[napi(catch_unwind)]
pub fn images_api<'env>(env: &'env Env, response: Either<String, &[u8]>) -> Result<BufferSlice<'env>> {
    BufferSlice::copy_from(env, sluicegate::images_api(as_bytes(&response)).map_err(to_js_err)?)
}

/// Of an Images API request the Responses request that makes the image.
#[napi(catch_unwind)]
pub fn images_request<'env>(
    env: &'env Env,
    body: Either<String, &[u8]>,
    host_model: String,
) -> Result<BufferSlice<'env>> {
    BufferSlice::copy_from(env, sluicegate::images_request(as_bytes(&body), &host_model).map_err(to_js_err)?)
}

/// Of an outcome the attributes of OpenTelemetry; all three are JSON text.
#[napi(catch_unwind)]
pub fn otel_attributes(outcome: String, options: String) -> Result<String> {
    let options = OtelOptions::from_json(options.as_bytes()).map_err(to_js_err)?;
    let outcome = Outcome::from_json(outcome.as_bytes()).map_err(to_js_err)?;
    Ok(outcome.otel_attributes(&options).to_json())
}

/// Of an upstream's failure the error envelope, as JSON text, with the body for a client of the dialect. Headers are
/// names and values by turns.
#[napi(catch_unwind)]
pub fn error_envelope(
    status: Option<u16>,
    headers: Vec<String>,
    body: Either<String, &[u8]>,
    now_ms: Option<f64>,
    dialect: Option<String>,
    request_id: Option<String>,
) -> Result<String> {
    let client = dialect.map_or(Ok(Dialect::default()), |name| convert::dialect(&name, "dialect"))?;
    let (pairs, _) = headers.as_chunks();
    let headers: Vec<_> = pairs.iter().map(|[name, value]| (&**name, &**value)).collect();
    let failure =
        Failure { status, headers: &headers, body: as_bytes(&body), now_ms: now_ms.map(from_js_number) };
    Ok(sluicegate::error_envelope(&failure).to_json_for(client, request_id.as_deref()))
}

/// Headers of the answer to a failure, names and values by turns.
#[napi(catch_unwind)]
pub fn failure_headers(retry_after_ms: Option<f64>) -> Vec<String> {
    let headers = sluicegate::failure_headers(retry_after_ms.map(from_js_number));
    headers.into_iter().flat_map(|(name, value)| [name.to_owned(), value]).collect()
}

/// Where a stream breaks a rule, as a JSON array; with no profile the core's default one.
#[napi(catch_unwind)]
pub fn lint(stream: Either<String, &[u8]>, profile: Option<String>) -> Result<String> {
    let name = profile.clone().unwrap_or_default();
    let unknown = || to_js_err(Error::wrong_option("profile", &name, "openai, codex_cli, chat"));
    let profile = profile.map_or(Some(LintProfile::default()), |name| LintProfile::named(&name));
    let findings = sluicegate::lint(as_bytes(&stream), profile.ok_or_else(unknown)?);
    Ok(format!("[{}]", findings.iter().map(Finding::to_json).collect::<Vec<_>>().join(",")))
}

/// The content type that a gateway must send.
#[napi(catch_unwind)]
pub fn content_type(is_stream: bool) -> &'static str {
    sluicegate::content_type(is_stream)
}

/// Whether a body that begins so is an event stream; null while nothing but white space was seen.
#[napi(catch_unwind)]
pub fn is_sse(first_bytes: &[u8]) -> Option<bool> {
    sluicegate::is_sse(first_bytes)
}

/// What a transport may hold back while the status is open.
#[napi]
#[allow(clippy::cast_possible_truncation, reason = "64 KiB")]
pub const MAX_HEAD_BYTES: u32 = sluicegate::Page::MAX_HEAD_BYTES as u32;

/// The beginning of an upstream's body.
#[napi]
#[derive(Default)]
pub struct Page {
    page: sluicegate::Page,
}

#[napi]
impl Page {
    /// Of nothing yet.
    #[napi(constructor, catch_unwind)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes.
    #[napi(catch_unwind)]
    pub fn feed(&mut self, chunk: &[u8]) {
        self.page.feed(chunk);
    }

    /// `stream`, `document` or `page`; null while nothing but white space was seen.
    #[napi(getter, catch_unwind)]
    pub fn kind(&self) -> Option<&'static str> {
        self.page.kind().map(sluicegate::BodyKind::as_str)
    }

    /// At most 1 MiB of it.
    #[napi(catch_unwind)]
    pub fn bytes<'env>(&self, env: &'env Env) -> Result<BufferSlice<'env>> {
        BufferSlice::copy_from(env, self.page.bytes())
    }

    /// Whether some of it had no room.
    #[napi(getter, catch_unwind)]
    pub fn is_cut(&self) -> bool {
        self.page.is_cut()
    }

    /// Whether no more of it is worth reading, if it is no answer.
    #[napi(getter, catch_unwind)]
    pub fn is_full(&self) -> bool {
        self.page.is_full()
    }
}

/// Faults, for a test of what becomes of that.
#[napi(catch_unwind)]
#[allow(clippy::panic, clippy::missing_panics_doc, reason = "its purpose")]
pub fn fault() -> bool {
    panic!("on purpose")
}
