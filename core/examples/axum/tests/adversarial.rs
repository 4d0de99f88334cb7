//! Upstreams and clients that mean harm, around the gateway: their cost is bounded, and a client gets an answer.

use reqwest::{Client, Response};
use serde_json::{Value, json};
use sluicegate::Profile;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

/// No attack sends more, whoever still reads.
const MOST: usize = 96 << 20;
/// What may have been sent to somebody who read 1 MiB and left: the buffers of two sockets.
const UNREAD: usize = 16 << 20;
const SOON: Duration = Duration::from_secs(20);

const CREATED: &str = "data: {\"type\":\"response.created\",\"response\":{\"id\":\"resp_1\"}}\n\n";
const DELTA: &str = "data: {\"type\":\"response.output_text.delta\",\"delta\":\"Hello\"}\n\n";
const DONE: &str =
    "data: {\"type\":\"response.completed\",\"response\":{\"id\":\"resp_1\",\"status\":\"completed\"}}\n\n";

/// What an upstream sends: a status, something once, and something for ever.
struct Attack {
    status: u16,
    once: String,
    again: String,
    pause: Duration,
}

impl Attack {
    fn new(status: u16, once: &str, again: &str) -> Self {
        Self { status, once: once.to_owned(), again: again.to_owned(), pause: Duration::ZERO }
    }
}

#[derive(Default)]
struct Seen {
    sent: AtomicUsize,
    left: Notify,
}

/// An upstream on the loopback, and the gateway in front of it.
async fn under(attack: Attack) -> (String, Arc<Seen>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let seen = Arc::new(Seen::default());
    let known = seen.clone();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let _ = answer(socket, &attack, &known).await; // it left
            known.left.notify_one();
        }
    });
    (gateway(&url).await, seen)
}

async fn answer(mut socket: TcpStream, attack: &Attack, seen: &Seen) -> std::io::Result<()> {
    let mut request = vec![0; 64 << 10];
    if socket.read(&mut request).await? == 0 {
        return Ok(());
    }
    let head = format!("HTTP/1.1 {} So\r\nconnection: close\r\n\r\n{}", attack.status, attack.once);
    socket.write_all(head.as_bytes()).await?;
    while !attack.again.is_empty() && seen.sent.load(Ordering::Relaxed) < MOST {
        socket.write_all(attack.again.as_bytes()).await?;
        seen.sent.fetch_add(attack.again.len(), Ordering::Relaxed);
        sleep(attack.pause).await;
    }
    socket.shutdown().await?; // half-closed
    while socket.read(&mut request).await? > 0 {}
    Ok(())
}

async fn gateway(upstream: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1/chat/completions", listener.local_addr().unwrap());
    let router = sluicegate_axum_example::router(upstream, Profile::codex());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

async fn ask(url: &str, is_stream: bool) -> Response {
    let messages = json!([{"role": "user", "content": "Hi"}]);
    let body = json!({"model": "m", "stream": is_stream, "messages": messages}).to_string();
    timeout(SOON, Client::new().post(url).body(body).send()).await.expect("in time").unwrap()
}

async fn text(response: Response) -> String {
    timeout(SOON, response.text()).await.expect("in time").unwrap()
}

impl Seen {
    /// The gateway went away, and had not read much.
    async fn is_left(&self, name: &str) {
        timeout(SOON, self.left.notified()).await.expect(name);
        let sent = self.sent.load(Ordering::Relaxed);
        assert!(sent < UNREAD, "{name}: {sent} bytes");
    }
}

#[tokio::test]
async fn endless_bodies_that_are_no_answer() {
    let (space, page) = (" ".repeat(64 << 10), "<p>Sorry</p>".repeat(5461));
    let html = "<html><title>Oops</title>";
    for (once, again, status) in
        [(html, &page, 500), (html, &page, 200), ("", &space, 200), ("", &space, 429), ("no", &page, 503)]
    {
        for is_stream in [true, false] {
            let (url, seen) = under(Attack::new(status, once, again)).await;
            let response = ask(&url, is_stream).await;
            let name = format!("{status} {once} {is_stream}");
            assert_eq!(response.status(), if status == 200 { 502 } else { status }, "{name}");
            let body: Value = serde_json::from_str(&text(response).await).unwrap();
            assert!(body["error"]["message"].is_string());
            seen.is_left(&name).await;
        }
    }
}

#[tokio::test]
async fn frames_after_the_end() {
    let once = [CREATED, DELTA, DONE].concat();
    for again in [": ping\n\n".repeat(8192), DELTA.repeat(512), " ".repeat(64 << 10)] {
        for is_stream in [true, false] {
            let (url, seen) = under(Attack::new(200, &once, &again)).await;
            let response = ask(&url, is_stream).await;
            assert_eq!(response.status(), 200);
            assert_eq!(text(response).await.matches("Hello").count(), 1);
            seen.is_left(&again[..4]).await;
        }
    }
}

#[tokio::test]
async fn half_closed_sockets() {
    let half = [CREATED, &DELTA[..20]].concat();
    for (once, status) in [("", 502), (CREATED, 502), (&half, 502), (DELTA, 200)] {
        let (url, seen) = under(Attack::new(200, once, "")).await;
        let response = ask(&url, true).await;
        assert_eq!(response.status(), status, "{once}");
        assert!(text(response).await.contains("upstream_truncated"));
        seen.is_left(once).await;
    }
}

/// A client that leaves, or does not read, at any point.
#[tokio::test]
async fn clients_that_leave_or_do_not_read() {
    let slow = Duration::from_millis(20);
    for (once, again) in [("", " "), (CREATED, ": x\n"), (DELTA, DELTA)] {
        let (url, seen) = under(Attack { pause: slow, ..Attack::new(200, once, again) }).await;
        let asked = tokio::spawn(async move { text(ask(&url, true).await).await });
        sleep(slow * 10).await;
        asked.abort();
        assert!(asked.await.is_err());
        seen.is_left(again).await;
    }
    let (url, seen) = under(Attack::new(200, CREATED, &DELTA.repeat(1024))).await;
    let mut response = ask(&url, true).await;
    response.chunk().await.unwrap().expect("a chunk");
    sleep(Duration::from_millis(500)).await;
    let before = seen.sent.load(Ordering::Relaxed);
    sleep(Duration::from_millis(300)).await;
    assert_eq!(seen.sent.load(Ordering::Relaxed), before, "the upstream is read though the client does not");
    drop(response);
    timeout(SOON, seen.left.notified()).await.expect("left");
}

/// Packed data that nobody asked for is no stream; a request over the limit is refused while it comes.
#[tokio::test]
async fn what_is_packed_or_too_large() {
    let gzip = "\u{1f}".to_owned() + &"\u{0}".repeat(64 << 10);
    let (url, seen) = under(Attack::new(200, &gzip, &gzip)).await;
    assert_eq!(ask(&url, true).await.status(), 502);
    seen.is_left("packed").await;

    let url = gateway("http://127.0.0.1:1").await;
    let address = url.strip_prefix("http://").unwrap().split('/').next().unwrap().to_owned();
    let mut client = TcpStream::connect(address).await.unwrap();
    let head = "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n";
    client.write_all(head.as_bytes()).await.unwrap();
    let chunk = format!("{:x}\r\n{}\r\n", 1 << 20, " ".repeat(1 << 20));
    let mut sent = 0;
    while sent < 96 && client.write_all(chunk.as_bytes()).await.is_ok() {
        sent += 1;
    }
    assert!(sent < 96, "a request without end was read");
}
