//! The command line: files or standard input in, standard output out, as it arrives. No content decisions here.

mod catalog;
mod commands;
mod completions;
mod count_tokens;
mod explain;
mod health;
mod images;
mod pipes;
mod request;
mod route;
mod serve;
mod verbs;

use commands::usage as help;
use images::Images;
use pipes::{Input, open, put, put_line, tell, unreadable, usage};
use route::RouteArgs;
use sluicegate::{
    Collector, Dialect, Error, Failure, ImageOptions, LintProfile, Options, Page, Severity, SseOptions,
    Transcoder, error_envelope, lint,
};
use std::io::{BufRead, Read};
use std::process::ExitCode;
use verbs::{Collect, Events, Stream, Verb};

/// What the command line asks for.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
struct Args {
    command: String,
    /// Of `catalog`.
    action: Option<String>,
    file: Option<String>,
    options: Option<String>,
    model: Option<String>,
    out: Option<String>,
    partials: bool,
    include_usage: bool,
    outcome: bool,
    chunk: Option<usize>,
    ws: bool,
    client: Option<String>,
    upstream: Option<String>,
    profile: Option<String>,
    transport: Option<String>,
    status: Option<u16>,
    headers: Vec<(String, String)>,
    /// Of the client that an envelope is for.
    dialect: Option<String>,
    now: Option<u64>,
    route: RouteArgs,
}

/// Bad usage or unreadable input, in one line; or the reader of our output is gone.
enum Stop {
    Usage(String),
    Pipe,
}

type Run = Result<ExitCode, Stop>;

fn main() -> ExitCode {
    let served = serve::flags(std::env::args_os()).map(serve::run);
    match served.unwrap_or_else(|| parse_args().and_then(|args| run(&args))) {
        Ok(_) | Err(Stop::Pipe) if pipes::has_lost_lines() => ExitCode::from(2),
        Ok(code) => code,
        Err(Stop::Pipe) => ExitCode::SUCCESS,
        Err(Stop::Usage(line)) => {
            tell(&format!("sluicegate: {line}"));
            ExitCode::from(2)
        }
    }
}

fn parse_args() -> Result<Args, Stop> {
    use lexopt::prelude::*;
    let (mut args, mut flags) = (Args::default(), Vec::new());
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next().map_err(usage)? {
        if let Long(name) = arg {
            flags.push(format!("--{name}"));
        }
        match arg {
            Long("model") => args.model = Some(text(&mut parser)?),
            Long("options") => args.options = Some(text(&mut parser)?),
            Long("out") => args.out = Some(text(&mut parser)?),
            Long("client" | "from") => args.client = Some(text(&mut parser)?),
            Long("upstream" | "to") => args.upstream = Some(text(&mut parser)?),
            Long("profile") => args.profile = Some(text(&mut parser)?),
            Long("transport") => args.transport = Some(text(&mut parser)?),
            Long("partials") => args.partials = true,
            Long("include-usage") => args.include_usage = true,
            Long("outcome") => args.outcome = true,
            Long("chunk") => args.chunk = Some(parser.value().map_err(usage)?.parse().map_err(usage)?),
            Long("ws") => args.ws = true,
            Long("status") => args.status = Some(parser.value().map_err(usage)?.parse().map_err(usage)?),
            Long("header") => {
                let line = parser.value().map_err(usage)?.string().map_err(usage)?;
                args.headers.push(header(&line)?);
            }
            Long("dialect") => args.dialect = Some(text(&mut parser)?),
            Long("downstream") => args.route.downstream = Some(text(&mut parser)?),
            Long("no-auth-ws") => args.route.no_auth_ws = true,
            Long("tool") => args.route.tools.push(text(&mut parser)?),
            Long("body-bytes") => {
                args.route.body_bytes = Some(parser.value().map_err(usage)?.parse().map_err(usage)?);
            }
            Long("effort") => args.route.effort = Some(text(&mut parser)?),
            Long("latched") => args.route.latched = true,
            Long("catalog") => args.route.catalog = Some(text(&mut parser)?),
            Long("now") => args.now = Some(parser.value().map_err(usage)?.parse().map_err(usage)?),
            Long("help") | Short('h') => {
                return Ok(Args { command: "help".to_owned(), ..args });
            }
            Long("version") | Short('V') => {
                return Ok(Args { command: "version".to_owned(), ..args });
            }
            Value(word) if args.command.is_empty() => args.command = word.string().map_err(usage)?,
            Value(word) if args.command == "catalog" && args.action.is_none() => {
                args.action = Some(word.string().map_err(usage)?);
            }
            Value(word) if args.file.is_none() => args.file = Some(word.string().map_err(usage)?),
            _ => return Err(usage(arg.unexpected())),
        }
    }
    if let Some(flag) = commands::stray(&args.command, &flags) {
        return Err(usage(format_args!("{} has no {flag}", args.command)));
    }
    match args.chunk {
        Some(0) => Err(usage("--chunk must be at least 1")),
        _ => Ok(args),
    }
}

