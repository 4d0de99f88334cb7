//! What sluicegate costs, beside the physical limit and beside its peers.
//!
//! ```text
//!  seed ─▶ shapes, chat_server, messages_server, images, completed, requests ─▶ a stream, and what must come out of it
//!                                                   │
//!  ours ─ limits ─ peers ─ serde ───────────────────┴─▶ contests ─▶ race ─▶ table ─▶ record/<date>.md, docs/reference/numbers.md
//!                                                            └─▶ criterion, one by one
//! ```
//!
//! The tests prove each input, and that every contender makes of it what must come out.

#![allow(clippy::missing_panics_doc, reason = "what goes wrong must not be timed")]
#![allow(clippy::cast_precision_loss, reason = "counts here are small")]

pub mod chat_server;
pub mod completed;
pub mod content;
pub mod contests;
pub mod images;
pub mod latency;
pub mod messages_server;
pub mod ours;
pub mod peers;
pub mod race;
pub mod requests;
pub mod serde_chat;
pub mod shapes;
pub mod stream;
pub mod table;

/// Bytes in one chunk: what a TLS record or a socket read brings.
pub const CHUNK: usize = 16 << 10;

/// xorshift64*.
#[derive(Debug)]
pub struct Random(u64);

impl Random {
    /// The same numbers for the same seed.
    pub fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    /// A number under `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33).unwrap_or(0) % limit
    }

    /// One of `choices`.
    pub fn one_of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }
}

/// `text` as the contents of a JSON string.
pub fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
