//! The one error type.
//!
//! Input: what went wrong, and where. Output: a code that is the same string in three languages, JSON, the answer to a
//! rejected request. State: none.
//!
//! Only two things are errors: bad upstream bytes where the caller asked for strictness, or misuse of the API. "Needs
//! more bytes" is `None`; a failure that the upstream *reports* is data ([`crate::Outcome`]).

use crate::change::{Action, Change};
use crate::json::write;
use crate::limits::MAX_DETAIL_BYTES;
use crate::outcome::{ErrorBody, clip};
use std::fmt;

/// Why a request must not be sent; the `code` of its error envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RejectCode {
    /// Not JSON (RFC 8259, UTF-8, depth at most 128).
    InvalidJson,
    /// More bytes than the profile allows.
    RequestTooLarge,
    /// A member has a value of the wrong type.
    InvalidType,
    /// What the request needs is not there.
    MissingParameter,
    /// The backend cannot do what this member asks for.
    UnsupportedParameter,
    /// The backend cannot do what this value asks for.
    UnsupportedValue,
    /// The route does not allow this tool.
    UnsupportedTool,
    /// `tool_choice` names a tool that is not declared.
    ToolNotFound,
    /// `previous_response_id` names no response that is known here.
    PreviousResponseNotFound,
    /// An output answers a call that the conversation does not have ([`crate::Orphans::Reject`]).
    UnknownCall,
    /// A frame goes on from an earlier response, and where it would go there is none.
    NeedsFullRequest,
}

impl RejectCode {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::InvalidJson,
        Self::RequestTooLarge,
        Self::InvalidType,
        Self::MissingParameter,
        Self::UnsupportedParameter,
        Self::UnsupportedValue,
        Self::UnsupportedTool,
        Self::ToolNotFound,
        Self::PreviousResponseNotFound,
        Self::UnknownCall,
        Self::NeedsFullRequest,
    ];

    /// `snake_case`, the same in three languages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidJson => "invalid_json",
            Self::RequestTooLarge => "request_too_large",
            Self::InvalidType => "invalid_type",
            Self::MissingParameter => "missing_required_parameter",
            Self::UnsupportedParameter => "unsupported_parameter",
            Self::UnsupportedValue => "unsupported_value",
            Self::UnsupportedTool => "unsupported_tool",
            Self::ToolNotFound => "tool_not_found",
            Self::PreviousResponseNotFound => "previous_response_not_found",
            Self::UnknownCall => "unknown_call",
            Self::NeedsFullRequest => "needs_full_request",
        }
    }
}

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
        /// What stands there; empty for an option that there is not.
        given: String,
        /// What may stand there; or the options that there are.
        allowed: String,
    },
    /// A profile has an unknown option, or one with a value that it cannot have.
    InvalidProfile {
        /// JSON path of the option; `profile` for a name that no profile has.
        path: String,
        /// What stands there.
        given: String,
        /// What may stand there.
        allowed: String,
    },
    /// A request that must not be sent; the client gets an error instead.
    Rejected {
        /// Why.
        code: RejectCode,
        /// JSON path of what is wrong.
        path: Option<String>,
        /// Its offset in the body.
        offset: Option<u64>,
        /// For people.
        message: String,
    },
    /// A sink of the caller did not take what it was given.
    Sink {
        /// The kind of its I/O error.
        kind: std::io::ErrorKind,
        /// Its text.
        message: String,
    },
    /// A store of continuations cannot be reached, or refused.
    Store {
        /// Its message, or the system's.
        message: String,
    },
    /// `feed` or `finish` was called after `finish`.
    AfterFinish,
    /// A whole document was fed beside other input.
    DocumentNotAlone,
    /// A fault of this library, where a binding caught it; the object that was called must not be used again.
    Internal {
        /// Of the panic.
        message: String,
    },
}

impl Error {
    /// An option that has a value that it cannot have. `given`: empty where it is secret, or of no use.
    pub fn wrong_option(path: &str, given: &str, allowed: &str) -> Self {
        let given = match given {
            "" => "something else".to_owned(),
            given => format!("\"{}\"", clip(given, MAX_DETAIL_BYTES)),
        };
        Self::InvalidOption { path: path.to_owned(), given, allowed: allowed.to_owned() }
    }

