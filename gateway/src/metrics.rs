//! What is counted, as Prometheus reads it.
//!
//! Input: requests and outcomes as they end. Output: text. State: the counts. A label's values are codes, paths and numbers
//! of this server, never what a client sent: there are few of them.

use crate::lock::lock;
use sluicegate::Outcome;
use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

const REQUESTS: &str = "sluicegate_requests_total";
const FAILURES: &str = "sluicegate_failures_total";
const OUTCOMES: &str = "sluicegate_outcomes_total";
const TOKENS: &str = "sluicegate_tokens_total";
const BYTES: &str = "sluicegate_bytes_total";
const NOTES: &str = "sluicegate_notes_total";
const RETRIES: &str = "sluicegate_upstream_retries_total";
const LATENCY: &str = "sluicegate_upstream_first_byte_seconds";

const COUNTERS: [(&str, &str); 7] = [
    (REQUESTS, "Requests by path and status; 0: the client left before."),
    (FAILURES, "Failures by class."),
    (OUTCOMES, "How answers ended."),
    (TOKENS, "Tokens, as the upstream counts them."),
    (BYTES, "Bytes of answers, from the upstream and to clients."),
    (NOTES, "Notes of translations by code."),
    (RETRIES, "Attempts after the first one, by transport."),
];

/// Upper bounds in seconds.
const BOUNDS: [f64; 10] = [0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

#[derive(Debug, Default)]
pub(crate) struct Metrics {
    counts: Mutex<BTreeMap<(&'static str, String), u64>>,
    latency: Mutex<Histogram>,
    under_way: AtomicI64,
}

#[derive(Debug, Default)]
struct Histogram {
    /// The last one has what is over all bounds.
    buckets: [u64; BOUNDS.len() + 1],
    sum: f64,
}

impl Metrics {
    fn add(&self, name: &'static str, labels: String, count: u64) {
        *lock(&self.counts).entry((name, labels)).or_default() += count;
    }

    pub(crate) fn begin(&self) {
        self.under_way.fetch_add(1, Ordering::Relaxed);
    }

    /// What began was no request.
    pub(crate) fn forget(&self) {
        self.under_way.fetch_sub(1, Ordering::Relaxed);
    }

    /// A request is over.
    pub(crate) fn end(&self, path: &str, status: u16, class: Option<&str>) {
        self.under_way.fetch_sub(1, Ordering::Relaxed);
        self.add(REQUESTS, format!("path=\"{path}\",status=\"{status}\""), 1);
        if let Some(class) = class {
            self.add(FAILURES, format!("class=\"{class}\""), 1);
        }
    }

    /// An answer has ended.
    pub(crate) fn outcome(&self, outcome: &Outcome, received: u64, sent: u64) {
        self.add(OUTCOMES, format!("status=\"{}\"", outcome.status.as_str()), 1);
        for note in &outcome.notes {
            self.add(NOTES, format!("code=\"{}\"", note.code.as_str()), 1);
        }
        let tokens = outcome.usage.as_ref().map(|usage| (usage.prompt_tokens, usage.completion_tokens));
        let (input, output) = tokens.unwrap_or_default();
        let both = [(TOKENS, "input", input), (TOKENS, "output", output)];
        for (name, direction, count) in
            both.into_iter().chain([(BYTES, "received", received), (BYTES, "sent", sent)])
        {
            self.add(name, format!("direction=\"{direction}\""), count);
        }
    }

    pub(crate) fn retried(&self, transport: &str) {
        self.add(RETRIES, format!("transport=\"{transport}\""), 1);
    }

    /// From the request to the first part of its answer.
    pub(crate) fn answered(&self, after: Duration) {
        let (mut latency, seconds) = (lock(&self.latency), after.as_secs_f64());
        let at = BOUNDS.iter().position(|bound| seconds <= *bound).unwrap_or(BOUNDS.len());
        latency.buckets[at] += 1;
        latency.sum += seconds;
    }

    /// `connections`: of clients, that are open.
    pub(crate) fn text(&self, connections: usize) -> String {
        let mut out = String::new();
        let counts = lock(&self.counts);
        for (family, help) in COUNTERS {
            let _ = write!(out, "# HELP {family} {help}\n# TYPE {family} counter\n");
            for ((_, labels), count) in
                counts.range((family, String::new())..).take_while(|((name, _), _)| *name == family)
            {
                let _ = writeln!(out, "{family}{{{labels}}} {count}");
            }
        }
        let under_way = self.under_way.load(Ordering::Relaxed);
        gauge(
            &mut out,
            "sluicegate_requests_under_way",
            "Requests that have no whole answer yet.",
            under_way,
        );
        gauge(&mut out, "sluicegate_connections_open", "Connections of clients.", connections);
        lock(&self.latency).write(&mut out);
        out
    }
}

impl Histogram {
    fn write(&self, out: &mut String) {
        let _ =
            write!(out, "# HELP {LATENCY} Until the first part of an answer.\n# TYPE {LATENCY} histogram\n");
        let mut total = 0;
        for (at, count) in self.buckets.iter().enumerate() {
            total += count;
            let bound = BOUNDS.get(at).map_or("+Inf".to_owned(), f64::to_string);
            let _ = writeln!(out, "{LATENCY}_bucket{{le=\"{bound}\"}} {total}");
        }
        let _ = write!(out, "{LATENCY}_sum {}\n{LATENCY}_count {total}\n", self.sum);
    }
}

fn gauge(out: &mut String, name: &str, help: &str, value: impl Display) {
    let _ = write!(out, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}\n");
}
