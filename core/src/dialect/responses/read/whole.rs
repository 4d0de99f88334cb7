//! Whole items, from `output_item.*` and the terminal `output`: what of them never streamed.
//!
//! Input: an item. Output: the texts, calls, images and opaque state in it that were not passed on yet.

use super::calls::CallInfo;
use super::snapshots::WholeText;
use super::{ItemLog, ResponsesReader, path};
use crate::answer::{CallKind, Context, Declared, Image, ReasoningItem, TextKind, Writer};
use crate::dialect::responses::{
    Event, Identity, Item, ItemRef, ItemType, ONLY_HERE, Part, declare, other_parts,
};
use crate::envelope;
use crate::json::{Str, Value};
use crate::media;
use crate::opaque;
use crate::outcome::{MadeFailure, NoteCode};

impl<L: ItemLog> ResponsesReader<L> {
    pub(super) fn item_added(&mut self, event: &Event<'_>, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let Some(item) = event.members.item.and_then(Item::parse) else {
            return cx.facts.note(NoteCode::MalformedEvent, event.name);
        };
        let found = self.items.add(Identity::of(&item, event.output_index()));
        let Some(at) = self.within_limits(found, cx) else { return };
        self.log.added(at, event);
        self.states[at].is_commentary |= item.is_commentary;
        self.announce_item(at, &item, cx);
        if item.item_type == ItemType::Reasoning {
            Self::reasoning_item(at, &item, &[], writer, cx);
        }
        if item.item_type.is_call() {
            let mut buffer = Vec::new();
            self.learn_item(at, &item, cx);
            self.calls.start(at, writer, cx);
            if let Some(arguments) = item.arguments.and_then(|arguments| arguments.as_text(&mut buffer)) {
                self.calls.added(at, arguments, cx);
            }
        } else if !Self::shows(&item, writer, cx) {
            self.note_type(at, &item, cx);
        }
    }

    pub(super) fn item_done(&mut self, event: &Event<'_>, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let Some(item) = event.members.item.and_then(Item::parse) else {
            return cx.facts.note(NoteCode::MalformedEvent, event.name);
        };
        let mut buffer = Vec::new();
        let arguments = item.arguments.and_then(|arguments| arguments.as_text(&mut buffer));
        let Self { items, calls, .. } = self;
        let is_same = |call| calls.is_same(call, item.name, arguments);
        let found = items.close(Identity::of(&item, event.output_index()), is_same);
        if let Some(at) = self.within_limits(found, cx) {
            self.log.done(at, event);
            self.item(at, &item, writer, cx);
        }
    }

    /// A finished item: what of it never streamed is passed on.
    pub(super) fn item(
        &mut self,
        at: ItemRef,
        item: &Item<'_>,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        self.states[at].is_commentary |= item.is_commentary;
        match item.item_type {
            ItemType::Message | ItemType::Reasoning => self.whole_parts(at, item, writer, cx),
            ItemType::FunctionCall | ItemType::CustomCall => self.call(at, item, writer, cx),
            ItemType::Image => self.image(at, item, writer, cx),
            ItemType::WebSearch if writer.shows_searches(cx.options) => self.web_search(at, item, writer, cx),
            ItemType::Hosted if writer.shows_hosted(cx.options) => self.hosted_call(at, item, writer, cx),
            ItemType::WebSearch
            | ItemType::Hosted
            | ItemType::ClientCall
            | ItemType::Silent
            | ItemType::Other => {
                self.note_type(at, item, cx);
            }
        }
    }

    /// The texts of a message or reasoning item. Their places in the array are no indexes.
    fn whole_parts(&mut self, at: ItemRef, item: &Item<'_>, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let announced = self.untold.state(at, item.encrypted_content);
        let state = announced.as_deref().map(Str::from_raw).or(item.encrypted_content);
        let item = &Item { encrypted_content: state, ..*item };
        let lists = [item.summary, item.content].into_iter().flatten();
        let parts: Vec<_> = lists.flat_map(|list| (0..).zip(Part::each(list, item.item_type))).collect();
        if parts.iter().any(|(_, part)| part.is_none()) {
            let others = item.content.into_iter().flat_map(other_parts);
            others.for_each(|name| self.note_item(NoteCode::UnknownItem, at, name.raw(), cx));
        }
        let parts: Vec<_> = parts.into_iter().filter_map(|(index, part)| Some((index, part?))).collect();
        for kind in TextKind::ALL {
            let of_kind = parts.iter().filter(|(_, part)| part.kind == kind);
            let of_kind: Vec<_> = of_kind.collect();
            if !of_kind.is_empty() {
                self.parts_of_kind(at, kind, &of_kind, writer, cx);
            }
        }
        if item.item_type == ItemType::Reasoning {
            let parts: Vec<_> = parts.iter().map(|(_, part)| (part.kind, part.text)).collect();
            Self::reasoning_item(at, item, &parts, writer, cx);
        }
        if let Some(blob) = item.encrypted_content {
            self.opaque(at, blob, writer, cx);
        }
    }

    fn reasoning_item(
        item: ItemRef,
        of: &Item<'_>,
        parts: &[(TextKind, Str<'_>)],
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        let format = opaque::FORMAT_OF_RESPONSES;
        writer.reasoning_item(
            &ReasoningItem { item, id: of.id, format, parts, state: of.encrypted_content },
            cx,
        );
    }

    /// All texts of one kind in an item, each with its counterpart among those that came; what has none is new. Where there
    /// is no telling which is whose, together they are compared with all that came.
    fn parts_of_kind(
        &mut self,
        item: ItemRef,
        kind: TextKind,
        parts: &[&(u64, Part<'_>)],
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        let known = self.parts.all(kind, &self.states[item].latest);
        let Some(counterparts) = self.counterparts(&known, parts) else {
            return self.parts_together(item, kind, &known, parts, writer, cx);
        };
        for ((index, part), counterpart) in parts.iter().zip(counterparts) {
            let Part { text, logprobs, .. } = *part;
            let whole = WholeText { item, id: None, kind, index: *index, text, logprobs };
            let at = match counterpart {
                Some(known) => Some(self.whole_part(known, whole, writer, cx)),
                None => self.new_whole(whole, writer, cx),
            };
            if let Some(at) = at {
                let of = self.text_ref(item, kind, at);
                self.annotations(of, part, 0, writer, cx);
            }
        }
    }

    /// Which of the known parts each part is: by order, else by index, whichever agrees with all that came; by order where
    /// neither does and there are as many.
    fn counterparts(&self, known: &[usize], parts: &[&(u64, Part<'_>)]) -> Option<Vec<Option<usize>>> {
        if let ([known], [_]) = (known, parts) {
            return Some(vec![Some(*known)]);
        }
        let by_order = || (0..parts.len()).map(|nth| known.get(nth).copied()).collect::<Vec<_>>();
        let by_index = || {
            let at = |index| known.iter().copied().find(|at| self.parts.get(*at).index == index);
            parts.iter().map(|(index, _)| at(*index)).collect::<Vec<_>>()
        };
        let agrees = |pairs: &Vec<Option<usize>>| {
            let mut found = pairs.iter().zip(parts).filter_map(|(at, (_, part))| Some(((*at)?, part)));
            pairs.iter().flatten().count() == known.len()
                && found.all(|(at, part)| self.parts.get(at).said.rest_of(part.text).is_some())
        };
        Some(by_order())
            .filter(agrees)
            .or_else(|| Some(by_index()).filter(agrees))
            .or_else(|| (known.len() == parts.len()).then(by_order))
    }

    fn parts_together(
        &mut self,
        item: ItemRef,
        kind: TextKind,
        known: &[usize],
        parts: &[&(u64, Part<'_>)],
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        let all: Vec<u8> = parts.iter().flat_map(|(_, part)| part.text.raw()).copied().collect();
        let has_begun = |at: &&usize| !self.parts.get(**at).said.is_empty();
        let Some(last) = known.iter().rfind(has_begun).or(known.last()).copied() else { return };
        let tokens = all_tokens(parts);
        let logprobs = tokens.as_deref().map(Value::of_valid);
        let whole = WholeText { item, id: None, kind, index: 0, text: Str::from_raw(&all), logprobs };
        let paragraphs = kind.is_reasoning().then(|| {
            let texts = parts.iter().map(|(_, part)| part.text.raw()).filter(|text| !text.is_empty());
            texts.collect::<Vec<_>>().join(&br"\n\n"[..])
        });
        let shown = WholeText { text: Str::from_raw(paragraphs.as_deref().unwrap_or(&all)), ..whole };
        let joined = || self.parts.rest_after_paragraphs(known, whole.text).filter(|_| kind.is_reasoning());
        match self.parts.rest_after(known, whole.text).or_else(joined) {
            Some(rest) => {
                self.repair(last, rest, whole, writer, cx);
                if known.iter().any(|at| self.parts.get(*at).is_inconsistent) {
                    self.replace_all(known, last, shown, writer, cx);
                }
            }
            None if whole.text.is_empty() => {} // a hole
            None => {
                self.contradicted(last, shown, writer, cx);
                self.replace_all(known, last, shown, writer, cx);
            }
        }
        let of = self.text_ref(item, kind, known[0]);
        let mut before = 0;
        for (_, part) in parts {
            self.annotations(of, part, before, writer, cx);
            before += part.text.code_points();
        }
    }

    /// All that came of these parts is `whole`: `last` holds it, the others nothing.
    fn replace_all(
        &mut self,
        known: &[usize],
        last: usize,
        whole: WholeText<'_>,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        let nothing = WholeText { text: Str::from_raw(b""), ..whole };
        known.iter().filter(|at| **at != last).for_each(|at| self.replace(*at, nothing, writer, cx));
        self.replace(last, whole, writer, cx);
    }

    /// What only the upstream can read, and wants back in the next turn.
    fn opaque(&mut self, at: ItemRef, blob: Str<'_>, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        if std::mem::replace(&mut self.states[at].has_opaque, true) {
            return;
        }
        if !writer.opaque(blob.raw(), cx) {
            self.note_item(NoteCode::ReasoningDropped, at, b"encrypted_content", cx);
        }
    }

    fn call(&mut self, at: ItemRef, item: &Item<'_>, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let mut buffer = Vec::new();
        self.learn_item(at, item, cx);
        if let Some(whole) = item.arguments.and_then(|arguments| arguments.as_text(&mut buffer)) {
            self.whole_arguments(at, whole, writer, cx);
        }
        self.calls.start(at, writer, cx);
        if item.is_cut {
            self.calls.cut(at);
        } else {
            self.calls.done(at, writer, cx);
        }
    }

    fn learn_item(&mut self, at: ItemRef, item: &Item<'_>, cx: &mut Context<'_>) {
        if let Some(namespace) = item.namespace {
            self.note_item(NoteCode::NamespaceDropped, at, namespace.raw(), cx);
        }
        for (name, _) in ONLY_HERE.iter().zip(item.only_here).filter(|(_, own)| own.is_some()) {
            self.note_item(NoteCode::CallMemberDropped, at, name.as_bytes(), cx);
        }
        let is_custom = item.item_type == ItemType::CustomCall;
        let kind = if is_custom { CallKind::Custom } else { CallKind::Function };
        let info = CallInfo { kind, id: item.call_id, item_id: item.id, name: item.name };
        self.learn_call(at, info, cx);
    }

    /// A generated image, once.
    fn image(&mut self, at: ItemRef, item: &Item<'_>, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        if self.states[at].has_image {
            return;
        }
        match item.result.and_then(Value::as_str).filter(|base64| !base64.is_empty()) {
            Some(base64) => {
                self.states[at].has_image = true;
                self.show(at, base64, item.declared, false, writer, cx);
            }
            None => self.image_failed(at, item, cx),
        }
    }

    fn image_failed(&mut self, at: ItemRef, item: &Item<'_>, cx: &mut Context<'_>) {
        let error = item.error.map(envelope::of_error);
        let detail = error.as_ref().map_or(String::new(), |told| match &told.error.code {
            Some(code) => format!("{code}: {}", told.error.message),
            None => told.error.message.clone(),
        });
        self.note_item(NoteCode::ImageFailed, at, detail.as_bytes(), cx);
        self.states[at].lacks_image = true;
        if item.is_failed {
            let first = self.untold.take_image().filter(|_| error.is_none());
            let made = || envelope::made(MadeFailure::ImageFailed);
            self.untold.image(first.or(error).unwrap_or_else(made));
        }
    }

    pub(super) fn partial_image(&mut self, event: &Event<'_>, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        let Some(base64) = event.members.image.and_then(Value::as_str) else {
            return cx.facts.note(NoteCode::MalformedEvent, event.name);
        };
        let (id, output_index) = (event.item_id(), event.output_index());
        let identity = Identity { item_type: ItemType::Image, id, output_index, call_id: None };
        let found = self.items.resolve(identity);
        let Some(at) = self.within_limits(found, cx).filter(|at| !self.states[*at].has_image) else { return };
        let mut declared = Declared::default();
        event.json.each_member(|key, value| _ = declare(&mut declared, &key.unescaped(), value));
        self.show(at, base64, declared, true, writer, cx);
    }

    fn show(
        &mut self,
        at: ItemRef,
        base64: Str<'_>,
        declared: Declared<'_>,
        is_partial: bool,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        let format = declared.output_format.and_then(Value::as_str).map(Str::raw);
        let mime = media::of_base64(&base64.prefix(64), format);
        let path = path(&self.items, at);
        writer.image(&Image { mime, base64, is_partial, path: &path, declared }, cx);
    }

    /// Items that a client of another dialect cannot be shown.
    fn note_type(&mut self, at: ItemRef, item: &Item<'_>, cx: &mut Context<'_>) {
        let code = match item.item_type {
            ItemType::WebSearch | ItemType::Hosted => NoteCode::HostedCall,
            ItemType::ClientCall => NoteCode::ClientCallDropped,
            ItemType::Other => NoteCode::UnknownItem,
            _ => return,
        };
        self.note_item(code, at, item.type_name.raw(), cx);
    }
}

/// The logprobs of all parts, as one list.
fn all_tokens(parts: &[&(u64, Part<'_>)]) -> Option<Vec<u8>> {
    let lists = parts.iter().filter_map(|(_, part)| part.logprobs);
    let tokens: Vec<_> = lists.flat_map(Value::elements).map(Value::raw).collect();
    (!tokens.is_empty()).then(|| [b"[", &tokens.join(&b","[..])[..], b"]"].concat())
}
