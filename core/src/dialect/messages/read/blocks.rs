//! The blocks of a message: which one an event is of, and what becomes of it.
//!
//! Input: starts, stops, whole blocks. Output: texts, calls, searches. State: every block, bounded by [`MAX_ITEMS`]; texts
//! that wait because another block is being passed on, bounded by [`MAX_HELD_BYTES`].
//!
//! Texts of two blocks that are open at once are passed on block by block, as SDKs have them in the end.

use super::{MessageLog, MessagesReader};
use crate::answer::{Context, ReasoningItem, TextKind, TextRef, Writer};
use crate::dialect::messages::event::{Block, Delta, Event};
use crate::dialect::messages::{BlockType, DeltaKind, WEB_SEARCH, seal};
use crate::json::{Str, Value, write};
use crate::limits::{MAX_CITATION_BYTES, MAX_HELD_BYTES, MAX_ITEMS};
use crate::opaque::FORMAT_OF_ENVELOPES;
use crate::outcome::NoteCode;
use std::collections::{HashMap, HashSet, VecDeque};

#[derive(Debug, Clone, Default)]
pub(super) struct Blocks {
    list: Vec<BlockState>,
    /// By the upstream's index, the last block that has it.
    by_index: HashMap<u64, usize>,
    /// Texts and thinking that are not passed on to their end, as they started; those of the first are passed on as they come.
    queue: VecDeque<usize>,
    held_bytes: usize,
    citation_bytes: usize,
    /// Ids of calls so far, as JSON string contents.
    call_ids: HashSet<Box<[u8]>>,
}

#[derive(Debug, Clone)]
pub(super) struct BlockState {
    pub(super) kind: BlockType,
    pub(super) role: Role,
    pub(super) is_over: bool,
    /// Anything of it was passed on.
    pub(super) has_piece: bool,
    /// The input that it started with, as JSON string contents, for a call whose deltas say nothing.
    pub(super) input: Option<Box<[u8]>>,
    /// JSON string contents.
    pub(super) signature: Option<Box<[u8]>>,
    /// As JSON.
    pub(super) citations: Vec<Box<[u8]>>,
    held: Vec<(DeltaKind, Vec<u8>)>,
    /// Code points of the answer before it.
    pub(super) start: Option<u64>,
}

/// What a block is in the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Text,
    Thinking(TextRef),
    /// The call with this number.
    Call(usize),
    /// The search with this number.
    Search(usize),
    /// Runs on the server.
    Hosted,
    /// Nothing that is passed on.
    Nothing,
}

impl Blocks {
    pub(super) fn get(&self, at: usize) -> &BlockState {
        &self.list[at]
    }

