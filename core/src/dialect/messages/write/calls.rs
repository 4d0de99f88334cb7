//! Calls as `tool_use` blocks, and searches of the web as the server's own.
//!
//! Input: calls and pieces of their arguments. Output: blocks; a block is closed when its arguments are whole, since Claude
//! Code runs a tool then. State: what identifies each call, and how far it is.

use super::blocks::BlockHead;
use super::{Begins, MessagesWriter, OpenBlock, Source, ids};
use crate::answer::{CallKind, CallStart, Context, WebSearch, WrappedInput};
use crate::dialect::messages::DeltaKind;
use crate::json::{ObjectCheck, Str, write};
use crate::options::Options;
use crate::outcome::NoteCode;

/// Id and name are JSON string contents, as the client knows them.
#[derive(Debug, Clone)]
pub(super) struct ToolUse {
    id: Vec<u8>,
    name: Vec<u8>,
    /// Of a custom tool: its free text becomes arguments.
    wrapping: Option<WrappedInput>,
    /// Nothing but `{}` came: that is written as nothing, once nothing follows.
    is_empty: bool,
    has_begun: bool,
    /// The upstream ended it in the middle of its arguments: by the end of the answer it was cut, or they are malformed.
    is_doubtful: bool,
    pub(super) is_over: bool,
    /// What was written of arguments as they are.
    check: ObjectCheck,
}

const EMPTY: &[u8] = b"{}";

impl ToolUse {
    pub(super) fn head(&self) -> BlockHead {
        BlockHead::ToolUse { id: self.id.clone(), name: self.name.clone(), is_server: false }
    }

    /// Whether pieces are passed on as they are.
    pub(super) fn is_plain(&self) -> bool {
        self.wrapping.is_none() && self.has_begun && !self.is_over
    }

    /// The whole arguments as they are written.
    pub(super) fn whole(&self, whole: &[u8]) -> Vec<u8> {
        self.wrapping.map_or_else(|| whole.to_vec(), |wrapping| wrapping.whole(whole))
    }

    /// What is to be written for a piece; `is_end`: nothing more comes.
    fn piece(&mut self, piece: &[u8], is_end: bool, out: &mut Vec<u8>) {
        if let Some(wrapping) = &mut self.wrapping {
            return wrapping.piece(piece, is_end, out);
        }
        let is_first = !self.has_begun && !self.is_empty;
        // SDKs fail on arguments that are nothing else than white space.
        let piece = if is_first { Str::from_raw(piece).without_blanks().raw() } else { piece };
        if is_first && piece == EMPTY {
            self.is_empty = true;
            return;
        }
        if piece.is_empty() {
            return;
        }
        if std::mem::take(&mut self.is_empty) {
            out.extend_from_slice(EMPTY);
        }
        self.has_begun = true;
        out.extend_from_slice(piece);
        self.follow(Str::from_raw(out));
    }

    /// A piece that is passed on as it is.
    pub(super) fn follow(&mut self, piece: Str<'_>) {
        self.check.push(piece);
    }

    /// Whether something was written that is no JSON object.
    fn is_malformed(&self) -> bool {
        self.has_begun && !self.check.is_object()
    }
}

impl MessagesWriter {
    pub(super) fn start_call(&mut self, call: &CallStart<'_>, cx: &mut Context<'_>) {
        let base = super::end::base(cx.options, cx.facts);
        let of_chat = self.is_of_chat.then_some(base);
        let mut id = ids::call_id(call.id, of_chat);
        let has_come = |id: &[u8]| cx.options.context.as_deref().is_some_and(|context| context.has_call(id));
        if has_come(&id) {
            id = ids::repeated(&id, base);
        }
        while has_come(&id) || !self.call_ids.insert(id.clone()) {
            id.extend_from_slice(format!("_{}", call.nth).as_bytes());
        }
        let name = if self.is_of_chat { client_name(call.name, cx.options) } else { call.name.to_vec() };
        let wrapping = (call.kind == CallKind::Custom).then(WrappedInput::default);
        self.calls.push(ToolUse {
            id,
            name,
            wrapping,
            is_empty: false,
            has_begun: false,
            is_doubtful: false,
            is_over: false,
            check: ObjectCheck::default(),
        });
        let source = Source::Call(self.calls.len() - 1);
        if self.is_busy() {
            return self.wait(source, Begins::Item, b"", cx);
        }
        self.turn_to(source, cx);
    }

