//! Whether a request may come from where it comes from: a page in a browser can send requests to any address that the
//! browser reaches, and credentials are not all that protects a server.
//!
//! Input: a request's headers. Output: a refusal, or nothing. State: none.

use crate::answers::envelope;
use crate::config::Config;
use crate::loopback::is_loopback;
use axum::http::{HeaderMap, header};
use sluicegate::Envelope;

/// Why the request is not served.
pub(crate) fn refusal(config: &Config, headers: &HeaderMap) -> Option<Envelope> {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let Some(host) = text(header::HOST) else { return Some(envelope(400, "there is no Host")) };
    if !is_host(config, host) {
        return Some(envelope(403, "not by this Host: see --allow-host"));
    }
    let origin = text(header::ORIGIN);
    let is_cross = origin.is_none() && headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site");
    if is_cross || origin.is_some_and(|origin| !is_origin(config, origin, host)) {
        return Some(envelope(403, "not from this Origin: see --allow-origin"));
    }
    None
}

/// On the loopback only names of the loopback count: any other was made to lead here.
fn is_host(config: &Config, host: &str) -> bool {
    let name = without_port(host);
    let is_listed = config.allow_hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(name));
    is_listed || if is_loopback(&config.host) { is_loopback(name) } else { config.allow_hosts.is_empty() }
}

/// A page of this server's own, or one that the operator listed.
fn is_origin(config: &Config, origin: &str, host: &str) -> bool {
    let is_own = origin.split_once("://").is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host));
    is_own || config.allow_origins.iter().any(|allowed| allowed == origin || allowed == "*")
}

/// Whether this machine was meant by a name that leads nowhere else.
pub(crate) fn is_loopback_host(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    host.is_some_and(|host| is_loopback(without_port(host)))
}

fn without_port(host: &str) -> &str {
    let end = host.rfind(':').filter(|colon| !host[*colon..].contains(']')).unwrap_or(host.len());
    &host[..end]
}