fn text(parser: &mut lexopt::Parser) -> Result<String, Stop> {
    parser.value().map_err(usage)?.into_string().map_err(|_| usage("arguments must be UTF-8"))
}

fn run(args: &Args) -> Run {
    match args.command.as_str() {
        "stream" if args.client.as_deref() == Some("images") => images_stream(args),
        "stream" => stream(args, pair(args)?),
        "chat" => stream(args, (Dialect::Chat, from(args, Dialect::Responses)?)),
        "responses" => stream(args, (Dialect::Responses, from(args, Dialect::Responses)?)),
        "respond" => stream(args, (Dialect::Responses, from(args, Dialect::Chat)?)),
        "messages" => stream(args, (Dialect::Messages, from(args, Dialect::Responses)?)),
        "collect" => collect(args, pair(args)?),
        "response" => collect(args, (Dialect::Responses, from(args, Dialect::Responses)?)),
        "completion" => collect(args, (Dialect::Chat, from(args, Dialect::Responses)?)),
        "message" => collect(args, (Dialect::Messages, from(args, Dialect::Responses)?)),
        "images" => images(args),
        "events" => {
            let options = options(args, SseOptions::from_json)?;
            drive(args, options.max_event_bytes, Events::new(options))
        }
        "request" => request::run(args),
        "count-tokens" => count_tokens::run(args),
        "lint" => findings(args),
        "explain" => explain::run(args),
        "health" => health::run(args),
        "completions" => completions::run(args),
        "envelope" => envelope(args),
        "route" => route::run(args),
        "catalog" => catalog::run(args),
        "help" => said(&help()),
        "version" => said(concat!("sluicegate ", env!("CARGO_PKG_VERSION"))),
        "" => Err(usage(format_args!("no command\n{}", help()))),
        other => Err(usage(format_args!("unknown command {other}\n{}", help()))),
    }
}

fn said(text: &str) -> Run {
    put_line(text)?;
    Ok(ExitCode::SUCCESS)
}

