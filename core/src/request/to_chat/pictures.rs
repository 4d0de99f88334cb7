//! Images that stand somewhere in what a tool returned: in JSON, or in text that is JSON.
//!
//! Input: a string or any JSON. Output: parts: the same without the images, and the images. State: none.

use super::parts::{self, Part};
use crate::json::splice::Edits;
use crate::json::tree::{Node, Tree};
use crate::json::write;
use memchr::memmem;

/// What stands where an image was.
const MARK: &str = "[image]";
const DATA_URL: &[u8] = b"data:image/";

/// What is left of the output, and its images, each as parts; `None` where there is no image.
pub(super) fn taken_out(output: Node<'_>) -> Option<Vec<Part<'static>>> {
    // Every form of an image has this word.
    memmem::find(output.raw(), b"image")?;
    let Some(text) = output.as_str() else { return from_json(output) };
    let text = text.decode();
    let text = text.trim();
    if text.starts_with("data:image/") && !text.contains(char::is_whitespace) {
        return Some(vec![
            Part::Text(MARK.as_bytes().into()),
            image(parts::image_url(&write::contents(text), None)),
        ]);
    }
    if !text.starts_with(['{', '[']) {
        return None;
    }
    let tree = Tree::parse(text.as_bytes()).ok()?;
    from_json(tree.root())
}

fn from_json(root: Node<'_>) -> Option<Vec<Part<'static>>> {
    if let Some(parts) = listed(root) {
        return Some(parts);
    }
    let (mut edits, mut images) = (Edits::default(), Vec::new());
    take(root, &mut edits, &mut images);
    let rest = if images.is_empty() { return None } else { edits.edited(root) };
    let rest = if rest == write::quoted(MARK) { MARK.into() } else { rest };
    let text = write::contents(&String::from_utf8_lossy(&rest));
    Some(std::iter::once(Part::Text(text.into())).chain(images.into_iter().map(image)).collect())
}

/// A list of nothing but parts, images among them; some tools put it under `content` (MCP).
fn listed(root: Node<'_>) -> Option<Vec<Part<'static>>> {
    let mut members = root.members();
    let list = match (members.next(), members.next()) {
        (Some(content), None) if content.is_named("content") => content,
        _ => root,
    };
    let parts: Vec<_> = list.elements().map(Part::read).collect::<Option<_>>()?;
    let has_image = parts.iter().any(|part| matches!(part, Part::Image(_)));
    has_image.then(|| parts.into_iter().map(Part::owned).collect())
}

fn image(json: Vec<u8>) -> Part<'static> {
    Part::Image(json)
}

/// Depth is bounded: the tree is.
fn take(node: Node<'_>, edits: &mut Edits, images: &mut Vec<Vec<u8>>) {
    let image = match node.as_str() {
        Some(text) => text.raw().starts_with(DATA_URL).then(|| parts::image_url(text.raw(), None)),
        None => node.is_object().then(|| parts::image_in(node)).flatten(),
    };
    match image {
        Some(image) => {
            edits.replace(node, write::quoted(MARK));
            images.push(image);
        }
        None => node.children().for_each(|child| take(child, edits, images)),
    }
}
