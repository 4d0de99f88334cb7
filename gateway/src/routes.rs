//! What is served, by what the upstream speaks, and by which rules.
//!
//! Input: the configuration. Output: the routes. State: none. A route more is a line more.

use crate::config::Config;
use sluicegate::{Dialect, Profile};

/// What a client of a route speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Client {
    Chat,
    Responses,
    /// Responses, to be compacted.
    Compact,
    Messages,
    Images,
}

impl Client {
    /// The dialect of its requests, once an Images request is a Responses request.
    pub(crate) fn dialect(self) -> Dialect {
        match self {
            Self::Chat => Dialect::Chat,
            Self::Responses | Self::Compact | Self::Images => Dialect::Responses,
            Self::Messages => Dialect::Messages,
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Images => "images",
            client => client.dialect().as_str(),
        }
    }

    /// It goes on by `previous_response_id`.
    pub(crate) fn is_continued(self) -> bool {
        matches!(self, Self::Responses | Self::Compact)
    }

    /// It may come over a WebSocket.
    pub(crate) fn has_sockets(self) -> bool {
        self == Self::Responses
    }
}

/// A path and its rules.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) path: &'static str,
    pub(crate) client: Client,
    pub(crate) profile: Profile,
}

const CODEX: &str = "/backend-api/codex/responses";
const CODEX_COMPACT: &str = "/backend-api/codex/responses/compact";

/// Of requests in JSON, which name their images.
pub(crate) const IMAGE_EDITS: &str = "/v1/images/edits";

/// Path, client, and the path whose rules hold: the tool that makes images is the backend's, and rejected on /v1.
const OVER_RESPONSES: &[(&str, Client, &str)] = &[
    ("/v1/chat/completions", Client::Chat, "/v1/chat/completions"),
    ("/v1/responses", Client::Responses, "/v1/responses"),
    ("/v1/responses/compact", Client::Compact, "/v1/responses"),
    ("/v1/messages", Client::Messages, "/v1/responses"),
    ("/v1/images/generations", Client::Images, CODEX),
    (IMAGE_EDITS, Client::Images, CODEX),
    (CODEX, Client::Responses, CODEX),
    (CODEX_COMPACT, Client::Compact, CODEX),
];

/// Over any other upstream, whose profile holds for all.
const OVER_OTHERS: &[(&str, Client, &str)] = &[
    ("/v1/chat/completions", Client::Chat, ""),
    ("/v1/responses", Client::Responses, ""),
    ("/v1/responses/compact", Client::Compact, ""),
    ("/v1/messages", Client::Messages, ""),
    (CODEX, Client::Responses, ""),
    (CODEX_COMPACT, Client::Compact, ""),
];

/// Of the catalog.
pub(crate) const MODELS: [&str; 2] = ["/v1/models", "/backend-api/codex/models"];
/// Of clients of Messages, over any upstream.
pub(crate) const COUNT_TOKENS: &str = "/v1/messages/count_tokens";
/// One of them.
pub(crate) const MODEL: &str = "/v1/models/{*id}";
pub(crate) const HEALTH: &str = "/healthz";
pub(crate) const METRICS: &str = "/metrics";

/// What is served.
pub(crate) fn routes(config: &Config) -> Vec<Route> {
    let table = match config.upstream_api {
        Dialect::Responses => OVER_RESPONSES,
        Dialect::Chat | Dialect::Messages => OVER_OTHERS,
    };
    let profile = |rules| {
        let name = Profile::for_path(rules).unwrap_or(Profile::name_for_upstream(config.upstream_api));
        config.profile.clone().or_else(|| Profile::named(name)).unwrap_or_default()
    };
    table
        .iter()
        .map(|(path, client, rules)| Route { path, client: *client, profile: profile(rules) })
        .collect()
}

/// What the upstream is asked, under its URL.
pub(crate) fn endpoint(api: Dialect) -> &'static str {
    match api {
        Dialect::Responses => "/responses",
        Dialect::Messages => "/messages",
        Dialect::Chat => "/chat/completions",
    }
}
