//! Enters: one chat.completion.chunk, or one chat.completion. Leaves: a view of what it says.
//!
//! Beside what OpenAI sends: reasoning under its three names, content in parts (Mistral), the legacy function call, and
//! identities of calls as gateways really give them: an index that is no number is none, a blank id or name is none.

use crate::json::{Elements, Reader, Str, Value};
use crate::outcome::Usage;
use crate::responses::id;

/// What a chunk says of the whole completion, and of its one choice.
#[derive(Debug, Default, Clone)]
pub(crate) struct Chunk<'a> {
    pub(crate) id: Option<Str<'a>>,
    pub(crate) object: Option<Str<'a>>,
    pub(crate) created: Option<u64>,
    pub(crate) model: Option<Str<'a>>,
    pub(crate) service_tier: Option<Str<'a>>,
    pub(crate) usage: Option<Value<'a>>,
    pub(crate) error: Option<Value<'a>>,
    pub(crate) choices: Option<Choices<'a>>,
}

/// The answers: nearly always one, so the first is read in passing.
#[derive(Debug, Default, Clone)]
pub(crate) struct Choices<'a> {
    first: Option<Choice<'a>>,
    others: Elements<'a>,
}

/// One of the answers; clients that speak Responses have only one.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Choice<'a> {
    pub(crate) index: Option<u64>,
    /// `delta`; in a whole completion `message`
    pub(crate) delta: Option<Delta<'a>>,
    pub(crate) finish_reason: Option<Str<'a>>,
    pub(crate) logprobs: Option<Value<'a>>,
}

/// What is said: a delta, or a message.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Delta<'a> {
    pub(crate) role: Option<Value<'a>>,
    pub(crate) content: Option<Value<'a>>,
    pub(crate) refusal: Option<Value<'a>>,
    /// The first that is there of `reasoning_content`, `reasoning`, `reasoning_details`: where there are several, they
    /// say the same.
    pub(crate) reasoning: Option<Value<'a>>,
    pub(crate) tool_calls: Option<Value<'a>>,
    pub(crate) function_call: Option<Value<'a>>,
    pub(crate) annotations: Option<Value<'a>>,
    pub(crate) images: Option<Value<'a>>,
}

/// A piece of a call, as far as it says whose.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct ToolCall<'a> {
    pub(crate) index: Option<u64>,
    pub(crate) id: Option<Str<'a>>,
    pub(crate) name: Option<Str<'a>>,
    /// `arguments` of a function, `input` of a custom tool
    pub(crate) arguments: Option<Value<'a>>,
    pub(crate) is_custom: bool,
}

/// What of a text is thought, not said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Said,
    Thought,
}

impl<'a> Chunk<'a> {
    pub(crate) fn parse(json: Value<'a>) -> Self {
        let mut read = Self::default();
        Reader::new(json).members(|reader, key| match &*key.unescaped() {
            b"choices" => read.choices = Choices::read(reader),
            key => read.set(key, reader.value()),
        });
        read
    }

    fn set(&mut self, key: &[u8], value: Value<'a>) {
        match key {
            b"id" => self.id = id(Some(value)),
            b"object" => self.object = value.as_str(),
            b"created" => self.created = value.as_u64(),
            b"model" => self.model = id(Some(value)),
            b"service_tier" => self.service_tier = id(Some(value)),
            b"usage" => self.usage = Some(value).filter(|usage| usage.is_object()),
            b"error" => self.error = Some(value).filter(|error| !error.is_null()),
            _ => {}
        }
    }

    /// An error that came without the member `error`.
    pub(crate) fn is_error(&self) -> bool {
        self.error.is_some() || self.object.is_some_and(|object| object.is("error"))
    }

    pub(crate) fn choices(&self) -> impl Iterator<Item = Choice<'a>> {
        let Choices { first, others } = self.choices.clone().unwrap_or_default();
        first.into_iter().chain(others.map(|other| Choice::read(&mut Reader::new(other))))
    }
}

impl<'a> Choices<'a> {
    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        let is_null = reader.is_null();
        let read = reader.first(Choice::read);
        let read = read.map(|(first, others)| Self { first: Some(first), others });
        (!is_null).then(|| read.unwrap_or_default())
    }
}

impl<'a> Choice<'a> {
    fn read(reader: &mut Reader<'a>) -> Self {
        let mut read = Self::default();
        reader.members(|reader, key| match &*key.unescaped() {
            b"delta" | b"message" => read.delta = Delta::read(reader).or(read.delta),
            key => read.set(key, reader.value()),
        });
        read
    }

    fn set(&mut self, key: &[u8], value: Value<'a>) {
        match key {
            b"index" => self.index = value.as_u64(),
            b"finish_reason" => self.finish_reason = id(Some(value)),
            b"logprobs" => {
                self.logprobs = value.get("content").filter(|list| list.elements().next().is_some());
            }
            _ => {}
        }
    }
}