/// `NAME: value`
fn header(line: &str) -> Result<(String, String), Stop> {
    let (name, value) = line.split_once(':').ok_or_else(|| usage("--header needs NAME:VALUE"))?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// One body in, one line out.
fn envelope(args: &Args) -> Run {
    let page = page(&mut open(args.file.as_deref())?)?;
    let headers: Vec<_> = args.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let failure = Failure { status: args.status, headers: &headers, body: page.bytes(), now_ms: args.now };
    let client = args.dialect.as_deref().map_or(Ok(Dialect::default()), dialect)?;
    said(&error_envelope(&failure).to_json_for(client, None))
}

/// As much of a failure as is worth reading.
fn page(input: &mut Input) -> Result<Page, Stop> {
    let mut page = Page::default();
    while !page.is_full() {
        let chunk = input.fill_buf().map_err(unreadable)?;
        page.feed(chunk);
        let length = chunk.len();
        if length == 0 {
            break;
        }
        input.consume(length);
    }
    Ok(page)
}

/// One stream in, its findings out.
fn findings(args: &Args) -> Run {
    let name = args.profile.as_deref().unwrap_or_default();
    let profile = match name {
        "" => LintProfile::default(),
        name => LintProfile::named(name).ok_or_else(|| {
            usage(format_args!(
                "unknown profile {name}; there are: openai, codex_cli, chat, messages, claude_code"
            ))
        })?,
    };
    let most = Options::default().max_response_bytes;
    let findings = lint(&pipes::whole(&mut open(args.file.as_deref())?, most)?, profile);
    for finding in &findings {
        put_line(&finding.to_json())?;
    }
    Ok(verbs::exit(findings.iter().all(|finding| finding.severity < Severity::Error)))
}

/// The client's dialect, and the upstream's.
fn pair(args: &Args) -> Result<(Dialect, Dialect), Stop> {
    let role = |name: &Option<String>, flag| {
        let name =
            name.as_deref().ok_or_else(|| usage(format_args!("{} needs {flag} DIALECT", args.command)))?;
        dialect(name)
    };
    Ok((role(&args.client, "--client")?, role(&args.upstream, "--upstream")?))
}

/// `--from`: the upstream of a verb that names its client.
fn from(args: &Args, default: Dialect) -> Result<Dialect, Stop> {
    args.client.as_deref().map_or(Ok(default), dialect)
}

fn dialect(name: &str) -> Result<Dialect, Stop> {
    Dialect::named(name)
        .ok_or_else(|| usage(format_args!("unknown dialect {name}; there are: {}", Dialect::names())))
}

fn stream(args: &Args, (client, upstream): (Dialect, Dialect)) -> Run {
    let options = stream_options(args, |json| match args.command.as_str() {
        "stream" => Options::for_pair(json, client, upstream),
        _ => Options::for_upstream(json, upstream), // the older names take those of the upstream's other clients, too
    })?;
    let most = options.max_event_bytes;
    drive(
        args,
        most,
        Stream { transcoder: Transcoder::new(client, upstream, options), outcome: args.outcome },
    )
}

/// For a client of the Images API.
fn images_stream(args: &Args) -> Run {
    let upstream = args.upstream.as_deref().ok_or_else(|| usage("stream needs --upstream DIALECT"))?;
    let json = args.options.as_deref().unwrap_or("{}").as_bytes();
    let transcoder = Transcoder::from_names("images", upstream, json).map_err(usage)?;
    drive(args, Options::default().max_event_bytes, Stream { transcoder, outcome: args.outcome })
}

fn collect(args: &Args, (client, upstream): (Dialect, Dialect)) -> Run {
    let options = stream_options(args, |json| Options::for_upstream(json, upstream))?;
    let most = options.max_event_bytes;
    drive(
        args,
        most,
        Collect {
            collector: Collector::for_client(client, upstream, options),
            client,
            outcome: args.outcome,
        },
    )
}

fn stream_options(args: &Args, read: impl FnOnce(&[u8]) -> Result<Options, Error>) -> Result<Options, Stop> {
    let mut options = options(args, read)?;
    options.model = args.model.clone().or(options.model);
    options.include_usage |= args.include_usage;
    Ok(options)
}

fn images(args: &Args) -> Run {
    let directory = args.out.as_deref().ok_or_else(|| usage("images needs --out DIR"))?;
    let mut options = options(args, ImageOptions::from_json)?;
    options.partials |= args.partials;
    let verb = Images::new(&options, directory, args.outcome);
    let verb = verb.map_err(|error| usage(format_args!("{directory}: {error}")))?;
    drive(args, options.max_event_bytes, verb)
}

/// Reads input as it arrives, writes output as it comes. `most`: the longest frame, in bytes.
fn drive(args: &Args, most: usize, mut verb: impl Verb) -> Run {
    let mut input = open(args.file.as_deref())?;
    let mut out = Vec::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let is_more = if args.ws {
            read_frame(&mut input, most, &mut verb, &mut out)?
        } else {
            read_chunk(&mut input, &mut buffer, args.chunk, &mut verb, &mut out)?
        };
        let code = if is_more { None } else { Some(verb.end(&mut out).map_err(usage)?) };
        put(&out)?;
        out.clear();
        if let Some(code) = code {
            return Ok(code);
        }
    }
}

/// One read's worth, fed in pieces of `piece` bytes; `false` at the end.
fn read_chunk(
    input: &mut impl Read,
    buffer: &mut [u8],
    piece: Option<usize>,
    verb: &mut impl Verb,
    out: &mut Vec<u8>,
) -> Result<bool, Stop> {
    let length = input.read(buffer).map_err(unreadable)?;
    for chunk in buffer[..length].chunks(piece.unwrap_or(length).max(1)) {
        verb.chunk(chunk, out).map_err(usage)?;
    }
    Ok(length > 0)
}

/// One line, one JSON frame; `false` at the end. What is too long stays so, for the verb to see.
fn read_frame(
    input: &mut impl BufRead,
    most: usize,
    verb: &mut impl Verb,
    out: &mut Vec<u8>,
) -> Result<bool, Stop> {
    let Some(line) = pipes::line(input, most)? else { return Ok(false) };
    let frame = String::from_utf8_lossy(&line);
    let frame = if line.len() > most { &frame } else { frame.trim() };
    if !frame.is_empty() {
        verb.frame(frame, out).map_err(usage)?;
    }
    Ok(true)
}

fn options<T: Default>(args: &Args, read: impl FnOnce(&[u8]) -> Result<T, Error>) -> Result<T, Stop> {
    args.options.as_deref().map_or(Ok(T::default()), |json| read(json.as_bytes()).map_err(usage))
}
