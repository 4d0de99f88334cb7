//! Lines of JSON on standard error, written by a thread of their own: whoever reads them may be slow, or not read at all.
//!
//! Input: values. Output: lines. State: those that wait; one more than may wait is counted and lost.

use serde::Serialize;
use std::io::Write as _;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread;
use std::time::Duration;

const MOST_WAITING: usize = 4096;
const MAX_BATCH_BYTES: usize = 64 << 10;
/// So long the thread waits for more: it is not woken for each line.
const GATHER: Duration = Duration::from_millis(2);
/// How long the last lines may take.
const FLUSH: Duration = Duration::from_secs(1);

enum Message {
    Line(Vec<u8>),
    Flush(SyncSender<()>),
}

static LINES: LazyLock<SyncSender<Message>> = LazyLock::new(|| {
    let (lines, waiting) = sync_channel(MOST_WAITING);
    thread::spawn(move || write_all(&waiting));
    lines
});
static LOST: AtomicU64 = AtomicU64::new(0);

/// Some lines are missing here.
#[derive(Serialize)]
struct Lost {
    log: &'static str,
    lines: u64,
}

pub(crate) fn write(entry: &impl Serialize) {
    if LINES.try_send(Message::Line(line(entry))).is_err() {
        LOST.fetch_add(1, Ordering::Relaxed);
    }
}

/// Waits until all is written that came before.
pub(crate) fn flush() {
    let (done, is_done) = sync_channel(1);
    if LINES.try_send(Message::Flush(done)).is_ok() {
        let _ = is_done.recv_timeout(FLUSH);
    }
}

fn line(entry: &impl Serialize) -> Vec<u8> {
    let mut line = serde_json::to_vec(entry).unwrap_or_default();
    line.push(b'\n');
    line
}

fn write_all(waiting: &Receiver<Message>) {
    while let Ok(mut message) = waiting.recv() {
        if matches!(message, Message::Line(_)) {
            thread::sleep(GATHER);
        }
        let mut batch = Vec::new();
        let flushed = loop {
            match message {
                Message::Line(line) => batch.extend(line),
                Message::Flush(done) => break Some(done),
            }
            if batch.len() >= MAX_BATCH_BYTES {
                break None;
            }
            message = match waiting.try_recv() {
                Ok(next) => next,
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => break None,
            };
        };
        let lost = LOST.swap(0, Ordering::Relaxed);
        if lost > 0 {
            batch.extend(line(&Lost { log: "lost", lines: lost }));
        }
        let _ = std::io::stderr().write_all(&batch);
        drop(flushed); // whoever waits for it goes on
    }
}
