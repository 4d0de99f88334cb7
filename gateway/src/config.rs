//! What the operator sets.
//!
//! Input: flags, and a file with the same names. Output: a configuration, or what is wrong. State: none. A flag is a line
//! in `FLAGS` and one in `Config::take`.

mod file;
mod print;

use axum::http::HeaderName;
pub use print::print;
use sluicegate::{Dialect, Profile};
use std::path::PathBuf;
use std::time::Duration;

/// The upstream that is part of this program, for a first try.
pub(crate) const DEMO: &str = "demo";
const MEMORY: &str = "memory";

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

/// What a flag's value is.
enum Kind {
    /// As `--help` has it.
    Text(&'static str),
    /// May come more than once; in a file it is a list.
    List(&'static str),
    Choice(&'static [&'static str]),
    Number,
    /// `on` or `off`; in a file a boolean.
    Switch,
}

/// One flag: its name, its value, and what it does.
struct Flag(&'static str, Kind, &'static str);

const APIS: &[&str] = &["responses", "chat"];

const FLAGS: &[Flag] = &[
    Flag(
        "upstream",
        Kind::Text("URL"),
        "where there is /responses, such as https://chatgpt.com/backend-api/codex; demo: a stand-in",
    ),
    Flag(
        "upstream-api",
        Kind::Choice(APIS),
        "chat: where there is only /chat/completions; default responses",
    ),
    Flag(
        "profile",
        Kind::Text("NAME|FILE"),
        "what the upstream accepts; default by the path of each request",
    ),
    Flag("host", Kind::Text("NAME"), "where to listen; default 127.0.0.1"),
    Flag("port", Kind::Number, "default 8080; 0 is any"),
    Flag("store", Kind::Text("memory|redis://…"), "where conversations are kept; default memory"),
    Flag("redis", Kind::Text("URL"), "the same as --store URL"),
    Flag("store-timeout-ms", Kind::Number, "how long a Redis may take; default 3000"),
    Flag(
        "catalog",
        Kind::Text("FILE"),
        "a /models document, which adds to what is known of models; read again when it changes",
    ),
    Flag(
        "websocket",
        Kind::Switch,
        "whether clients may use WebSockets, or are refused with 426; default on",
    ),
    Flag(
        "upstream-websocket",
        Kind::Switch,
        "whether the upstream is asked over one where the catalog prefers it; default on",
    ),
    Flag("heartbeat-ms", Kind::Number, "a comment in every silence of N ms; default 15000, 0 for none"),
    Flag(
        "hold-ms",
        Kind::Number,
        "how long a stream's status is held back for a failure; default 30000, 0 for ever",
    ),
    Flag("upstream-timeout-ms", Kind::Number, "how long the upstream may be silent; default 300000"),
    Flag("max-body-bytes", Kind::Number, "of a request, also once decoded; default 67108864"),
    Flag("drain-ms", Kind::Number, "how long answers may take to end after SIGTERM; default 10000"),
    Flag("image-model", Kind::Text("NAME"), "calls the tool that makes images; default gpt-5.5"),
    Flag(
        "single-tenant",
        Kind::Switch,
        "all clients are one: their conversations are kept without credentials; default off",
    ),
    Flag("pass-header", Kind::List("NAME"), "a further header of clients that goes upstream"),
    Flag("allow-host", Kind::List("NAME"), "a further Host; on the loopback only its own names are served"),
    Flag(
        "allow-origin",
        Kind::List("ORIGIN"),
        "pages of this origin may send requests; default none but the server's own",
    ),
];

impl Config {
    /// From `--name value` and `--name=value`; `--config FILE` stands before all others. The error is one line.
    pub fn from_flags(args: impl Iterator<Item = String>) -> Result<Self, String> {
        let flags = pairs(args)?;
        let mut config = Self::default();
        for (_, path) in flags.iter().filter(|(name, _)| name == file::FLAG) {
            file::read(&mut config, path)?;
        }
        for (name, value) in flags.iter().filter(|(name, _)| name != file::FLAG) {
            config.set(name, value)?;
        }
        Ok(config)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        if FLAGS.iter().all(|flag| flag.0 != name) {
            return Err(format!("unknown flag --{name}"));
        }
        self.take(name, value).ok_or_else(|| refusal(name, value))
    }

