//! The title of a page.
//!
//! Input: a page made for people.
//! Output: its title.
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

/// The text of the first `<title>`, on one line; empty where there is none.
pub(super) fn title(page: &str) -> String {
    let text = inner(page).unwrap_or_default().to_owned();
    let text = ENTITIES.iter().fold(text, |text, (entity, char)| text.replace(entity, char));
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn inner(page: &str) -> Option<&str> {
    let lower = page.to_ascii_lowercase();
    let open = lower.find("<title")?;
    let start = open + lower[open..].find('>')? + 1;
    let end = start + lower[start..].find("</title")?;
    page.get(start..end)
}
