//! What is compared with what, and what was promised of it. Each contest is built when it is its turn: its input is
//! tens of MiB.

use crate::chat_server::chat_text;
use crate::completed::{self, Completed, completed};
use crate::images::{self, Image, image};
use crate::peers::Peer;
use crate::race::{Contender, Contest};
use crate::requests::{Request, requests};
use crate::serde_chat::Chat;
use crate::shapes::{SHAPES, shape};
use crate::stream::Shape;
use crate::table::Role;
use crate::{CHUNK, ours};
use serde::de::IgnoredAny;
use sluicegate::{ChatTranscoder, Profile, RequestOptions, normalize_request};
use std::cell::RefCell;
use std::hint::black_box;
use std::rc::Rc;

/// Makes a contest whose stream has about so many bytes.
pub type Builder = Box<dyn Fn(usize) -> Contest>;

const SEED: u64 = 11;

/// All of them.
pub fn contests() -> Vec<Builder> {
    let mut all: Vec<Builder> = Vec::new();
    all.extend(["text deltas", "text deltas, CRLF", "mixed"].map(|name| build(name, parse)));
    all.extend(SHAPES.map(|(name, _)| build(name, transcode)));
    all.extend(["tool arguments", "reasoning"].map(|name| build(name, beside_text)));
    all.push(Box::new(other_direction));
    all.extend([with_trees, with_structs].map(|contest| build("text deltas", contest)));
    all.extend(["text deltas", "mixed"].map(|name| build(name, collect)));
    all.push(Box::new(|_| decode_image()));
    all.extend((0..3).map(|nth| -> Builder { Box::new(move |_| normalize(nth)) }));
    all.extend([terminal_repeats, terminal_alone].map(|contest| -> Builder { Box::new(move |_| contest()) }));
    all
}

fn build(name: &'static str, contest: fn(&Rc<Shape>, usize) -> Contest) -> Builder {
    Box::new(move |bytes| contest(&Rc::new(shape(name, SEED, bytes)), bytes))
}

/// A contender that reads a stream, counted in events.
fn reader(name: &str, of: &Rc<Shape>, mut read: impl FnMut(&Shape) + 'static) -> Contender {
    let shape = Rc::clone(of);
    Contender::new(name, shape.events, move || read(black_box(&shape)))
}

/// A search for a byte that is not there touches every byte once, and a copy once more.
fn limits(of: &Rc<Shape>, required: Option<f64>) -> [(Role, Contender, Option<f64>); 2] {
    let scan = reader("memchr scan", of, |shape| {
        let found =
            shape.stream.chunks(CHUNK).filter_map(|chunk| memchr::memchr(0, black_box(chunk))).count();
        assert_eq!(black_box(found), 0);
    });
    let mut copy = vec![0; CHUNK];
    let memcpy = reader("memcpy", of, move |shape| {
        for chunk in shape.stream.chunks(CHUNK) {
            copy[..chunk.len()].copy_from_slice(black_box(chunk));
            black_box(&copy);
        }
    });
    [(Role::Limit, scan, required), (Role::Limit, memcpy, None)]
}

fn parsers(of: &Rc<Shape>, what: &str, required: Option<f64>) -> Vec<(Role, Contender, Option<f64>)> {
    let parser = |peer: Peer| {
        let name = format!("{}{what}", peer.name());
        let read = reader(&name, of, move |shape| {
            let mut count = 0;
            peer.parse(&shape.stream, |data| count += usize::from(!black_box(data).is_empty()));
            assert_eq!(count, shape.events);
        });
        (Role::Peer, read, required)
    };
    Peer::ALL.map(parser).into()
}

fn parse(shape: &Rc<Shape>, _: usize) -> Contest {
    let ours = reader("ours", shape, |shape| {
        let mut count = 0;
        ours::parse(&shape.stream, |data| count += usize::from(!black_box(data).is_empty()));
        assert_eq!(count, shape.events);
    });
    // Promised for the common case only.
    let promised = |least| (shape.name == "text deltas").then_some(least);
    let mut others: Vec<_> = limits(shape, promised(0.60)).into();
    others.extend(parsers(shape, "", promised(5.0)));
    Contest { thing: format!("parse: {}", shape.name), unit: "event", ours, others }
}

/// The least that reading the JSON costs others, when nothing is kept of it.
fn json_reader(of: &Rc<Shape>) -> Contender {
    reader("sse-core, serde_json, all ignored", of, |shape| {
        let mut count = 0;
        Peer::SseCore.parse(&shape.stream, |data| {
            count += usize::from(serde_json::from_str::<IgnoredAny>(black_box(data)).is_ok());
        });
        assert_eq!(count, shape.events);
    })
}

