//! Bodies of requests.
//!
//! Input: a body as it arrives. Output: all of it, decoded, no larger than a body may be. State: none.

use crate::answers::{envelope, failed_for};
use crate::log::Log;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use http_body_util::BodyExt;
use ruzstd::decoding::{FrameDecoder, StreamingDecoder};
use sluicegate::{Dialect, Envelope};
use std::io::{self, Read};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// How long a client may be silent while it sends.
const SILENCE: Duration = Duration::from_secs(60);
/// How long, and how much, of a body that nobody asked for is read.
const SKIPPING: Duration = Duration::from_secs(1);
const MOST_SKIPPED_BYTES: usize = 1 << 20;
const BUFFER: usize = 16 << 10;
/// What every decoder has to support by RFC 8878; a frame may ask for more memory than its body has.
const ZSTD_WINDOW: u64 = 8 << 20;
/// So many bodies are decoded at once.
static DECODING: Semaphore = Semaphore::const_new(8);

/// Reads so many bytes at most; decodes one body.
type Decode = fn(&[u8], usize) -> io::Result<Vec<u8>>;

const DECODERS: [(&str, Decode); 4] = [
    ("gzip", |body, most| read(MultiGzDecoder::new(body), most)),
    ("deflate", |body, most| read(ZlibDecoder::new(body), most)),
    ("br", |body, most| read(brotli_decompressor::Decompressor::new(body, BUFFER), most)),
    ("zstd", |body, most| {
        let mut limited = FrameDecoder::new();
        limited.set_max_window_size(ZSTD_WINDOW);
        let decoder = StreamingDecoder::new_with_decoder(body, limited).map_err(io::Error::other)?;
        read(decoder, most)
    }),
];

/// What a client may send, as a header has it.
pub(crate) fn accepted() -> String {
    DECODERS.map(|(name, _)| name).join(", ")
}

/// All of a body; a failure where it is larger, has an encoding that is not served here, or does not come.
pub(crate) async fn whole(
    headers: &HeaderMap,
    body: Body,
    most: usize,
    log: &Log,
) -> Result<Bytes, Envelope> {
    let encoding = headers.get(header::CONTENT_ENCODING).map(|name| name.to_str().unwrap_or("?").trim());
    let decode = match encoding.filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case("identity")) {
        None => None,
        // One at most: each further one would multiply the work.
        Some(name) => Some(
            decoder(name).ok_or_else(|| envelope(415, "the body has an encoding that is not served here"))?,
        ),
    };
    let sent = collected(body, most, log).await?;
    match decode {
        None => Ok(sent),
        Some(decode) => decoded(sent, decode, most).await,
    }
}

/// Reads what nobody asked for, up to a point: a client that still sends would lose the answer with the connection.
pub(crate) async fn skip(mut body: Body) {
    let mut bytes = 0;
    let reading = async {
        while let Some(Ok(frame)) = body.frame().await {
            bytes += frame.data_ref().map_or(0, Bytes::len);
            if bytes > MOST_SKIPPED_BYTES {
                break;
            }
        }
    };
    let _ = timeout(SKIPPING, reading).await;
}

fn decoder(name: &str) -> Option<Decode> {
    DECODERS.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, decode)| *decode)
}

async fn collected(mut body: Body, most: usize, log: &Log) -> Result<Bytes, Envelope> {
    let mut sent = Vec::new();
    loop {
        let frame = timeout(SILENCE, body.frame()).await;
        let Some(frame) = frame.map_err(|_| envelope(408, "the body does not come"))? else { break };
        let frame = frame.map_err(|_| {
            log.leave();
            envelope(400, "the body is cut")
        })?;
        sent.extend_from_slice(frame.data_ref().map_or(&[][..], |data| data));
        if sent.len() > most {
            return Err(envelope(413, "the body is too large"));
        }
    }
    Ok(sent.into())
}

/// In a thread that may be busy for a while.
async fn decoded(sent: Bytes, decode: Decode, most: usize) -> Result<Bytes, Envelope> {
    let _room = DECODING.acquire().await;
    let decoded = tokio::task::spawn_blocking(move || decode(&sent, most)).await;
    match decoded {
        Ok(Ok(body)) if body.len() > most => Err(envelope(413, "the body is too large once decoded")),
        Ok(Ok(body)) => Ok(body.into()),
        _ => Err(envelope(400, "the body is not in the encoding that its headers name")),
    }
}

/// One byte more than there may be tells that there is more.
fn read(decoder: impl Read, most: usize) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    decoder.take(most as u64 + 1).read_to_end(&mut body)?;
    Ok(body)
}

/// A body that cannot be read.
pub(crate) fn unread(client: Dialect, failure: &Envelope) -> Response {
    let mut headers = HeaderMap::new();
    if failure.status == StatusCode::UNSUPPORTED_MEDIA_TYPE.as_u16() {
        headers.extend(HeaderValue::try_from(accepted()).ok().map(|names| (header::ACCEPT_ENCODING, names)));
    }
    failed_for(client, failure, headers, None)
}