    /// A piece of the arguments, or their end.
    pub(super) fn call_piece(&mut self, nth: usize, piece: &[u8], is_end: bool, cx: &mut Context<'_>) {
        let source = Source::Call(nth);
        let is_open = self.is_open(source);
        let Some(call) = self.calls.get_mut(nth).filter(|call| !call.is_over) else { return };
        if let Some(output) = self.output.as_mut().filter(|_| is_open && !is_end && call.is_plain()) {
            call.follow(Str::from_raw(piece));
            return output.piece(cx.out, DeltaKind::Input, piece);
        }
        let mut written = Vec::new();
        call.piece(piece, is_end, &mut written);
        if written.is_empty() {
            return;
        }
        match &mut self.output {
            Some(output) if self.open.as_ref().is_some_and(|open| open.source == source) => {
                output.piece(cx.out, DeltaKind::Input, &written);
            }
            _ => self.wait(source, Begins::Nothing, &written, cx),
        }
    }

    pub(super) fn end_call(&mut self, nth: usize, cx: &mut Context<'_>) {
        self.call_piece(nth, b"", true, cx);
        match self.calls.get_mut(nth) {
            Some(call) if call.check.is_cut() => call.is_doubtful = true,
            _ => self.close_call(nth, cx),
        }
    }

    /// The answer is whole, and so is every call that was ended.
    pub(super) fn close_doubtful(&mut self, cx: &mut Context<'_>) {
        for nth in 0..self.calls.len() {
            if self.calls[nth].is_doubtful {
                self.close_call(nth, cx);
            }
        }
    }

    fn close_call(&mut self, nth: usize, cx: &mut Context<'_>) {
        let Some(call) = self.calls.get_mut(nth) else { return };
        let was_over = std::mem::replace(&mut call.is_over, true);
        if !was_over && !self.is_whole && call.is_malformed() {
            cx.facts.note(NoteCode::ArgumentsMalformed, &call.name);
        }
        if !was_over && self.is_open(Source::Call(nth)) {
            self.close(cx);
            self.advance(cx);
        }
    }

    /// A search is over: the server's call and what it found, which no client has to act on.
    pub(super) fn show_search(&mut self, search: &WebSearch<'_>, cx: &mut Context<'_>) {
        if self.is_busy() {
            return cx.facts.note(NoteCode::HostedCall, b"web_search_call");
        }
        let nth = self.searches;
        self.searches += 1;
        let id = Self::search_id(search, nth, cx);
        self.close(cx);
        let output = self.output(cx);
        output.block_start(cx.out, BlockHead::search(&id));
        let mut input = br#"{\"query\":\""#.to_vec();
        write::escaped_again(&mut input, search.query.map_or(b"", Str::raw));
        input.extend_from_slice(br#"\"}"#);
        output.piece(cx.out, DeltaKind::Input, &input);
        output.block_stop(cx.out);
        self.whole_block(BlockHead::results(&id, search.results, search.has_failed), cx);
    }

    fn search_id(search: &WebSearch<'_>, nth: u64, cx: &Context<'_>) -> Vec<u8> {
        let own = search.id.map(|id| id.raw().strip_prefix(b"ws_").unwrap_or(id.raw()));
        let made_up = || [super::end::base(cx.options, cx.facts), b"_", nth.to_string().as_bytes()].concat();
        let own = own.map_or_else(made_up, <[u8]>::to_vec);
        [b"srvtoolu_", &ids::call_id(&own, None)[..]].concat()
    }

    /// The signature of the thinking that is open, else of a block of its own.
    pub(super) fn sign(&mut self, signature: &[u8], cx: &mut Context<'_>) {
        if let Some(OpenBlock { source: Source::Thinking(_), signature: own, .. }) = &mut self.open
            && own.is_empty()
        {
            own.extend_from_slice(signature);
            return;
        }
        if self.is_busy() {
            let last = self.waiting.last().filter(|last| matches!(last, Source::Thinking(_)));
            let source = last.unwrap_or(Source::Thinking(super::OWN));
            if !self.waiting.sign(source, signature) {
                cx.facts.note(NoteCode::LimitExceeded, b"waiting");
            }
            return;
        }
        if cx.options.redacted_thinking {
            return self.whole_block(BlockHead::redacted(signature), cx);
        }
        self.close(cx);
        self.turn_to(Source::Thinking(super::OWN), cx);
        if let Some(open) = &mut self.open {
            open.signature.extend_from_slice(signature);
        }
        self.close(cx);
    }
}

/// The name that the client gave a tool; JSON string contents.
fn client_name(name: &[u8], options: &Options) -> Vec<u8> {
    let sent = Str::from_raw(name).decode();
    let own = options.context.as_ref().and_then(|context| context.names.get(&sent));
    own.map_or_else(|| name.to_vec(), |own| write::contents(own))
}
