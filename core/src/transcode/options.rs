//! What a caller may set on a transcoder, and the defaults.

use crate::error::Error;
use crate::json::{Value, write};
use crate::request::RequestContext;
use crate::restore::Restorer;
use crate::{limits, options};

/// Whose model name the chunks carry.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum ModelFrom {
    /// [`ChatOptions::model`] where given, else the served one.
    #[default]
    Requested,
    /// The one the upstream names, else [`ChatOptions::model`].
    Served,
}

impl ModelFrom {
    pub(crate) fn read(value: Value<'_>) -> Option<Self> {
        options::one_of(value, &[("requested", Self::Requested), ("served", Self::Served)])
    }
}

/// Which delta member carries reasoning.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum ReasoningField {
    /// `reasoning_content` (DeepSeek, LiteLLM).
    #[default]
    ReasoningContent,
    /// `reasoning` (OpenRouter).
    Reasoning,
    /// None: reasoning is not shown.
    Off,
}

/// How custom (free text) tool calls are shown.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum CustomTools {
    /// As functions whose arguments are `{"input":"…"}`: every client takes them.
    #[default]
    Function,
    /// As chat `custom` calls, for clients that declared a custom tool.
    Custom,
}

/// How generated images are shown.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Images {
    /// `delta.images`, with data URLs (OpenRouter, LiteLLM).
    #[default]
    DataUrl,
    /// Content: `![image](data:…)`.
    Markdown,
    /// Not at all; noted.
    Omit,
}

/// Where messages of the phase `commentary` go.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Commentary {
    /// Content, like the answer.
    #[default]
    Content,
    /// The reasoning member.
    Reasoning,
}

/// Options of a [`crate::ChatTranscoder`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the caller's")]
pub struct ChatOptions {
    /// The model the client asked for.
    pub model: Option<String>,
    /// Default: the requested one.
    pub model_from: ModelFrom,
    /// Completion id; default `chatcmpl-` and the response id without `resp_`.
    pub id: Option<String>,
    /// Unix time in seconds, used where the upstream gives no `created_at`. Default 0.
    pub created: u64,
    /// The client's `stream_options.include_usage`. Default off.
    pub include_usage: bool,
    /// Default `reasoning_content`.
    pub reasoning: ReasoningField,
    /// Default: functions.
    pub custom_tools: CustomTools,
    /// Default: data URLs.
    pub images: Images,
    /// Show partial images too, each with its own index. Default off.
    pub partial_images: bool,
    /// Default: content.
    pub commentary: Commentary,
    /// Stands before the first text of a second and later message. Default a blank line.
    pub message_separator: String,
    /// Take `[DONE]` without a terminal event for completion (Grok-like upstreams). Default off.
    pub done_is_complete: bool,
    /// What [`crate::normalize_request`] said of the request: restores tool names and call ids, and stands for `model`
    /// and `include_usage` where they are not set.
    pub context: Option<RequestContext>,
    /// Give function calls item ids that begin with `fc_`, as some clients demand. Default off: ids as sent.
    pub fc_ids: bool,
    /// The response that the client continues, where the request was expanded: [`crate::Expanded`]. Responses say it
    /// again, as the client expects.
    pub previous_response_id: Option<String>,
    /// Cap on one event, in bytes; a larger one is skipped and noted. Default 64 MiB.
    pub max_event_bytes: usize,
}

impl Default for ChatOptions {
    fn default() -> Self {
        Self {
            model: None,
            model_from: ModelFrom::Requested,
            id: None,
            created: 0,
            include_usage: false,
            reasoning: ReasoningField::ReasoningContent,
            custom_tools: CustomTools::Function,
            images: Images::DataUrl,
            partial_images: false,
            commentary: Commentary::Content,
            message_separator: "\n\n".to_owned(),
            done_is_complete: false,
            context: None,
            fc_ids: false,
            previous_response_id: None,
            max_event_bytes: limits::MAX_EVENT_BYTES,
        }
    }
}

impl ChatOptions {
    /// Reads an object whose members are named like the fields; every member is optional, `null` is as if left out.
    /// `model_from`: `requested` or `served`; `reasoning`: `reasoning_content`, `reasoning` or `off`;
    /// `custom_tools`: `function` or `custom`; `images`: `data_url`, `markdown` or `omit`; `commentary`: `content` or
    /// `reasoning`.
    pub fn from_json(json: &[u8]) -> Result<Self, Error> {
        let mut read = Self::default();
        options::read(json, |name, value| read.set(name, value))?;
        Ok(read)
    }

    pub(super) fn wants_usage(&self) -> bool {
        self.include_usage || self.context.as_ref().is_some_and(|context| context.include_usage)
    }

    pub(crate) fn restorer(&self) -> Restorer {
        let renamed = |context: &RequestContext| {
            (context.names.clone(), context.call_ids.clone(), context.values.clone())
        };
        let (names, call_ids, values) = self.context.as_ref().map(renamed).unwrap_or_default();
        let previous = self.previous_response_id.as_deref().map(write::quoted);
        Restorer { names, call_ids, values, fc_ids: self.fc_ids, previous_response_id: previous }
    }

    fn set(&mut self, name: &str, value: Value<'_>) -> Option<()> {
        match name {
            "model" => self.model = Some(options::text(value)?),
            "model_from" => self.model_from = ModelFrom::read(value)?,
            "id" => self.id = Some(options::text(value)?),
            "created" => self.created = value.as_u64()?,
            "include_usage" => self.include_usage = value.as_bool()?,
            "reasoning" => {
                let choices = [
                    ("reasoning_content", ReasoningField::ReasoningContent),
                    ("reasoning", ReasoningField::Reasoning),
                    ("off", ReasoningField::Off),
                ];
                self.reasoning = options::one_of(value, &choices)?;
            }
            "custom_tools" => {
                let choices = [("function", CustomTools::Function), ("custom", CustomTools::Custom)];
                self.custom_tools = options::one_of(value, &choices)?;
            }
            "images" => {
                let choices =
                    [("data_url", Images::DataUrl), ("markdown", Images::Markdown), ("omit", Images::Omit)];
                self.images = options::one_of(value, &choices)?;
            }
            "partial_images" => self.partial_images = value.as_bool()?,
            "commentary" => {
                let choices = [("content", Commentary::Content), ("reasoning", Commentary::Reasoning)];
                self.commentary = options::one_of(value, &choices)?;
            }
            "message_separator" => self.message_separator = options::text(value)?,
            "done_is_complete" => self.done_is_complete = value.as_bool()?,
            "context" => self.context = Some(RequestContext::from_json(value.raw()).ok()?),
            "fc_ids" => self.fc_ids = value.as_bool()?,
            "previous_response_id" => self.previous_response_id = Some(options::text(value)?),
            "max_event_bytes" => self.max_event_bytes = options::size(value)?,
            _ => return None,
        }
        Some(())
    }
}
