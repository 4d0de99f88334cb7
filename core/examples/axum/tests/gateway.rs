//! The gateway over loopback sockets, the strict backend behind it.

use reqwest::{Client, Response};
use serde_json::{Value, json};
use sluicegate::Profile;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../bindings-node/test/strict-backend.mjs");
const DEADLINE: Duration = Duration::from_secs(60);

/// The strict backend as a process; it ends when its stdin closes, which is when this is dropped.
struct Backend {
    process: Child,
    url: String,
}

impl Backend {
    fn start() -> Self {
        let mut command = Command::new("node");
        command.arg(SCRIPT).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("node is installed");
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let listening: Value = serde_json::from_str(&line).unwrap();
        Self { process, url: listening["url"].as_str().unwrap().to_owned() }
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        self.process.wait().unwrap();
    }
}

/// `short`, the program of 40 lines, as a process; it ends when this is dropped.
struct Short(Child);

impl Short {
    async fn start(upstream: &str) -> (Self, String) {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new(env!("CARGO_BIN_EXE_short"));
        let short = Self(command.args([upstream, &port.to_string()]).spawn().unwrap());
        let listens = async {
            while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(DEADLINE, listens).await.unwrap();
        (short, format!("http://127.0.0.1:{port}/v1/chat/completions"))
    }
}

impl Drop for Short {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// The gateway's chat endpoint.
async fn gateway(upstream: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1/chat/completions", listener.local_addr().unwrap());
    let router = sluicegate_axum_example::router(upstream, Profile::codex());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

async fn ask(url: &str, model: &str, is_stream: bool) -> Response {
    let messages = json!([{"role": "user", "content": "Hi"}]);
    let body = json!({"model": model, "stream": is_stream, "messages": messages, "temperature": 0.2});
    timeout(DEADLINE, Client::new().post(url).body(body.to_string()).send()).await.unwrap().unwrap()
}

fn content_type(response: &Response) -> String {
    response.headers()["content-type"].to_str().unwrap().to_owned()
}

async fn object(response: Response) -> Value {
    assert_eq!(content_type(&response), "application/json");
    serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
}

/// What the chunks of a stream say, and its last data before `[DONE]`.
async fn said(response: Response) -> (String, Value) {
    assert_eq!((response.status().as_u16(), content_type(&response).as_str()), (200, "text/event-stream"));
    let body = timeout(DEADLINE, response.text()).await.unwrap().unwrap();
    let chunks: Vec<_> = body.split("\n\n").filter_map(|frame| frame.strip_prefix("data: ")).collect();
    let (done, chunks) = chunks.split_last().unwrap();
    assert_eq!(*done, "[DONE]");
    let chunks: Vec<Value> = chunks.iter().map(|chunk| serde_json::from_str(chunk).unwrap()).collect();
    let texts = chunks.iter().filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str());
    (texts.collect(), chunks.last().unwrap().clone())
}

#[tokio::test]
async fn a_chat_is_streamed_or_collected() {
    let backend = Backend::start();
    let url = gateway(&backend.url).await;
    let (text, last) = said(ask(&url, "gpt-5.5", true).await).await;
    assert_eq!(text, "Hello from the strict backend.");
    assert_eq!(last["choices"][0]["finish_reason"], "stop");
    let whole = object(ask(&url, "gpt-5.5", false).await).await;
    assert_eq!(whole["choices"][0]["message"]["content"], "Hello from the strict backend.");
    assert_eq!(whole["usage"]["total_tokens"], 19);
}

#[tokio::test]
async fn a_failure_before_the_first_byte_is_an_http_error() {
    let backend = Backend::start();
    let url = gateway(&backend.url).await;
    for is_stream in [true, false] {
        let limited = ask(&url, "fail-429", is_stream).await;
        assert_eq!(limited.status(), 429);
        assert!(limited.headers().contains_key("retry-after"));
        assert_eq!(object(limited).await["error"]["type"], "usage_limit_reached");
        for (model, status) in [("fail-500-html", 500), ("fail-stream-first", 503)] {
            let failed = ask(&url, model, is_stream).await;
            assert_eq!(failed.status(), status, "{model}");
            assert!(object(failed).await["error"]["message"].is_string());
        }
    }
    let cut = ask(&url, "cut", false).await;
    assert_eq!(cut.status(), 502);
    assert_eq!(object(cut).await["error"]["code"], "upstream_truncated");
}

#[tokio::test]
async fn a_failure_after_the_first_byte_is_an_error_frame() {
    let backend = Backend::start();
    let url = gateway(&backend.url).await;
    for (model, code) in [("fail-stream-late", "server_error"), ("cut", "upstream_truncated")] {
        let (text, last) = said(ask(&url, model, true).await).await;
        assert!(text.starts_with("Hello"), "{model}: {text}");
        assert_eq!(last["error"]["code"], code, "{model}");
    }
}

#[tokio::test]
async fn a_request_that_must_not_be_sent_and_an_upstream_that_is_not_there() {
    let url = gateway("http://127.0.0.1:1").await;
    let rejected = Client::new().post(&url).body("{\"model\":").send().await.unwrap();
    assert_eq!(rejected.status(), 400);
    assert_eq!(object(rejected).await["error"]["code"], "invalid_json");
    assert_eq!(ask(&url, "gpt-5.5", true).await.status(), 502);
}

#[tokio::test]
async fn the_first_chunk_comes_at_once_and_a_client_that_leaves_takes_the_upstream_along() {
    let upstream = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = gateway(&format!("http://{}", upstream.local_addr().unwrap())).await;
    let asked = tokio::spawn(async move { ask(&url, "gpt-5.5", true).await });

    let (mut socket, _) = timeout(DEADLINE, upstream.accept()).await.unwrap().unwrap();
    let event = "data: {\"type\":\"response.output_text.delta\",\"delta\":\"Hello\"}\n\n";
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    let chunk = format!("{head}{:x}\r\n{event}\r\n", event.len());
    socket.write_all(chunk.as_bytes()).await.unwrap();

    let mut response = asked.await.unwrap();
    let first = timeout(DEADLINE, response.chunk()).await.unwrap().unwrap().unwrap();
    assert!(String::from_utf8_lossy(&first).contains("\"Hello\""), "{first:?}");
    drop(response);
    let rest = timeout(DEADLINE, socket.read_to_end(&mut Vec::new())).await;
    assert!(rest.is_ok(), "the upstream's connection is still open");
}

#[tokio::test]
async fn forty_lines_stream_and_refuse() {
    let source = include_str!("../src/bin/short.rs");
    assert!(source.lines().count() <= 40);
    let backend = Backend::start();
    let (_short, url) = Short::start(&backend.url).await;
    let (text, last) = said(ask(&url, "gpt-5.5", true).await).await;
    assert_eq!(text, "Hello from the strict backend.");
    assert_eq!(last["choices"][0]["finish_reason"], "stop");
    for (model, status) in [("fail-429", 429), ("fail-stream-first", 503)] {
        assert_eq!(ask(&url, model, true).await.status(), status, "{model}");
    }
    assert_eq!(Client::new().post(&url).body("[").send().await.unwrap().status(), 400);
}
