//! Input: request bodies and frames, as bytes or text. Output: frames as text, for JavaScript sends bytes as a binary
//! frame; bodies as bytes. State: what the core keeps of the last request.

use crate::convert::{as_bytes, frame_text, to_js_err};
use crate::requests::request_options;
use napi::Result;
use napi::bindgen_prelude::{BufferSlice, Either, Env};
use napi_derive::napi;
use sluicegate::{ClientFrame, Envelope, Error};

/// What the upstream has of a conversation.
#[napi]
pub struct Baseline {
    baseline: sluicegate::Baseline,
}

#[napi]
impl Baseline {
    /// Of a request that is now sent.
    #[napi(constructor, catch_unwind)]
    pub fn new(request: Either<String, &[u8]>) -> Result<Self> {
        Ok(Self { baseline: sluicegate::Baseline::new(as_bytes(&request)).map_err(to_js_err)? })
    }

    /// Takes a frame of the answer.
    #[napi(catch_unwind)]
    pub fn frame(&mut self, frame: Either<String, &[u8]>) {
        self.baseline.frame(&frame_text(&frame));
    }

    /// The connection is gone.
    #[napi(catch_unwind)]
    pub fn close(&mut self) {
        self.baseline.close();
    }

    /// What the next request can go on from.
    #[napi(getter, catch_unwind)]
    pub fn response_id(&self) -> Option<&str> {
        self.baseline.response_id()
    }

    /// The frame of a request on the same connection.
    #[napi(catch_unwind)]
    pub fn ws_request(&self, body: Either<String, &[u8]>) -> Result<String> {
        to_text(sluicegate::ws_request(as_bytes(&body), Some(&self.baseline)))
    }
}

/// The frame of a whole request.
#[napi(catch_unwind)]
pub fn ws_request(body: Either<String, &[u8]>) -> Result<String> {
    to_text(sluicegate::ws_request(as_bytes(&body), None))
}

/// The body that a client's frame is.
#[napi(catch_unwind)]
pub fn http_body<'env>(env: &'env Env, frame: Either<String, &[u8]>) -> Result<BufferSlice<'env>> {
    BufferSlice::copy_from(env, sluicegate::http_body(as_bytes(&frame)).map_err(to_js_err)?)
}

/// What a client's frame asks for.
#[napi(catch_unwind)]
pub fn client_frame(frame: Either<String, &[u8]>) -> Result<&'static str> {
    Ok(match sluicegate::client_frame(as_bytes(&frame)).map_err(to_js_err)? {
        ClientFrame::Create => "create",
        ClientFrame::WarmUp => "warm_up",
        ClientFrame::Append => "append",
        ClientFrame::Processed => "processed",
        ClientFrame::Steer => "steer",
        ClientFrame::Interrupt => "interrupt",
    })
}

/// Headers that a frame has because a WebSocket has none, names and values by turns.
#[napi(catch_unwind)]
pub fn frame_headers(frame: Either<String, &[u8]>) -> Vec<String> {
    let headers = sluicegate::frame_headers(as_bytes(&frame));
    headers.into_iter().flat_map(|(name, value)| [name, value]).collect()
}

/// The frames that answer a warm-up frame.
#[napi(catch_unwind)]
pub fn warm_up_frames(response_id: String) -> Vec<String> {
    sluicegate::warm_up_frames(&response_id).into()
}

/// The response that they have.
#[napi(catch_unwind)]
pub fn warm_up_response(env: &Env, response_id: String) -> Result<BufferSlice<'_>> {
    BufferSlice::copy_from(env, sluicegate::warm_up_response(&response_id))
}

/// What to do about a failure. Of the options, as JSON text, the transport counts; the envelope is JSON text.
#[napi(catch_unwind)]
pub fn after_failure(options: String, envelope: String, committed: bool) -> Result<&'static str> {
    let transport = request_options(&options)?.transport;
    let envelope = Envelope::from_json(envelope.as_bytes()).map_err(to_js_err)?;
    Ok(sluicegate::after_failure(transport, &envelope, committed).as_str())
}

/// The frame of a failure; the envelope is JSON text, headers are names and values by turns.
#[napi(catch_unwind)]
pub fn error_frame(envelope: String, headers: Vec<String>) -> Result<String> {
    let envelope = Envelope::from_json(envelope.as_bytes()).map_err(to_js_err)?;
    let (pairs, _) = headers.as_chunks();
    let headers: Vec<_> = pairs.iter().map(|[name, value]| (&**name, &**value)).collect();
    to_text(Ok(sluicegate::error_frame_with_headers(&envelope, &headers)))
}

/// What the core writes is UTF-8.
fn to_text(frame: std::result::Result<Vec<u8>, Error>) -> Result<String> {
    let frame = String::from_utf8(frame.map_err(to_js_err)?);
    Ok(frame.unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}
