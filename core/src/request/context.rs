//! What the answer needs to know of the request: kept by the caller, given to a transcoder, collector or relay.

use super::echo;
use crate::dialect::Dialect;
use crate::error::Error;
use crate::json::tree::Node;
use crate::json::{Str, Value, write};
use crate::limits::{MAX_NAME_BYTES, MAX_STOP_SEQUENCES};
use crate::option_reader;
use crate::tool_kind::ToolKind;
use std::collections::BTreeMap;

/// A tool as the client declared it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientTool {
    /// What its calls must come back as.
    pub kind: ToolKind,
    /// The client's name for it.
    pub name: String,
    /// The namespace that it was declared in.
    pub namespace: Option<String>,
}

impl ClientTool {
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"kind\":");
        write::string(out, self.kind.as_str());
        out.extend_from_slice(b",\"name\":");
        write::string(out, &self.name);
        out.extend_from_slice(b",\"namespace\":");
        write::optional(out, self.namespace.as_deref());
        out.push(b'}');
    }

    pub(crate) fn read(value: Value<'_>) -> Option<Self> {
        let member = |key| value.get(key).filter(|member| !member.is_null());
        let kind = member("kind")?.as_str()?;
        let namespace = match member("namespace") {
            Some(namespace) => Some(option_reader::text(namespace)?),
            None => None,
        };
        Some(Self {
            kind: ToolKind::ALL.iter().copied().find(|own| kind.is(own.as_str()))?,
            name: option_reader::text(member("name")?)?,
            namespace,
        })
    }
}

/// What a request asked for that is not in the backend's answer. Plain data; as JSON it survives a process.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct RequestContext {
    /// How the body was shaped, whatever route it came by.
    pub dialect: Dialect,
    /// The model asked for.
    pub model: Option<String>,
    /// Whether the client asked for a stream.
    pub stream: bool,
    /// `stream_options.include_usage` of a chat request.
    pub include_usage: bool,
    /// Whether a chat client gets reasoning as `reasoning_details`, because it asked or by the profile. In the JSON only
    /// where it does.
    pub reasoning_details: bool,
    /// Tool names that were shortened: short → original.
    pub names: BTreeMap<String, String>,
    /// Call ids that were shortened: short → original.
    pub call_ids: BTreeMap<String, String>,
    /// Tools that a chat client declared as `custom`, by original name.
    pub custom_tools: Vec<String>,
    /// Top-level members that the profile has no rule for, and by path what of `input` the table of input shapes does
    /// not have; they were passed on.
    pub unknown_fields: Vec<String>,
    /// Values of top-level members, or of what is in them, that were shortened: short → original. In the JSON only where
    /// there are some.
    pub values: BTreeMap<String, String>,
    /// Tools that a chat server knows otherwise than the client declared them, by the name that was sent. In the JSON
    /// only where there are some.
    pub tools: BTreeMap<String, ClientTool>,
    /// What a Response repeats of a Responses request (`instructions`, `tools`, `temperature`, …), as the text of a JSON
    /// object: numbers and escapes as the client wrote them. In the JSON only where there is some.
    pub request: Option<String>,
    /// The chat client declared `functions`, and no tools: its call comes back as `function_call`. In the JSON only where it
    /// is so.
    pub legacy_functions: bool,
    /// Stop sequences that the client asked for and that the upstream could not be: for the option `apply_stop`. In the JSON only
    /// where there are some.
    pub stop: Vec<String>,
    /// The answer must be one compaction item: it was asked to sum the conversation up. In the JSON only where it is so.
    pub compacts: bool,
    /// The calls in the history of a Messages client: a hash of each id, sorted. A call of the answer that has the id of one
    /// of them gets another, since the client would lose it. In the JSON only where there are some.
    pub history_calls: Vec<u32>,
}

impl RequestContext {
    pub(super) fn keep_calls(&mut self, mut hashes: Vec<u32>) {
        hashes.sort_unstable();
        hashes.dedup();
        self.history_calls = hashes;
    }

