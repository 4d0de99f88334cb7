//! Which images a response has; the one place that decides.
//!
//! Input: a [`Reading`] of each event. Output: calls of the sink. State: one entry for each image, without its bytes.

use super::end::{self, ResponseEnd};
use super::meta::{ImageError, ImageErrorCode, ImageMeta, ImageOutcome, mime};
use super::payload::{DecodedImage, Fault, Outlet, Payload};
use super::place::IMAGE_ITEM;
use super::reading::{ImageFields, Reading};
use super::sink::ImageKey;
use crate::answer::NoImage;
use crate::dialect::responses::{self, Event, EventKind, Identity, ItemRef, ItemTracker, ItemType};
use crate::input::Event as _;
use crate::json::Str;
use crate::limits::{MAX_IMAGES, MAX_NOTES, MAX_PARTIAL_IMAGES};
use crate::outcome::ErrorBody;
use std::mem;

#[derive(Debug, Default)]
pub(super) struct ImageState {
    items: ItemTracker,
    /// In the order of `items`.
    entries: Vec<ImageEntry>,
    /// Errors of no entry, and of partial images that were asked for.
    errors: Vec<ImageError>,
    with_partials: bool,
    partials_delivered: usize,
    has_image_tool: Option<bool>,
    /// Why an image failed, the first that said so.
    failure: Option<(NoImage, ErrorBody)>,
    end: Option<ResponseEnd>,
}

/// One image, as far as it came.
#[derive(Debug, Default)]
struct ImageEntry {
    id: Option<String>,
    image: Option<ImageMeta>,
    partial: Option<BestPartial>,
    fault: Option<ImageError>,
}

/// The best partial image so far.
#[derive(Debug)]
struct BestPartial {
    meta: ImageMeta,
    /// Not delivered yet: it is kept until it is known whether a final comes.
    held: Option<ImageKey>,
}

/// What an event is about, by its name.
pub(super) fn kind(name: &str) -> EventKind {
    Event::parse(b"{}", name).map_or(EventKind::Other, |event| event.kind)
}

impl ImageState {
    pub(super) fn new(with_partials: bool) -> Self {
        Self { with_partials, ..Self::default() }
    }

    /// Whether the final image of this item was delivered.
    pub(super) fn has_image(&self, id: &str) -> bool {
        self.entries.iter().any(|entry| entry.image.is_some() && entry.id.as_deref() == Some(id))
    }

    /// One event; `name` is its SSE name, for one without a `type`.
    pub(super) fn event(&mut self, mut reading: Reading, name: &str, out: &mut Outlet<'_>) {
        if let Some(fault) = reading.fault {
            self.broken(&reading, fault);
        } else {
            let kind = kind(reading.event.type_name.as_deref().unwrap_or(name));
            self.read(kind, &mut reading, out);
        }
        reading.discard(out);
    }

    /// A body that is no stream: a Response, or else an error.
    pub(super) fn document(&mut self, mut reading: Reading, out: &mut Outlet<'_>) {
        match (reading.fault, reading.response.has_output) {
            (Some(_), _) if reading.is_malformed() => {} // cut, like a stream without its end
            (Some(fault), _) => self.broken(&reading, fault),
            (None, true) => self.read(kind(responses::Status::Completed.event_name()), &mut reading, out),
            (None, false) => self.read(EventKind::Error, &mut reading, out),
        }
        reading.discard(out);
    }

    /// A body that is neither a stream nor JSON.
    pub(super) fn page(&mut self, body: &[u8]) {
        self.end.get_or_insert_with(|| ResponseEnd::page(body));
    }

    fn read(&mut self, kind: EventKind, reading: &mut Reading, out: &mut Outlet<'_>) {
        if let Some(has_image_tool) = reading.response.has_image_tool {
            self.has_image_tool = Some(has_image_tool || self.has_image_tool == Some(true));
        }
        match kind {
            EventKind::PartialImage => self.partial(mem::take(&mut reading.event), out),
            EventKind::ItemAdded => {
                for item in &reading.items {
                    let found = self.items.add(identity(item, reading.event.output_index));
                    self.entry(found, item.id.as_deref());
                }
            }
            EventKind::ItemDone => {
                for item in reading.items.drain(..) {
                    let found = self.items.close(identity(&item, reading.event.output_index), |_| false);
                    self.item(found, item, out);
                }
            }
            EventKind::Terminal(named) => {
                self.output(reading, out);
                let response = &reading.response;
                self.end.get_or_insert_with(|| ResponseEnd::terminal(named, response));
            }
            EventKind::Error => {
                let response = &reading.response;
                self.end.get_or_insert_with(|| ResponseEnd::failed(response));
            }
            _ => {}
        }
    }

