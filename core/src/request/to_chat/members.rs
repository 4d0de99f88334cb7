//! The other members of a request, each where chat has it.

use super::super::Error;
use super::super::draft::{Action, Loss};
use super::super::path::Path;
use super::ToChat;
use crate::json::tree::Node;

const NOT_KNOWN: &str = "the server does not know it";

impl<'t> ToChat<'t> {
    pub(super) fn members(&mut self) -> Result<(), Error> {
        self.text()?;
        self.reasoning_effort()?;
        self.logprobs()?;
        self.stream_options()
    }

    /// `text.format` as `response_format`, `text.verbosity` under the server's name.
    fn text(&mut self) -> Result<(), Error> {
        let Some(text) = self.root.get("text") else { return Ok(()) };
        let path = &Path::Root.key("text");
        self.draft.edits().remove(text);
        self.draft.note(Action::Moved, path, "members of their own in chat");
        let format = text
            .get("format")
            .filter(|own| own.is_object() && !own.get("type").is_some_and(|kind| kind.is("text")));
        if let Some(format) = format {
            self.add("response_format", &response_format(format), &path.key("format"));
        }
        let name = &self.target.verbosity;
        self.renamed(text.get("verbosity"), name, &path.key("verbosity"))
    }

    /// `reasoning.effort` under the server's name; how reasoning is shown is the server's to decide.
    fn reasoning_effort(&mut self) -> Result<(), Error> {
        let Some(reasoning) = self.root.get("reasoning") else { return Ok(()) };
        let path = &Path::Root.key("reasoning");
        self.draft.edits().remove(reasoning);
        self.draft.note(Action::Moved, path, "members of their own in chat");
        for member in reasoning.members().filter(|member| !member.is_named("effort") && !member.is_null()) {
            let key = member.key().decode();
            self.lose(member, &path.key(super::super::path::shown(&key)), NOT_KNOWN)?;
        }
        let name = &self.target.reasoning_effort;
        self.renamed(reasoning.get("effort"), name, &path.key("effort"))
    }

    /// A member of one that is gone, under a name of its own; without a name the server does not know it.
    fn renamed(&mut self, member: Option<Node<'t>>, name: &str, path: &Path<'_>) -> Result<(), Error> {
        match member.filter(|member| !member.is_null()) {
            None => Ok(()),
            Some(member) if name.is_empty() => self.lose(member, path, NOT_KNOWN),
            Some(member) => {
                self.add(name, member.raw(), path);
                Ok(())
            }
        }
    }

    /// `include` asks for logprobs; nothing else that it asks for is to be had.
    fn logprobs(&mut self) -> Result<(), Error> {
        let include = self.root.get("include");
        let is_asked = |value: Node<'_>| value.is("message.output_text.logprobs");
        let asks = include.is_some_and(|list| list.elements().any(is_asked));
        if let Some(include) = include {
            let rest = include
                .elements()
                .filter(|value| !is_asked(*value) && !value.is("reasoning.encrypted_content"));
            let loss = if rest.count() > 0 { Loss::Asked } else { Loss::Nothing };
            self.draft.remove(include, &Path::Root.key("include"), "chat has none", loss)?;
        }
        if asks || self.root.get("top_logprobs").is_some_and(|top| !top.is_null()) {
            self.add("logprobs", b"true", &Path::Root.key("include"));
        }
        Ok(())
    }

    /// Usage is part of every Responses stream; a chat server must be asked for it.
    fn stream_options(&mut self) -> Result<(), Error> {
        const KEY: &str = "stream_options";
        let is_stream = self.root.get("stream").is_some_and(|stream| stream.raw() == b"true");
        match self.root.get(KEY) {
            _ if is_stream => {
                self.draft.set(
                    self.root,
                    KEY,
                    b"{\"include_usage\":true}",
                    &Path::Root,
                    "a Responses stream ends with usage",
                );
                Ok(())
            }
            Some(options) => {
                self.draft.remove(options, &Path::Root.key(KEY), "there is no stream", Loss::Nothing)
            }
            None => Ok(()),
        }
    }

    /// A member that the request did not have; `from` is where it was said.
    fn add(&mut self, key: &str, value: &[u8], from: &Path<'_>) {
        self.draft.edits().append_member(self.root, key, value);
        self.draft.note(Action::Moved, from, &format!("{key} in chat"));
    }
}

/// A flat format, nested as chat has it.
fn response_format(format: Node<'_>) -> Vec<u8> {
    if !format.get("type").is_some_and(|kind| kind.is("json_schema")) {
        return format.raw().to_vec();
    }
    let members: Vec<_> = format
        .members()
        .filter(|member| !member.is_named("type") && !member.is_null())
        .map(|member| [b"\"", member.key().raw(), b"\":", member.raw()].concat())
        .collect();
    [&b"{\"type\":\"json_schema\",\"json_schema\":{"[..], &members.join(&b','), b"}}"].concat()
}
