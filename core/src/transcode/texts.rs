//! Enters: pieces and snapshots of texts. Leaves: each text once, in the member it belongs to.

use super::options::{Commentary, ReasoningField};
use super::speaker::Gap;
use super::state::{Place, Spot, State};
use crate::chat::{Member, Voice};
use crate::items::{Identity, ItemRef};
use crate::json::hole::Text;
use crate::json::{Str, Value};
use crate::outcome::NoteCode;
use crate::responses::{self, Event, Lane, Part};

impl State {
    /// `….delta`
    pub(super) fn delta(&mut self, lane: Lane, event: &Event<'_>, out: &mut Vec<u8>) {
        let Some(piece) = event.members.delta.and_then(Value::as_str) else {
            return self.malformed(event.name);
        };
        let known = self.items.changes();
        let Some(place) = self.place(lane, event) else { return };
        let logprobs = event.members.logprobs.filter(|tokens| tokens.elements().next().is_some());
        let spot = if lane.item_kind().is_call() {
            let known = self.known(lane, event);
            self.with_calls(out, |calls, _, line| {
                calls.learn(place.item, known, line);
                calls.delta(place.item, piece, line);
            });
            Some(Spot::Call(place.item))
        } else {
            self.say(place, piece, logprobs, out)
        };
        // What was learned may change what an id or index means for the others.
        self.repeatable = spot.filter(|_| logprobs.is_none() && self.items.changes() == known);
    }