impl<'a> Delta<'a> {
    /// `None` for what is no object.
    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        let mut read = Self::default();
        let mut reasoning = [None; 3];
        let is_object = reader.members(|reader, key| {
            let value = Some(reader.value()).filter(|value| !value.is_null());
            match &*key.unescaped() {
                b"role" => read.role = value,
                b"content" => read.content = value,
                b"refusal" => read.refusal = value,
                b"reasoning_content" => reasoning[0] = value,
                b"reasoning" => reasoning[1] = value,
                b"reasoning_details" => reasoning[2] = value,
                b"tool_calls" => read.tool_calls = value,
                b"function_call" => read.function_call = value,
                b"annotations" => read.annotations = value,
                b"images" => read.images = value,
                _ => {}
            }
        });
        let is_said = |value: &Value<'_>| value.as_str().is_none_or(|text| !text.is_empty());
        read.reasoning = reasoning.into_iter().flatten().find(is_said);
        is_object.then_some(read)
    }

    /// The pieces of calls, in order. `nth` counts as the index of what has none, in a message: there each element is
    /// one call.
    pub(crate) fn calls(&self, is_message: bool) -> impl Iterator<Item = ToolCall<'a>> {
        let list = self.tool_calls.into_iter().flat_map(Value::elements).map(ToolCall::parse);
        let legacy = self.function_call.map(|own| ToolCall::default().with(own));
        let whole = move |(nth, call)| if is_message { ToolCall { index: Some(nth), ..call } } else { call };
        (0..).zip(list.chain(legacy)).map(whole)
    }
}

impl<'a> ToolCall<'a> {
    fn parse(json: Value<'a>) -> Self {
        let (mut read, mut custom, mut own) = (Self::default(), None, None);
        json.each_member(|key, value| match &*key.unescaped() {
            b"index" => read.index = value.as_u64(),
            b"id" => read.id = id(Some(value)),
            b"function" => own = Some(value),
            b"custom" => custom = Some(value).filter(|custom| custom.is_object()),
            _ => {}
        });
        read.is_custom = custom.is_some();
        custom.or(own).map_or(read, |own| read.with(own))
    }

    fn with(self, own: Value<'a>) -> Self {
        let key = if self.is_custom { "input" } else { "arguments" };
        Self { name: id(own.get("name")), arguments: own.get(key).filter(|value| !value.is_null()), ..self }
    }
}

/// Calls `take` for each text of a content, a refusal or a reasoning: a string, an object that holds one, or a list of
/// such; `tone` is that of what has no type of its own.
pub(crate) fn texts<'a>(value: Value<'a>, tone: Tone, take: &mut impl FnMut(Tone, Str<'a>)) {
    if let Some(text) = value.as_str() {
        return take(tone, text);
    }
    for part in value.elements() {
        texts(part, tone, take);
    }
    let holders = [("text", tone), ("content", tone), ("summary", tone), ("thinking", Tone::Thought)];
    let held = holders.into_iter().find_map(|(key, tone)| Some((value.get(key)?, tone)));
    if let Some((held, tone)) = held {
        texts(held, tone, take);
    }
}

/// The text that a chunk adds to one voice or one call, where it adds nothing else: what a repeated chunk varies.
pub(crate) fn only_text(json: Value<'_>) -> Option<Value<'_>> {
    let delta = Chunk::parse(json).choices().next()?.delta?;
    let arguments = || delta.calls(false).next()?.arguments;
    [delta.content, delta.reasoning, delta.refusal]
        .into_iter()
        .flatten()
        .find(|text| text.as_str().is_some_and(|text| !text.is_empty()))
        .or_else(arguments)
}

/// `usage` of a chunk; `None` where it counts nothing.
pub(crate) fn usage(usage: Value<'_>) -> Option<Usage> {
    let count = |key| usage.get(key).and_then(Value::as_u64);
    let detail = |group, key| usage.get(group).and_then(|group| group.get(key)).and_then(Value::as_u64);
    let (prompt, completion, total) =
        (count("prompt_tokens"), count("completion_tokens"), count("total_tokens"));
    prompt.or(completion).or(total)?;
    let (prompt_tokens, completion_tokens) = (prompt.unwrap_or(0), completion.unwrap_or(0));
    Some(Usage {
        prompt_tokens,
        completion_tokens,
        total_tokens: total.unwrap_or(prompt_tokens.saturating_add(completion_tokens)),
        cached_tokens: detail("prompt_tokens_details", "cached_tokens")
            .or_else(|| count("prompt_cache_hit_tokens")), // DeepSeek
        cache_write_tokens: detail("prompt_tokens_details", "cache_write_tokens"),
        reasoning_tokens: detail("completion_tokens_details", "reasoning_tokens"),
    })
}

/// A `url_citation`, nested as chat has it or flat; its members. `None` for other kinds.
pub(crate) fn citation(annotation: Value<'_>) -> Option<Value<'_>> {
    let kind = annotation.get("type").and_then(Value::as_str)?;
    kind.is("url_citation").then(|| annotation.get("url_citation").unwrap_or(annotation))
}

/// The data URL of an element of `images`: its media type, and the base64.
pub(crate) fn image_data(image: Value<'_>) -> Option<(Vec<u8>, Str<'_>)> {
    let url = image.get("image_url").map(|own| own.get("url").unwrap_or(own))?.as_str()?;
    let raw = url.raw();
    let comma = raw.iter().take(256).position(|byte| *byte == b',')?;
    let head = Str::from_raw(&raw[..comma]).unescaped().into_owned();
    let mime = head.strip_prefix(b"data:")?.strip_suffix(b";base64")?.to_vec();
    Some((mime, Str::from_raw(&raw[comma + 1..])))
}
