//! What a page says.
//!
//! Input: a page made for people, or XML.
//! Output: its title, or another element.
//! State: none.

const ENTITIES: [(&str, &str); 7] = [
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&quot;", "\""),
    ("&#39;", "'"),
    ("&apos;", "'"),
    ("&nbsp;", " "),
    ("&amp;", "&"), // last: what it yields is no entity
];

/// The text of the first element of that name, in any case, on one line; empty where there is none.
pub(super) fn element(page: &str, name: &str) -> String {
    let text = inner(page, name).unwrap_or_default().to_owned();
    let text = ENTITIES.iter().fold(text, |text, (entity, char)| text.replace(entity, char));
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn inner<'p>(page: &'p str, name: &str) -> Option<&'p str> {
    let lower = page.to_ascii_lowercase();
    let opened = format!("<{name}");
    let is_whole = |at: usize| lower[at + opened.len()..].starts_with(|char: char| !char.is_alphanumeric());
    let open = lower.match_indices(&opened).map(|(at, _)| at).find(|at| is_whole(*at))?;
    let start = open + lower[open..].find('>')? + 1;
    let end = start + lower[start..].find(&format!("</{name}"))?;
    page.get(start..end)
}
