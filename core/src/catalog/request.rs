//! A request with the name that its model has upstream.
//!
//! Input: a request's body, chat or Responses. Output: its route, and the body with the route's model and effort. State:
//! none.

use super::{Catalog, Route, RouteOptions};
use crate::json::splice::Edits;
use crate::json::tree::{Node, Tree};
use crate::json::write;
use std::borrow::Cow;

const MODEL: &str = "model";
const EFFORT: &str = "effort";

/// How a request goes upstream, and as what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoutedRequest<'a> {
    /// The way.
    pub route: Route,
    /// The model that the client asked for; empty where the body names none.
    pub model: String,
    /// The body with the model that the route has: `gpt-5.5-high` is `gpt-5.5` with an effort. An effort that the client
    /// gave itself counts. Every other byte stays.
    pub body: Cow<'a, [u8]>,
}

impl Catalog {
    /// [`Catalog::route`] of a request's body, of whose model, tools and length the options need none. A body that is no
    /// request goes the default way: converting it finds what is wrong.
    ///
    /// ```
    /// use sluicegate::{Catalog, RouteOptions};
    /// let body = br#"{"model":"gpt-5.5-high","input":"Hi"}"#;
    /// let routed = Catalog::bundled().route_request(body, &RouteOptions::default());
    /// assert_eq!(*routed.body, *br#"{"model":"gpt-5.5","input":"Hi","reasoning":{"effort":"high"}}"#);
    /// ```
    pub fn route_request<'a>(&self, body: &'a [u8], options: &RouteOptions) -> RoutedRequest<'a> {
        let tree = Tree::parse(body).ok();
        let root = tree.as_ref().map(Tree::root);
        let model = root.and_then(|root| Some(root.text(MODEL)?.decode())).unwrap_or_default();
        let tools = root.map(tools).unwrap_or_default();
        let effort = root.and_then(effort).or_else(|| options.effort.clone());
        let options = RouteOptions { tools, effort, body_bytes: body.len() as u64, ..options.clone() };
        let route = self.route(&model, &options);
        let renamed = root.filter(|_| route.model != model).map(|root| renamed(root, &route));
        RoutedRequest { route, model, body: renamed.map_or(Cow::Borrowed(body), Cow::Owned) }
    }
}

/// Their types.
fn tools(root: Node<'_>) -> Vec<String> {
    let tools = root.get("tools").into_iter().flat_map(Node::elements);
    tools.filter_map(|tool| Some(tool.text("type")?.decode())).collect()
}

/// The effort that it asks for, in either dialect.
fn effort(root: Node<'_>) -> Option<String> {
    let nested = || root.get("reasoning")?.text(EFFORT);
    Some(root.text("reasoning_effort").or_else(nested)?.decode())
}

fn renamed(root: Node<'_>, route: &Route) -> Vec<u8> {
    let mut edits = Edits::default();
    root.members()
        .filter(|member| member.is_named(MODEL))
        .for_each(|model| edits.replace(model, write::quoted(&route.model)));
    if let Some(effort) = &route.effort {
        let effort = write::quoted(effort);
        if root.get("messages").is_some() {
            fill(&mut edits, root, "reasoning_effort", &effort);
        } else if let Some(reasoning) = root.get("reasoning").filter(|given| given.is_object()) {
            fill(&mut edits, reasoning, EFFORT, &effort);
        } else {
            let reasoning = [b"{\"", EFFORT.as_bytes(), b"\":", &*effort, b"}"].concat();
            fill(&mut edits, root, "reasoning", &reasoning);
        }
    }
    edits.apply(root)
}

/// Sets a member that is missing or null.
fn fill(edits: &mut Edits, object: Node<'_>, key: &str, value: &[u8]) {
    match object.get(key) {
        None => edits.append_member(object, key, value),
        Some(null) if null.is_null() => edits.replace(null, value),
        Some(_) => {}
    }
}
