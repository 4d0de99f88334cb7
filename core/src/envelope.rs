//! The answer to a failure of the upstream.
//!
//! Input: the failure in any of its shapes.
//! Output: the error body that OpenAI clients know, its HTTP status, what to do about it, and when.
//! State: none.
//!
//! `detect` tells a failure from an answer, `parse` and `details` read it, `codes` and `messages` are the tables of what
//! upstreams write, `retry` is when to come back. A body and an event in a stream take the same way.

mod codes;
mod details;
mod detect;
mod duration;
mod markup;
mod members;
mod messages;
mod parse;
mod retry;

use crate::dialect::Dialect;
use crate::error::Error;
use crate::event_names::EventKind;
use crate::input::content_type;
use crate::json::{Value, write};
use crate::limits::MAX_DETAIL_BYTES;
use crate::outcome::{ErrorBody, ErrorClass, MadeFailure, Messages, Outcome, Verdict, clip};
use codes::Named;
use messages::Wording;
use parse::Report;
use retry::Headers;

/// Lines that may follow an error which is no event.
const MAX_LINES_AFTER: usize = 4;

/// What a gateway knows of a failure. The body is an HTTP body, an event, a WebSocket frame, or a stream of events.
///
/// Of the headers only `retry-after`, `retry-after-ms`, `x-codex-*`, `x-ratelimit-*` and a redirect's `location` are read.
#[derive(Debug, Default, Clone, Copy)]
pub struct Failure<'a> {
    /// HTTP status; anything but 400 to 599 is as good as none, but for a redirect with a `location`.
    pub status: Option<u16>,
    /// Names in any case, values.
    pub headers: &'a [(&'a str, &'a str)],
    /// As it came.
    pub body: &'a [u8],
    /// Milliseconds since 1970, for an upstream that names a date.
    pub now_ms: Option<u64>,
}

/// A failure as a client of the OpenAI API is told of it, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// 400 to 599.
    pub status: u16,
    /// The upstream's own words where it had any.
    pub error: ErrorBody,
    /// What to do about it.
    pub class: ErrorClass,
    /// When to come back, where the upstream said so.
    pub retry_after_ms: Option<u64>,
    /// What in this library helps.
    pub hint: Option<&'static str>,
    words: Words,
}

/// Whose code and message a failure has.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Words {
    #[default]
    Upstream,
    Made(MadeFailure),
    /// In place of a made failure's.
    Host {
        has_code: bool,
    },
}

/// Makes one envelope of any failure.
///
/// ```
/// let failure = sluicegate::Failure {
///     status: Some(429),
///     headers: &[("Retry-After", "1.5")],
///     body: br#"{"detail":"Slow down."}"#,
///     now_ms: None,
/// };
/// let envelope = sluicegate::error_envelope(&failure);
/// assert_eq!(envelope.class, sluicegate::ErrorClass::RateLimited);
/// assert_eq!(envelope.retry_after_ms, Some(1500));
/// assert_eq!(envelope.error.message, "Slow down.");
/// ```
pub fn error_envelope(failure: &Failure<'_>) -> Envelope {
    judge(redirect(failure).unwrap_or_else(|| Report::of_body(failure.body)), failure)
}

/// A redirect that nobody followed: where it leads is what to mend. Its query may hold a secret.
fn redirect(failure: &Failure<'_>) -> Option<Report> {
    failure.status.filter(|status| (300..400).contains(status))?;
    let (_, target) = failure.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("location"))?;
    let target = target.split(['?', '#']).next().unwrap_or_default();
    Some(Report::of_message(&format!("upstream redirects to {}", clip(target, MAX_DETAIL_BYTES))))
}

/// The headers of the answer to a failure, in lower case: what its body is, and when to come back, in milliseconds for
/// clients that read those, and in seconds.
///
/// ```
/// let headers = sluicegate::failure_headers(Some(1500));
/// assert_eq!(headers[1..], [("retry-after-ms", "1500".to_owned()), ("retry-after", "2".to_owned())]);
/// ```
pub fn failure_headers(retry_after_ms: Option<u64>) -> Vec<(&'static str, String)> {
    let mut headers = vec![("content-type", content_type(false).to_owned())];
    if let Some(wait) = retry_after_ms {
        headers.push(("retry-after-ms", wait.to_string()));
        headers.push(("retry-after", wait.div_ceil(1000).to_string()));
    }
    headers
}

/// A failure inside a stream: an event, a response object, or the body that came instead of a stream.
pub(crate) fn of_json(json: Value<'_>) -> Envelope {
    judge(Report::of_json(json), &Failure::default())
}

/// The same of an event: `name` is its type, or the SSE name of one that has none, which may say what the failure is.
pub(crate) fn of_event(json: Value<'_>, name: &[u8]) -> Envelope {
    judge(Report::of_event(json, name), &Failure::default())
}

/// Whether an SSE name says that its event is a failure, where its JSON is no event that is known.
pub(crate) fn is_name_of_failure(sse_name: &[u8]) -> bool {
    detect::is_name(sse_name)
}

