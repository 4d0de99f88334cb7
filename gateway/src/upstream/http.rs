//! Requests over HTTP.
//!
//! Input: headers and a body. Output: a failure, or the answer's body. State: none.

use super::{Refused, Sent, refused, unreachable, why};
use crate::gateway::Gateway;
use axum::http::{HeaderMap, Method, Request};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use tokio::time::timeout;

pub(super) async fn ask(gateway: &Gateway, sent: Sent) -> Result<(HeaderMap, Incoming), Refused> {
    let mut request = Request::new(Full::new(Bytes::from(sent.body)));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = gateway.endpoint.clone();
    *request.headers_mut() = sent.headers;
    let asked = timeout(gateway.config.silence, gateway.client.request(request)).await;
    let answer = asked.map_err(|_| unreachable("timeout"))?.map_err(|error| unreachable(&why(&error)))?;
    let (head, body) = answer.into_parts();
    if head.status.is_success() {
        Ok((head.headers, body))
    } else {
        Err(refused(head.status.as_u16(), head.headers, body).await)
    }
}

/// The next bytes; none at the end, or where it is cut.
pub(super) async fn chunk(body: &mut Incoming) -> Option<Bytes> {
    loop {
        if let Ok(data) = body.frame().await?.ok()?.into_data() {
            return Some(data);
        }
    }
}
