//! `count-tokens`: one request in, an estimate of its input tokens out, or the error envelope.

use super::pipes::{begin, open, put_line};
use super::{Args, Run};
use sluicegate::{Profile, count_tokens};
use std::process::ExitCode;

pub(crate) fn run(args: &Args) -> Run {
    let body = begin(&mut open(args.file.as_deref())?, Profile::default().body_bytes())?;
    let (line, code) = match count_tokens(&body) {
        Ok(tokens) => (format!("{{\"input_tokens\":{tokens}}}"), ExitCode::SUCCESS),
        Err(error) => (error.envelope(), ExitCode::FAILURE),
    };
    put_line(&line)?;
    Ok(code)
}
