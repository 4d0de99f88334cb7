//! The view of one chat.completion.chunk, or of one chat.completion.
//!
//! Input: its JSON. Output: what it holds, unparsed where nobody needs it. Beside what OpenAI sends: reasoning under its many
//! names, content in parts (Mistral), the legacy function call, usage and errors in a choice, and identities of calls as
//! gateways really give them: an index that is no number is none, a blank id or name is none.

mod content;
mod tool_call;

use crate::envelope;
use crate::input;
use crate::json::{self, Elements, Malformed, Reader, Str, Value};
use crate::opaque::{FIELDS, STATE_OF_MESSAGE, is_thought, state_of_message};
use content::has_text;
pub(crate) use content::{ContentPiece, citation, image_data, pieces};
pub(crate) use tool_call::ToolCall;

/// The members of a chunk: those of the whole completion, and its choices.
#[derive(Debug, Default, Clone)]
pub(crate) struct Chunk<'a> {
    /// The whole chunk.
    json: Option<Value<'a>>,
    sse_name: &'a str,
    kind: Option<Str<'a>>,
    pub(crate) id: Option<Str<'a>>,
    pub(crate) object: Option<Str<'a>>,
    pub(crate) created: Option<u64>,
    pub(crate) model: Option<Str<'a>>,
    pub(crate) service_tier: Option<Str<'a>>,
    pub(crate) usage: Option<Value<'a>>,
    pub(crate) choices: Option<Choices<'a>>,
    /// Web pages that the answer rests on, beside the choices or in the answer.
    pub(crate) pages: Pages<'a>,
    filler: Option<Value<'a>>,
    has_error: bool,
    /// What broke the stream off, in a member of the server's own.
    pub(crate) break_off: Option<Value<'a>>,
}

/// Lists of URLs, and of objects that have one.
pub(crate) type Pages<'a> = [Option<Value<'a>>; 2];

/// Members with pages, the place of each in [`Pages`], and the member that holds the list, if it is not the value itself
/// (Perplexity and xAI; Perplexity; Zhipu; `DashScope`; Azure; Gemini; LiteLLM before it).
const PAGES: [(&str, usize, Option<&str>); 8] = [
    ("citations", 0, None),
    ("search_results", 1, None),
    ("web_search", 1, None),
    ("references", 1, None),
    ("search_info", 1, Some("search_results")),
    ("context", 1, Some("citations")),
    ("grounding_metadata", 1, Some("groundingChunks")),
    ("vertex_ai_grounding_metadata", 1, None),
];

/// The answers: nearly always one, so the first is read in passing.
#[derive(Debug, Default, Clone)]
pub(crate) struct Choices<'a> {
    first: Option<Choice<'a>>,
    others: Elements<'a>,
}

/// One of the answers; other clients than chat ones have only one.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Choice<'a> {
    pub(crate) index: Option<u64>,
    pub(crate) delta: Option<Delta<'a>>,
    pub(crate) message: Option<Delta<'a>>,
    text: Option<Value<'a>>,
    pub(crate) finish_reason: Option<Str<'a>>,
    /// The stop sequence that ended it, where the server names it (vLLM, `SGLang`).
    pub(crate) stop_sequence: Option<Str<'a>>,
    pub(crate) logprobs: Option<Value<'a>>,
    pub(crate) usage: Option<Value<'a>>,
    /// See [`Chunk::pages`].
    pub(crate) pages: Pages<'a>,
    pub(crate) error: Option<Value<'a>>,
}

/// A delta, or a message.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Delta<'a> {
    pub(crate) role: Option<Value<'a>>,
    pub(crate) content: Option<Value<'a>>,
    pub(crate) refusal: Option<Value<'a>>,
    /// The first name of reasoning that has a text: where there are several, they are equal.
    pub(crate) reasoning: Option<Value<'a>>,
    pub(crate) tool_calls: Option<Value<'a>>,
    pub(crate) function_call: Option<Value<'a>>,
    pub(crate) annotations: Option<Value<'a>>,
    pub(crate) images: Option<Value<'a>>,
    /// Spoken audio. Its transcript is a text.
    pub(crate) audio: Option<Value<'a>>,
    /// What ran on the server (Groq).
    pub(crate) executed_tools: Option<Value<'a>>,
    /// See [`Chunk::pages`].
    pub(crate) pages: Pages<'a>,
    /// What failed, as some servers say it there.
    error: Option<Value<'a>>,
    /// Members that hold opaque state, in the order of [`STATE_OF_MESSAGE`].
    pub(crate) state: [Option<Value<'a>>; STATE_OF_MESSAGE.len()],
    finish_reason: Option<Str<'a>>,
    /// The content is a thought.
    pub(crate) is_thought: bool,
}

