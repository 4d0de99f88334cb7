//! Reads a failure. Nothing is decided here.
//!
//! Input: a failure in any of its shapes.
//! Output: its message, names, status and waits, as they came.
//! State: none.
//!
//! HTTP bodies: `{"error":{…}}`, `{"error":"…"}`, `{"detail":"…"}`, `{"detail":[{loc,msg}]}`, `{"message":…}`,
//! `{"errors":{"model":["…"]}}`, `{"fault":{…}}`, `{"base_resp":…}`, one of these in an array, a string, text, a page, XML,
//! nothing. Events: `response.failed`, a response object, flat and nested `error`; WebSocket frames also have a status and
//! headers, and some gateways put the HTTP body under `body`.

use super::codes::{self, INVALID_REQUEST};
use super::details::Details;
use super::detect::{self, is_exception, is_success};
use super::markup;
use super::members::{CODES, MESSAGES, REASONS, member, status, string};
use super::retry::Resets;
use crate::event_names::{EventKind, Status};
use crate::input::is_sse;
use crate::json::{Str, Value};
use crate::limits::{MAX_ERROR_MEMBERS, MAX_ERROR_TEXT_BYTES, MAX_MESSAGE_BYTES};
use crate::outcome::{ErrorBody, MadeFailure, clip};
use crate::sse::{SseOptions, SseParser};

/// What a failure says.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) message: Option<String>,
    /// Where the message is this library's, or there is none: which failure it is.
    pub(super) made: Option<MadeFailure>,
    pub(super) kind: Option<String>,
    pub(super) param: Option<String>,
    pub(super) code: Option<String>,
    /// What the table of codes has instead of the code.
    table_code: Option<String>,
    /// A status in words, `RESOURCE_EXHAUSTED`.
    word: Option<String>,
    /// Further members of the error object, as JSON.
    pub(super) more: String,
    pub(super) status: Option<u16>,
    /// Whether it has Anthropic's form, whose errors have a type and never a code.
    pub(super) is_of_messages: bool,
    details: Details,
    /// The JSON object in a WebSocket frame.
    pub(super) headers: Option<Box<[u8]>>,
}

impl Report {
    pub(super) fn of(made: MadeFailure) -> Self {
        Self::about(made, "")
    }

    /// `about`: what the words name.
    pub(super) fn about(made: MadeFailure, about: &str) -> Self {
        let code = made.code().map(str::to_owned);
        Self { message: Some(made.message_of(about)), code, made: Some(made), ..Self::default() }
    }

    pub(super) fn of_message(message: &str) -> Self {
        Self { message: Some(message.to_owned()), ..Self::default() }
    }

    /// By which the table of codes knows it, the one that says most first.
    pub(super) fn names(&self) -> [Option<&str>; 4] {
        let code = self.table_code.as_ref().or(self.code.as_ref());
        [code, self.kind.as_ref(), self.word.as_ref(), self.details.reason.as_ref()]
            .map(|name| name.map(String::as_str))
    }

    /// What it is called where it has no message.
    pub(super) fn name(&self) -> Option<&str> {
        self.code.as_deref().or(self.kind.as_deref())
    }

    /// What is searched for known words, in lower case.
    pub(super) fn searched(&self) -> String {
        let texts = [&self.message, &self.details.text].map(|text| text.as_deref().unwrap_or_default());
        texts.join(" ").to_ascii_lowercase()
    }

    pub(super) fn resets(&self) -> &Resets {
        &self.details.resets
    }

