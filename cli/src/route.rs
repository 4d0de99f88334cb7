//! `route`: what is known of a request in, one line out: how it goes upstream.

use super::pipes::{put_line, small_file, usage};
use super::{Args, Run, Stop, options};
use sluicegate::{Catalog, RouteOptions, Transport};
use std::process::ExitCode;

/// What only this command is asked.
#[derive(Default)]
pub(crate) struct RouteArgs {
    pub(crate) downstream: Option<String>,
    pub(crate) no_auth_ws: bool,
    pub(crate) tools: Vec<String>,
    pub(crate) body_bytes: Option<u64>,
    pub(crate) latched: bool,
    pub(crate) effort: Option<String>,
    pub(crate) catalog: Option<String>,
}

pub(crate) fn run(args: &Args) -> Run {
    let model = args.model.as_deref().ok_or_else(|| usage("route needs --model M"))?;
    let options = options(args, RouteOptions::from_json)?;
    let route = catalog(args.route.catalog.as_deref())?.route(model, &with_flags(options, &args.route)?);
    put_line(&route.to_json())?;
    Ok(ExitCode::SUCCESS)
}

/// What a flag says counts.
fn with_flags(given: RouteOptions, args: &RouteArgs) -> Result<RouteOptions, Stop> {
    let downstream = match args.downstream.as_deref() {
        None => given.downstream,
        Some("http") => Transport::Http,
        Some("ws" | "websocket") => Transport::Websocket,
        Some(other) => return Err(usage(format_args!("unknown downstream {other}"))),
    };
    Ok(RouteOptions {
        downstream,
        auth_ws: given.auth_ws && !args.no_auth_ws,
        tools: [given.tools, args.tools.clone()].concat(),
        effort: args.effort.clone().or(given.effort),
        body_bytes: args.body_bytes.unwrap_or(given.body_bytes),
        http_latched: given.http_latched || args.latched,
    })
}

/// The bundled catalog, under what the file says.
fn catalog(path: Option<&str>) -> Result<Catalog, Stop> {
    let mut catalog = Catalog::bundled();
    if let Some(path) = path {
        let live = small_file(path)?;
        catalog.merge_live(&live).map_err(|error| usage(format_args!("catalog {path}: {error}")))?;
    }
    Ok(catalog)
}