/// Names of reasoning, the plainest first (DeepSeek; OpenRouter, vLLM; Copilot; Ollama; LiteLLM; OpenRouter).
const REASONING: [&str; 6] =
    ["reasoning_content", "reasoning", "reasoning_text", "thinking", "thinking_blocks", "reasoning_details"];
/// The place of `thinking_blocks` among them.
const BLOCKS: usize = 4;

impl<'a> input::Event<'a> for Chunk<'a> {
    fn parse(json: &'a [u8], sse_name: &'a str) -> Result<Self, Malformed> {
        let json = json::walk_with_room(json, room, |_, _| {})?;
        Ok(Self { sse_name, ..Self::of(json) })
    }

    fn json(&self) -> Value<'a> {
        self.json.unwrap_or(Value::EMPTY)
    }

    /// An SSE name may make it an error.
    fn names_itself(&self) -> bool {
        false
    }

    fn is_document(&self) -> bool {
        true
    }

    /// The text that it adds to one text or one call, where it adds nothing else.
    fn varying_text(&self) -> Option<Value<'a>> {
        let delta = self.choices().next()?.delta?;
        let arguments = || delta.calls().next()?.arguments;
        [delta.content, delta.reasoning, delta.refusal]
            .into_iter()
            .flatten()
            .find(|text| text.as_str().is_some_and(|text| !text.is_empty()))
            .or_else(arguments)
    }

    fn varying_rest(&self) -> [Option<Value<'a>>; 2] {
        [self.filler, None]
    }
}

/// Citations and logprobs lie two levels deeper in the terminal event of a Responses stream.
fn room(key: &[u8]) -> usize {
    if key == b"choices" || key.contains(&b'\\') { 2 } else { 0 }
}