fn transcoder(name: &str, shape: &Rc<Shape>) -> Contender {
    let mut out = Vec::new();
    reader(name, shape, move |shape| {
        let mut written = 0;
        ours::transcode(&shape.stream, &mut out, |frames| written += black_box(frames).len());
        assert!(written > shape.content.len());
    })
}

fn transcode(shape: &Rc<Shape>, _: usize) -> Contest {
    let is_text = shape.name == "text deltas";
    let mut others: Vec<_> = limits(shape, Some(if is_text { 0.22 } else { 0.11 })).into();
    let mut peers = parsers(shape, ", parse alone", Some(2.0));
    peers.truncate(2); // the others are no match
    others.extend(peers);
    others.push((Role::Peer, json_reader(shape), None));
    let ours = transcoder("ours", shape);
    Contest { thing: format!("transcode: {}", shape.name), unit: "event", ours, others }
}

/// Within 1.3 × of text deltas.
fn beside_text(of: &Rc<Shape>, bytes: usize) -> Contest {
    let text = transcoder("transcode: text deltas", &Rc::new(shape("text deltas", SEED, bytes)));
    let others = vec![(Role::Limit, text, Some(1.0 / 1.3))];
    Contest {
        thing: format!("{} beside text deltas", of.name),
        unit: "event",
        ours: transcoder("ours", of),
        others,
    }
}

/// Within 1.3 × of text deltas in the forward direction.
fn other_direction(bytes: usize) -> Contest {
    let mut out = Vec::new();
    let ours = reader("ours", &Rc::new(chat_text(SEED, bytes)), move |shape| {
        let mut written = 0;
        ours::respond(&shape.stream, &mut out, |events| written += black_box(events).len());
        assert!(written > shape.content.len());
    });
    let text = transcoder("transcode: text deltas", &Rc::new(shape("text deltas", SEED, bytes)));
    let others = vec![(Role::Limit, text, Some(1.0 / 1.3))];
    Contest { thing: "respond: text deltas of a chat server".to_owned(), unit: "event", ours, others }
}

/// As it is usually written, and was promised.
fn with_trees(shape: &Rc<Shape>, _: usize) -> Contest {
    whole_job("transcode, beside serde and json!", shape, &[Chat::StructToJson, Chat::Values], Some(25.0))
}

fn with_structs(shape: &Rc<Shape>, _: usize) -> Contest {
    whole_job("transcode, beside the best of serde", shape, &[Chat::Structs], None)
}

fn whole_job(thing: &str, shape: &Rc<Shape>, chats: &[Chat], required: Option<f64>) -> Contest {
    let peer = |chat: Chat| {
        let mut out = Vec::new();
        let write = reader(chat.name(), shape, move |shape| {
            let mut written = 0;
            chat.transcode(&shape.stream, &mut out, |frame| written += black_box(frame).len());
            assert!(written > shape.content.len());
        });
        (Role::Peer, write, required)
    };
    let (ours, others) = (transcoder("ours", shape), chats.iter().map(|chat| peer(*chat)).collect());
    Contest { thing: thing.to_owned(), unit: "event", ours, others }
}

fn collect(shape: &Rc<Shape>, _: usize) -> Contest {
    let ours = reader("ours", shape, |shape| {
        assert!(ours::collect(black_box(&shape.stream)).len() > shape.content.len());
    });
    let mut others: Vec<_> = limits(shape, None).into();
    others.extend(parsers(shape, ", parse alone", None).into_iter().take(1));
    Contest { thing: format!("collect: {}", shape.name), unit: "event", ours, others }
}

type Decode = Box<dyn FnMut(&Image, &mut Vec<u8>)>;

fn decode_image() -> Contest {
    let image = Rc::new(image(SEED, 8 << 20));
    let contender = |name: &str, mut run: Decode| {
        let (image, mut out) = (Rc::clone(&image), Vec::new());
        Contender::new(name, 1, move || {
            run(black_box(&image), &mut out);
            assert_eq!(black_box(&out).len(), image.bytes.len());
        })
    };
    let mut copy = Vec::new();
    let limit = contender(
        "memcpy + base64-simd",
        Box::new(move |image, out| images::copy_and_decode(&image.base64, &mut copy, out)),
    );
    let peer =
        contender("sse-core, serde, base64-simd", Box::new(|image, out| images::peer(&image.stream, out)));
    let ours = contender("ours", Box::new(|image, out| ours::image(&image.stream, out)));
    let others = vec![(Role::Limit, limit, Some(1.0 / 1.3)), (Role::Peer, peer, None)];
    Contest { thing: "image of 8 MiB base64".to_owned(), unit: "image", ours, others }
}