    /// Keeps the stop sequences of a request, in chat's name or that of Messages, where an answer can be searched for them.
    pub(super) fn keep_stop(&mut self, request: Node<'_>) {
        let stop = ["stop", "stop_sequences"].iter().filter_map(|key| request.get(key));
        let each = |stop: Node<'_>| {
            stop.as_str()
                .into_iter()
                .chain(stop.elements().filter_map(Node::as_str))
                .map(Str::decode)
                .collect::<Vec<_>>()
        };
        self.stop = stop.flat_map(each).filter(|own| is_stop(own)).take(MAX_STOP_SEQUENCES).collect();
    }

    /// For a Response that was read with it: what that does not have of it.
    pub(crate) fn after_response(&self) -> Self {
        Self { history_calls: self.history_calls.clone(), stop: self.stop.clone(), ..Self::default() }
    }

    /// Whether the history has a call of this id; of four thousand million ids, one may be taken for another.
    pub(crate) fn has_call(&self, id: &[u8]) -> bool {
        !self.history_calls.is_empty() && self.history_calls.binary_search(&hash(id)).is_ok()
    }

    /// Keeps what the Response must repeat of a Responses request.
    pub(super) fn echo(&mut self, request: Node<'_>) {
        self.request = (self.dialect == Dialect::Responses).then(|| echo::of(request)).flatten();
    }

    /// The model that a client asked for: from the caller, else from its request.
    pub(crate) fn model_or<'a>(own: Option<&'a str>, context: Option<&'a Self>) -> Option<&'a str> {
        own.or_else(|| context?.model.as_deref())
    }

    /// One compact JSON object, members in declaration order.
    pub fn to_json(&self) -> String {
        let mut out = b"{\"dialect\":".to_vec();
        write::string(&mut out, self.dialect.as_str());
        out.extend_from_slice(b",\"model\":");
        write::optional(&mut out, self.model.as_deref());
        out.extend_from_slice(format!(",\"stream\":{}", self.stream).as_bytes());
        out.extend_from_slice(format!(",\"include_usage\":{}", self.include_usage).as_bytes());
        if self.reasoning_details {
            out.extend_from_slice(b",\"reasoning_details\":true");
        }
        for (key, map) in [(",\"names\":", &self.names), (",\"call_ids\":", &self.call_ids)] {
            out.extend_from_slice(key.as_bytes());
            object(&mut out, map);
        }
        for (key, list) in
            [(",\"custom_tools\":", &self.custom_tools), (",\"unknown_fields\":", &self.unknown_fields)]
        {
            out.extend_from_slice(key.as_bytes());
            array(&mut out, list);
        }
        if !self.values.is_empty() {
            out.extend_from_slice(b",\"values\":");
            object(&mut out, &self.values);
        }
        for (nth, (name, tool)) in self.tools.iter().enumerate() {
            out.extend_from_slice(if nth == 0 { b",\"tools\":{" } else { b"," });
            write::string(&mut out, name);
            out.push(b':');
            tool.write(&mut out);
        }
        out.extend_from_slice(if self.tools.is_empty() { b"" } else { b"}" });
        if let Some(request) = &self.request {
            out.extend_from_slice(b",\"request\":");
            write::string(&mut out, request);
        }
        let marks =
            [(",\"legacy_functions\":true", self.legacy_functions), (",\"compacts\":true", self.compacts)];
        for (mark, _) in marks.iter().filter(|(_, is_set)| *is_set) {
            out.extend_from_slice(mark.as_bytes());
        }
        if !self.stop.is_empty() {
            out.extend_from_slice(b",\"stop\":");
            array(&mut out, &self.stop);
        }
        if !self.history_calls.is_empty() {
            out.extend_from_slice(b",\"history_calls\":[");
            write::separated(&mut out, &self.history_calls, |out, hash| {
                out.extend_from_slice(hash.to_string().as_bytes());
            });
            out.push(b']');
        }
        out.push(b'}');
        String::from_utf8_lossy(&out).into_owned()
    }

    /// The reverse of [`RequestContext::to_json`]; every member is optional.
    pub fn from_json(json: &[u8]) -> Result<Self, Error> {
        let mut read = Self::default();
        option_reader::read("", json, |name, value| read.set(name, value))?;
        Ok(read)
    }

    fn set(&mut self, name: &str, value: Value<'_>) -> Option<()> {
        match name {
            "dialect" => {
                let choices = Dialect::ALL.map(|dialect| (dialect.as_str(), dialect));
                self.dialect = option_reader::one_of(value, &choices)?;
            }
            "model" => self.model = Some(option_reader::text(value)?),
            "stream" => self.stream = value.as_bool()?,
            "include_usage" => self.include_usage = value.as_bool()?,
            "reasoning_details" => self.reasoning_details = value.as_bool()?,
            "names" => self.names = option_reader::texts(value)?.into_iter().collect(),
            "call_ids" => self.call_ids = option_reader::texts(value)?.into_iter().collect(),
            "values" => self.values = option_reader::texts(value)?.into_iter().collect(),
            "custom_tools" => self.custom_tools = option_reader::list(value)?,
            "unknown_fields" => self.unknown_fields = option_reader::list(value)?,
            "tools" => self.tools = tools(value)?,
            "legacy_functions" => self.legacy_functions = value.as_bool()?,
            "stop" => {
                let stop = option_reader::list(value)?.into_iter().filter(|own| is_stop(own));
                self.stop = stop.take(MAX_STOP_SEQUENCES).collect();
            }
            "compacts" => self.compacts = value.as_bool()?,
            "history_calls" => self.keep_calls(option_reader::numbers(value)?),
            "request" => self.request = Some(echo::read(value)?),
            _ => return None,
        }
        Some(())
    }
}

fn is_stop(text: &str) -> bool {
    (1..=MAX_NAME_BYTES).contains(&text.len())
}

/// FNV-1a of an id.
pub(super) fn hash(id: &[u8]) -> u32 {
    id.iter().fold(0x811C_9DC5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

fn tools(value: Value<'_>) -> Option<BTreeMap<String, ClientTool>> {
    option_reader::object(value, |tools: &mut BTreeMap<_, _>, name, tool| {
        tools.insert(name.to_owned(), ClientTool::read(tool)?);
        Some(())
    })
}

fn object(out: &mut Vec<u8>, map: &BTreeMap<String, String>) {
    out.push(b'{');
    write::separated(out, map, |out, (key, value)| {
        write::string(out, key);
        out.push(b':');
        write::string(out, value);
    });
    out.push(b'}');
}

fn array(out: &mut Vec<u8>, list: &[String]) {
    out.push(b'[');
    write::separated(out, list, |out, text| write::string(out, text));
    out.push(b']');
}
