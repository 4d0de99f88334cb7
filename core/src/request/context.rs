//! What the answer must be told of the request: kept by the caller, given to a transcoder, collector or relay.

use crate::error::Error;
use crate::json::{Value, write};
use crate::options;
use std::collections::BTreeMap;

/// The protocol of a client.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `/v1/chat/completions`
    Chat,
    /// `/v1/responses`
    #[default]
    Responses,
}

impl Dialect {
    fn as_str(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Responses => "responses",
        }
    }
}

/// What a request asked for that the backend's answer does not say. Plain data; as JSON it survives a process.
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
    /// Tool names that were shortened: short → original.
    pub names: BTreeMap<String, String>,
    /// Call ids that were shortened: short → original.
    pub call_ids: BTreeMap<String, String>,
    /// Tools that a chat client declared as `custom`, by original name.
    pub custom_tools: Vec<String>,
    /// Top-level members that the profile has no rule for; they were passed on.
    pub unknown_fields: Vec<String>,
}

impl RequestContext {
    /// One compact JSON object, members in declaration order.
    pub fn to_json(&self) -> String {
        let mut out = b"{\"dialect\":".to_vec();
        write::string(&mut out, self.dialect.as_str());
        out.extend_from_slice(b",\"model\":");
        write::optional(&mut out, self.model.as_deref());
        out.extend_from_slice(format!(",\"stream\":{}", self.stream).as_bytes());
        out.extend_from_slice(format!(",\"include_usage\":{}", self.include_usage).as_bytes());
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
        out.push(b'}');
        String::from_utf8_lossy(&out).into_owned()
    }

    /// The reverse of [`RequestContext::to_json`]; every member is optional.
    pub fn from_json(json: &[u8]) -> Result<Self, Error> {
        let mut read = Self::default();
        options::read(json, |name, value| read.set(name, value))?;
        Ok(read)
    }

    fn set(&mut self, name: &str, value: Value<'_>) -> Option<()> {
        match name {
            "dialect" => {
                let choices = [("chat", Dialect::Chat), ("responses", Dialect::Responses)];
                self.dialect = options::one_of(value, &choices)?;
            }
            "model" => self.model = Some(options::text(value)?),
            "stream" => self.stream = value.as_bool()?,
            "include_usage" => self.include_usage = value.as_bool()?,
            "names" => self.names = options::texts(value)?.into_iter().collect(),
            "call_ids" => self.call_ids = options::texts(value)?.into_iter().collect(),
            "custom_tools" => self.custom_tools = options::list(value)?,
            "unknown_fields" => self.unknown_fields = options::list(value)?,
            _ => return None,
        }
        Some(())
    }
}

fn object(out: &mut Vec<u8>, map: &BTreeMap<String, String>) {
    out.push(b'{');
    for (nth, (key, value)) in map.iter().enumerate() {
        out.extend_from_slice(if nth == 0 { b"" } else { b"," });
        write::string(out, key);
        out.push(b':');
        write::string(out, value);
    }
    out.push(b'}');
}

fn array(out: &mut Vec<u8>, list: &[String]) {
    out.push(b'[');
    for (nth, text) in list.iter().enumerate() {
        out.extend_from_slice(if nth == 0 { b"" } else { b"," });
        write::string(out, text);
    }
    out.push(b']');
}
