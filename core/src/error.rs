//! Enters: nothing. Leaves: the one error type, with a code that is the same string in three languages.
//!
//! Only two things are errors: the peer's bytes are bad where the caller asked to be told, or the caller misused the
//! API. "Needs more bytes" is `None`; a failure the peer *reports* is data ([`crate::Outcome`]).

use crate::json::write;
use std::fmt;

/// What went wrong, where. Text is built only by `Display`; tests compare values.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// An SSE block grew past `max_event_bytes`; it is skipped to its blank line and later events parse normally.
    EventTooLarge {
        /// Stream offset of the block's first byte.
        offset: u64,
        /// The limit in force, in bytes.
        limit: usize,
    },
    /// An SSE block holds invalid UTF-8 and the policy is [`crate::Utf8Policy::Strict`]; later events parse normally.
    InvalidUtf8 {
        /// Stream offset of the block's first byte.
        offset: u64,
    },
    /// A document that must be JSON is not (RFC 8259, depth at most 128).
    InvalidJson {
        /// Offset in the document of the first byte that cannot stand there.
        offset: u64,
    },
    /// An option is unknown, or its value has the wrong type.
    InvalidOption {
        /// JSON path of the option.
        path: String,
    },
    /// A sink of the caller did not take what it was given.
    Sink {
        /// The kind of its I/O error.
        kind: std::io::ErrorKind,
        /// Its text.
        message: String,
    },
    /// `feed` or `finish` was called after `finish`.
    AfterFinish,
}

impl Error {
    /// Stable, `snake_case`, the same in Rust, Python and Node.
    pub fn code(&self) -> &'static str {
        match self {
            Self::EventTooLarge { .. } => "event_too_large",
            Self::InvalidUtf8 { .. } => "invalid_utf8",
            Self::InvalidJson { .. } => "invalid_json",
            Self::InvalidOption { .. } => "invalid_option",
            Self::Sink { .. } => "sink",
            Self::AfterFinish => "after_finish",
        }
    }

    /// Byte offset in the stream or document, where one is known.
    pub fn offset(&self) -> Option<u64> {
        match self {
            Self::EventTooLarge { offset, .. }
            | Self::InvalidUtf8 { offset }
            | Self::InvalidJson { offset } => Some(*offset),
            Self::InvalidOption { .. } | Self::Sink { .. } | Self::AfterFinish => None,
        }
    }

    /// JSON path of the offending member, where one is known.
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::InvalidOption { path } => Some(path),
            _ => None,
        }
    }
}

impl Error {
    /// `{"error":{"code":…,"offset":…}}`, `path` instead of `offset` for an option.
    pub fn to_json(&self) -> String {
        let mut out = br#"{"error":{"code":"#.to_vec();
        write::string(&mut out, self.code());
        if let Some(offset) = self.offset() {
            out.extend_from_slice(b",\"offset\":");
            write::number(&mut out, offset);
        }
        if let Some(path) = self.path() {
            out.extend_from_slice(b",\"path\":");
            write::string(&mut out, path);
        }
        out.extend_from_slice(b"}}");
        String::from_utf8_lossy(&out).into_owned()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EventTooLarge { offset, limit } => {
                write!(f, "SSE event at byte {offset} is larger than {limit} bytes")
            }
            Self::InvalidUtf8 { offset } => write!(f, "SSE event at byte {offset} is not valid UTF-8"),
            Self::InvalidJson { offset } => write!(f, "invalid JSON at byte {offset}"),
            Self::InvalidOption { path } => write!(f, "unknown option or wrong type: {path}"),
            Self::Sink { message, .. } => write!(f, "cannot write image: {message}"),
            Self::AfterFinish => f.write_str("called after finish"),
        }
    }
}

impl std::error::Error for Error {}
