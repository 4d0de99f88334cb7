//! What blocks are made of, before their pieces.
//!
//! Input: the kind of a block and what identifies it. Output: its JSON as a stream opens it: no text, no arguments, since
//! Claude Code reads those of deltas only. State: none.

use crate::dialect::messages::{REDACTED_THINKING, SEARCH_RESULT, SERVER_TOOL_USE, TOOL_USE, WEB_SEARCH};
use crate::json::{Str, Value, write};

/// Ids and names are JSON string contents.
#[derive(Debug, Clone)]
pub(super) enum BlockHead {
    Text,
    Thinking,
    ToolUse {
        id: Vec<u8>,
        name: Vec<u8>,
        is_server: bool,
    },
    /// A block without deltas, as JSON.
    Whole(Vec<u8>),
}

impl BlockHead {
    /// A search of the web, as the server's own call.
    pub(super) fn search(id: &[u8]) -> Self {
        Self::ToolUse { id: id.to_vec(), name: WEB_SEARCH.as_bytes().to_vec(), is_server: true }
    }

    /// What a search found: objects with a `url`.
    pub(super) fn results(id: &[u8], results: Option<Value<'_>>, has_failed: bool) -> Self {
        let mut out = Vec::new();
        let kind = SEARCH_RESULT.as_bytes();
        write::pieces(&mut out, [b"{\"type\":\"", kind, b"\",\"tool_use_id\":\"", id, b"\",\"content\":"]);
        if has_failed {
            out.extend_from_slice(
                b"{\"type\":\"web_search_tool_result_error\",\"error_code\":\"unavailable\"}",
            );
        } else {
            out.push(b'[');
            let found = results.into_iter().flat_map(Value::elements);
            write::separated(&mut out, found.filter_map(page), |out, page| out.extend_from_slice(&page));
            out.push(b']');
        }
        out.push(b'}');
        Self::Whole(out)
    }

    pub(super) fn redacted(data: &[u8]) -> Self {
        let kind = REDACTED_THINKING.as_bytes();
        Self::Whole([b"{\"type\":\"", kind, b"\",\"data\":\"", data, b"\"}"].concat())
    }

    /// As `content_block_start` has it.
    pub(super) fn opened(&self) -> Vec<u8> {
        match self {
            Self::Text => b"{\"type\":\"text\",\"text\":\"\"}".to_vec(),
            Self::Thinking => b"{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}".to_vec(),
            Self::ToolUse { id, name, is_server } => {
                let mut out = Vec::new();
                Self::open_call(&mut out, id, name, *is_server);
                out.extend_from_slice(b",\"input\":{}}");
                out
            }
            Self::Whole(json) => json.clone(),
        }
    }

    /// `{"type":…,"id":…,"name":…`, still open.
    pub(super) fn open_call(out: &mut Vec<u8>, id: &[u8], name: &[u8], is_server: bool) {
        let kind = if is_server { SERVER_TOOL_USE } else { TOOL_USE };
        write::pieces(
            out,
            [b"{\"type\":\"", kind.as_bytes(), b"\",\"id\":\"", id, b"\",\"name\":\"", name, b"\""],
        );
    }

    pub(super) fn length(&self) -> usize {
        match self {
            Self::Text | Self::Thinking => 0,
            Self::ToolUse { id, name, .. } => id.len() + name.len(),
            Self::Whole(json) => json.len(),
        }
    }
}

/// One result; what the upstream left out is empty, since clients read these members without a check.
fn page(result: Value<'_>) -> Option<Vec<u8>> {
    let text = |key| result.get(key).and_then(Value::as_str).map(Str::raw);
    let url = text("url")?;
    let (title, content) = (text("title").unwrap_or(url), text("encrypted_content").unwrap_or(b""));
    let mut out = Vec::new();
    write::pieces(&mut out, [b"{\"type\":\"web_search_result\",\"url\":\"", url, b"\",\"title\":\"", title]);
    write::pieces(&mut out, [b"\",\"encrypted_content\":\"", content, b"\",\"page_age\":"]);
    out.extend_from_slice(result.get("page_age").map_or(&b"null"[..], Value::raw));
    out.push(b'}');
    Some(out)
}
