//! What the operator sets.
//!
//! Input: flags, and a file with the same names. Output: a configuration, or what is wrong. State: none. A flag is a line
//! in `FLAGS` and one in `Config::take`.

mod file;
mod print;

use crate::loopback::is_loopback;
use axum::http::{HeaderName, Uri};
pub(crate) use print::snippets;
pub use print::{clients, print};
use sluicegate::{Conform, Dialect, Orphans, Profile, SealKeys};
use std::path::PathBuf;
use std::time::Duration;

/// The upstream that is part of this program, for a first try.
pub(crate) const DEMO: &str = "demo";
const MEMORY: &str = "memory";
const MIN_TOKEN_BYTES: usize = 16;

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
    pub(crate) conform: Option<Conform>,
    pub(crate) orphans: Orphans,
    pub(crate) answers_probes: bool,
    pub(crate) seal_keys: SealKeys,
    pub(crate) pass_headers: Vec<HeaderName>,
    pub(crate) allow_hosts: Vec<String>,
    pub(crate) allow_origins: Vec<String>,
    pub(crate) page: bool,
    pub(crate) page_token: Option<String>,
    pub(crate) show_content: bool,
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
            conform: None,
            orphans: Orphans::Repair,
            answers_probes: false,
            seal_keys: SealKeys::default(),
            pass_headers: Vec::new(),
            allow_hosts: Vec::new(),
            allow_origins: Vec::new(),
            page: true,
            page_token: None,
            show_content: false,
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

const APIS: &[&str] = &[Dialect::Responses.as_str(), Dialect::Chat.as_str(), Dialect::Messages.as_str()];

const CONFORM: &[&str] = &["off", "open_responses"];
const ORPHANS: &[&str] = &["repair", "reject"];
const PROBES: &[&str] = &["upstream", "server"];

const FLAGS: &[Flag] = &[
    Flag(
        "upstream",
        Kind::Text("URL"),
        "what these are under, such as https://chatgpt.com/backend-api/codex; demo: a stand-in",
    ),
    Flag(
        "upstream-api",
        Kind::Choice(APIS),
        "what the upstream has: /responses, /chat/completions or /messages; default responses",
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
    Flag(
        "conform",
        Kind::Choice(CONFORM),
        "Responses have every member that this schema requires; default off, as the upstream sends them",
    ),
    Flag(
        "orphans",
        Kind::Choice(ORPHANS),
        "reject: an output of an unknown call fails its turn and ends the conversation; default repair",
    ),
    Flag(
        "probes",
        Kind::Choice(PROBES),
        "who answers a Messages client that asks for one token to see whether a model is there; default upstream",
    ),
    Flag(
        "seal-key-file",
        Kind::Text("FILE"),
        "keys in hexadecimal, one a line, for summaries of compacted conversations; the first one seals",
    ),
    Flag("pass-header", Kind::List("NAME"), "a further header of clients that goes upstream"),
    Flag("allow-host", Kind::List("NAME"), "a further Host; on the loopback only its own names are served"),
    Flag(
        "allow-origin",
        Kind::List("ORIGIN"),
        "pages of this origin may send requests; default none but the server's own",
    ),
    Flag(
        "page",
        Kind::Switch,
        "a page at / with what is served and the last requests, for this machine alone; default on",
    ),
    Flag(
        "page-token",
        Kind::Text("TOKEN"),
        "the page is for whoever has it, from anywhere; 16 signs or more",
    ),
    Flag("show-content", Kind::Switch, "the page shows what was asked and answered, too; default off"),
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

    pub(crate) fn upstream_host(&self) -> Option<String> {
        Some(self.upstream.parse::<Uri>().ok()?.host()?.to_owned())
    }

    /// Host and port, without the credentials that a URL may have.
    pub(crate) fn upstream_authority(&self) -> Option<String> {
        let uri = self.upstream.parse::<Uri>().ok()?;
        let port = uri.port().map(|port| format!(":{port}")).unwrap_or_default();
        Some(format!("{}{port}", uri.host()?))
    }

    /// Whether only programs of this machine are to reach it.
    pub(crate) fn is_for_loopback(&self) -> bool {
        is_loopback(&self.host) && self.allow_hosts.is_empty()
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
            "conform" => self.conform = chosen(value, CONFORM, &[None, Some(Conform::OpenResponses)])?,
            "orphans" => self.orphans = chosen(value, ORPHANS, &[Orphans::Repair, Orphans::Reject])?,
            "probes" => self.answers_probes = chosen(value, PROBES, &[false, true])?,
            "seal-key-file" => self.seal_keys = keys(&std::fs::read_to_string(value).ok()?)?,
            "pass-header" => self.pass_headers.push(value.parse().ok()?),
            "allow-host" => self.allow_hosts.push(value.to_owned()),
            "allow-origin" => self.allow_origins.push(value.to_owned()),
            "page" => self.page = switch(value)?,
            "page-token" => self.page_token = Some(token(value)?),
            "show-content" => self.show_content = switch(value)?,
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
    for (flag, what) in usages() {
        out += &format!("  {flag:<41}{what}\n");
    }
    out + "\nPrints {\"url\":…} when it listens; then a line of JSON on standard error for each request."
}

/// Every flag with its value, as in `--port N`, and what it does.
pub fn usages() -> impl Iterator<Item = (String, String)> {
    let flags =
        FLAGS.iter().map(|Flag(name, kind, what)| (format!("--{name} {}", kind.shown()), (*what).to_owned()));
    let own = [
        (format!("--{} FILE", file::FLAG), "a TOML file with the same names; flags win".to_owned()),
        (
            "--print-config CLIENT".to_owned(),
            format!("how a client is set up: {}; schema: of --config", clients()),
        ),
    ];
    flags.chain(own)
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

/// The value that a name of a choice stands for.
fn chosen<T: Copy>(value: &str, names: &[&str], values: &[T]) -> Option<T> {
    values.get(names.iter().position(|name| *name == value)?).copied()
}

/// Keys of 32 bytes or more, one a line.
fn keys(lines: &str) -> Option<SealKeys> {
    let digits = |line: &str| -> Option<Vec<u8>> {
        let pairs = (0..line.len()).step_by(2).map(|at| u8::from_str_radix(line.get(at..at + 2)?, 16).ok());
        pairs.collect()
    };
    let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty());
    SealKeys::new(lines.map(digits).collect::<Option<_>>()?).ok()
}

/// One that cannot be guessed, and that a header can have.
fn token(value: &str) -> Option<String> {
    (value.len() >= MIN_TOKEN_BYTES && value.bytes().all(|byte| byte.is_ascii_graphic()))
        .then(|| value.to_owned())
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
