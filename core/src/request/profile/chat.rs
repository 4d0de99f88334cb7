//! What a profile says of a server that speaks only chat: the names of its fields, and what it takes.

use crate::json::Value;
use crate::options;

/// What becomes of a tool that the upstream would have to run itself.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(in crate::request) enum HostedTools {
    #[default]
    Drop,
    Keep,
    Reject,
}

/// Where images that a tool returns go.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(in crate::request) enum OutputImages {
    /// A message of the user's after the outputs: few servers take them from a tool.
    #[default]
    User,
    Tool,
    Drop,
}

/// The member `chat` of a profile; empty names are of fields that the server does not know.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(in crate::request) struct ChatTarget {
    /// The role `developer` stays; otherwise such messages are the system's.
    pub(in crate::request) keeps_developer: bool,
    /// For `reasoning.effort`.
    pub(in crate::request) reasoning_effort: String,
    /// For `text.verbosity`.
    pub(in crate::request) verbosity: String,
    /// For the reasoning of earlier turns, in the assistant's messages.
    pub(in crate::request) reasoning: String,
    pub(in crate::request) output_images: OutputImages,
    pub(in crate::request) hosted_tools: HostedTools,
}

impl ChatTarget {
    pub(in crate::request) fn read(value: Value<'_>) -> Option<Self> {
        let mut read = Some(Self::default());
        value.each_member(|key, value| {
            read = read.take().and_then(|mut target| {
                target.set(&key.decode(), value)?;
                Some(target)
            });
        });
        read.filter(|_| value.is_object())
    }

    fn set(&mut self, name: &str, value: Value<'_>) -> Option<()> {
        match name {
            "developer" => {
                self.keeps_developer = options::one_of(value, &[("keep", true), ("system", false)])?;
            }
            "reasoning_effort" => self.reasoning_effort = options::text(value)?,
            "verbosity" => self.verbosity = options::text(value)?,
            "reasoning" => self.reasoning = options::text(value)?,
            "output_images" => {
                let choices = [
                    ("user", OutputImages::User),
                    ("tool", OutputImages::Tool),
                    ("drop", OutputImages::Drop),
                ];
                self.output_images = options::one_of(value, &choices)?;
            }
            "hosted_tools" => {
                let choices = [
                    ("drop", HostedTools::Drop),
                    ("keep", HostedTools::Keep),
                    ("reject", HostedTools::Reject),
                ];
                self.hosted_tools = options::one_of(value, &choices)?;
            }
            _ => return None,
        }
        Some(())
    }
}
