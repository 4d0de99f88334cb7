//! The linter: where a whole stream breaks a rule that clients rely on.
//!
//! Input: a stream and a profile. Output: findings. Also the oracle of this crate's own tests: everything it writes must be
//! clean.

use crate::dialect::{chat, messages, responses};
use crate::lint::{Finding, LintProfile, Log, read};

/// Reads a stream as the clients of the profile do. One that begins with `{` is taken for frames, one a line.
///
/// ```
/// use sluicegate::{LintProfile, LintRule, lint};
/// let findings = lint(b"data: {\"type\":\"response.completed\",\"response\":{\"id\":\"resp_1\"}}\n\n", LintProfile::CodexCli);
/// assert!(findings.iter().any(|finding| finding.rule == LintRule::CreatedFirst));
/// ```
pub fn lint(stream: &[u8], profile: LintProfile) -> Vec<Finding> {
    let mut log = Log::new(profile);
    match profile {
        LintProfile::Chat => read(stream, chat::Lint::default(), &mut log),
        LintProfile::Messages | LintProfile::ClaudeCode => read(stream, messages::Lint::default(), &mut log),
        LintProfile::OpenAi | LintProfile::CodexCli => read(stream, responses::Lint::default(), &mut log),
    }
    log.findings
}
