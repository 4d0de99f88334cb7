//! What the host knows of a request, for its attributes.
//!
//! Input: a struct, or a JSON object. Output: [`OtelOptions`], or a typed error; the provider. State: none.

use crate::error::Error;
use crate::json::Value;
use crate::option_reader;

/// Options of [`crate::Outcome::otel_attributes`].
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct OtelOptions {
    /// `gen_ai.provider.name`. Default: by `server_address`, where that is known.
    pub provider: Option<String>,
    /// `server.address`: the upstream's host name.
    pub server_address: Option<String>,
    /// `gen_ai.request.model`: the model that the client asked for.
    pub request_model: Option<String>,
    /// `gen_ai.request.stream`: the client asked for a stream.
    pub stream: bool,
}

/// Hosts, `*` standing for anything, and the providers that the conventions name.
const PROVIDERS: [(&str, &str); 18] = [
    ("*.openai.com", "openai"),
    ("chatgpt.com", "openai"),
    ("*.openai.azure.com", "azure.ai.openai"),
    ("*.services.ai.azure.com", "azure.ai.inference"),
    ("api.anthropic.com", "anthropic"),
    ("generativelanguage.googleapis.com", "gcp.gemini"),
    ("*aiplatform.googleapis.com", "gcp.vertex_ai"),
    ("bedrock-runtime.*.amazonaws.com", "aws.bedrock"),
    ("*.ml.cloud.ibm.com", "ibm.watsonx.ai"),
    ("api.cohere.com", "cohere"),
    ("api.cohere.ai", "cohere"),
    ("api.deepseek.com", "deepseek"),
    ("api.groq.com", "groq"),
    ("api.mistral.ai", "mistral_ai"),
    ("api.moonshot.ai", "moonshot_ai"),
    ("api.moonshot.cn", "moonshot_ai"),
    ("api.perplexity.ai", "perplexity"),
    ("api.x.ai", "x_ai"),
];

impl OtelOptions {
    /// Reads an object whose members are named like the fields; every member is optional, `null` is as if left out.
    pub fn from_json(json: &[u8]) -> Result<Self, Error> {
        let mut read = Self::default();
        option_reader::read("OtelOptions", json, |name, value| read.set(name, value))?;
        Ok(read)
    }

    fn set(&mut self, name: &str, value: Value<'_>) -> Option<()> {
        match name {
            "provider" => self.provider = Some(option_reader::text(value)?),
            "server_address" => self.server_address = Some(option_reader::text(value)?),
            "request_model" => self.request_model = Some(option_reader::text(value)?),
            "stream" => self.stream = value.as_bool()?,
            _ => return None,
        }
        Some(())
    }

    pub(super) fn provider(&self) -> Option<&str> {
        let host = self.server_address.as_deref().unwrap_or_default().to_ascii_lowercase();
        let known = || PROVIDERS.iter().find(|(hosts, _)| is_one_of(&host, hosts));
        self.provider.as_deref().or_else(|| known().map(|(_, provider)| *provider))
    }
}

fn is_one_of(host: &str, hosts: &str) -> bool {
    match hosts.split_once('*') {
        Some((head, tail)) => host.strip_prefix(head).is_some_and(|rest| rest.ends_with(tail)),
        None => host == hosts,
    }
}