    /// The images of a terminal `output`.
    fn output(&mut self, reading: &mut Reading, out: &mut Outlet<'_>) {
        if reading.is_over_limit {
            self.limit_exceeded();
        }
        let items = mem::take(&mut reading.items);
        let identities: Vec<_> = items.iter().map(|item| identity(item, None)).collect();
        let matched = self.items.match_terminal(&identities, |_| false, |_| None);
        for (item, found) in items.into_iter().zip(matched) {
            self.item(found, item, out);
        }
    }

    /// A whole item. The first image it is seen with counts.
    fn item(&mut self, found: Option<ItemRef>, mut item: ImageFields, out: &mut Outlet<'_>) {
        let at = self.entry(found, item.id.as_deref());
        let Some(at) = at.filter(|at| self.entries[*at].image.is_none()) else {
            return item.payload.discard(out);
        };
        let is_failed = item.status.as_deref() == Some("failed");
        if is_failed && self.failure.is_none() {
            self.failure = end::failure(&item.error);
        }
        let fault = match mem::take(&mut item.payload) {
            Payload::Whole(image) if is_failed => {
                out.abort(image.key);
                Fault::of(ImageErrorCode::ImageFailed)
            }
            Payload::Whole(image) => return self.deliver(at, item, image, out),
            Payload::Bad(fault) if !is_failed => fault,
            Payload::Absent if !is_failed => Fault::of(ImageErrorCode::ImageEmpty),
            Payload::Absent | Payload::Bad(_) => Fault::of(ImageErrorCode::ImageFailed),
            Payload::Ignored | Payload::Arriving(_) => return,
        };
        self.blame(at, fault, false);
    }

    fn deliver(&mut self, at: ItemRef, item: ImageFields, image: DecodedImage, out: &mut Outlet<'_>) {
        let meta = self.meta(at, item, image, false);
        if let Err(code) = out.finish(image.key, &meta) {
            return self.blame(at, Fault::of(code), false);
        }
        let entry = &mut self.entries[at];
        if let Some(superseded) = entry.partial.take().and_then(|partial| partial.held) {
            out.abort(superseded);
        }
        entry.image = Some(meta);
    }

    fn partial(&mut self, mut event: ImageFields, out: &mut Outlet<'_>) {
        let found = self.items.resolve(identity(&event, event.output_index));
        let at = self.entry(found, event.id.as_deref());
        let Some(at) = at.filter(|at| self.entries[*at].image.is_none()) else {
            return event.payload.discard(out);
        };
        match mem::take(&mut event.payload) {
            Payload::Whole(image) => {
                let meta = self.meta(at, event, image, true);
                self.keep_partial(at, image.key, meta, out);
            }
            Payload::Bad(fault) => self.blame(at, fault, true),
            Payload::Absent | Payload::Ignored | Payload::Arriving(_) => {}
        }
    }

    /// Delivers it if partial images are wanted, and keeps the one with the highest index.
    fn keep_partial(&mut self, at: ItemRef, key: ImageKey, meta: ImageMeta, out: &mut Outlet<'_>) {
        if self.with_partials {
            if self.partials_delivered == MAX_PARTIAL_IMAGES {
                out.abort(key);
                return self.limit_exceeded();
            }
            if let Err(code) = out.finish(key, &meta) {
                return self.blame(at, Fault::of(code), true);
            }
            self.partials_delivered += 1;
        }
        let held = (!self.with_partials).then_some(key);
        let best = &mut self.entries[at].partial;
        let worse = match best {
            Some(best) if best.meta.partial_index > meta.partial_index => held,
            _ => best.replace(BestPartial { meta, held }).and_then(|worse| worse.held),
        };
        worse.inspect(|worse| out.abort(*worse));
    }

    fn meta(&self, at: ItemRef, found: ImageFields, image: DecodedImage, partial: bool) -> ImageMeta {
        ImageMeta {
            item_id: self.entries[at].id.clone(),
            output_index: self.items.output_index(at),
            partial,
            partial_index: found.partial_index.filter(|_| partial),
            mime: mime(image.head(), found.output_format.as_deref()),
            bytes: image.bytes,
            revised_prompt: found.revised_prompt,
            output_format: found.output_format,
            size: found.size,
            quality: found.quality,
            background: found.background,
        }
    }

    /// The entry of an item, new if need be; `None` where the response has too many.
    fn entry(&mut self, found: Option<ItemRef>, id: Option<&str>) -> Option<ItemRef> {
        let Some(at) = found.filter(|at| *at < MAX_IMAGES) else {
            self.limit_exceeded();
            return None;
        };
        self.entries.resize_with(self.entries.len().max(at + 1), ImageEntry::default);
        let entry = &mut self.entries[at];
        entry.id = entry.id.take().or_else(|| id.map(str::to_owned));
        Some(at)
    }