    pub(super) fn get_mut(&mut self, at: usize) -> &mut BlockState {
        &mut self.list[at]
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are calls, the server's own among them.
    pub(super) fn has_answer(&self) -> bool {
        let is_call =
            |block: &BlockState| matches!(block.role, Role::Call(_) | Role::Search(_) | Role::Hosted);
        self.list.iter().any(is_call)
    }

    /// The block that an event is of: by its index, else the last one.
    fn find(&self, index: Option<u64>) -> Option<usize> {
        match index {
            Some(index) => self.by_index.get(&index).copied(),
            None => self.list.len().checked_sub(1),
        }
    }

    fn add(&mut self, index: Option<u64>, kind: BlockType, role: Role) -> Option<usize> {
        let at = self.list.len();
        if at >= MAX_ITEMS {
            return None;
        }
        self.by_index.insert(index.unwrap_or(at as u64), at);
        if matches!(role, Role::Text | Role::Thinking(_)) {
            self.queue.push_back(at);
        }
        self.list.push(BlockState {
            kind,
            role,
            is_over: false,
            has_piece: false,
            input: None,
            signature: None,
            citations: Vec::new(),
            held: Vec::new(),
            start: None,
        });
        Some(at)
    }

    /// Whether the texts of a block are passed on as they come.
    pub(super) fn speaks(&self, at: usize) -> bool {
        self.is_first(at) || self.queue.binary_search(&at).is_err()
    }

    /// Whether a block is the one that is being passed on.
    pub(super) fn is_first(&self, at: usize) -> bool {
        self.queue.front() == Some(&at)
    }

    /// Whether a block is over, and all of it passed on.
    pub(super) fn is_done(&self, at: usize) -> bool {
        self.list[at].is_over && self.queue.binary_search(&at).is_err()
    }

    pub(super) fn hold(&mut self, at: usize, kind: DeltaKind, piece: Str<'_>) -> bool {
        let bytes = piece.raw().len();
        let has_room = self.held_bytes + bytes <= MAX_HELD_BYTES;
        if has_room {
            self.held_bytes += bytes;
            self.list[at].held.push((kind, piece.raw().to_vec()));
        }
        has_room
    }

    pub(super) fn cite(&mut self, at: usize, citation: Value<'_>) -> bool {
        self.citation_bytes += citation.raw().len();
        let has_room = self.citation_bytes <= MAX_CITATION_BYTES;
        if has_room {
            self.list[at].citations.push(citation.raw().into());
        }
        has_room
    }

    /// An id that no call has yet; `None` where that is the one given.
    pub(super) fn unique(&mut self, id: &[u8], nth: usize) -> Option<Vec<u8>> {
        if self.call_ids.insert(id.into()) {
            return None;
        }
        let mut own = id.to_vec();
        while !self.call_ids.insert(own.as_slice().into()) {
            write::pieces(&mut own, [b"_", nth.to_string().as_bytes()]);
        }
        Some(own)
    }
}

impl<L: MessageLog> MessagesReader<L> {
    /// The block of a delta; one that never started starts with it.
    pub(super) fn block_of(
        &mut self,
        index: Option<u64>,
        delta: &Delta<'_>,
        cx: &mut Context<'_>,
    ) -> Option<usize> {
        if let Some(at) = self.blocks.find(index) {
            return Some(at);
        }
        let kind = match delta.kind {
            Some(DeltaKind::Text) => BlockType::Text,
            Some(DeltaKind::Thinking) => BlockType::Thinking,
            _ => BlockType::Other,
        };
        let path = format!("content[{}]", index.unwrap_or_default());
        cx.facts.notes.push(NoteCode::Repaired, path, b"content_block_start");
        let role = self.role_of_text(kind);
        self.within_limits(index, kind, role, cx)
    }

    fn role_of_text(&self, kind: BlockType) -> Role {
        let item = self.blocks.len() + 1; // 0 is that of the text
        match kind {
            BlockType::Text => Role::Text,
            BlockType::Thinking => Role::Thinking(TextRef::new(item, item, TextKind::Reasoning)),
            _ => Role::Nothing,
        }
    }

    fn within_limits(
        &mut self,
        index: Option<u64>,
        kind: BlockType,
        role: Role,
        cx: &mut Context<'_>,
    ) -> Option<usize> {
        let at = self.blocks.add(index, kind, role);
        if at.is_none() {
            cx.facts.note(NoteCode::LimitExceeded, b"blocks");
        }
        at
    }

    pub(super) fn block_start(&mut self, event: &Event<'_>, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let Some(block) = event.block else {
            return cx.facts.note(NoteCode::MalformedEvent, event.name);
        };
        self.begin(event.index, &Block::parse(block), writer, cx);
    }

    /// A block that starts, with what it starts with.
    fn begin(
        &mut self,
        index: Option<u64>,
        block: &Block<'_>,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) -> Option<usize> {
        let role = match block.kind {
            BlockType::Text | BlockType::Thinking => self.role_of_text(block.kind),
            BlockType::ToolUse => self.call(block, writer, cx),
            BlockType::ServerToolUse if block.name.is_some_and(|name| name.is(WEB_SEARCH)) => {
                Role::Search(self.searches.begin(block))
            }
            BlockType::ServerToolUse => Role::Hosted,
            BlockType::RedactedThinking | BlockType::SearchResult | BlockType::Hosted | BlockType::Other => {
                Role::Nothing
            }
        };
        let at = self.within_limits(index, block.kind, role, cx)?;
        Self::hosted(block, role, writer, cx);
        let state = self.blocks.get_mut(at);
        state.signature = block.signature.filter(|text| !text.is_empty()).map(|text| text.raw().into());
        state.input = block.arguments(&mut Vec::new()).map(|input| input.raw().into());
        for citation in block.citations.into_iter().flat_map(Value::elements) {
            self.blocks.cite(at, citation);
        }
        let texts = [(DeltaKind::Text, block.text), (DeltaKind::Thinking, block.thinking)];
        for (kind, text) in texts {
            if let Some(text) = text.filter(|text| !text.is_empty()) {
                self.piece(at, kind, text, writer, cx);
            }
        }
        match block.kind {
            BlockType::RedactedThinking => {
                let sealed = block.data.map(|data| seal("data", data.raw()));
                Self::pass_opaque(at, b"", sealed, writer, cx);
            }
            BlockType::SearchResult => self.searched(block, writer, cx),
            _ => {}
        }
        Some(at)
    }

