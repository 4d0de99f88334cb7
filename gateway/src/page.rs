//! The page for the operator: what is served, the last requests, how clients are set up.
//!
//! Input: GET requests. Output: one HTML file, what is served as JSON, the last requests as events. State: none.
//!
//! Other tenants' models and tokens are nobody's business, so that strangers get 404: see [`access`].

use crate::answers::{envelope, failed, streamed};
use crate::config::{Config, snippets};
use crate::gateway::Gateway;
use crate::guard::is_loopback_host;
use crate::ids::random_id;
use crate::routes::{MODELS, Route};
use async_stream::stream;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use axum::{Router, routing};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sluicegate::Dialect;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

const PAGE: &str = "/";
const SERVED: &str = "/page/served";
const REQUESTS: &str = "/page/requests";
pub(crate) const PATHS: [&str; 3] = [PAGE, SERVED, REQUESTS];

const HTML: &str = include_str!("page/page.html");
/// A comment in every silence of that length: a browser notices that the server is gone.
const BEAT: Duration = Duration::from_secs(10);
/// So many may watch.
static WATCHING: Semaphore = Semaphore::const_new(16);

/// What a proxy adds for a client that is somewhere else.
const FORWARDED: [&str; 6] =
    ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"];

/// Where a connection comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

pub(crate) fn routes(gateway: &Arc<Gateway>) -> Router<Arc<Gateway>> {
    let routes = Router::new()
        .route(PAGE, routing::get(page))
        .route(SERVED, routing::get(served))
        .route(REQUESTS, routing::get(requests));
    routes.route_layer(middleware::from_fn_with_state(gateway.clone(), guarded))
}

/// Who may see it.
#[derive(Debug, PartialEq, Eq)]
enum Access {
    All,
    /// The page, to type the token into.
    Page,
    None,
}

/// With a token whoever has it. Without one whoever uses this machine: the server listens on the loopback for its own
/// names only, and nothing shows that a proxy passed the request on.
fn access(config: &Config, peer: Option<IpAddr>, headers: &HeaderMap) -> Access {
    if let Some(token) = &config.page_token {
        return if has_token(headers, token) { Access::All } else { Access::Page };
    }
    let is_local = peer.is_some_and(|peer| peer.to_canonical().is_loopback())
        && config.is_for_loopback()
        && is_loopback_host(headers)
        && !FORWARDED.iter().any(|name| headers.contains_key(*name));
    if is_local { Access::All } else { Access::None }
}

/// Hashes take as long to compare whatever they are of.
fn has_token(headers: &HeaderMap, token: &str) -> bool {
    let given =
        headers.get(header::AUTHORIZATION).and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    given.is_some_and(|given| Sha256::digest(given) == Sha256::digest(token))
}

async fn guarded(State(gateway): State<Arc<Gateway>>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<Peer>().map(|peer| peer.0);
    let access =
        if gateway.config.page { access(&gateway.config, peer, request.headers()) } else { Access::None };
    let mut response = match access {
        Access::All => next.run(request).await,
        Access::Page if request.uri().path() == PAGE => next.run(request).await,
        Access::Page => failed(&envelope(401, "the page's token is needed"), HeaderMap::new()),
        Access::None => failed(&envelope(404, "there is no such path here"), HeaderMap::new()),
    };
    let own = [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    response.headers_mut().extend(own.map(|(name, value)| (name, HeaderValue::from_static(value))));
    response
}

/// Nothing of a request is in it, and it may load nothing and send nothing but to this server.
async fn page() -> Response {
    let nonce = random_id("");
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; \
         img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    ([(header::CONTENT_SECURITY_POLICY, policy)], Html(HTML.replace("{nonce}", &nonce))).into_response()
}

async fn served(State(gateway): State<Arc<Gateway>>) -> Response {
    let config = &gateway.config;
    let text = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "upstream": config.upstream_authority(),
        "api": config.upstream_api.as_str(),
        "routes": gateway.routes.iter().map(|route| described(route, config)).collect::<Vec<_>>(),
        "models": MODELS,
        "store": if config.redis.is_some() { "redis" } else { "memory" },
        "singleTenant": config.single_tenant,
        "showContent": config.show_content,
        "clients": snippets().iter().map(snippet).collect::<Vec<_>>(),
    });
    ([(header::CONTENT_TYPE, "application/json")], text.to_string()).into_response()
}

fn snippet((client, text): &(&str, &str)) -> Value {
    json!({ "name": client, "text": text.trim_end() })
}

fn described(route: &Route, config: &Config) -> Value {
    let profile: Value = serde_json::from_str(&route.profile.to_json()).unwrap_or_default();
    let has_websocket = config.websocket && route.client.has_sockets();
    json!({
        "path": route.path,
        "client": route.client.as_str(),
        "profile": profile["name"],
        "websocket": has_websocket,
    })
}

async fn requests(State(gateway): State<Arc<Gateway>>) -> Response {
    let Ok(room) = WATCHING.try_acquire() else {
        return failed(&envelope(503, "too many watch already"), HeaderMap::new());
    };
    let events = stream! {
        let _room = room;
        let (mut last, mut ending) = (gateway.recent.watch(), gateway.ending.subscribe());
        let mut seen = 0;
        yield Bytes::from_static(b": the last requests\n\n");
        loop {
            for (number, event) in gateway.recent.after(seen) {
                seen = number;
                yield event;
            }
            tokio::select! {
                changed = last.changed() => if changed.is_err() { break },
                _ = ending.wait_for(|is_ending| *is_ending) => break,
            }
        }
    };
    streamed(events, HeaderMap::new(), Dialect::Responses, Some(BEAT))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn strangers_see_nothing() {
        let [local, other] = [[127, 0, 0, 1], [192, 0, 2, 1]].map(|ip| Some(IpAddr::from(ip)));
        let host = ("host", "localhost:8080");
        let open = Config::default();
        assert_eq!(access(&open, local, &headers(&[host])), Access::All);
        assert_eq!(access(&open, Some("::ffff:127.0.0.1".parse().unwrap()), &headers(&[host])), Access::All);
        for (peer, sent) in [
            (other, vec![host]),
            (None, vec![host]),
            (local, vec![("host", "gateway.example")]),
            (local, vec![]),
            (local, vec![host, ("x-forwarded-for", "127.0.0.1")]),
            (local, vec![host, ("via", "1.1 proxy")]),
        ] {
            assert_eq!(access(&open, peer, &headers(&sent)), Access::None, "{peer:?} {sent:?}");
        }
        let public = Config { host: "0.0.0.0".to_owned(), ..Config::default() };
        let behind = Config { allow_hosts: vec!["gateway.example".to_owned()], ..Config::default() };
        for config in [public, behind] {
            assert_eq!(access(&config, local, &headers(&[host])), Access::None);
        }
    }

    #[test]
    fn a_token_is_what_counts_where_there_is_one() {
        let config = Config { page_token: Some("a token of mine".to_owned()), ..Config::default() };
        let local = Some(IpAddr::from([127, 0, 0, 1]));
        let right = headers(&[("host", "gateway.example"), ("authorization", "Bearer a token of mine")]);
        assert_eq!(access(&config, None, &right), Access::All);
        for wrong in ["Bearer a token", "a token of mine", "Bearer "] {
            let sent = headers(&[("host", "localhost"), ("authorization", wrong)]);
            assert_eq!(access(&config, local, &sent), Access::Page);
        }
    }
}