/// A body that came instead of a stream, and is no JSON.
pub(crate) fn of_page(body: &[u8]) -> Envelope {
    error_envelope(&Failure { body, ..Failure::default() })
}

/// A stream that failed without a word.
pub(crate) fn without_details() -> Envelope {
    judge(Report::default(), &Failure::default())
}

/// A failure of our own.
pub(crate) fn made(made: MadeFailure) -> Envelope {
    judge(Report::of(made), &Failure::default())
}

/// Whether a body or event is of a chat server.
pub(crate) fn is_chat(json: Value<'_>) -> bool {
    let object = json.get("object").and_then(Value::as_str);
    match object {
        Some(object) => object.is("chat.completion.chunk") || object.is("chat.completion"),
        // Some servers leave it out.
        None => json.get("choices").is_some_and(|choices| choices.raw().starts_with(b"[")),
    }
}

/// Whether an `error` member says that there is one: `{}`, `""` and `{"code":0}` do not.
pub(crate) fn is_error(error: Value<'_>) -> bool {
    detect::is_said(error)
}

/// Whether an event has the HTTP status of a failure, as WebSocket frames have.
pub(crate) fn has_status(json: Value<'_>) -> bool {
    members::status(json).is_some()
}

/// Whether a `base_resp` member refuses the request, as `MiniMax` does under HTTP 200.
pub(crate) fn is_refusal(base: Value<'_>) -> bool {
    detect::is_refusal(base)
}

/// An `error` member: an object or a text.
pub(crate) fn of_error(error: Value<'_>) -> Envelope {
    let json = [b"{\"error\":", error.raw(), b"}"].concat();
    Value::document(&json).map_or_else(without_details, of_json)
}

/// The failure that data is which is no JSON object: a list of errors, an object before something else, the text of an event
/// that is named `error`.
pub(crate) fn of_malformed(data: &str, sse_name: &str) -> Option<Envelope> {
    let data = data.trim_ascii();
    let is_named = EventKind::named(sse_name.as_bytes()) == EventKind::Error;
    let failure = match data.as_bytes().first()? {
        b'[' => failure_in(Value::document(format!("{{\"error\":{data}}}").as_bytes())?.get("error")?),
        b'{' => leading_object(data).and_then(failure_in),
        b'"' if is_named => failure_in(Value::document(format!("{{\"error\":{data}}}").as_bytes())?),
        _ => None,
    };
    failure.or_else(|| is_named.then(|| of_message(data)))
}

/// The object that some lines begin with, where the first or all but the last few are it.
fn leading_object(data: &str) -> Option<Value<'_>> {
    let first = data.lines().next()?;
    let ends = data.rmatch_indices('\n').map(|(end, _)| &data[..end]);
    std::iter::once(first)
        .chain(ends.take(MAX_LINES_AFTER))
        .find_map(|lines| Value::document(lines.as_bytes()))
}

/// A stream that ended without its end, perhaps because an event was too large.
pub(crate) fn cut(is_too_large: bool) -> Envelope {
    made(if is_too_large { MadeFailure::EventTooLarge } else { MadeFailure::Truncated })
}

/// An answer whose finish reason is a failure.
pub(crate) fn of_finish_reason(reason: &str) -> Envelope {
    match reason {
        "error" => without_details(),
        _ => judge(Report::about(MadeFailure::FinishReason, reason), &Failure::default()),
    }
}

fn of_message(message: &str) -> Envelope {
    judge(Report::of_message(message), &Failure::default())
}

/// The failure that a JSON value is, which came in a stream or as a body under HTTP 200: see `detect`.
pub(crate) fn failure_in(json: Value<'_>) -> Option<Envelope> {
    detect::is_failure(json).then(|| of_json(json))
}

/// A status that was stated wins. The class is that of the code, else of the message, else of the status; but a code
/// that many failures have, as `invalid_request_error`, says less than the message.
fn judge(report: Report, failure: &Failure<'_>) -> Envelope {
    let Named { decided, general, number, status: implied } = codes::read(report.names());
    let stated = failure.status.and_then(codes::failure).or(report.status);
    let said = report.searched();
    let wording = messages::find(&said, stated.or(general.map(|(_, status)| status)).or(implied));
    let quoted = if general.is_none() { codes::quoted(&said) } else { None };
    let (class, status) = decided.or(quoted).or(wording.map(Wording::class_and_status)).or(general).unzip();
    let status = stated.or(status).or(implied).unwrap_or(502);
    // 400 and 500 say nothing that the HTTP status does not.
    let number = number.filter(|number| !matches!(number, 400 | 500..));
    let class = class.unwrap_or_else(|| codes::class_of(number.unwrap_or(status)));
    let headers = Headers::new(failure.headers, report.headers.as_deref());
    let retry_after_ms = retry::after(report.resets(), &said, class, &headers, failure.now_ms);
    let hint = wording.and_then(|wording| wording.hint);
    let made = report.made.or_else(|| report.message.is_none().then(|| silence(&report)));
    let words = made.map_or(Words::Upstream, Words::Made);
    Envelope {
        status,
        error: error(report, status, class, wording, made),
        class,
        retry_after_ms,
        hint,
        words,
    }
}