    /// An earlier delta again, with other texts: it was said there before, so nothing is left to decide.
    #[inline]
    pub(super) fn deltas_again<'c>(
        &mut self,
        spot: Spot,
        pieces: impl Iterator<Item = Text<'c>>,
        out: &mut Vec<u8>,
    ) {
        match spot {
            Spot::Call(item) => self.with_calls(out, |calls, _, line| calls.deltas(item, pieces, line)),
            Spot::Text(voice, part) => {
                let said = &mut self.parts.part(part).said;
                let pieces = pieces.filter(|piece| !piece.is_empty());
                let pieces = pieces.inspect(|piece| said.push_text(piece));
                self.speaker.pieces(out, Member::Text(voice), pieces);
            }
        }
    }

    /// `….done`
    pub(super) fn text_done(&mut self, lane: Lane, event: &Event<'_>, out: &mut Vec<u8>) {
        let mut buffer = Vec::new();
        let Some(whole) = event.members.whole.and_then(|whole| whole.as_text(&mut buffer)) else { return };
        let Some(place) = self.place(lane, event) else { return };
        if lane.item_kind().is_call() {
            let known = self.known(lane, event);
            self.with_calls(out, |calls, path, line| {
                calls.learn(place.item, known, line);
                calls.snapshot(place.item, whole, path, line);
                calls.done(place.item, line);
            });
        } else {
            self.snapshot(place, whole, out);
        }
    }

    /// `content_part.done`, `reasoning_summary_part.done`
    pub(super) fn part_done(&mut self, event: &Event<'_>, out: &mut Vec<u8>) {
        let Some(part) = event.members.part.and_then(Part::parse) else { return };
        if let Some(place) = self.place(part.lane, event) {
            self.part(place.item, place.index, &part, out);
        }
    }

    /// A whole part of a message or reasoning item.
    pub(super) fn part(&mut self, item: ItemRef, index: u64, part: &Part<'_>, out: &mut Vec<u8>) {
        self.snapshot(Place { item, lane: part.lane, index }, part.text, out);
        for annotation in part.annotations() {
            self.annotation(item, index, annotation);
        }
    }

    /// `output_text.annotation.added`
    pub(super) fn annotation_added(&mut self, event: &Event<'_>) {
        let Some(annotation) = event.members.annotation else { return };
        if let Some(place) = self.place(Lane::Text, event) {
            self.annotation(place.item, place.index, annotation);
        }
    }

    fn annotation(&mut self, item: ItemRef, index: u64, annotation: Value<'_>) {
        let citation = match responses::citation(annotation) {
            Ok(citation) => citation,
            Err(kind) => return self.note_item(NoteCode::AnnotationDropped, item, kind),
        };
        let start =
            self.parts.start((item, Lane::Text, index)).unwrap_or_else(|| self.speaker.content_length());
        if self.citations.add((item, index), start, citation).is_none() {
            self.within_limits::<()>(None, "annotations");
        }
    }

    /// The text that an event is about, its item new if need be.
    fn place(&mut self, lane: Lane, event: &Event<'_>) -> Option<Place> {
        let identity = Identity {
            kind: lane.item_kind(),
            id: event.item_id(),
            output_index: event.output_index(),
            call_id: responses::id(event.members.call_id),
        };
        let item = self.items.resolve(identity);
        let item = self.within_limits(item, "items")?;
        Some(Place { item, lane, index: event.part_index() })
    }

    /// Says a piece of message or reasoning text, if it is to be shown.
    fn say(
        &mut self,
        place: Place,
        piece: Str<'_>,
        logprobs: Option<Value<'_>>,
        out: &mut Vec<u8>,
    ) -> Option<Spot> {
        if piece.is_empty() && logprobs.is_none() {
            return None;
        }
        let voice = self.voice(place)?;
        let Place { item, lane, index } = place;
        let at = self.parts.at((item, lane, index));
        let at = self.within_limits(at, "parts")?;
        let part = self.parts.part(at);
        let said = &mut self.said[item];
        let gap = match voice {
            Voice::Content if self.has_text && !said.has_text => Gap::Message,
            Voice::ReasoningContent | Voice::Reasoning if self.has_reasoning && part.said.is_empty() => {
                Gap::Paragraph
            }
            _ => Gap::None,
        };
        part.said.push(piece);
        match voice {
            Voice::Content => {
                (self.has_text, said.has_text) = (true, true);
                part.start
                    .get_or_insert_with(|| self.speaker.content_length() + self.speaker.gap_length(gap));
            }
            Voice::Refusal => {}
            Voice::ReasoningContent | Voice::Reasoning => self.has_reasoning = true,
        }
        self.speaker.text(out, voice, gap, piece, logprobs);
        Some(Spot::Text(voice, at)).filter(|_| !piece.is_empty())
    }

    /// Where a text goes; `None` for reasoning that is not shown.
    fn voice(&mut self, place: Place) -> Option<Voice> {
        let options = &self.speaker.options;
        let reasoning = match options.reasoning {
            ReasoningField::ReasoningContent => Some(Voice::ReasoningContent),
            ReasoningField::Reasoning => Some(Voice::Reasoning),
            ReasoningField::Off => None,
        };
        let said = &mut self.said[place.item];
        match place.lane {
            Lane::Text if said.is_commentary && options.commentary == Commentary::Reasoning => {
                return reasoning;
            }
            Lane::Text => return Some(Voice::Content),
            Lane::Refusal => return Some(Voice::Refusal),
            _ => {}
        }
        if reasoning.is_none() || *said.reasoning.get_or_insert(place.lane) == place.lane {
            return reasoning;
        }
        self.note_item(NoteCode::ReasoningDropped, place.item, b"");
        None
    }

    /// A whole text: what was never streamed is said, a disagreement is noted once.
    fn snapshot(&mut self, place: Place, whole: Str<'_>, out: &mut Vec<u8>) {
        let Place { item, lane, index } = place;
        let is_unsaid = self.parts.is_unsaid((item, lane, index));
        if (whole.is_empty() && is_unsaid) || self.voice(place).is_none() {
            return;
        }
        let at = self.parts.at((item, lane, index));
        let Some(at) = self.within_limits(at, "parts") else { return };
        let part = self.parts.part(at);
        match part.said.rest_of(whole) {
            Some(rest) if rest.is_empty() => {}
            Some(rest) => {
                self.note_item(NoteCode::Repaired, item, b"text");
                self.say(place, rest, None, out);
            }
            None if std::mem::replace(&mut part.is_inconsistent, true) => {}
            None => self.note_item(NoteCode::InconsistentText, item, b"text"),
        }
    }
}