    fn take(&mut self, name: &str, value: &str) -> Option<()> {
        match name {
            "upstream" => self.upstream = upstream(value)?,
            "upstream-api" => self.upstream_api = Dialect::named(value)?,
            "profile" => self.profile = Some(profile(value)?),
            "host" => value.clone_into(&mut self.host),
            "port" => self.port = value.parse().ok()?,
            "store" | "redis" => self.redis = Some(store(value)?).filter(|store| store != MEMORY),
            "store-timeout-ms" => self.store_timeout = span(value)?,
            "catalog" => self.catalog = Some(value.into()),
            "websocket" => self.websocket = switch(value)?,
            "upstream-websocket" => self.upstream_websocket = switch(value)?,
            "heartbeat-ms" => self.heartbeat = Some(span(value)?).filter(|span| !span.is_zero()),
            "hold-ms" => self.hold = Some(span(value)?).filter(|span| !span.is_zero()),
            "upstream-timeout-ms" => self.silence = span(value)?,
            "max-body-bytes" => self.max_body_bytes = value.parse().ok()?,
            "drain-ms" => self.drain = span(value)?,
            "image-model" => value.clone_into(&mut self.image_model),
            "single-tenant" => self.single_tenant = switch(value)?,
            "pass-header" => self.pass_headers.push(value.parse().ok()?),
            "allow-host" => self.allow_hosts.push(value.to_owned()),
            "allow-origin" => self.allow_origins.push(value.to_owned()),
            _ => return None,
        }
        Some(())
    }
}

/// What is wrong with a flag, in one line.
fn refusal(name: &str, value: &str) -> String {
    let (shown, words) = match name {
        "upstream" => (value, "a URL such as https://api.openai.com/v1, or demo".to_owned()),
        "store" | "redis" => ("this", "memory, or a URL such as redis://localhost:6379".to_owned()), // may hold a password
        "upstream-api" => (value, Dialect::names()),
        "profile" => {
            return Profile::find(value)
                .map_or_else(|error| format!("--profile: {error}, or a file"), |_| String::new());
        }
        _ => (value, FLAGS.iter().find(|flag| flag.0 == name).map_or(String::new(), |flag| flag.1.shown())),
    };
    format!("--{name} cannot be {shown}; it takes {words}")
}

/// Names and values.
fn pairs(mut args: impl Iterator<Item = String>) -> Result<Vec<(String, String)>, String> {
    let mut pairs = Vec::new();
    while let Some(arg) = args.next() {
        let name = arg.strip_prefix("--").ok_or_else(|| format!("unexpected argument {arg}"))?;
        let (name, value) = match name.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (name, args.next()),
        };
        pairs.push((name.to_owned(), value.ok_or_else(|| format!("--{name} needs a value"))?));
    }
    Ok(pairs)
}

/// What `--help` prints.
pub fn help() -> String {
    let mut out = "usage: sluicegate serve --upstream URL [options]\n\n".to_owned();
    let mut line = |flag: String, what: &str| out += &format!("  {flag:<34}{what}\n");
    for Flag(name, kind, what) in FLAGS {
        line(format!("--{name} {}", kind.shown()), what);
    }
    line(format!("--{} FILE", file::FLAG), "a TOML file with the same names; flags win");
    line(
        "--print-config CLIENT".to_owned(),
        &format!("how a client is set up: {}; schema: of --config", print::names()),
    );
    out + "\nPrints {\"url\":…} when it listens; then a line of JSON on standard error for each request."
}

impl Kind {
    fn shown(&self) -> String {
        match self {
            Self::Text(shown) | Self::List(shown) => (*shown).to_owned(),
            Self::Choice(names) => names.join("|"),
            Self::Number => "N".to_owned(),
            Self::Switch => "on|off".to_owned(),
        }
    }
}

fn upstream(value: &str) -> Option<String> {
    let host = value.strip_prefix("http://").or_else(|| value.strip_prefix("https://"));
    let is_url = host.is_some_and(|host| {
        !host.is_empty()
            && !host.starts_with(['/', ':', '?'])
            && !host.contains(|sign: char| sign.is_whitespace())
    });
    (is_url || value == DEMO).then(|| value.trim_end_matches('/').to_owned())
}

/// A built-in one, or a file.
fn profile(value: &str) -> Option<Profile> {
    Profile::named(value).or_else(|| Profile::from_json(&std::fs::read(value).ok()?).ok())
}

fn store(value: &str) -> Option<String> {
    let is_redis = ["redis:", "rediss:", "unix:", "valkey:"].iter().any(|scheme| value.starts_with(scheme));
    (is_redis || value == MEMORY).then(|| value.to_owned())
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
