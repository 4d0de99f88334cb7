//! The kinds of tools that a client can declare.
//!
//! Input: the name of a kind. Output: the kind, and back. State: none.

use crate::outcome::codes;

codes! {
    /// What kind of tool a client declared, where it is not what its backend knows it as.
    ToolKind;
    /// A function.
    Function = "function",
    /// A tool with free text for input.
    Custom = "custom",
    /// A search for tools that the client runs.
    ToolSearch = "tool_search",
    /// One command on the client's machine.
    LocalShell = "local_shell",
    /// Commands on the client's machine.
    Shell = "shell",
    /// An edit of the client's files.
    ApplyPatch = "apply_patch",
}
