//! `serve`: the server, until it is told to end.

use super::Run;
use super::pipes::{put_line, usage};
use sluicegate_gateway::{Config, help, print};
use std::ffi::OsString;
use std::process::ExitCode;

/// Its flags are its own; none where the command is another.
pub(crate) fn flags(mut args: impl Iterator<Item = OsString>) -> Option<Vec<String>> {
    let is_serve = args.nth(1).is_some_and(|command| command == "serve");
    is_serve.then(|| args.map(|arg| arg.to_string_lossy().into_owned()).collect())
}

pub(crate) fn run(mut flags: Vec<String>) -> Run {
    if flags.iter().any(|flag| flag == "--help" || flag == "-h") {
        put_line(&help())?;
        return Ok(ExitCode::SUCCESS);
    }
    let client = flags.iter().position(|flag| flag == "--print-config").map(|at| {
        flags.remove(at);
        if at < flags.len() { flags.remove(at) } else { String::new() }
    });
    let config = Config::from_flags(flags.into_iter()).map_err(usage)?;
    if let Some(client) = client {
        put_line(&print(&client, &config).map_err(usage)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    sluicegate_gateway::run(config).map_err(usage)?;
    Ok(ExitCode::SUCCESS)
}
