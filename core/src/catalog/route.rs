//! The route of a request: over which transport it goes upstream, and why.
//!
//! Input: a model's name, and what a gateway knows of the request. Output: transport, endpoint and reason. State:
//! none.

use super::{Catalog, value};
use crate::error::Error;
use crate::json::{Value, write};
use crate::kinds::Transport;
use crate::limits::MAX_WEBSOCKET_BODY_BYTES;
use crate::option_reader;
use crate::outcome::codes;

/// The tool whose answers do not come over a WebSocket.
const IMAGE_TOOL: &str = "image_generation";

/// What decides a route, beside the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteOptions {
    /// The client's transport to the gateway. Default: HTTP.
    pub downstream: Transport,
    /// Whether the upstream credentials work over a WebSocket. Default: they do.
    pub auth_ws: bool,
    /// The types of the request's tools.
    pub tools: Vec<String>,
    /// The effort that the request asks for, where it does: the model's name may end in another.
    pub effort: Option<String>,
    /// Length of the request's body.
    pub body_bytes: u64,
    /// A WebSocket to this upstream was refused before (status 426).
    pub http_latched: bool,
}

impl Default for RouteOptions {
    fn default() -> Self {
        let (downstream, tools) = (Transport::Http, Vec::new());
        Self { downstream, auth_ws: true, tools, effort: None, body_bytes: 0, http_latched: false }
    }
}

codes! {
    /// What the upstream is asked: the last part of its path.
    Endpoint;
    /// `…/responses`
    Responses = "responses",
    /// `…/chat/completions`
    Chat = "chat",
    /// `…/images/generations`
    Images = "images",
}

codes! {
    /// Why a request goes the way it goes; the same string in three languages. The first that holds counts.
    RouteReason;
    /// HTTP: the host has found out that there is no WebSocket.
    HttpLatched = "http_latched",
    /// HTTP: too large for a WebSocket message.
    BodyTooLarge = "body_too_large",
    /// HTTP: it may generate images.
    ImageTool = "image_tool",
    /// `responses`, over whichever transport: the model takes tools nowhere else.
    ToolsNeedResponses = "tools_need_responses",
    /// HTTP: only `responses` goes over a WebSocket.
    EndpointIsHttp = "endpoint_is_http",
    /// HTTP, though a WebSocket was wanted: the credentials do not work there.
    AuthIsHttp = "auth_is_http",
    /// WebSocket: so does the client.
    DownstreamWebsocket = "downstream_websocket",
    /// WebSocket: by the catalog the model prefers it.
    PrefersWebsocket = "prefers_websocket",
    /// HTTP: nothing asks for a WebSocket.
    Default = "default",
}

/// How a request goes upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Over what.
    pub transport: Transport,
    /// To what.
    pub endpoint: Endpoint,
    /// The model to ask for: without a provider's prefix and an effort, where it is a known one.
    pub model: String,
    /// The effort that its name ended in.
    pub effort: Option<String>,
    /// Why.
    pub reason: RouteReason,
}

impl Catalog {
    /// How a request for `model` goes upstream. An unknown model goes the default way, under the name it came with.
    pub fn route(&self, model: &str, options: &RouteOptions) -> Route {
        let found = self.find(model);
        let known = found.as_ref().and_then(|found| self.models.get(found.slug));
        let member = |key| known.and_then(|known| value(&known.members, key));
        let endpoint = member("endpoint").and_then(Endpoint::read).unwrap_or(Endpoint::Responses);
        let prefers_websocket = member("prefer_websockets").and_then(Value::as_bool).unwrap_or(false);
        let (model, effort) = found.map_or((model, None), |found| (found.model, found.effort));
        let asked = options.effort.as_deref().or(effort);
        let asked = asked.map(|asked| known.and_then(|known| known.rules.clamped(asked)).unwrap_or(asked));
        let is_bound = known.is_some_and(|known| known.rules.tools_need_responses.holds(asked));
        let is_bound = is_bound && !options.tools.is_empty() && endpoint != Endpoint::Images;
        let endpoint = if is_bound { Endpoint::Responses } else { endpoint };
        let reason = options.reason(endpoint, prefers_websocket);
        let transport = reason.transport();
        let is_why = is_bound && !options.forces_http();
        let reason = if is_why { RouteReason::ToolsNeedResponses } else { reason };
        let (model, effort) = (model.to_owned(), effort.map(str::to_owned));
        Route { transport, endpoint, model, effort, reason }
    }
}