    /// From bytes of any kind.
    pub(super) fn of_body(body: &[u8]) -> Self {
        let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body).trim_ascii();
        let read = match body.first() {
            None => Some(Self { made: Some(MadeFailure::EmptyBody), ..Self::default() }),
            Some(b'{') => Value::document(body).map(Self::of_json),
            Some(b'"' | b'[') => Self::of_bare(body),
            Some(b'<') => Some(Self::of_page(&text(body))),
            _ => Self::of_stream(body),
        };
        read.unwrap_or_else(|| Self::of_text(&text(body)))
    }

    /// From a page: its title; from XML, `<Error><Code>…</Code><Message>…</Message></Error>`.
    fn of_page(page: &str) -> Self {
        let [title, message, code] = ["title", "message", "code"].map(|name| markup::element(page, name));
        if title.is_empty() && !message.is_empty() {
            return Self { code: Self::of_text(&code).message, ..Self::of_text(&message) };
        }
        let said = Self::of_text(&title);
        let made = said.message.is_none().then_some(MadeFailure::HtmlBody);
        Self { made, ..said }
    }

    /// From text.
    fn of_text(text: &str) -> Self {
        let text = clip(text.trim(), MAX_MESSAGE_BYTES);
        Self { message: (!text.is_empty()).then(|| text.to_owned()), ..Self::default() }
    }

    /// From a JSON string or array: as if it had been labelled.
    fn of_bare(body: &[u8]) -> Option<Self> {
        let is_short = body.len() <= MAX_ERROR_TEXT_BYTES;
        let labelled = is_short.then(|| [&b"{\"error\":"[..], body, b"}"].concat())?;
        Value::document(&labelled).map(Self::of_json)
    }

    /// From the first event of a stream that ends it; `None` for what is no stream.
    fn of_stream(body: &[u8]) -> Option<Self> {
        is_sse(body).filter(|is_sse| *is_sse)?;
        let mut parser = SseParser::new(SseOptions::default());
        let mut is_cut = false;
        for chunk in [body, b"\n\n"] {
            let mut events = parser.feed(chunk);
            while let Some(event) = events.next_event().transpose() {
                let Ok(event) = event else { continue };
                match Value::document(event.data.as_bytes()) {
                    Some(json) if is_end(json, event.event) => {
                        return Some(Self::of_event(json, event.event.as_bytes()));
                    }
                    Some(_) => is_cut = true,
                    None if event.event == "error" => return Some(Self::of_text(event.data)),
                    None => {}
                }
            }
        }
        is_cut.then(|| Self::of(MadeFailure::Truncated))
    }

    /// From an event; its SSE name may be the code that it has not.
    pub(super) fn of_event(json: Value<'_>, name: &[u8]) -> Self {
        let report = Self::of_json(json);
        let is_named = report.name().is_none() && is_exception(name);
        let code = is_named.then(|| clip(&String::from_utf8_lossy(name), MAX_MESSAGE_BYTES).to_owned());
        Self { code: report.code.or(code), ..report }
    }

    /// From an HTTP body, an event, a frame, a response object, or an array of one.
    pub(super) fn of_json(top: Value<'_>) -> Self {
        let top = top.elements().next().unwrap_or(top);
        let [response, body, detail] = ["response", "body", "detail"].map(|key| top.get(key));
        let status_details = response.and_then(|response| response.get("status_details"));
        let holders = [Some(top), response, body, detail, status_details];
        let find =
            |key: &&str| holders.iter().flatten().find_map(|holder| Some((*holder, member(*holder, key)?)));
        let found = ["error", "last_error", "detail", "errors", "fault"].iter().find_map(find);
        let (holder, outer) = found.unzip();
        let error = outer.map(|error| member(error, "error").unwrap_or(error)); // a gateway's around the upstream's
        let around = || [outer, holder, Some(top)].into_iter().flatten();
        let object = error.filter(|error| error.is_object());
        let mut report = match (object, error) {
            (Some(object), _) => around().fold(Self::of_object(object), Self::beside),
            (None, Some(list)) if list.elements().next().is_some() => Self::of_list(list),
            (None, None) if is_cancelled(holders) => Self::of(MadeFailure::Cancelled),
            (None, said) => Self::of_base_resp(top).unwrap_or_else(|| Self::of_flat(top, said)),
        };
        if let Some(object) = object {
            report.more = ErrorBody::more(object);
            report.is_of_messages = is_of_messages(top, &report);
        }
        let reason = |holder| REASONS.iter().find_map(|key| string(member(holder, key)?));
        report.message = report.message.or_else(|| object.into_iter().chain([top]).find_map(reason));
        report.message = report.message.or_else(|| listed_message(object?)).or_else(|| odd_message(object?));
        report.status =
            report.status.or_else(|| [top].into_iter().chain(object).chain(around()).find_map(status));
        let metadata = object.and_then(|object| member(object, "metadata"));
        let mut holders = [Some(top), metadata].into_iter().flatten();
        report.headers = holders.find_map(|holder| headers(member(holder, "headers")?));
        report
    }

    /// From an error object.
    fn of_members(error: Value<'_>) -> Self {
        let find = |keys: &[&str]| keys.iter().find_map(|key| string(member(error, key)?));
        let said = Self::of_message_in(error, Self::of_said);
        Self {
            message: said.message,
            kind: find(&["error_type", "type"]),
            param: find(&["param"]).or(said.param),
            code: find(&CODES),
            table_code: table_code(error),
            word: find(&["status"]).or(said.word),
            details: Details::read(error),
            ..Self::default()
        }
    }

    /// From the first member that has a message.
    fn of_message_in(object: Value<'_>, read: impl Fn(Value<'_>) -> Self) -> Self {
        let texts = MESSAGES.iter().filter_map(|key| member(object, key)).map(read);
        texts.into_iter().find(|said| said.message.is_some()).unwrap_or_default()
    }

    /// From what stands where a message does: a text, what a validator lists, an object around one of these.
    fn of_said(said: Value<'_>) -> Self {
        if !said.is_object() {
            return Self::of_text_or_list(said);
        }
        let within = Self::of_message_in(said, Self::of_text_or_list);
        let error = member(said, "error").filter(|_| within.message.is_none());
        error.map_or(within, Self::of_said)
    }

    fn of_text_or_list(said: Value<'_>) -> Self {
        let text = string(said);
        if text.is_some() { Self { message: text, ..Self::default() } } else { Self::of_validator(said) }
    }

    /// From an error object, or what a validator has in its place.
    fn of_object(object: Value<'_>) -> Self {
        let read = Self::of_members(object);
        if read.message.is_some() || read.name().is_some() {
            return read;
        }
        let Self { message, param, .. } = Self::of_fields(object);
        Self { message, param: read.param.or(param), ..read }
    }

    /// With what stands around the error object: it fills what that lacks. A type there may be that of an event, and a code
    /// one of success.
    fn beside(mut self, around: Value<'_>) -> Self {
        let around = Self::of_members(around);
        self.message = self.message.or(around.message);
        self.kind = self.kind.or(around.kind.filter(|kind| codes::is_code(kind)));
        self.param = self.param.or(around.param);
        self.code = self.code.or(around.code.filter(|code| !is_success(code)));
        self.details.resets = self.details.resets.or(around.details.resets);
        self
    }

    /// From what a validator has against each member of a request: `{"model":["is required"]}`.
    fn of_fields(object: Value<'_>) -> Self {
        let mut fields = Vec::new();
        object.each_member(|key, texts| {
            let texts = joined(texts.elements().filter_map(string), ", ");
            let texts = texts.filter(|_| fields.len() < MAX_ERROR_MEMBERS);
            fields.extend(texts.map(|texts| (key.decode(), texts)));
        });
        Self {
            message: joined(fields.iter().map(|(name, texts)| format!("{name}: {texts}")), "; "),
            param: fields.into_iter().next().map(|(name, _)| clip(&name, MAX_MESSAGE_BYTES).to_owned()),
            ..Self::default()
        }
    }

    /// From `"base_resp":{"status_code":1008,"status_msg":"insufficient balance"}`, as `MiniMax` tells of a request.
    fn of_base_resp(top: Value<'_>) -> Option<Self> {
        Some(Self {
            message: member(top, "base_resp").and_then(|base| string(member(base, "status_msg")?)),
            code: Some(base_code(top)?),
            table_code: table_code(top),
            more: ErrorBody::members(top, |key| key.is("base_resp")),
            ..Self::default()
        })
    }

    /// From members beside each other; `said` is the message where there is no other, and the code where it is one that is
    /// known. The type of an event is not that of an error.
    fn of_flat(top: Value<'_>, said: Option<Value<'_>>) -> Self {
        let mut report = Self::of_members(top);
        let is_event = EventKind::of(top) != EventKind::Other;
        if is_event && member(top, "error_type").is_none() {
            report.kind = None;
        }
        let said = said.and_then(string);
        report.code = report.code.or_else(|| said.clone().filter(|said| codes::is_code(said)));
        report.message = report.message.or(said);
        report
    }

    /// From an array: of errors, the first one; else what a validator lists.
    fn of_list(list: Value<'_>) -> Self {
        let is_error =
            |first: &Value<'_>| ["error", "message", "detail"].iter().any(|key| first.get(key).is_some());
        if let Some(first) = list.elements().next().filter(is_error) {
            return Self::of_json(first);
        }
        Self::of_validator(list)
    }

    /// From `[{"loc":["body","input",0],"msg":"Field required"}]`, or a list of texts.
    fn of_validator(list: Value<'_>) -> Self {
        let words = |entry: Value<'_>| ["msg", "message"].iter().find_map(|key| string(member(entry, key)?));
        let message = |entry: Value<'_>| words(entry).or_else(|| string(entry));
        let path = |entry: Value<'_>| {
            let mut path = member(entry, "loc")?.elements().filter_map(string).peekable();
            path.next_if(|part| part == "body");
            joined(path, ".")
        };
        let is_of_validator = list.elements().any(|entry| member(entry, "loc").is_some());
        Self {
            message: joined(list.elements().filter_map(message), "; "),
            param: list.elements().find_map(path),
            word: is_of_validator.then(|| INVALID_REQUEST.to_owned()),
            ..Self::default()
        }
    }
}