impl<'a> Chunk<'a> {
    pub(crate) fn of(json: Value<'a>) -> Self {
        let mut read = Self { json: Some(json), ..Self::default() };
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
            b"type" => self.kind = value.as_str(),
            b"created" => self.created = value.as_u64(),
            b"model" => self.model = id(Some(value)),
            b"obfuscation" => self.filler = Some(value),
            b"service_tier" => self.service_tier = id(Some(value)),
            b"usage" => self.usage = Some(value).filter(|usage| usage.is_object()).or(self.usage),
            b"x_groq" => {
                self.usage = value.get("usage").filter(|usage| usage.is_object()).or(self.usage);
                self.break_off = value.get("error").filter(|error| envelope::is_error(*error));
            }
            b"error" => self.has_error |= envelope::is_error(value),
            b"base_resp" => self.has_error |= envelope::is_refusal(value),
            _ => _ = take_pages(&mut self.pages, key, value),
        }
    }

    /// Whether it is called an error, whatever it holds.
    pub(crate) fn is_error(&self) -> bool {
        let is = |name: Option<Str<'_>>| name.is_some_and(|name| name.is("error"));
        self.has_error
            || is(self.object)
            || is(self.kind)
            || (self.kind.is_none() || self.choices.is_none())
                && envelope::is_name_of_failure(self.sse_name.as_bytes())
    }

    /// The failure that it is called.
    pub(crate) fn failure(&self) -> envelope::Envelope {
        envelope::of_event(self.json.unwrap_or(Value::EMPTY), self.sse_name.as_bytes())
    }

    /// Whether it is a whole answer in the place of a chunk.
    pub(crate) fn is_whole(&self) -> bool {
        self.object.is_some_and(|object| object.is("chat.completion"))
    }

    /// What it calls itself, for notes.
    pub(crate) fn name(&self) -> &'a [u8] {
        let sse_name = Some(Str::from_raw(self.sse_name.as_bytes())).filter(|name| !name.is_empty());
        self.kind.or(sse_name).or(self.object).map_or(&b""[..], Str::raw)
    }

    pub(crate) fn choices(&self) -> impl Iterator<Item = Choice<'a>> {
        let Choices { first, others } = self.choices.clone().unwrap_or_default();
        first.into_iter().chain(others.map(|other| Choice::read(&mut Reader::new(other))))
    }

    pub(crate) fn has_choice(&self) -> bool {
        self.choices.as_ref().is_some_and(|choices| choices.first.is_some())
    }

    pub(crate) fn has_several_choices(&self) -> bool {
        self.choices.as_ref().is_some_and(|choices| choices.others.clone().next().is_some())
    }

    /// Its usage, wherever it stands.
    pub(crate) fn usage(&self) -> Option<Value<'a>> {
        self.usage.or_else(|| self.choices().find_map(|choice| choice.usage))
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
            b"delta" => read.delta = Delta::read(reader).or(read.delta),
            b"message" => read.message = Delta::read(reader).or(read.message),
            key => read.set(key, reader.value()),
        });
        read.error = read.error.or_else(|| read.delta?.error);
        // Some servers have the reason in the delta.
        let inner = [read.delta, read.message].into_iter().flatten().find_map(|own| own.finish_reason);
        read.finish_reason = read.finish_reason.or(inner);
        read
    }

    fn set(&mut self, key: &[u8], value: Value<'a>) {
        match key {
            b"index" => self.index = value.as_u64(),
            b"finish_reason" => self.finish_reason = id(Some(value)),
            b"stop_reason" | b"matched_stop" => self.stop_sequence = value.as_str().or(self.stop_sequence),
            b"logprobs" => {
                self.logprobs = value.get("content").filter(|list| list.elements().next().is_some());
            }
            b"usage" => self.usage = Some(value).filter(|usage| usage.is_object()),
            b"error" => self.error = Some(value).filter(|error| envelope::is_error(*error)),
            // Completions of old have their text here.
            b"text" => self.text = Some(value).filter(|text| has_text(*text)),
            _ => _ = take_pages(&mut self.pages, key, value),
        }
    }

    /// What a chunk adds.
    pub(crate) fn piece(&self) -> Delta<'a> {
        match self.delta {
            Some(delta) => delta,
            None => Delta { content: self.text, ..Delta::default() },
        }
    }

    /// What a document says: its message, unless that is empty.
    pub(crate) fn answer(&self) -> Delta<'a> {
        self.message.filter(|message| !message.is_empty()).unwrap_or_else(|| self.piece())
    }
}

