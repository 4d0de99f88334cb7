//! A request as it goes upstream, and what its answer is read with.
//!
//! Input: a client's request, with its history. Output: the way it goes, the upstream's request, options of a reader. State: the
//! request as it came, since other rules hold over the other transport.

use crate::clock::now_ms;
use crate::gateway::Gateway;
use crate::ids::random_id;
use crate::routes::{Client, IMAGE_EDITS};
use sluicegate::{
    ConvertedRequest, Dialect, Error, Expanded, Options, RequestOptions, Route, RouteOptions, Transport,
    convert_request, count_tokens, http_body,
};

pub(crate) struct Prepared {
    path: &'static str,
    downstream: Transport,
    pub(crate) turn: Expanded,
    /// The model that the client asked for.
    pub(crate) model: String,
    pub(crate) way: Route,
    pub(crate) body: Vec<u8>,
    pub(crate) converted: ConvertedRequest,
    /// What clients of Messages are given at the start, as nobody has counted then.
    input_tokens: u64,
    /// What the client calls the conversation.
    session: Option<String>,
}

impl Prepared {
    pub(crate) fn new(
        gateway: &Gateway,
        path: &'static str,
        downstream: Transport,
        turn: Expanded,
        session: Option<String>,
    ) -> Result<Self, Error> {
        let options =
            RouteOptions { downstream, http_latched: gateway.is_latched(), ..RouteOptions::default() };
        let routed = gateway.catalog().route_request(&turn.body, &options);
        let (way, model, body) = (routed.route, routed.model, routed.body.into_owned());
        let converted = ConvertedRequest::default();
        let mut prepared =
            Self { path, downstream, turn, model, way, body, converted, input_tokens: 0, session };
        prepared.converted = prepared.convert(prepared.way.transport, gateway)?;
        prepared.input_tokens = prepared.estimate(gateway);
        Ok(prepared)
    }

    /// The same over this transport, where it was for the other.
    pub(crate) fn over(&mut self, transport: Transport, gateway: &Gateway) -> Result<(), Error> {
        if self.way.transport != transport {
            self.converted = self.convert(transport, gateway)?;
            self.way.transport = transport;
        }
        Ok(())
    }

    fn convert(&self, transport: Transport, gateway: &Gateway) -> Result<ConvertedRequest, Error> {
        let Some(route) = gateway.route(self.path) else { return Err(Error::AfterFinish) };
        let config = &gateway.config;
        let options = RequestOptions {
            transport,
            origin: Some(config.upstream.clone()),
            history_origin: self.turn.origin.clone(),
            seal_keys: config.seal_keys.clone(),
            session: self.session.clone(),
            ..RequestOptions::default()
        };
        let as_body;
        let body = if is_frame_for(self.downstream, transport) {
            as_body = http_body(&self.body)?;
            &as_body
        } else {
            &self.body
        };
        convert_request(body, Some(route.client.dialect()), config.upstream_api, &route.profile, &options)
    }

    /// For a client of Messages whose upstream says nothing at the start: the tokens of what is sent.
    fn estimate(&self, gateway: &Gateway) -> u64 {
        let is_asked = self.converted.context.dialect == Dialect::Messages
            && gateway.config.upstream_api != Dialect::Messages;
        if is_asked { count_tokens(&self.converted.body).unwrap_or_default() } else { 0 }
    }

    /// What the answer is read with.
    pub(crate) fn options(&self, gateway: &Gateway, client: Client) -> Options {
        Options {
            model: Some(self.model.clone()),
            input_tokens: self.input_tokens,
            context: Some(self.converted.context.clone().into()),
            previous_response_id: self.turn.previous_response_id.clone(),
            // Of an answer that is recorded: an upstream's id may come twice, or be guessed.
            id: own_id(client),
            created: now_ms() / 1000,
            apply_stop: true,
            image_edits: self.path == IMAGE_EDITS,
            conform: gateway.config.conform,
            seal_keys: gateway.config.seal_keys.clone(),
            ..Options::default()
        }
    }
}

/// An id of this server's own, for clients that hold answers apart by their ids.
fn own_id(client: Client) -> Option<String> {
    match client {
        Client::Messages => Some(random_id("msg_")),
        client => client.is_continued().then(|| random_id("resp_")),
    }
}

/// Whether a frame has to become a body.
pub(crate) fn is_frame_for(downstream: Transport, transport: Transport) -> bool {
    downstream == Transport::Websocket && transport == Transport::Http
}
