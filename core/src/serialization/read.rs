//! Reads what is written elsewhere and read nowhere else: changes, findings.
//!
//! Input: a JSON object. Output: the value; `None` where a member is missing or wrong. State: none.

use crate::change::{Action, Change};
use crate::json::{Str, Value};
use crate::lint::{Finding, LintRule, Severity};

impl Change {
    /// The reverse of [`Change::to_json`].
    pub(super) fn read(change: Value<'_>) -> Option<Self> {
        let action = change.get("action")?.as_str()?;
        Some(Self {
            action: Action::ALL.into_iter().find(|known| action.is(known.as_str()))?,
            path: text(change, "path")?,
            reason: text(change, "reason")?,
        })
    }
}

impl Finding {
    /// The reverse of [`Finding::to_json`].
    pub(super) fn read(finding: Value<'_>) -> Option<Self> {
        let (rule, severity) = (finding.get("rule")?.as_str()?, finding.get("severity")?.as_str()?);
        Some(Self {
            rule: *LintRule::ALL.iter().find(|known| rule.is(known.as_str()))?,
            severity: Severity::ALL.into_iter().find(|known| severity.is(known.as_str()))?,
            event: finding.get("event").and_then(Value::as_u64),
            offset: finding.get("offset")?.as_u64()?,
            message: text(finding, "message")?,
        })
    }
}

fn text(object: Value<'_>, key: &str) -> Option<String> {
    object.get(key)?.as_str().map(Str::decode)
}
