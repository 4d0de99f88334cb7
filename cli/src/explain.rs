//! `explain`: what a code means, from docs/reference/codes.md and docs/reference/errors.md.

use super::pipes::{put_line, usage};
use super::{Args, Run};
use std::process::ExitCode;

/// Of the repository: links, so that the package has them.
const PAGES: [&str; 2] = [include_str!("../docs/codes.md"), include_str!("../docs/errors.md")];

pub(crate) fn run(args: &Args) -> Run {
    let code = args.file.as_deref().ok_or_else(|| usage("explain needs a CODE"))?;
    let rows: Vec<_> = PAGES.iter().flat_map(|page| rows(page, code)).collect();
    if rows.is_empty() {
        return Err(usage(format_args!("no such code: {code}; docs/reference/codes.md has them all")));
    }
    for row in rows {
        put_line(&row)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Each row whose first cell names the code, after the title of its section, or of its table where there are no sections.
fn rows<'a>(page: &'a str, code: &'a str) -> impl Iterator<Item = String> + use<'a> {
    let quoted = format!("`{code}`");
    let (mut section, mut head) = (None, "");
    page.lines().zip(page.lines().skip(1).chain([""])).filter_map(move |(line, next)| {
        section = line.strip_prefix("## ").or(section);
        let (names, rest) = line.strip_prefix("| ")?.trim_end_matches(" |").split_once(" | ")?;
        if next.starts_with("|--") {
            head = names;
        }
        let is_named = names.split(", ").any(|name| name == quoted);
        let title = section.unwrap_or(head);
        let rest = rest.replace(" | ", "; ").replace("](../", "](docs/"); // links, as from the repository's root
        is_named.then(|| format!("{title}: {} — {rest}", names.replace('`', "")))
    })
}
