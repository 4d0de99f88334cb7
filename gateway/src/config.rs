//! What the operator sets.
//!
//! Input: flags. Output: a configuration, or what is wrong. State: none. A flag is a line in `FLAGS`.

use axum::http::HeaderName;
use sluicegate::{Dialect, Profile};
use std::path::PathBuf;
use std::time::Duration;

/// What the operator sets; see [`help`].
#[derive(Debug, Clone)]
pub struct Config {
    pub(crate) upstream: String,
    pub(crate) upstream_api: Dialect,
    pub(crate) profile: Option<Profile>,
    pub(crate) host: String,
    pub(crate) port: u16,
    /// A Redis; none: memory.
    pub(crate) redis: Option<String>,
    pub(crate) store_timeout: Duration,
    pub(crate) catalog: Option<PathBuf>,
    pub(crate) websocket: bool,
    pub(crate) upstream_websocket: bool,
    pub(crate) heartbeat: Option<Duration>,
    pub(crate) hold: Option<Duration>,
    /// How long the upstream may be silent.
    pub(crate) silence: Duration,
    pub(crate) max_body_bytes: usize,
    pub(crate) drain: Duration,
    pub(crate) image_model: String,
    pub(crate) single_tenant: bool,
    pub(crate) pass_headers: Vec<HeaderName>,
    pub(crate) allow_hosts: Vec<String>,
    pub(crate) allow_origins: Vec<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            upstream: String::new(),
            upstream_api: Dialect::Responses,
            profile: None,
            host: "127.0.0.1".to_owned(),
            port: 8080,
            redis: None,
            store_timeout: Duration::from_secs(3),
            catalog: None,
            websocket: true,
            upstream_websocket: true,
            heartbeat: Some(Duration::from_secs(15)),
            hold: Some(Duration::from_secs(30)),
            silence: Duration::from_secs(300),
            max_body_bytes: 64 << 20,
            drain: Duration::from_secs(10),
            image_model: "gpt-5.5".to_owned(),
            single_tenant: false,
            pass_headers: Vec::new(),
            allow_hosts: Vec::new(),
            allow_origins: Vec::new(),
        }
    }
}

