//! Turns OpenAI *Responses API* event streams into what the rest of the ecosystem speaks, and any client's request into
//! what a Responses backend takes. Sans-I/O: bytes in, bytes out; no sockets, clocks, randomness, threads or global state,
//! and async only in `futures`, behind the feature of that name.
//!
//! ```text
//!  client's request ─▶ request: shape ─▶ rules ────────▶ backend's request, ledger of changes, context ─┐
//!                                   ▲ profile (data)                                                    │
//!                              ┌─▶ transcode ─▶ chat ──▶ chat SSE bytes            restore: names, ids ◀┘
//!  upstream bytes ─▶ sse ─▶ responses ─▶ collect ──────▶ final Response, chat.completion
//!  (any cut)        events  one event ─▶ relay ────────▶ Responses SSE bytes, repaired
//!                      ▲      └─▶ images ──────────────▶ decoded image bytes to a sink
//!  WebSocket frame ────┘      each with an outcome: status, usage, error, notes
//!  upstream failure ─▶ envelope ───────────────────────▶ HTTP status, error body, what to do about it
//! ```
//!
//! Each word is a module, each arrow one type; nothing flows left. `source` joins them: it tells a stream from a plain
//! body and parses each event once, for however many consumers; `items` says which item an event belongs to. Below all
//! of them: `json` (lazy views, splicing), `limits` (every cap), `error`.
//!
//! - [`normalize_request`], [`chat_to_responses`]: a client's request → the backend's, by a [`Profile`].
//! - [`SseParser`]: bytes → events, lent from the chunk.
//! - [`ChatTranscoder`]: Responses SSE or frames → chat.completion SSE.
//! - [`ResponseCollector`]: the same → the final Response and its chat.completion.
//! - [`ResponsesRelay`]: the same → Responses SSE with exactly one, repaired end.
//! - [`Tee`]: several of these on one stream.
//! - [`ImageExtractor`]: generated images, decoded to a sink while they arrive.
//! - `futures`: these over a `Stream` of chunks.
//! - [`Outcome`]: what the stream turned out to be.
//! - [`Catalog`]: a model → over what its requests go, and to where.
//! - [`ws_request`], [`http_body`], [`Baseline`]: WebSocket frames, without a socket.
//! - [`Continuation`]: `previous_response_id`, for backends that store nothing: a request before it is normalized, with
//!   the conversation that a [`Store`] kept.
//! - [`error_envelope`]: any upstream failure → status, error body, what to do about it.

#![deny(unsafe_code)] // but for simd
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod answer;
mod catalog;
mod collector;
mod continuation;
mod dialect;
mod envelope;
mod error;
#[cfg(feature = "futures")]
pub mod futures;
mod images;
mod input;
mod json;
mod limits;
mod lint;
mod linter;
mod media;
mod opaque;
mod options;
mod outcome;
mod request;
mod simd;
mod sse;
mod tee;
mod tool_kind;
mod transcoder;
mod translation;
mod websocket;

pub use catalog::{Catalog, CatalogShape, Endpoint, Route, RouteOptions, RouteReason};
pub use collector::ResponseCollector;
#[cfg(feature = "redis")]
pub use continuation::redis::RedisStore;
pub use continuation::{Continuation, Expanded, MemoryStore, Record, Store, Unrecorded};
pub use dialect::Dialect;
pub use envelope::{Envelope, Failure, error_envelope, failure_headers};
pub use error::{Error, RejectCode};
pub use images::{
    CallbackSink, FileSink, ImageError, ImageErrorCode, ImageEvent, ImageExtractor, ImageKey, ImageMeta,
    ImageOptions, ImageOutcome, ImageSink, MemorySink, NoImage, WrittenImage, images_api,
};
pub use input::{content_type, is_sse};
pub use lint::{Finding, LintProfile, LintRule, Severity};
pub use linter::lint;
pub use options::{Commentary, CustomTools, Images, ModelFrom, Options, Reasoning, ThinkTags};
pub use outcome::{
    ErrorBody, ErrorClass, FinishReason, Note, NoteCode, Outcome, Reconstructed, Status, Usage, Verdict,
};
pub use request::{
    Action, Change, ClientTool, Normalized, Profile, RequestContext, RequestOptions, Transport,
    UnresolvedPrevious, chat_fields, chat_to_responses, normalize_request, responses_to_chat,
};
pub use sse::{Event, Events, SseOptions, SseParser, Utf8Policy};
#[cfg(feature = "bytes")]
pub use sse::{OwnedEvent, OwnedEvents};
pub use tee::{Tee, TeeOutput};
pub use tool_kind::ToolKind;
pub use transcoder::{ChatTranscoder, ResponsesRelay, ResponsesTranscoder, Transcoder};
pub use websocket::{
    Baseline, ClientFrame, Recovery, after_failure, client_frame, error_frame, http_body, ws_request,
};

/// [`Options`], for the pairs that 0.1.0 had.
pub type ChatOptions = Options;
/// [`Options`], for the pairs that 0.1.0 had.
pub type ResponsesOptions = Options;
/// The older name of [`Reasoning`].
pub type ReasoningField = Reasoning;
/// The older name of [`Reasoning`].
pub type ReasoningForm = Reasoning;

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
#[doc = include_str!("../../docs/route-scoped-tools.md")]
#[doc = include_str!("../../docs/rejected-body.md")]
#[doc = include_str!("../../docs/stream-false.md")]
#[doc = include_str!("../../docs/websocket-models.md")]
struct Documents;