fn normalize(nth: usize) -> Contest {
    let request = Rc::new(requests(7, 1 << 20).swap_remove(nth));
    let contender = |name: &str, mut run: Box<dyn FnMut(&Request) -> usize>| {
        let request = Rc::clone(&request);
        Contender::new(name, 1, move || assert!(black_box(run(black_box(&request))) > 0))
    };
    let profile = Profile::codex(); // read once by whoever serves requests
    let ours = move |request: &Request| {
        normalize_request(&request.body, &profile, &RequestOptions::default()).map_or(0, |it| it.body.len())
    };
    let ours = contender("ours", Box::new(ours));
    let memcpy = contender("memcpy", Box::new(|request| black_box(request.body.clone()).len()));
    let scan =
        contender("memchr scan", Box::new(|request| memchr::memchr(0, &request.body).map_or(1, |_| 0)));
    let round_trip = contender(
        "serde_json::Value round trip",
        Box::new(|request| {
            let value: serde_json::Value = serde_json::from_slice(&request.body).unwrap_or_default();
            serde_json::to_vec(&value).map_or(0, |body| body.len())
        }),
    );
    let others =
        vec![(Role::Limit, scan, None), (Role::Limit, memcpy, None), (Role::Peer, round_trip, Some(5.0))];
    Contest { thing: format!("normalize: {}", request.name), unit: "request", ours, others }
}

/// Nothing was streamed before: ours also writes all of it as chunks, the others only find it.
fn terminal_alone() -> Contest {
    let completed = Rc::new(completed(SEED, 500 << 10));
    let mut out = Vec::new();
    let ours = reads(&completed, "ours", move |json| {
        ours::terminal(json, &mut out);
        out.len()
    });
    let thing = "response.completed of 500 KiB, nothing streamed before".to_owned();
    Contest { thing, unit: "event", ours, others: finders(&completed, None) }
}

/// What nearly every stream ends with: all came in deltas, and the terminal event repeats it. Ours compares the two,
/// the others only find it.
fn terminal_repeats() -> Contest {
    let completed = Rc::new(completed(SEED, 500 << 10));
    let fed = Rc::new(RefCell::new(ChatTranscoder::default()));
    let (at_end, mut out) = (Rc::clone(&fed), Vec::new());
    let ours = reads(&completed, "ours", move |json| {
        out.clear();
        ours::end(&mut at_end.borrow_mut(), json, &mut out);
        out.len()
    });
    let stream = Rc::clone(&completed);
    let ours = ours.prepared(move || drop(fed.replace(ours::fed(&stream.deltas).0)));
    let thing = "response.completed of 500 KiB, all streamed before".to_owned();
    Contest { thing, unit: "event", ours, others: finders(&completed, Some(1.0)) }
}

fn reads(of: &Rc<Completed>, name: &str, mut read: impl FnMut(&str) -> usize + 'static) -> Contender {
    let completed = Rc::clone(of);
    Contender::new(name, 1, move || assert!(read(black_box(&completed.json)) > 0))
}

/// Ways to find the content of a terminal event.
fn finders(of: &Rc<Completed>, required: Option<f64>) -> Vec<(Role, Contender, Option<f64>)> {
    let scan = reads(of, "memchr scan", |json| memchr::memchr(0, json.as_bytes()).map_or(1, |_| 0));
    let (mut copy, mut buffers) = (Vec::new(), simd_json::Buffers::default());
    let tape = move |json: &str| completed::simd_tape(json, &mut copy, &mut buffers).0;
    let (mut copy, mut buffers) = (Vec::new(), simd_json::Buffers::default());
    let structs = move |json: &str| completed::simd_structs(json, &mut copy, &mut buffers).0;
    let peers = [
        reads(of, "serde_json, structs", |json| completed::structs(json).0),
        reads(of, "serde_json::Value", |json| completed::value(json).0),
        reads(of, "simd-json, tape", tape),
        reads(of, "simd-json, structs", structs),
    ];
    let peers = peers.into_iter().map(|peer| (Role::Peer, peer, required));
    std::iter::once((Role::Limit, scan, None)).chain(peers).collect()
}

#[cfg(test)]
mod tests {
    use super::Contender;
    use std::collections::HashSet;

    /// Every contender's own assertions hold, on small streams.
    #[test]
    fn every_contender_runs() {
        let mut things = HashSet::new();
        for build in super::contests() {
            let mut contest = build(1 << 16);
            contest.contenders().for_each(Contender::go);
            assert!(things.insert(contest.thing.clone()), "{} twice", contest.thing);
        }
    }
}