/// Why there is no message.
fn silence(report: &Report) -> MadeFailure {
    match report.name() {
        Some(_) => MadeFailure::NoMessage,
        None => MadeFailure::NoDetails,
    }
}

/// Clients of the OpenAI API know by its code what Anthropic's clients know by its words.
fn error(
    report: Report,
    status: u16,
    class: ErrorClass,
    wording: Option<&Wording>,
    made: Option<MadeFailure>,
) -> ErrorBody {
    let about = || report.name().map_or_else(|| status.to_string(), str::to_owned);
    let own = || made.map_or_else(String::new, |made| made.message_of(about()));
    let message = report.message.clone().unwrap_or_else(own);
    let (param, code) = wording.map_or((None, None), |wording| wording.param_and_code(&message));
    let is_too_long = report.is_of_messages && class == ErrorClass::ContextLength;
    let code = code.or_else(|| is_too_long.then(|| codes::CONTEXT_LENGTH.to_owned()));
    ErrorBody {
        kind: report.kind.unwrap_or_else(|| codes::kind_of(status).to_owned()),
        param: report.param.or(param),
        code: report.code.or(code),
        more: report.more,
        message,
    }
}

impl Outcome {
    /// The failure that a stream turned out to be.
    pub fn envelope(&self) -> Option<Envelope> {
        let Verdict { status, class, retry_after_ms } = self.failure?;
        let error = self.error.clone()?;
        Some(Envelope { status, error, class, retry_after_ms, hint: None, words: Words::Upstream })
    }
}

impl Envelope {
    /// Whether the upstream said no more than that it failed.
    pub(crate) fn has_no_details(&self) -> bool {
        self.words == Words::Made(MadeFailure::NoDetails)
    }

    /// With the host's own code and message, if this is a made failure and the host has any for it.
    pub(crate) fn in_words_of(mut self, host: &Messages) -> Self {
        let Words::Made(made) = self.words else { return self };
        let Some(text) = host.get(made) else { return self };
        self.words = Words::Host { has_code: text.code.is_some() };
        self.error.code = text.code.clone().or(self.error.code);
        self.error.message = text.message.clone().unwrap_or(self.error.message);
        self
    }

    /// The code that the host chose: it stands as it is.
    pub(crate) fn code_of_host(&self) -> Option<&str> {
        self.error.code.as_deref().filter(|_| self.words == Words::Host { has_code: true })
    }

    /// What to send: `{"error":{"message","type","param","code"}}`.
    pub fn body(&self) -> String {
        let mut out = Vec::new();
        self.error.write_envelope(&mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    /// One compact JSON object, members in declaration order; `body` is what to send.
    pub fn to_json(&self) -> String {
        self.with_body(self.status, &self.body())
    }

    /// The same with what to send to a client of that dialect: [`Envelope::status_for`], [`Envelope::body_for`].
    pub fn to_json_for(&self, client: Dialect, request_id: Option<&str>) -> String {
        self.with_body(self.status_for(client), &self.body_for(client, request_id))
    }

    fn with_body(&self, status: u16, body: &str) -> String {
        let mut out = b"{\"status\":".to_vec();
        write::number(&mut out, status.into());
        write::pieces(&mut out, [b",\"body\":", body.as_bytes()]);
        self.verdict().write_advice(&mut out);
        out.extend_from_slice(b",\"hint\":");
        write::optional(&mut out, self.hint);
        out.push(b'}');
        String::from_utf8_lossy(&out).into_owned()
    }

    /// Reads what [`Envelope::to_json`] writes, but for the hint.
    pub fn from_json(json: &[u8]) -> Result<Self, Error> {
        let read = Value::document(json).ok_or(Error::InvalidJson { offset: 0 })?;
        let member = |name: &str| read.get(name).filter(|value| !value.is_null());
        let wrong = |path: &str| Error::wrong_option(path, "", "see error_envelope");
        let status = member("status").and_then(|status| u16::try_from(status.as_u64()?).ok());
        let class = member("class").and_then(Value::as_str).and_then(ErrorClass::named);
        let error = member("body").and_then(|body| body.get("error"));
        Ok(Self {
            status: status.and_then(codes::failure).ok_or_else(|| wrong("status"))?,
            error: error.and_then(ErrorBody::read).ok_or_else(|| wrong("body"))?,
            class: class.ok_or_else(|| wrong("class"))?,
            retry_after_ms: member("retry_after_ms").and_then(Value::as_u64),
            hint: None,
            words: Words::Upstream,
        })
    }

    pub(crate) fn verdict(&self) -> Verdict {
        Verdict { status: self.status, class: self.class, retry_after_ms: self.retry_after_ms }
    }
}
