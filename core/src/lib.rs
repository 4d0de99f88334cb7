//! Translates between LLM API dialects: requests, answers streamed and whole, errors. Sans-I/O: bytes in, bytes out; no
//! sockets, clocks, randomness, threads or global state, and async only in `futures`, behind the feature of that name.
//!
//! ```text
//!  client's request ─▶ request ───────────────────────────▶ upstream's request, list of changes, context
//!                                                                                                   │
//!  upstream's bytes ─▶ sse ─▶ input ─▶ reader ─▶ answer ─▶ writer ─▶ client's bytes, outcome  ◀─────┘
//!                                      dialect/X/read      dialect/Y/write
//!  upstream's failure ─▶ envelope ────────────────────────▶ HTTP status, error body, class
//! ```
//!
//! `input` knows no dialect, `answer` neither; no dialect imports another. `transcoder` pairs readers and writers,
//! `collector` and `tee` reuse them; `images`, `websocket`, `continuation` and `catalog` stand beside. Below all: `json`,
//! `outcome`, `error`, `limits`. The files of one delta, step by step: `docs/tour.md`.
//!
//! - [`Transcoder`]: an answer of the upstream's dialect → the client's; the same dialect twice repairs it.
//! - [`normalize_request`], [`chat_to_responses`], [`responses_to_chat`]: a request → one the upstream accepts, by a [`Profile`].
//! - [`ResponseCollector`]: a stream → the final Response and its chat.completion. [`Tee`]: several of these on one stream.
//! - [`error_envelope`]: any upstream failure → status, error body, class. [`Outcome`]: the summary of a finished stream.
//! - [`ImageExtractor`]: generated images, decoded to a sink while they arrive. [`ImagesTranscoder`]: as an Images API stream. [`SseParser`]: bytes → events.
//! - [`lint`]: the rules that a stream breaks. `futures`: the above over a `Stream` of chunks.
//! - [`Catalog`]: a model → its endpoint and transport. [`ws_request`], [`http_body`], [`Baseline`]: WebSocket frames.
//! - [`Outcome::otel_attributes`]: an outcome → attributes of OpenTelemetry's conventions.
//! - [`Continuation`]: `previous_response_id`, for upstreams that store nothing, over a [`Store`].
//!
//! | feature | what it adds | crates |
//! |---|---|---|
//! | `bytes` | `SseParser::feed_bytes`: owned events | `bytes` |
//! | `futures` | `futures`: the above over a `Stream` of chunks | `bytes`, `futures-core`, `pin-project-lite` |
//! | `redis` | `RedisStore` | `redis` |
//! | `seal` | `SealKeys` that encrypt | `aes-gcm` |
//! | `serde` | `Serialize` and `Deserialize`, in the form of `to_json`, of [`Outcome`], [`Change`], [`Finding`], [`Catalog`], [`RequestContext`] and what is in them; `convert_request_value` | `serde`, `serde_json` |

#![deny(unsafe_code)] // but for simd
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod answer;
mod catalog;
mod change;
mod collector;
mod compaction;
mod continuation;
mod dialect;
mod envelope;
mod error;
mod event_names;
#[cfg(feature = "futures")]
pub mod futures;
mod growth;
mod images;
mod input;
mod json;
mod kinds;
mod limits;
mod lint;
mod linter;
mod media;
mod opaque;
mod option_reader;
mod options;
mod otel;
mod outcome;
mod request;
#[cfg(feature = "serde")]
mod serialization;
mod simd;
mod sse;
mod tee;
mod tool_kind;
mod transcoder;
mod translation;
mod usage;
mod websocket;

pub use catalog::{
    Catalog, CatalogChange, CatalogDiff, CatalogShape, Endpoint, ModelCatalog, Route, RouteOptions,
    RouteReason, RoutedRequest,
};
pub use collector::{Collector, ResponseCollector};
pub use compaction::SealKeys;
#[cfg(feature = "redis")]
pub use continuation::redis::RedisStore;
pub use continuation::{Continuation, Expanded, MemoryStore, Orphans, Record, Store, Unrecorded};
pub use dialect::Dialect;
pub use dialect::responses::compaction_response;
pub use envelope::{Envelope, Failure, error_envelope, failure_headers};
pub use error::{Error, RejectCode};
pub use images::{
    CallbackSink, FileSink, ImageError, ImageErrorCode, ImageEvent, ImageExtractor, ImageKey, ImageMeta,
    ImageOptions, ImageOutcome, ImageSink, MemorySink, NoImage, WrittenImage, images_api, images_request,
};
pub use input::{BodyKind, Page, content_type, is_sse};
#[doc(hidden)] // for the bindings
pub use json::{JsonPart, read_json, write_json_string};
pub use lint::{Finding, LintProfile, LintRule, Severity};
pub use linter::lint;
pub use options::{
    Commentary, Conform, CustomTools, Framing, HostedCalls, Images, ModelFrom, Options, Reasoning, ThinkTags,
};
pub use otel::{OtelAttributes, OtelOptions, OtelValue};
pub use outcome::{
    ErrorBody, ErrorClass, FailureText, FinishReason, MadeFailure, MediaTokens, Messages, Note, NoteCode,
    Outcome, Reconstructed, Status, Usage, Verdict,
};
pub use request::{
    Action, Change, ClientTool, ConvertedPart, ConvertedRequest, Harmony, Normalized, PartWay, Profile,
    RequestContext, RequestOptions, RequestPart, Transport, UnresolvedPrevious, chat_fields,
    chat_to_responses, compaction_request, convert_messages, convert_part, convert_request,
    convert_tool_choice, convert_tools, count_tokens, is_probe, messages_fields, normalize_request,
    responses_to_chat,
};
#[cfg(feature = "serde")]
pub use serialization::convert_request_value;
pub use sse::{Event, Events, Frame, Frames, SseOptions, SseParser, Utf8Policy};
#[cfg(feature = "bytes")]
pub use sse::{OwnedEvent, OwnedEvents};
pub use tee::{Tee, TeeOutput};
pub use tool_kind::ToolKind;
pub use transcoder::{ChatTranscoder, ImagesTranscoder, ResponsesRelay, ResponsesTranscoder, Transcoder};
pub use usage::convert_usage;
pub use websocket::{
    Baseline, ClientFrame, Controls, Recovery, after_failure, client_frame, error_frame,
    error_frame_with_headers, frame_headers, http_body, refused_control, warm_up_frames, warm_up_response,
    ws_request,
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
#[doc = include_str!("../../docs/guides/quickstart.md")]
#[doc = include_str!("../../docs/guides/route-scoped-tools.md")]
#[doc = include_str!("../../docs/guides/rejected-body.md")]
#[doc = include_str!("../../docs/guides/stream-false.md")]
#[doc = include_str!("../../docs/guides/websocket-models.md")]
struct Documents;