/// `{"type":"error","error":{"type","message"},"request_id"}`; a frame of a WebSocket has a status, too.
fn is_of_messages(top: Value<'_>, report: &Report) -> bool {
    EventKind::of(top) == EventKind::Error && report.kind.is_some() && status(top).is_none()
}

/// Whether an event ends its stream, or holds an error whatever its name is. `sse_name`: for JSON that names no event.
fn is_end(json: Value<'_>, sse_name: &str) -> bool {
    let [kind, error, response, message, code] =
        json.members(["type", "error", "response", "message", "code"]);
    let name = kind.and_then(Value::as_str).map_or(sse_name.as_bytes().into(), Str::unescaped);
    let is_bare = response.is_none() && message.is_some() && code.is_some() && !name.contains(&b'.');
    let is_failure = || is_bare || detect::is_name(sse_name.as_bytes()) || detect::is_typed(json);
    match EventKind::named(&name) {
        EventKind::Error | EventKind::Terminal(_) => true,
        kind => error.is_some_and(|error| !error.is_null()) || kind == EventKind::Other && is_failure(),
    }
}

/// The messages of a list beside where one should be: `{"errors":[{"message":"…"}]}`.
fn listed_message(error: Value<'_>) -> Option<String> {
    Report::of_list(member(error, "errors")?).message
}