    /// An event that cannot be used: the images that it had begun are lost.
    fn broken(&mut self, reading: &Reading, fault: Fault) {
        let event = &reading.event;
        let is_image = |item: &ImageFields| item.type_name.as_deref().is_none_or(|name| name == IMAGE_ITEM);
        let items = reading.items.iter().chain([&reading.item].into_iter().filter(|item| is_image(item)));
        let lost = items.map(|item| (item, false)).chain([(event, true)]);
        let lost: Vec<_> =
            lost.filter_map(|(found, partial)| Some((found, lost_by(found, fault)?, partial))).collect();
        for (found, fault, partial) in &lost {
            self.blame_found(found, event.output_index, *fault, *partial);
        }
        if lost.is_empty() && fault.code == ImageErrorCode::EventTooLarge {
            self.push_error(error(None, None, fault, false));
        }
    }

    fn blame_found(&mut self, found: &ImageFields, output_index: Option<u64>, fault: Fault, partial: bool) {
        if found.id.is_none() && output_index.is_none() {
            return self.push_error(error(None, None, fault, partial));
        }
        let at = self.items.resolve(identity(found, output_index));
        if let Some(at) = self.entry(at, found.id.as_deref()) {
            self.blame(at, fault, partial);
        }
    }

    /// Remembers why an item has no image: the first reason, a final's before a partial's.
    fn blame(&mut self, at: ItemRef, fault: Fault, partial: bool) {
        let entry = &mut self.entries[at];
        let error = error(entry.id.clone(), self.items.output_index(at), fault, partial);
        if partial && self.with_partials {
            self.push_error(error);
        } else if entry.fault.as_ref().is_none_or(|known| known.partial && !partial) {
            entry.fault = Some(error);
        }
    }

    fn limit_exceeded(&mut self) {
        let fault = Fault::of(ImageErrorCode::LimitExceeded);
        self.push_error(error(None, None, fault, false));
    }

    fn push_error(&mut self, error: ImageError) {
        if self.errors.len() < MAX_NOTES && !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }

    /// The end of the stream: where no final came, the best partial is the image.
    pub(super) fn finish(&mut self, out: &mut Outlet<'_>) {
        for at in 0..self.entries.len() {
            let Some(BestPartial { meta, held }) = self.entries[at].partial.take() else { continue };
            match held.map_or(Ok(()), |key| out.finish(key, &meta)) {
                Ok(()) => self.entries[at].image = Some(meta),
                Err(code) => self.blame(at, Fault::of(code), true),
            }
        }
        self.end.get_or_insert_with(ResponseEnd::truncated);
    }

    pub(super) fn outcome(&self) -> Option<ImageOutcome> {
        let end = self.end.as_ref()?;
        let images: Vec<_> = self.entries.iter().filter_map(|entry| entry.image.clone()).collect();
        let errors: Vec<_> =
            self.entries.iter().filter_map(ImageEntry::error).chain(&self.errors).cloned().collect();
        let has_tool = self.has_image_tool.unwrap_or(true) || !self.entries.is_empty();
        let (failed, error) = self.failure.clone().filter(|_| images.is_empty()).unzip();
        let is_nothing = images.is_empty() && errors.is_empty();
        Some(ImageOutcome {
            status: end.status,
            images,
            errors,
            no_image: failed.or_else(|| is_nothing.then(|| end.no_image(has_tool))),
            error: end.error.clone().or(error),
        })
    }
}

impl ImageEntry {
    /// What is to be reported: not what an image made up for.
    fn error(&self) -> Option<&ImageError> {
        let is_made_up_for = |fault: &ImageError| match &self.image {
            None => false,
            Some(image) if image.partial => fault.partial || fault.code == ImageErrorCode::ImageEmpty,
            Some(_) => true,
        };
        self.fault.as_ref().filter(|fault| !is_made_up_for(fault))
    }
}

fn identity(found: &ImageFields, output_index: Option<u64>) -> Identity<'_> {
    let id = found.id.as_deref().map(|id| Str::from_raw(id.as_bytes()));
    Identity { item_type: ItemType::Image, id, output_index, call_id: None }
}

/// Why an image that had begun is lost when its event is; `None` where none had.
fn lost_by(found: &ImageFields, event: Fault) -> Option<Fault> {
    match found.payload {
        Payload::Absent | Payload::Ignored => None,
        Payload::Arriving(_) | Payload::Whole(_) => Some(event),
        Payload::Bad(fault) => Some(fault),
    }
}

fn error(item_id: Option<String>, output_index: Option<u64>, fault: Fault, partial: bool) -> ImageError {
    ImageError { code: fault.code, item_id, output_index, partial, offset: fault.offset }
}