    /// What ran on the server, where that is shown; what else no client of another dialect is.
    fn hosted(block: &Block<'_>, role: Role, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let name = block.type_name.map_or(&b""[..], Str::raw);
        match (role, block.kind) {
            (Role::Hosted, _) => {
                let name = block.name.map_or(name, Str::raw);
                if writer.shows_hosted(cx.options) {
                    writer.hosted_call(name, cx);
                } else {
                    cx.facts.note(NoteCode::HostedCall, name);
                }
            }
            (_, BlockType::Hosted) => cx.facts.note(NoteCode::HostedCall, name),
            (_, BlockType::Other) => cx.facts.note(NoteCode::UnknownItem, name),
            _ => {}
        }
        let is_direct = |caller: &Value<'_>| {
            caller.get("type").and_then(Value::as_str).is_none_or(|kind| kind.is("direct"))
        };
        if matches!(role, Role::Call(_)) && block.caller.is_some_and(|caller| !is_direct(&caller)) {
            cx.facts.note(NoteCode::CallMemberDropped, b"caller");
        }
    }

    pub(super) fn block_stop(&mut self, event: &Event<'_>, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        match self.blocks.find(event.index) {
            Some(at) => self.stop(at, writer, cx),
            None => cx.facts.note(NoteCode::UnknownEvent, event.name),
        }
    }

    /// A block of a whole message.
    pub(super) fn whole_block(&mut self, block: Value<'_>, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        if let Some(at) = self.begin(None, &Block::parse(block), writer, cx) {
            self.stop(at, writer, cx);
        }
    }

    /// Nothing more comes for a block.
    pub(super) fn stop(&mut self, at: usize, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let block = self.blocks.get_mut(at);
        if std::mem::replace(&mut block.is_over, true) {
            return;
        }
        match block.role {
            Role::Call(nth) => Self::end_call(nth, block, writer, cx),
            Role::Search(nth) => self.searches.given(nth, block.input.as_deref()),
            _ => {
                if self.blocks.is_first(at) {
                    self.advance(writer, cx);
                }
            }
        }
    }

    /// The block that was passed on is over: others have their turn.
    fn advance(&mut self, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        while let Some(at) = self.blocks.queue.front().copied() {
            for (kind, piece) in std::mem::take(&mut self.blocks.get_mut(at).held) {
                self.blocks.held_bytes -= piece.len();
                self.pass(at, kind, Str::from_raw(&piece), writer, cx);
            }
            if !self.blocks.get(at).is_over {
                return;
            }
            self.wind_up(at, writer, cx);
            self.blocks.queue.pop_front();
        }
    }

    /// What comes at the end of a text: its citations, its signature.
    fn wind_up(&mut self, at: usize, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let block = self.blocks.get_mut(at);
        let (citations, sealed) = (std::mem::take(&mut block.citations), block.sealed());
        let start = block.start.unwrap_or(0);
        for citation in citations {
            self.cite(Value::of_valid(&citation), start, writer, cx);
        }
        if matches!(self.blocks.get(at).role, Role::Thinking(_)) {
            let thought = std::mem::take(&mut self.thought);
            Self::pass_opaque(at, &thought, sealed, writer, cx);
        }
    }

    /// The state of a block, for writers that keep it with a thought and for those that keep it as an item: with its text,
    /// since only both together are what the server signed.
    fn pass_opaque(
        at: usize,
        thought: &[u8],
        sealed: Option<Vec<u8>>,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        let Some(sealed) = sealed else { return };
        let state = Some(Str::from_raw(&sealed));
        let text = [(TextKind::Summary, Str::from_raw(thought))]; // as the Responses writer has it
        let parts = &text[usize::from(thought.is_empty())..];
        let item = ReasoningItem { item: at, id: None, format: FORMAT_OF_ENVELOPES, parts, state };
        writer.reasoning_item(&item, cx);
        if !writer.opaque(&sealed, cx) {
            cx.facts.note(NoteCode::ReasoningDropped, b"signature");
        }
    }

    /// Stops every block that never stopped, in order. `is_cut`: a call may lack its end.
    pub(super) fn stop_all(&mut self, is_cut: bool, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        for at in 0..self.blocks.len() {
            let block = self.blocks.get(at);
            let is_call = matches!(block.role, Role::Call(_));
            if !(block.is_over || (is_call && is_cut)) {
                self.stop(at, writer, cx);
            }
        }
    }
}
