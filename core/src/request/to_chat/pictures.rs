//! Images that stand somewhere in what a tool returned: in JSON, or in text that is JSON.
//!
//! Input: a string or any JSON. Output: the same without the images, as text, and the images. State: none.

use super::parts;
use crate::json::splice::Edits;
use crate::json::tree::{Node, Tree};
use crate::json::write;
use memchr::memmem;

/// What stands where an image was.
const MARK: &str = "[image]";
const DATA_URL: &[u8] = b"data:image/";

/// The text as JSON string contents, and the images as parts of chat; `None` where there is no image.
pub(super) fn taken_out(output: Node<'_>) -> Option<(Vec<u8>, Vec<Vec<u8>>)> {
    // Every form of an image has this word.
    memmem::find(output.raw(), b"image")?;
    let Some(text) = output.as_str() else { return from_json(output) };
    let text = text.decode();
    let text = text.trim();
    if text.starts_with("data:image/") && !text.contains(char::is_whitespace) {
        return Some((MARK.into(), vec![parts::image_url(&write::contents(text), None)]));
    }
    if !text.starts_with(['{', '[']) {
        return None;
    }
    let tree = Tree::parse(text.as_bytes()).ok()?;
    from_json(tree.root())
}

fn from_json(root: Node<'_>) -> Option<(Vec<u8>, Vec<Vec<u8>>)> {
    let (mut edits, mut images) = (Edits::default(), Vec::new());
    take(root, &mut edits, &mut images);
    let mark = write::quoted(MARK);
    let rest = if images.is_empty() { return None } else { edits.edited(root) };
    let rest = if rest == mark { MARK.to_owned() } else { String::from_utf8_lossy(&rest).into_owned() };
    Some((write::contents(&rest), images))
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
