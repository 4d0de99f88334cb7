//! `request`: one body in, the converted body or the error envelope out.

use super::pipes::{begin, open, put, small_file, tell, usage};
use super::{Args, Run, Stop, dialect, options};
use sluicegate::{
    ConvertedRequest, Error, ModelCatalog, Profile, RequestOptions, Transport, convert_request,
};
use std::process::ExitCode;

pub(crate) fn run(args: &Args) -> Run {
    let mut options = options(args, RequestOptions::from_json)?;
    options.transport = match args.transport.as_deref() {
        None => options.transport,
        Some("http") => Transport::Http,
        Some("websocket") => Transport::Websocket,
        Some(other) => return Err(usage(format_args!("unknown transport {other}"))),
    };
    if let Some(catalog) = &args.route.catalog {
        options.catalog = model_catalog(catalog)?;
    }
    let client = match args.client.as_deref() {
        Some("auto") => None,
        name => Some(dialect(name.unwrap_or("responses"))?),
    };
    let upstream = dialect(args.upstream.as_deref().unwrap_or("responses"))?;
    let profile = args.profile.as_deref().map_or_else(|| Ok(Profile::of_upstream(upstream)), profile)?;
    let body = begin(&mut open(args.file.as_deref())?, profile.body_bytes())?;
    match convert_request(&body, client, upstream, &profile, &options) {
        Err(error @ (Error::InvalidOption { .. } | Error::InvalidProfile { .. })) => Err(usage(error)),
        result => report(result),
    }
}

/// The bundled catalog under what a file says, or none.
fn model_catalog(name: &str) -> Result<ModelCatalog, Stop> {
    match name {
        "none" => Ok(ModelCatalog::Off),
        path => {
            let merged = ModelCatalog::merged(&small_file(path)?);
            merged.map_err(|error| usage(format_args!("catalog {path}: {error}")))
        }
    }
}

/// A built-in name, or a file of one's own rules.
fn profile(name: &str) -> Result<Profile, Stop> {
    let unknown = match Profile::find(name) {
        Ok(profile) => return Ok(profile),
        Err(unknown) => unknown,
    };
    let json = small_file(name).map_err(|error| match error {
        Stop::Usage(line) => usage(format_args!("{unknown}; as a file: {line}")),
        other @ Stop::Pipe => other,
    })?;
    Profile::from_json(&json).map_err(|error| usage(format_args!("profile {name}: {error}")))
}

fn report(result: Result<ConvertedRequest, Error>) -> Run {
    let (body, changes, code) = match result {
        Ok(request) => (request.body, request.changes, ExitCode::SUCCESS),
        Err(error) => (error.envelope().into_bytes(), vec![error.change()], ExitCode::FAILURE),
    };
    for change in changes {
        tell(&change.to_json());
    }
    put(&[&body[..], b"\n"].concat())?;
    Ok(code)
}
