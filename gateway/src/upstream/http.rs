//! Requests over HTTP.
//!
//! Input: headers and a body. Output: a failure, or the answer's body. State: none.

use super::{Refused, Sent, refused, unreachable, why};
use crate::gateway::Gateway;
use axum::http::{HeaderMap, Method, Request, Uri, header};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use std::time::Duration;
use tokio::time::timeout;

/// How long a list may take.
const LIST: Duration = Duration::from_secs(10);

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

/// What the upstream answers to a GET, up to so many bytes; `None` where it has nothing.
pub(super) async fn get(gateway: &Gateway, uri: Uri, mut headers: HeaderMap, most: usize) -> Option<Vec<u8>> {
    headers.remove(header::CONTENT_TYPE);
    let mut request = Request::new(Full::default());
    (*request.uri_mut(), *request.headers_mut()) = (uri, headers);
    let answer = timeout(LIST, gateway.client.request(request)).await.ok()?.ok()?;
    let (is_success, mut body, mut bytes) = (answer.status().is_success(), answer.into_body(), Vec::new());
    let read = async {
        while let Some(data) = chunk(&mut body).await {
            bytes.extend_from_slice(&data);
            if bytes.len() > most {
                return;
            }
        }
    };
    timeout(LIST, read).await.ok()?;
    (is_success && bytes.len() <= most).then_some(bytes)
}

/// The next bytes; none at the end, or where it is cut.
pub(super) async fn chunk(body: &mut Incoming) -> Option<Bytes> {
    loop {
        if let Ok(data) = body.frame().await?.ok()?.into_data() {
            return Some(data);
        }
    }
}