    /// Stable, `snake_case`, the same in Rust, Python and Node.
    pub fn code(&self) -> &'static str {
        match self {
            Self::EventTooLarge { .. } => "event_too_large",
            Self::InvalidUtf8 { .. } => "invalid_utf8",
            Self::InvalidJson { .. } => "invalid_json",
            Self::InvalidOption { .. } | Self::InvalidProfile { .. } => "invalid_option",
            Self::Rejected { code, .. } => code.as_str(),
            Self::Sink { .. } => "sink",
            Self::Store { .. } => "store",
            Self::AfterFinish => "after_finish",
            Self::DocumentNotAlone => "document_not_alone",
            Self::Internal { .. } => "internal",
        }
    }

    /// Whether the response that the rejected request continues must be forgotten, by [`crate::Orphans::Reject`].
    pub fn ends_chain(&self) -> bool {
        matches!(self, Self::Rejected { code: RejectCode::UnknownCall, .. })
    }

    /// Byte offset in the stream or document, where one is known.
    pub fn offset(&self) -> Option<u64> {
        match self {
            Self::EventTooLarge { offset, .. }
            | Self::InvalidUtf8 { offset }
            | Self::InvalidJson { offset } => Some(*offset),
            Self::Rejected { offset, .. } => *offset,
            Self::InvalidOption { .. }
            | Self::InvalidProfile { .. }
            | Self::Sink { .. }
            | Self::Store { .. }
            | Self::AfterFinish
            | Self::DocumentNotAlone
            | Self::Internal { .. } => None,
        }
    }

    /// JSON path of the offending member, where one is known.
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::InvalidOption { path, .. } | Self::InvalidProfile { path, .. } => Some(path),
            Self::Rejected { path, .. } => path.as_deref(),
            _ => None,
        }
    }
}

impl Error {
    /// `{"error":{"code":…,"offset":…,"path":…}}`, each where it is known.
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

impl Error {
    /// The body to answer a rejected request with, status 400: `{"error":{"message","type","param","code"}}`.
    pub fn envelope(&self) -> String {
        let body = ErrorBody {
            message: self.to_string(),
            kind: "invalid_request_error".to_owned(),
            param: self.path().map(str::to_owned),
            code: Some(self.code().to_owned()),
            ..ErrorBody::default()
        };
        let mut out = Vec::new();
        body.write_envelope(&mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    /// The entry of a rejected request in its list of changes.
    pub fn change(&self) -> Change {
        let path = self.path().unwrap_or_default().to_owned();
        Change { action: Action::Rejected, path, reason: self.to_string() }
    }
}

impl fmt::Display for Error {
    /// One line, whatever names and paths are in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(&mut Printable(f))
    }
}

impl Error {
    fn write(&self, f: &mut impl fmt::Write) -> fmt::Result {
        match self {
            Self::EventTooLarge { offset, limit } => {
                write!(f, "SSE event at byte {offset} is larger than {limit} bytes")
            }
            Self::InvalidUtf8 { offset } => write!(f, "SSE event at byte {offset} is not valid UTF-8"),
            Self::InvalidJson { offset } => write!(f, "invalid JSON at byte {offset}"),
            Self::InvalidProfile { path, given, allowed } => {
                let what = if path.is_empty() { "it" } else { path };
                write!(f, "invalid profile: {what} is {given}; allowed: {allowed}")
            }
            Self::InvalidOption { path, given, allowed } if given.is_empty() => {
                write!(f, "unknown option: {path}; there are: {allowed}")
            }
            Self::InvalidOption { path, given, allowed } => {
                write!(f, "wrong value of an option: {path} is {given}; allowed: {allowed}")
            }
            Self::Rejected { message, .. } => f.write_str(message),
            Self::Sink { message, .. } => write!(f, "cannot write image: {message}"),
            Self::Store { message } => write!(f, "cannot use the store: {message}"),
            Self::AfterFinish => f.write_str("called after finish"),
            Self::DocumentNotAlone => f.write_str("a document must be the only input: one object per answer"),
            Self::Internal { message } => write!(f, "a fault in sluicegate: {message}"),
        }
    }
}

/// Escapes what would end a line of a log, hide in it or steer a terminal.
struct Printable<'a, 'f>(&'a mut fmt::Formatter<'f>);

impl fmt::Write for Printable<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some(at) = rest.find(is_unprintable) {
            self.0.write_str(&rest[..at])?;
            let mut letters = rest[at..].chars();
            match letters.next() {
                Some('\n') => self.0.write_str("\\n")?,
                Some('\r') => self.0.write_str("\\r")?,
                Some('\t') => self.0.write_str("\\t")?,
                letter => write!(self.0, "\\u{:04x}", letter.map_or(0, u32::from))?,
            }
            rest = letters.as_str();
        }
        self.0.write_str(rest)
    }
}

/// Control characters, line and paragraph separators, marks of direction.
fn is_unprintable(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

impl std::error::Error for Error {}
