//! `catalog diff`: a live `/models` document in, one line out: what it adds, drops and changes.

use super::pipes::{begin, open, put_line, usage};
use super::{Args, Run};
use crate::verbs::exit;
use sluicegate::{Catalog, Profile};

pub(crate) fn run(args: &Args) -> Run {
    match args.action.as_deref() {
        Some("diff") => {}
        Some(other) => return Err(usage(format_args!("unknown: catalog {other}; there is: catalog diff F"))),
        None => return Err(usage("catalog needs to know what to do: catalog diff F")),
    }
    let live = begin(&mut open(args.file.as_deref())?, Profile::default().body_bytes())?;
    let diff = Catalog::bundled()
        .diff(&live)
        .map_err(|error| usage(format_args!("no /models document: {error}")))?;
    put_line(&diff.to_json())?;
    Ok(exit(diff.is_empty()))
}