impl RouteOptions {
    /// Reads an object whose members are named like the fields; every member is optional. `downstream`: `http` or `ws`.
    pub fn from_json(json: &[u8]) -> Result<Self, Error> {
        let mut read = Self::default();
        option_reader::read("RouteOptions", json, |name, value| read.set(name, value))?;
        Ok(read)
    }

    fn set(&mut self, name: &str, value: Value<'_>) -> Option<()> {
        match name {
            "downstream" => {
                let choices = [("http", Transport::Http), ("ws", Transport::Websocket)];
                self.downstream =
                    option_reader::one_of(value, &choices).or_else(|| option_reader::transport(value))?;
            }
            "auth_ws" => self.auth_ws = value.as_bool()?,
            "tools" => self.tools = option_reader::list(value)?,
            "effort" => self.effort = Some(option_reader::text(value)?),
            "body_bytes" => self.body_bytes = value.as_u64()?,
            "http_latched" => self.http_latched = value.as_bool()?,
            _ => return None,
        }
        Some(())
    }

    /// Whether the request goes over HTTP, whatever its model.
    fn forces_http(&self) -> bool {
        use RouteReason::{BodyTooLarge, HttpLatched, ImageTool};
        matches!(self.reason(Endpoint::Responses, true), HttpLatched | BodyTooLarge | ImageTool)
    }

    fn reason(&self, endpoint: Endpoint, prefers_websocket: bool) -> RouteReason {
        let is_asked = self.downstream == Transport::Websocket;
        match () {
            () if self.http_latched => RouteReason::HttpLatched,
            () if self.body_bytes > MAX_WEBSOCKET_BODY_BYTES => RouteReason::BodyTooLarge,
            () if self.tools.iter().any(|tool| tool == IMAGE_TOOL) => RouteReason::ImageTool,
            () if endpoint != Endpoint::Responses => RouteReason::EndpointIsHttp,
            () if !is_asked && !prefers_websocket => RouteReason::Default,
            () if !self.auth_ws => RouteReason::AuthIsHttp,
            () if is_asked => RouteReason::DownstreamWebsocket,
            () => RouteReason::PrefersWebsocket,
        }
    }
}

impl Endpoint {
    fn read(value: Value<'_>) -> Option<Self> {
        let name = value.as_str()?;
        Self::ALL.iter().find(|endpoint| name.is(endpoint.as_str())).copied()
    }
}

impl RouteReason {
    fn transport(self) -> Transport {
        match self {
            Self::DownstreamWebsocket | Self::PrefersWebsocket => Transport::Websocket,
            _ => Transport::Http,
        }
    }
}

impl Route {
    /// One compact JSON object, members in declaration order.
    pub fn to_json(&self) -> String {
        let mut out = b"{\"transport\":".to_vec();
        write::string(&mut out, self.transport.as_str());
        out.extend_from_slice(b",\"endpoint\":");
        write::string(&mut out, self.endpoint.as_str());
        out.extend_from_slice(b",\"model\":");
        write::string(&mut out, &self.model);
        out.extend_from_slice(b",\"effort\":");
        write::optional(&mut out, self.effort.as_deref());
        out.extend_from_slice(b",\"reason\":");
        write::string(&mut out, self.reason.as_str());
        out.push(b'}');
        String::from_utf8_lossy(&out).into_owned()
    }
}
