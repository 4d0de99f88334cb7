//! A profile's part for a server that speaks only chat: the names of its fields, and what it takes.
//!
//! Input: the member `chat` of a profile. Output: the same, typed. State: none.

use crate::json::Value;
use crate::option_reader;

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
    /// System messages that come first stay apart; otherwise they become one.
    pub(in crate::request) keeps_leading_system: bool,
    /// For `reasoning.effort`; some servers want it in two places.
    pub(in crate::request) reasoning_effort: Vec<String>,
    /// For `text.verbosity`.
    pub(in crate::request) verbosity: String,
    /// For the reasoning of earlier turns, in the assistant's messages.
    pub(in crate::request) reasoning: String,
    /// What stands there in a message with calls that has no reasoning; empty: nothing.
    pub(in crate::request) reasoning_placeholder: String,
    pub(in crate::request) output_images: OutputImages,
    pub(in crate::request) hosted_tools: HostedTools,
    /// What the model is asked in place of a `compaction_trigger`; empty: nothing.
    pub(in crate::request) compaction_prompt: String,
}

/// Members that only switch reasoning on and off: the last part of their name, and JSON for on and off.
const SWITCHES: [(&str, &str, &str); 2] =
    [("thinking.type", "\"enabled\"", "\"disabled\""), ("enable_thinking", "true", "false")];

/// The efforts that mean no reasoning.
const OFF: [&str; 2] = ["none", "disabled"];

/// An effort in the form that the member has. A profile's own rule for the member comes after this.
pub(in crate::request) fn effort(name: &str, effort: Value<'_>) -> Vec<u8> {
    let is_named =
        |own: &str| name.strip_suffix(own).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    let is_off = effort.as_str().is_some_and(|text| OFF.iter().any(|off| text.is(off)));
    match SWITCHES.iter().find(|(own, ..)| is_named(own)) {
        Some((_, _, off)) if is_off => off.as_bytes().to_vec(),
        Some((_, on, _)) => on.as_bytes().to_vec(),
        None if is_off => b"\"none\"".to_vec(),
        None => effort.raw().to_vec(),
    }
}

impl ChatTarget {
    pub(super) fn read(value: Value<'_>) -> Option<Self> {
        option_reader::object(value, Self::set)
    }

    fn set(&mut self, name: &str, value: Value<'_>) -> Option<()> {
        match name {
            "developer" => {
                self.keeps_developer = option_reader::one_of(value, &[("keep", true), ("system", false)])?;
            }
            "leading_system" => {
                self.keeps_leading_system = option_reader::one_of(value, &[("keep", true), ("join", false)])?;
            }
            "reasoning_effort" => self.reasoning_effort = names(value)?,
            "verbosity" => self.verbosity = option_reader::text(value)?,
            "reasoning" => self.reasoning = option_reader::text(value)?,
            "reasoning_placeholder" => self.reasoning_placeholder = option_reader::text(value)?,
            "output_images" => {
                let choices = [
                    ("user", OutputImages::User),
                    ("tool", OutputImages::Tool),
                    ("drop", OutputImages::Drop),
                ];
                self.output_images = option_reader::one_of(value, &choices)?;
            }
            "hosted_tools" => {
                let choices = [
                    ("drop", HostedTools::Drop),
                    ("keep", HostedTools::Keep),
                    ("reject", HostedTools::Reject),
                ];
                self.hosted_tools = option_reader::one_of(value, &choices)?;
            }
            "compaction_prompt" => self.compaction_prompt = option_reader::text(value)?,
            _ => return None,
        }
        Some(())
    }
}

/// One name or several; an empty one is none.
fn names(value: Value<'_>) -> Option<Vec<String>> {
    let names = option_reader::list(value).or_else(|| Some(vec![option_reader::text(value)?]))?;
    Some(names.into_iter().filter(|name| !name.is_empty()).collect())
}