/// One flag: its name, its value as `--help` has it, what it does, and how it is read.
struct Flag(&'static str, &'static str, &'static str, fn(&mut Config, &str) -> Option<()>);

const FLAGS: &[Flag] = &[
    Flag(
        "upstream",
        "URL",
        "where there is /responses, such as https://chatgpt.com/backend-api/codex",
        |c, v| {
            v.trim_end_matches('/').clone_into(&mut c.upstream);
            (v.starts_with("http://") || v.starts_with("https://")).then_some(())
        },
    ),
    Flag(
        "upstream-api",
        "responses|chat",
        "chat: where there is only /chat/completions; default responses",
        |c, v| {
            c.upstream_api = Dialect::named(v)?;
            Some(())
        },
    ),
    Flag("profile", "NAME|FILE", "what the upstream accepts; default by the path of each request", |c, v| {
        let own = || Profile::from_json(&std::fs::read(v).ok()?).ok();
        c.profile = Some(Profile::named(v).or_else(own)?);
        Some(())
    }),
    Flag("host", "NAME", "where to listen; default 127.0.0.1", |c, v| {
        v.clone_into(&mut c.host);
        Some(())
    }),
    Flag("port", "N", "default 8080; 0 is any", |c, v| {
        c.port = v.parse().ok()?;
        Some(())
    }),
    Flag("store", "memory|redis://…", "where conversations are kept; default memory", |c, v| {
        c.redis = (v != "memory").then(|| v.to_owned());
        (v == "memory" || v.starts_with("redis:") || v.starts_with("unix:")).then_some(())
    }),
    Flag("redis", "URL", "the same as --store URL", |c, v| {
        c.redis = Some(v.to_owned());
        v.contains(':').then_some(())
    }),
    Flag("store-timeout-ms", "N", "how long a Redis may take; default 3000", |c, v| {
        c.store_timeout = span(v)?;
        Some(())
    }),
    Flag(
        "catalog",
        "FILE",
        "a /models document, which adds to what is known of models; read again when it changes",
        |c, v| {
            c.catalog = Some(v.into());
            Some(())
        },
    ),
    Flag(
        "websocket",
        "on|off",
        "whether clients may use WebSockets, or are refused with 426; default on",
        |c, v| {
            c.websocket = switch(v)?;
            Some(())
        },
    ),
    Flag(
        "upstream-websocket",
        "on|off",
        "whether the upstream is asked over one where the catalog prefers it; default on",
        |c, v| {
            c.upstream_websocket = switch(v)?;
            Some(())
        },
    ),
    Flag("heartbeat-ms", "N", "a comment in every silence of N ms; default 15000, 0 for none", |c, v| {
        c.heartbeat = Some(span(v)?).filter(|span| !span.is_zero());
        Some(())
    }),
    Flag(
        "hold-ms",
        "N",
        "how long a stream's status is held back for a failure; default 30000, 0 for ever",
        |c, v| {
            c.hold = Some(span(v)?).filter(|span| !span.is_zero());
            Some(())
        },
    ),
    Flag("upstream-timeout-ms", "N", "how long the upstream may be silent; default 300000", |c, v| {
        c.silence = span(v)?;
        Some(())
    }),
    Flag("max-body-bytes", "N", "of a request, also once decoded; default 67108864", |c, v| {
        c.max_body_bytes = v.parse().ok()?;
        Some(())
    }),
    Flag("drain-ms", "N", "how long answers may take to end after SIGTERM; default 10000", |c, v| {
        c.drain = span(v)?;
        Some(())
    }),
    Flag("image-model", "NAME", "calls the tool that makes images; default gpt-5.5", |c, v| {
        v.clone_into(&mut c.image_model);
        Some(())
    }),
    Flag(
        "single-tenant",
        "on|off",
        "all clients are one: their conversations are kept without credentials; default off",
        |c, v| {
            c.single_tenant = switch(v)?;
            Some(())
        },
    ),
    Flag(
        "pass-header",
        "NAME",
        "a further header of clients that goes upstream; may come more than once",
        |c, v| {
            c.pass_headers.push(v.parse().ok()?);
            Some(())
        },
    ),
    Flag("allow-host", "NAME", "a further Host; on the loopback only its own names are served", |c, v| {
        c.allow_hosts.push(v.to_owned());
        Some(())
    }),
    Flag(
        "allow-origin",
        "ORIGIN",
        "pages of this origin may send requests; default none but the server's own",
        |c, v| {
            c.allow_origins.push(v.to_owned());
            Some(())
        },
    ),
];

impl Config {
    /// From `--name value`, `--name=value`; the error is one line.
    pub fn from_flags(mut args: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut config = Self::default();
        while let Some(arg) = args.next() {
            let name = arg.strip_prefix("--").ok_or_else(|| format!("unexpected argument {arg}"))?;
            if let Some((name, value)) = name.split_once('=') {
                config.set(name, value)?;
            } else {
                let value = args.next().ok_or_else(|| format!("--{name} needs a value"))?;
                config.set(name, &value)?;
            }
        }
        config.checked()
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let flag = FLAGS.iter().find(|flag| flag.0 == name);
        let Flag(.., read) = flag.ok_or_else(|| format!("unknown flag --{name}"))?;
        read(self, value).ok_or_else(|| format!("--{name} cannot be {value}"))
    }

    fn checked(self) -> Result<Self, String> {
        if self.upstream.is_empty() { Err("--upstream URL is needed".to_owned()) } else { Ok(self) }
    }
}

/// What `--help` prints.
pub fn help() -> String {
    let mut out = "usage: sluicegate serve --upstream URL [options]\n\n".to_owned();
    for Flag(name, value, what, _) in FLAGS {
        out += &format!("  {:<29}{what}\n", format!("--{name} {value}"));
    }
    out + "\nPrints {\"url\":…} when it listens; then a line of JSON on standard error for each request."
}

fn switch(value: &str) -> Option<bool> {
    match value {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    }
}

fn span(ms: &str) -> Option<Duration> {
    ms.parse().ok().map(Duration::from_millis)
}