impl<'a> Delta<'a> {
    /// `None` for what is no object.
    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        let mut read = Self::default();
        let (mut reasoning, mut fields) = ([None; REASONING.len()], None);
        let is_object = reader.members(|reader, key| {
            let value = Some(reader.value()).filter(|value| !value.is_null());
            match &*key.unescaped() {
                b"role" => read.role = value,
                b"content" => read.content = value,
                b"refusal" => read.refusal = value,
                b"tool_calls" => read.tool_calls = value,
                b"function_call" => read.function_call = value,
                b"annotations" => read.annotations = value,
                b"images" => read.images = value,
                b"audio" => read.audio = value,
                b"executed_tools" => read.executed_tools = value,
                b"error" => read.error = value.filter(|error| envelope::is_error(*error)),
                b"finish_reason" => read.finish_reason = id(value),
                key if value.is_some_and(|value| take_pages(&mut read.pages, key, value)) => {}
                key => {
                    if let Some(at) = REASONING.iter().position(|name| name.as_bytes() == key) {
                        reasoning[at] = value;
                    }
                    if let Some(at) = value.and_then(|value| state_of_message(key, value)) {
                        read.state[at] = value;
                    }
                    read.is_thought |= value.is_some_and(|value| is_thought(key, value));
                    fields = value.filter(|_| key == FIELDS.as_bytes()).or(fields);
                }
            }
        });
        if let Some(fields) = fields {
            read.take_fields(fields, &mut reasoning[BLOCKS]);
        }
        read.reasoning = reasoning.into_iter().flatten().find(|value| has_text(*value));
        is_object.then_some(read)
    }

    /// What `LiteLLM` has in members of the provider alone; what stands beside them as well counts there.
    fn take_fields(&mut self, fields: Value<'a>, thoughts: &mut Option<Value<'a>>) {
        let blocks = fields.get(REASONING[BLOCKS]).filter(|_| thoughts.is_none());
        if let Some(at) = blocks.and_then(|blocks| state_of_message(REASONING[BLOCKS].as_bytes(), blocks)) {
            self.state[at] = blocks;
            *thoughts = blocks;
        }
        let cited = fields.get("citation").or_else(|| fields.get("citations"));
        self.pages[1] = self.pages[1].or(cited.filter(|cited| !cited.is_null()));
    }

    /// Whether it has no members at all.
    pub(crate) fn is_empty(&self) -> bool {
        let texts = [self.text(), self.refusal, self.reasoning];
        let lists = [self.annotations, self.images];
        !texts.into_iter().flatten().any(has_text)
            && !lists.into_iter().flatten().any(|list| list.elements().next().is_some())
            && self.calls().next().is_none()
            && self.state == [None; STATE_OF_MESSAGE.len()]
    }

    /// The content, or what was spoken.
    pub(crate) fn text(&self) -> Option<Value<'a>> {
        let Some(audio) = self.audio else { return self.content };
        self.content.filter(|content| has_text(*content)).or_else(|| audio.get("transcript"))
    }

    /// The pieces of calls, in order; empty ones are dropped. A legacy function call beside others repeats one.
    pub(crate) fn calls(&self) -> impl Iterator<Item = ToolCall<'a>> {
        let list = self.tool_calls.into_iter().flat_map(elements_or_itself).map(ToolCall::parse);
        let list = list.filter(|call| !call.is_empty());
        let legacy = self.function_call.filter(|_| list.clone().next().is_none());
        let legacy = legacy.map(|own| ToolCall::default().with(own));
        list.chain(legacy.filter(|call| !call.is_empty()))
    }
}

/// The elements of a list; what is an object instead of a list is its only one.
fn elements_or_itself(list: Value<'_>) -> impl Iterator<Item = Value<'_>> + Clone {
    list.elements().chain(Some(list).filter(|list| list.is_object()))
}

/// Whether a member holds pages.
fn take_pages<'a>(pages: &mut Pages<'a>, key: &[u8], value: Value<'a>) -> bool {
    let Some((_, at, inner)) = PAGES.iter().find(|(name, ..)| name.as_bytes() == key) else { return false };
    let list = inner.map_or(Some(value), |inner| value.get(inner));
    pages[*at] = list.filter(|list| list.elements().next().is_some()).or(pages[*at]);
    true
}

/// Prefixes of ids of responses.
const PREFIXES: [&[u8]; 5] = [b"chatcmpl-", b"chatcmpl", b"chat-", b"cmpl-", b"gen-"];
/// What servers write where they have no id: the same in every response.
const PLACEHOLDERS: [&str; 11] =
    ["", "123", "id", "none", "null", "string", "test", "todo", "undefined", "unknown", "xxx"];

/// Whether an id is the same in every response: one of the known ones, or nothing but zeros (the nil UUID).
pub(crate) fn is_placeholder(id: Str<'_>) -> bool {
    let raw = id.raw().trim_ascii();
    let own = PREFIXES.iter().find_map(|prefix| raw.strip_prefix(*prefix)).unwrap_or(raw);
    PLACEHOLDERS.iter().any(|word| own.eq_ignore_ascii_case(word.as_bytes()))
        || own.iter().all(|byte| matches!(byte, b'0' | b'-'))
}

/// A usable id or name: a string that is not blank.
fn id(value: Option<Value<'_>>) -> Option<Str<'_>> {
    value?.as_str().filter(|text| !text.raw().iter().all(u8::is_ascii_whitespace))
}
