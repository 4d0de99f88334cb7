//! The server over `sluicegate`: chat, Responses and images for clients, over an upstream of either dialect. Sockets, time
//! and limits are here; what requests and answers consist of is core's.
//!
//! ```text
//!  clients   http       ─┐                  ┌─▶ upstream/http      a POST
//!            websocket  ─┴─▶ exchange ──────┴─▶ upstream/socket    frames; kept for the conversation in upstream/kept
//!                              │ ▲
//!      routes: rules of a path │ └ reader     core's transcoder or collector
//!      prepared: what is sent  │
//!                              ▼
//!                           answers           a status and an envelope, one body, or a stream with heartbeats
//! ```
//!
//! `server` listens and ends, `gateway` is what all requests share, `config` what the operator sets. `guard`, `headers` and
//! `tenant` decide who may come, what passes and who asks; `conversations` and `store` keep what `previous_response_id` names; `body` reads and
//! decodes, within limits; `log` has one line for each request, which `lines` writes; `metrics` counts them, `page` shows the
//! last ones, which `recent` keeps. `lock`, `clock`, `loopback` and `ids` are small and below all.

mod answers;
mod body;
mod clock;
mod config;
mod conversations;
mod count_tokens;
mod demo;
mod exchange;
mod gateway;
mod guard;
mod headers;
mod http;
mod ids;
mod lines;
mod lock;
mod log;
mod loopback;
mod metrics;
mod models;
mod page;
mod prepared;
mod probes;
mod reader;
mod recent;
mod routes;
mod server;
mod silence;
mod store;
mod tenant;
mod upstream;
mod websocket;
mod work;

pub use config::{Config, clients, help, print, usages};
pub use server::{Server, run};
