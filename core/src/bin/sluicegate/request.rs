//! `request`: one body in, the normalized body or the error envelope out.

use super::{Args, Run, Stop, open, options, unreadable, usage};
use sluicegate::{
    Error, Normalized, Profile, RequestOptions, Transport, chat_to_responses, normalize_request,
    responses_to_chat,
};
use std::io::{Read, Write};
use std::process::ExitCode;

type Normalize = fn(&[u8], &Profile, &RequestOptions) -> Result<Normalized, Error>;

pub(crate) fn run(args: &Args) -> Run {
    let mut options = options(args, RequestOptions::from_json)?;
    options.transport = match args.transport.as_deref() {
        None => options.transport,
        Some("http") => Transport::Http,
        Some("websocket") => Transport::Websocket,
        Some(other) => return Err(usage(format_args!("unknown transport {other}"))),
    };
    let (normalize, default): (Normalize, _) = match (args.from.as_deref(), args.to.as_deref()) {
        (None | Some("responses"), None | Some("responses")) => (normalize_request, "codex"),
        (None | Some("responses"), Some("chat")) => (responses_to_chat, "chat"),
        (Some("chat"), None | Some("responses")) => (chat_to_responses, "codex"),
        (from, to) => {
            let [from, to] = [from, to].map(|name| name.unwrap_or("responses"));
            return Err(usage(format_args!("cannot make requests from {from} to {to}")));
        }
    };
    let mut body = Vec::new();
    let profile = profile(args.profile.as_deref().unwrap_or(default))?;
    open(args)?.read_to_end(&mut body).map_err(unreadable)?;
    match normalize(&body, &profile, &options) {
        Err(error @ (Error::InvalidOption { .. } | Error::InvalidProfile { .. })) => Err(usage(error)),
        result => report(result),
    }
}

/// A built-in name, or a file of one's own rules.
fn profile(name: &str) -> Result<Profile, Stop> {
    let unknown = match Profile::find(name) {
        Ok(profile) => return Ok(profile),
        Err(unknown) => unknown,
    };
    let json = std::fs::read(name).map_err(|error| usage(format_args!("{unknown}; as a file: {error}")))?;
    Profile::from_json(&json).map_err(|error| usage(format_args!("profile {name}: {error}")))
}

fn report(result: Result<Normalized, Error>) -> Run {
    let (body, changes, code) = match result {
        Ok(request) => (request.body, request.changes, ExitCode::SUCCESS),
        Err(error) => (error.envelope().into_bytes(), vec![error.change()], ExitCode::FAILURE),
    };
    for change in changes {
        eprintln!("{}", change.to_json());
    }
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(&body).and_then(|()| stdout.write_all(b"\n")).map_err(|_| Stop::Pipe)?;
    Ok(code)
}