/// An object with no message in it, where a message should be: its JSON says more than nothing.
fn odd_message(error: Value<'_>) -> Option<String> {
    let odd = member(error, "message").filter(|odd| odd.is_object() && odd.raw() != b"{}")?;
    Report::of_text(&text(odd.raw())).message
}

fn is_cancelled(holders: [Option<Value<'_>>; 5]) -> bool {
    let mut said = holders.iter().flatten().filter_map(|holder| holder.get("status")?.as_str());
    said.any(|status| Status::named(status) == Some(Status::Cancelled))
}

/// The number that `base_resp` refuses a request with.
fn base_code(object: Value<'_>) -> Option<String> {
    string(member(member(object, "base_resp")?, "status_code")?).filter(|code| code != "0")
}

/// The numbers of `base_resp` are codes of their own.
fn table_code(object: Value<'_>) -> Option<String> {
    Some(format!("base_resp.{}", base_code(object)?))
}

/// Those of a frame, if they are not too many.
fn headers(headers: Value<'_>) -> Option<Box<[u8]>> {
    let raw = headers.raw();
    (headers.is_object() && raw.len() <= MAX_ERROR_TEXT_BYTES).then(|| raw.into())
}

/// The texts in a row, as many as an error body holds.
fn joined(texts: impl Iterator<Item = String>, between: &str) -> Option<String> {
    let mut row = String::new();
    for text in texts {
        if row.len() > MAX_MESSAGE_BYTES {
            break;
        }
        row += if row.is_empty() { "" } else { between };
        row += &text;
    }
    (!row.is_empty()).then(|| clip(&row, MAX_MESSAGE_BYTES).to_owned())
}

/// The beginning of a body that is no JSON.
fn text(body: &[u8]) -> String {
    String::from_utf8_lossy(&body[..body.len().min(MAX_ERROR_TEXT_BYTES)]).into_owned()
}
