//! A profile's part for a server that speaks Messages: what its models take, and what has no one counterpart there.
//!
//! Input: the member `messages` of a profile. Output: the same, typed. State: none.

use crate::json::{Str, Value};
use crate::option_reader;

/// The least that a model thinks with.
const LEAST_BUDGET: u64 = 1024;

/// How a model thinks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::request) enum Thinking {
    /// As much as it finds right, and no other way.
    Adaptive,
    /// Both ways; it is asked to do as it finds right.
    Either,
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
        let thinking = [
            ("adaptive", Thinking::Adaptive),
            ("either", Thinking::Either),
            ("enabled", Thinking::Enabled),
            ("none", Thinking::None),
        ];
        let sampling = [("all", Sampling::All), ("one", Sampling::One), ("none", Sampling::None)];
        let [names, thinks, effort, samples, most] =
            value.members(["names", "thinking", "effort", "sampling", "max_tokens"]);
        Some(Self {
            names: option_reader::list(names?)?,
            thinking: thinks.map_or(Some(Thinking::Either), |own| option_reader::one_of(own, &thinking))?,
            has_effort: effort
                .map_or(Some(true), |own| option_reader::one_of(own, &[("keep", true), ("drop", false)]))?,
            sampling: samples.map_or(Some(Sampling::All), |own| option_reader::one_of(own, &sampling))?,
            max_tokens: most.map_or(Some(None), |own| own.as_u64().map(Some))?,
        })
    }
}

impl MessagesTarget {
    pub(super) fn read(value: Value<'_>) -> Option<Self> {
        option_reader::object(value, Self::set)
    }

    fn set(&mut self, name: &str, value: Value<'_>) -> Option<()> {
        match name {
            "models" => self.models = value.elements().map(ModelRow::read).collect::<Option<_>>()?,
            "budgets" => self.budgets = numbers(value)?,
            "hosted_tools" => self.hosted_tools = option_reader::texts(value)?,
            "later_system" => {
                self.has_later_system_as_user =
                    option_reader::one_of(value, &[("user", true), ("system", false)])?;
            }
            "unsigned_thinking" => {
                self.keeps_unsigned = option_reader::one_of(value, &[("keep", true), ("drop", false)])?;
            }
            "fast" => self.is_fast = option_reader::one_of(value, &[("speed", true), ("drop", false)])?,
            "compaction_prompt" => self.compaction_prompt = option_reader::text(value)?,
            _ => return None,
        }
        Some(())
    }

    /// The first row that has the model.
    pub(in crate::request) fn model(&self, name: Option<Str<'_>>) -> Option<&ModelRow> {
        let name = name.map(Str::decode).unwrap_or_default();
        self.models.iter().find(|row| row.names.iter().any(|own| name.contains(&**own)))
    }

    /// Tokens to think with, where the answer may have no more than so many; none where that leaves no room.
    pub(in crate::request) fn budget_within(&self, effort: Str<'_>, most: u64) -> Option<u64> {
        let of = |word: Str<'_>| self.budgets.iter().find(|(own, _)| word.is(own)).map(|(_, tokens)| *tokens);
        let budget = of(effort).or_else(|| of(Str::from_raw(b"medium"))).unwrap_or(LEAST_BUDGET);
        Some(budget.max(LEAST_BUDGET).min(most.saturating_sub(1))).filter(|budget| *budget >= LEAST_BUDGET)
    }

    /// The name of a tool that the upstream runs.
    pub(in crate::request) fn hosted(&self, kind: &str) -> Option<&str> {
        self.hosted_tools.iter().find(|(own, _)| own == kind).map(|(_, there)| &**there)
    }
}

fn numbers(value: Value<'_>) -> Option<Vec<(String, u64)>> {
    option_reader::object(value, |numbers: &mut Vec<_>, name, number| {
        numbers.push((name.to_owned(), number.as_u64()?));
        Some(())
    })
}
