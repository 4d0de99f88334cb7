//! Finds golden cases, and cuts inputs.

#![allow(dead_code, reason = "each test binary uses its part")]

use serde_json::value::RawValue;
use sluicegate::{SseOptions, SseParser};
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) struct Case {
    pub(crate) name: String,
    path: PathBuf,
}

/// The cases of `fixtures/<kind>`; none is a failure.
pub(crate) fn read_cases(kind: &str) -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures").join(kind);
    let mut cases: Vec<_> = fs::read_dir(&root)
        .unwrap_or_else(|error| panic!("{}: {error}", root.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .map(|path| Case { name: path.file_name().unwrap().to_string_lossy().into_owned(), path })
        .filter(|case| has_keys() || !case.needs_keys())
        .collect();
    assert!(!cases.is_empty(), "no cases in {}", root.display());
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    cases
}

/// Whether this build takes keys for summaries, the feature `seal`.
fn has_keys() -> bool {
    sluicegate::SealKeys::new(vec![vec![0; 32]]).is_ok()
}

impl Case {
    pub(crate) fn read(&self, file: &str) -> Vec<u8> {
        self.read_optional(file).unwrap_or_else(|| panic!("{}/{file} is missing", self.name))
    }

    pub(crate) fn read_optional(&self, file: &str) -> Option<Vec<u8>> {
        fs::read(self.path.join(file)).ok()
    }

    /// Of a feature that this build may not have.
    fn needs_keys(&self) -> bool {
        self.options().is_some_and(|options| String::from_utf8_lossy(&options).contains("seal_keys"))
    }

    pub(crate) fn options(&self) -> Option<Vec<u8>> {
        self.read_optional("options.json")
    }

    /// Compares with the golden file, or writes it under `BLESS=1`.
    pub(crate) fn check(&self, file: &str, actual: &[u8]) {
        if std::env::var_os("BLESS").is_some() && self.read_optional(file).as_deref() != Some(actual) {
            fs::write(self.path.join(file), actual).unwrap();
        }
        let expected = self.read(file);
        assert!(
            expected == actual,
            "{}/{file}\n--- expected\n{}\n--- actual\n{}",
            self.name,
            String::from_utf8_lossy(&expected),
            String::from_utf8_lossy(actual)
        );
    }
}

impl Case {
    /// [`Case::check`], for a file that exists only where its content is not that of `input`.
    pub(crate) fn check_unless_same(&self, file: &str, actual: &[u8], input: &[u8]) {
        if actual != input {
            return self.check(file, actual);
        }
        if std::env::var_os("BLESS").is_some() {
            let _ = fs::remove_file(self.path.join(file));
        }
        assert!(self.read_optional(file).is_none(), "{}/{file} is what the input is", self.name);
    }
}

/// The events and errors of a stream as JSON lines, and the state after its end as JSON. Holds G2 on the way.
pub(crate) fn sse_events(options: &SseOptions, chunks: &[&[u8]]) -> (String, String) {
    let mut parser = SseParser::new(options.clone());
    let mut lines = String::new();
    for chunk in chunks {
        let mut events = parser.feed(chunk);
        loop {
            match events.next_event() {
                Ok(Some(event)) => lines += &(event.to_json() + "\n"),
                Ok(None) => break,
                Err(error) => lines += &(error.to_json() + "\n"),
            }
        }
        assert!(events.remaining().is_empty());
    }
    match parser.finish() {
        Ok(event) => lines += &event.map_or(String::new(), |event| event.to_json() + "\n"),
        Err(error) => lines += &(error.to_json() + "\n"),
    }
    let fed: usize = chunks.iter().map(|chunk| chunk.len()).sum();
    assert!(parser.bytes_touched() <= 2 * fed as u64, "G2: {} of {fed}", parser.bytes_touched());
    let retry = parser.retry().map_or("null".to_owned(), |retry| retry.to_string());
    let id = serde_json::to_string(&parser.last_event_id()).unwrap();
    (lines, format!("{{\"retry\":{retry},\"last_event_id\":{id}}}"))
}

/// A stream as WebSocket frames, one a line; `None` where its framing carries something that frames cannot.
pub(crate) fn frames(input: &[u8]) -> Option<String> {
    if input.trim_ascii_start().starts_with(b"{") {
        return None;
    }
    let mut parser = SseParser::new(SseOptions { dispatch_tail: true, ..SseOptions::default() });
    let mut datas = Vec::new();
    let mut events = parser.feed(input);
    while let Some(event) = events.next_event().ok()? {
        datas.push(event.data.to_owned());
    }
    datas.extend(parser.finish().ok()?.map(|event| event.data.to_owned()));
    let is_frame = |data: &String| {
        let event = serde_json::from_str::<HashMap<String, &RawValue>>(data).unwrap_or_default();
        event.get("type").is_some_and(|name| name.get().starts_with('"'))
            || matches!(data.trim(), "" | "[DONE]")
    };
    let lines = datas.iter().map(|data| data.replace(['\n', '\r'], " ") + "\n");
    datas.iter().all(is_frame).then(|| lines.collect())
}

/// One byte at a time, and: every single cut of a small input, 64 random cuts of a large one.
pub(crate) fn cuts(input: &[u8]) -> Vec<Vec<&[u8]>> {
    let mut cuts = vec![input.chunks(1).collect()];
    if input.len() < 4096 {
        cuts.extend((0..=input.len()).map(|at| vec![&input[..at], &input[at..]]));
    } else {
        let mut random = Random(input.len() as u64);
        cuts.extend((0..64).map(|_| random.cut(input)));
    }
    cuts
}

/// xorshift64*, seeded: the same cuts in every run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % limit
    }

    /// Pieces of random sizes, small and large mixed.
    pub(crate) fn cut<'a>(&mut self, mut input: &'a [u8]) -> Vec<&'a [u8]> {
        let mut pieces = Vec::new();
        while !input.is_empty() {
            let limit = [3, 40, 700, 9000][self.below(4)];
            let (piece, rest) = input.split_at(self.below(limit).min(input.len()));
            pieces.push(piece);
            input = rest;
        }
        pieces
    }
}
