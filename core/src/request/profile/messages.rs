//! A profile's part for a server that speaks Messages: what its models take, and what has no one counterpart there.
//!
//! Input: the member `messages` of a profile. Output: the same, typed. State: none.

use crate::json::{Str, Value};
use crate::options;

/// How a model thinks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::request) enum Thinking {
    /// As much as it finds right.
    Adaptive,
    /// Within a budget.
    Enabled,
    None,
}

/// Which of `temperature`, `top_p` and `top_k` a model takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::request) enum Sampling {
    All,
    /// `temperature` or `top_p`.
    One,
    None,
}

/// What is known of models whose name has one of these texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::request) struct ModelRow {
    names: Vec<String>,
    pub(in crate::request) thinking: Thinking,
    pub(in crate::request) has_effort: bool,
    pub(in crate::request) sampling: Sampling,
    /// The most that it answers with.
    pub(in crate::request) max_tokens: Option<u64>,
}

/// The member `messages` of a profile.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(in crate::request) struct MessagesTarget {
    models: Vec<ModelRow>,
    /// Tokens to think with, by effort.
    budgets: Vec<(String, u64)>,
    /// What tools that the upstream runs are called there.
    hosted_tools: Vec<(String, String)>,
    /// System messages after the first turn become the user's; otherwise all are in `system`.
    pub(in crate::request) has_later_system_as_user: bool,
    /// Thinking that comes back without a signature stays.
    pub(in crate::request) keeps_unsigned: bool,
    /// The tier `priority` is `speed: fast` there.
    pub(in crate::request) is_fast: bool,
    /// What the model is asked in place of a `compaction_trigger`; empty: nothing.
    pub(in crate::request) compaction_prompt: String,
}

impl ModelRow {
    fn read(value: Value<'_>) -> Option<Self> {
        let thinking =
            [("adaptive", Thinking::Adaptive), ("enabled", Thinking::Enabled), ("none", Thinking::None)];
        let sampling = [("all", Sampling::All), ("one", Sampling::One), ("none", Sampling::None)];
        let [names, thinks, effort, samples, most] =
            value.members(["names", "thinking", "effort", "sampling", "max_tokens"]);
        Some(Self {
            names: options::list(names?)?,
            thinking: thinks.map_or(Some(Thinking::Adaptive), |own| options::one_of(own, &thinking))?,
            has_effort: effort
                .map_or(Some(true), |own| options::one_of(own, &[("keep", true), ("drop", false)]))?,
            sampling: samples.map_or(Some(Sampling::All), |own| options::one_of(own, &sampling))?,
            max_tokens: most.map_or(Some(None), |own| own.as_u64().map(Some))?,
        })
    }
}

impl MessagesTarget {
    pub(super) fn read(value: Value<'_>) -> Option<Self> {
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
            "models" => self.models = value.elements().map(ModelRow::read).collect::<Option<_>>()?,
            "budgets" => self.budgets = numbers(value)?,
            "hosted_tools" => self.hosted_tools = options::texts(value)?,
            "later_system" => {
                self.has_later_system_as_user = options::one_of(value, &[("user", true), ("system", false)])?;
            }
            "unsigned_thinking" => {
                self.keeps_unsigned = options::one_of(value, &[("keep", true), ("drop", false)])?;
            }
            "fast" => self.is_fast = options::one_of(value, &[("speed", true), ("drop", false)])?,
            "compaction_prompt" => self.compaction_prompt = options::text(value)?,
            _ => return None,
        }
        Some(())
    }

    /// The first row that has the model.
    pub(in crate::request) fn model(&self, name: Option<Str<'_>>) -> Option<&ModelRow> {
        let name = name.map(Str::decode).unwrap_or_default();
        self.models.iter().find(|row| row.names.iter().any(|own| name.contains(&**own)))
    }

    /// Tokens to think with.
    pub(in crate::request) fn budget(&self, effort: Str<'_>) -> Option<u64> {
        self.budgets.iter().find(|(own, _)| effort.is(own)).map(|(_, tokens)| *tokens)
    }

    /// The name of a tool that the upstream runs.
    pub(in crate::request) fn hosted(&self, kind: &str) -> Option<&str> {
        self.hosted_tools.iter().find(|(own, _)| own == kind).map(|(_, there)| &**there)
    }
}

fn numbers(value: Value<'_>) -> Option<Vec<(String, u64)>> {
    let mut numbers = Some(Vec::new());
    value.each_member(|key, value| {
        numbers = numbers.take().zip(value.as_u64()).map(|(mut numbers, number)| {
            numbers.push((key.decode(), number));
            numbers
        });
    });
    numbers.filter(|_| value.is_object())
}
