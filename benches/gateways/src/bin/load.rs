//! Clients that keep so many streams open: `load URL STREAMS WARM-SECONDS SECONDS`.
//!
//! Input: streams of stub.rs, through a gateway or without one. Output: a line of JSON: how many events and whole streams
//! came in the seconds after the warm ones, and how long an event was on its way, in µs. State: counts.

use memchr::memmem::Finder;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::sleep;

/// A µs each; the last one has all that took longer.
static TIMES: [AtomicU32; 1 << 21] = [const { AtomicU32::new(0) }; 1 << 21];
static STREAMS: AtomicU64 = AtomicU64::new(0);
static CUT: AtomicU64 = AtomicU64::new(0);
static IS_COUNTING: AtomicBool = AtomicBool::new(false);

const BODY: &str = r#"{"model":"gpt-5.5","stream":true,"messages":[{"role":"system","content":"You are a helpful assistant."},{"role":"user","content":"Tell me a story of two hundred words."}]}"#;
const STAMP_DIGITS: usize = 19;
const END: &[u8] = b"\r\n0\r\n\r\n";

#[tokio::main]
async fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let address = args[0].trim_start_matches("http://").to_owned();
    let number = |at: usize| args[at].parse::<u64>().unwrap_or(1);
    let (streams, warm, seconds) = (number(1), number(2), number(3));
    for nth in 0..streams {
        // Not all at once: they come over two thirds of the warm seconds.
        let pause = Duration::from_micros(warm * 666_666 * nth / streams);
        tokio::spawn(client(address.clone(), pause));
    }
    sleep(Duration::from_secs(warm)).await;
    IS_COUNTING.store(true, Relaxed);
    sleep(Duration::from_secs(seconds)).await;
    IS_COUNTING.store(false, Relaxed);
    let events: u64 = TIMES.iter().map(|count| u64::from(count.load(Relaxed))).sum();
    let after = |thousandths: u64| {
        let mut left = events * thousandths / 1000;
        TIMES.iter().position(|count| {
            let count = u64::from(count.load(Relaxed));
            let is_here = left < count;
            left = left.saturating_sub(count);
            is_here
        })
    };
    let at = |thousandths| after(thousandths).unwrap_or(0);
    let (streams, cut) = (STREAMS.load(Relaxed), CUT.load(Relaxed));
    println!(
        r#"{{"events":{events},"streams":{streams},"cut":{cut},"p50":{},"p99":{},"p999":{}}}"#,
        at(500),
        at(990),
        at(999)
    );
}

/// One stream after the other, over one connection; over a new one where that is cut.
async fn client(address: String, pause: Duration) {
    sleep(pause).await;
    loop {
        let _ = streams(&address).await;
        CUT.fetch_add(1, Relaxed);
        sleep(Duration::from_millis(100)).await;
    }
}

async fn streams(address: &str) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let request = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer sk-load\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{BODY}",
        BODY.len()
    );
    let stamps = Finder::new("\":\"@");
    loop {
        stream.write_all(request.as_bytes()).await?;
        answer(&mut stream, &stamps).await?;
        if IS_COUNTING.load(Relaxed) {
            STREAMS.fetch_add(1, Relaxed);
        }
    }
}

/// Reads a chunked answer, whatever it is made of.
async fn answer(stream: &mut TcpStream, stamps: &Finder<'_>) -> std::io::Result<()> {
    let mut kept = Vec::with_capacity(4096);
    loop {
        if stream.read_buf(&mut kept).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos() as u64;
        let mut begin = 0;
        while let Some(at) = stamps.find(&kept[begin..]) {
            let stamp = begin + at + 4;
            let Some(digits) = kept.get(stamp..stamp + STAMP_DIGITS) else { break };
            count(now, digits);
            begin = stamp;
        }
        if kept.ends_with(END) {
            return Ok(());
        }
        kept.drain(..begin.max(kept.len().saturating_sub(4 + STAMP_DIGITS)));
    }
}

fn count(now: u64, digits: &[u8]) {
    let sent = digits.iter().fold(0, |sent, digit| sent * 10 + u64::from(digit.wrapping_sub(b'0') % 10));
    if IS_COUNTING.load(Relaxed) {
        let at = (now.saturating_sub(sent) / 1000) as usize;
        TIMES[at.min(TIMES.len() - 1)].fetch_add(1, Relaxed);
    }
}
