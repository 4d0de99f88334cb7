//! An outcome as attributes of OpenTelemetry's conventions for generative AI.
//!
//! Input: an outcome, and what the host knows of the request. Output: names and values, for a span or a log. State: none.
//!
//! The names are those of `open-telemetry/semantic-conventions-genai` in its form for version 1.42 of the conventions. None
//! of them is stable yet. What is content (prompts, answers, tool arguments) has attributes there, too, and none here.

mod options;
mod read;

use crate::json::write;
use crate::outcome::{ErrorClass, FinishReason, Outcome, Usage};
pub use options::OtelOptions;

/// A value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OtelValue {
    /// A string.
    Text(String),
    /// An array of strings.
    Texts(Vec<String>),
    /// An int.
    Count(u64),
    /// A boolean.
    Flag(bool),
}

/// Names and values, in the order of the conventions; what is not known is left out.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct OtelAttributes(pub Vec<(&'static str, OtelValue)>);

impl Outcome {
    /// The attributes of an inference span: what was asked, by the options, and what came of it.
    ///
    /// ```
    /// use sluicegate::{OtelOptions, Outcome, OtelValue};
    /// let json = r#"{"status":"completed","finish_reason":"stop","model":"gpt-5.5","reconstructed":"none","notes":[]}"#;
    /// let options = OtelOptions { server_address: Some("chatgpt.com".into()), ..OtelOptions::default() };
    /// let attributes = Outcome::from_json(json.as_bytes())?.otel_attributes(&options);
    /// assert!(attributes.0.contains(&("gen_ai.provider.name", OtelValue::Text("openai".into()))));
    /// # Ok::<(), sluicegate::Error>(())
    /// ```
    pub fn otel_attributes(&self, options: &OtelOptions) -> OtelAttributes {
        let mut out = OtelAttributes::default();
        out.text("gen_ai.operation.name", Some("chat"));
        out.text("gen_ai.provider.name", options.provider());
        out.text("gen_ai.request.model", options.request_model.as_deref());
        if options.stream {
            out.0.push(("gen_ai.request.stream", OtelValue::Flag(true)));
        }
        out.text("server.address", options.server_address.as_deref());
        out.text("gen_ai.response.id", self.response_id.as_deref());
        out.text("gen_ai.response.model", self.model.as_deref());
        if let Some(reason) = self.finish_reason.map(FinishReason::as_str) {
            out.0.push(("gen_ai.response.finish_reasons", OtelValue::Texts(vec![reason.to_owned()])));
        }
        self.usage.iter().for_each(|usage| out.usage(usage));
        out.text("error.type", self.error_type());
        out
    }

    /// The upstream's own code where it gave one, else what is to be done about the failure.
    fn error_type(&self) -> Option<&str> {
        let code = self.error.as_ref().and_then(|error| error.code.as_deref());
        code.or(self.failure.map(|failure| ErrorClass::as_str(failure.class)))
    }
}

impl OtelAttributes {
    /// One compact JSON object.
    pub fn to_json(&self) -> String {
        let mut out = b"{".to_vec();
        write::separated(&mut out, &self.0, |out, (name, value)| {
            write::string(out, name);
            out.push(b':');
            value.write(out);
        });
        out.push(b'}');
        String::from_utf8_lossy(&out).into_owned()
    }

    fn text(&mut self, name: &'static str, text: Option<&str>) {
        self.0.extend(text.map(|text| (name, OtelValue::Text(text.to_owned()))));
    }

    /// The conventions count cached tokens as input and reasoning as output, and so does `usage`.
    fn usage(&mut self, usage: &Usage) {
        let counts = [
            ("gen_ai.usage.input_tokens", Some(usage.prompt_tokens)),
            ("gen_ai.usage.output_tokens", Some(usage.completion_tokens)),
            ("gen_ai.usage.cache_read.input_tokens", usage.cached_tokens),
            ("gen_ai.usage.cache_creation.input_tokens", usage.cache_write_tokens),
            ("gen_ai.usage.reasoning.output_tokens", usage.reasoning_tokens),
        ];
        self.0.extend(counts.into_iter().filter_map(|(name, count)| Some((name, OtelValue::Count(count?)))));
    }
}

impl OtelValue {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Text(text) => write::string(out, text),
            Self::Texts(texts) => {
                out.push(b'[');
                write::separated(out, texts, |out, text| write::string(out, text));
                out.push(b']');
            }
            Self::Count(count) => write::number(out, *count),
            Self::Flag(flag) => out.extend_from_slice(if *flag { b"true" } else { b"false" }),
        }
    }
}
