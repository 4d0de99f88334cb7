//! An upstream that streams Responses, and chat for gateways that have no other upstream: 200 tokens a stream, one event a
//! write, `stub MS` apart. A delta's text is when it was sent, for load.rs. It reads no JSON, so that it is never the limit.
//!
//! Input: HTTP requests with a `content-length`, whose path is that of chat or another. Output: `{"url":…}`; streams. State:
//! none.

use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep_until};

const TOKENS: usize = 200;
const ID: &str = "msg_67ccd3acc8d48190a77525dc6de64b4104becb25c45c1d42";
const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let pace = std::env::args().nth(1).and_then(|ms| ms.parse().ok()).unwrap_or(0);
    let listener = tokio::net::TcpSocket::new_v4()?;
    listener.bind(([127, 0, 0, 1], 0).into())?;
    let listener: TcpListener = listener.listen(8192)?;
    println!("{{\"url\":\"http://{}\"}}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(serve(stream, Duration::from_millis(pace)));
    }
}

async fn serve(mut stream: TcpStream, pace: Duration) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut read = Vec::new();
    while let Some(dialect) = request(&mut stream, &mut read).await? {
        answer(&mut stream, dialect, pace).await?;
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Dialect {
    Chat,
    Responses,
}

/// Reads one request; none at the end of the connection.
async fn request(stream: &mut TcpStream, read: &mut Vec<u8>) -> std::io::Result<Option<Dialect>> {
    loop {
        if let Some(end) = memchr::memmem::find(read, b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&read[..end]).to_ascii_lowercase();
            let length =
                head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
            let whole = end + 4 + length.unwrap_or(0);
            if read.len() >= whole {
                read.drain(..whole);
                let is_chat = head.lines().next().is_some_and(|line| line.contains("/chat/completions "));
                return Ok(Some(if is_chat { Dialect::Chat } else { Dialect::Responses }));
            }
        }
        if stream.read_buf(read).await? == 0 {
            return Ok(None);
        }
    }
}

async fn answer(stream: &mut TcpStream, dialect: Dialect, pace: Duration) -> std::io::Result<()> {
    let (mut out, mut text, mut next) = (HEAD.as_bytes().to_vec(), "Hello ".to_owned(), Instant::now());
    dialect.begin(&mut out, &text);
    stream.write_all(&out).await?;
    for token in 1..TOKENS {
        if !pace.is_zero() {
            next += pace;
            sleep_until(next).await;
        }
        let word =
            format!("@{} ", SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos());
        text += &word;
        out.clear();
        dialect.token(&mut out, token, &word);
        stream.write_all(&out).await?;
    }
    out.clear();
    dialect.end(&mut out, &text);
    out.extend_from_slice(b"0\r\n\r\n");
    stream.write_all(&out).await
}

impl Dialect {
    fn begin(self, out: &mut Vec<u8>, text: &str) {
        if let Self::Responses = self {
            begin(out);
        }
        self.token(out, 0, text);
    }

    fn token(self, out: &mut Vec<u8>, nth: usize, word: &str) {
        match self {
            Self::Chat => chunk(out, &format!(r#"{{"content":"{word}"}}"#), "null"),
            Self::Responses => event(out, "response.output_text.delta", nth + 3, &delta(word)),
        }
    }

    fn end(self, out: &mut Vec<u8>, text: &str) {
        match self {
            Self::Chat => {
                chunk(out, "{}", "\"stop\"");
                http_chunk(out, "data: [DONE]\n\n");
            }
            Self::Responses => end(out, text),
        }
    }
}

fn chunk(out: &mut Vec<u8>, delta: &str, reason: &str) {
    let of = r#""id":"chatcmpl-1","object":"chat.completion.chunk","created":1741290958,"model":"gpt-5.5""#;
    let choice = format!(r#"{{"index":0,"delta":{delta},"logprobs":null,"finish_reason":{reason}}}"#);
    http_chunk(out, &format!("data: {{{of},\"choices\":[{choice}]}}\n\n"));
}

fn begin(out: &mut Vec<u8>) {
    event(
        out,
        "response.created",
        0,
        r#""response":{"id":"resp_1","object":"response","created_at":1741290958,"status":"in_progress","model":"gpt-5.5","output":[]}"#,
    );
    event(
        out,
        "response.output_item.added",
        1,
        &format!(
            r#""output_index":0,"item":{{"id":"{ID}","type":"message","status":"in_progress","role":"assistant","content":[]}}"#
        ),
    );
    event(out, "response.content_part.added", 2, &part("part", ""));
}

fn delta(text: &str) -> String {
    format!(
        r#""item_id":"{ID}","output_index":0,"content_index":0,"delta":"{text}","logprobs":[],"obfuscation":"aZ3fQ9bT""#
    )
}

fn part(name: &str, text: &str) -> String {
    format!(
        r#""item_id":"{ID}","output_index":0,"content_index":0,"{name}":{{"type":"output_text","annotations":[],"logprobs":[],"text":"{text}"}}"#
    )
}

fn end(out: &mut Vec<u8>, text: &str) {
    let at = TOKENS + 3;
    let content = format!(r#"[{{"type":"output_text","annotations":[],"logprobs":[],"text":"{text}"}}]"#);
    let item = format!(
        r#"{{"id":"{ID}","type":"message","status":"completed","role":"assistant","content":{content}}}"#
    );
    let usage = r#"{"input_tokens":37,"output_tokens":200,"total_tokens":237}"#;
    event(
        out,
        "response.output_text.done",
        at,
        &format!(r#""item_id":"{ID}","output_index":0,"content_index":0,"text":"{text}","logprobs":[]"#),
    );
    event(out, "response.content_part.done", at + 1, &part("part", text));
    event(out, "response.output_item.done", at + 2, &format!(r#""output_index":0,"item":{item}"#));
    event(
        out,
        "response.completed",
        at + 3,
        &format!(
            r#""response":{{"id":"resp_1","object":"response","created_at":1741290958,"status":"completed","model":"gpt-5.5","output":[{item}],"usage":{usage}}}"#
        ),
    );
}

/// One event in an HTTP chunk of its own.
fn event(out: &mut Vec<u8>, name: &str, number: usize, members: &str) {
    http_chunk(
        out,
        &format!("event: {name}\ndata: {{\"type\":\"{name}\",\"sequence_number\":{number},{members}}}\n\n"),
    );
}

fn http_chunk(out: &mut Vec<u8>, event: &str) {
    out.extend_from_slice(format!("{:x}\r\n{event}\r\n", event.len()).as_bytes());
}
