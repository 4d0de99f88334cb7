//! Enters: a body in either protocol, as clients really send it. Leaves: a Responses request in the shapes that the API
//! has, and its ledger; what was asked for goes into the context.

use super::context::{Dialect, RequestContext};
use super::draft::{Change, reject};
use super::path::Path;
use super::{Error, RequestOptions};
use crate::error::RejectCode;
use crate::json::Str;
use crate::json::tree::Node;

/// The body as a Responses request, if it was not one already.
pub(super) fn shape(
    root: Node<'_>,
    route: Dialect,
    _options: &RequestOptions,
    context: &mut RequestContext,
) -> Result<(Option<Vec<u8>>, Vec<Change>), Error> {
    context.dialect = dialect(root, route)?;
    context.model = root.text("model").map(Str::decode);
    context.stream = root.get("stream").is_some_and(|stream| stream.value().as_bool() == Some(true));
    let usage = root.get("stream_options").and_then(|options| options.get("include_usage"));
    context.include_usage = usage.is_some_and(|usage| usage.value().as_bool() == Some(true));
    Ok((None, Vec::new()))
}

/// What the body is, whatever the route says.
fn dialect(root: Node<'_>, route: Dialect) -> Result<Dialect, Error> {
    match (root.get("messages"), root.get("input")) {
        (Some(messages), Some(_)) => {
            let path = &Path::Root.key("messages");
            Err(reject(
                RejectCode::UnsupportedParameter,
                messages,
                path,
                "messages and input exclude each other",
            ))
        }
        (Some(_), None) => Ok(Dialect::Chat),
        (None, Some(_)) => Ok(Dialect::Responses),
        (None, None) if route == Dialect::Responses => Ok(Dialect::Responses),
        (None, None) => {
            let path = &Path::Root.key("messages");
            Err(reject(RejectCode::MissingParameter, root, path, "Missing required parameter: 'messages'."))
        }
    }
}
