//! Many streams alive at once, each cut anywhere and fed in pieces of any size to every consumer: what comes out is what the
//! same bytes give in one piece, and nothing is kept. `make soak` lets it run for minutes, with
//! `SLUICEGATE_SOAK_MINUTES`, `…_STREAMS`, `…_SEED` and `SLUICEGATE_RECORDINGS`.

mod allocator;
mod cases;

use allocator::HELD;
use cases::{Random, read_cases};
use sha2::{Digest, Sha256};
use sluicegate::{
    ChatOptions, ChatTranscoder, Finding, ImageExtractor, LintProfile, LintRule, MemorySink,
    ResponseCollector, ResponsesRelay, ResponsesTranscoder, SseParser, lint,
};
use std::fmt::Debug;
use std::str::FromStr;
use std::time::{Duration, Instant};

/// What each stream gives: the texts that go on, and all that is known at the end.
const OUTPUTS: [&str; 6] = ["events", "chat", "relayed", "responded", "responded to chat", "end"];
type Outputs = [Vec<u8>; OUTPUTS.len()];

struct Input {
    name: String,
    bytes: Vec<u8>,
    options: ChatOptions,
}

/// The streams of `fixtures/`; and the recordings, where there are some. One list is as likely as the other.
fn inputs() -> Vec<Vec<Input>> {
    let mut golden = Vec::new();
    for kind in ["chat", "respond", "images", "lint", "sse"] {
        for case in read_cases(kind) {
            let options = case.options().filter(|_| kind == "chat");
            let options =
                options.map_or_else(ChatOptions::default, |json| ChatOptions::from_json(&json).unwrap());
            let input = |bytes| Input { name: format!("{kind}/{}", case.name), bytes, options };
            golden.extend(case.read_optional("input.sse").map(input));
        }
    }
    let Some(folder) = std::env::var_os("SLUICEGATE_RECORDINGS") else { return vec![golden] };
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let recorded = paths.filter(|path| path.extension().is_some_and(|end| end == "sse")).map(|path| Input {
        name: path.display().to_string(),
        bytes: std::fs::read(&path).unwrap(),
        options: ChatOptions::default(),
    });
    vec![golden, recorded.collect()]
}

/// Everything that reads a stream, on one stream.
struct Consumers {
    parser: SseParser,
    chat: ChatTranscoder,
    relay: ResponsesRelay,
    collector: ResponseCollector,
    responder: ResponsesTranscoder,
    /// Reads what `chat` writes.
    after_chat: ResponsesTranscoder,
    images: ImageExtractor,
    sink: MemorySink,
}

impl Consumers {
    fn new(options: &ChatOptions) -> Self {
        Self {
            parser: SseParser::default(),
            chat: ChatTranscoder::new(options.clone()),
            relay: ResponsesRelay::new(options.clone()),
            collector: ResponseCollector::new(options.clone()),
            responder: ResponsesTranscoder::default(),
            after_chat: ResponsesTranscoder::default(),
            images: ImageExtractor::default(),
            sink: MemorySink::default(),
        }
    }

    fn feed(&mut self, piece: &[u8], [events, chat, relayed, responded, after_chat, _]: &mut Outputs) {
        let mut parsed = self.parser.feed(piece);
        while let Some(event) = parsed.next_event().transpose() {
            events.extend(event.map_or_else(|error| error.to_json(), |event| event.to_json()).bytes());
        }
        let fed = chat.len();
        self.chat.feed(piece, chat).unwrap();
        self.after_chat.feed(&chat[fed..], after_chat).unwrap();
        self.relay.feed(piece, relayed).unwrap();
        self.responder.feed(piece, responded).unwrap();
        self.collector.feed(piece).unwrap();
        self.images.feed(piece, &mut self.sink).unwrap();
    }

    fn finish(&mut self, [events, chat, relayed, responded, after_chat, end]: &mut Outputs) {
        events.extend(format!("{:?}", self.parser.finish()).bytes());
        let fed = chat.len();
        self.chat.finish(chat).unwrap();
        self.after_chat.feed(&chat[fed..], after_chat).unwrap();
        self.after_chat.finish(after_chat).unwrap();
        self.relay.finish(relayed).unwrap();
        self.responder.finish(responded).unwrap();
        end.extend(self.collector.finish().unwrap());
        end.extend(self.collector.chat_completion().unwrap());
        end.extend(self.responder.response().unwrap());
        self.images.finish(&mut self.sink).unwrap();
        for (meta, image) in std::mem::take(&mut self.sink).images {
            end.extend([meta.to_json().as_bytes(), &image].concat());
        }
        end.extend(self.images.outcome().unwrap().to_json().bytes());
        let (of_chat, of_relay) = (self.chat.outcome(), self.relay.outcome());
        let (of_collector, of_responder) = (self.collector.outcome(), self.responder.outcome());
        for outcome in [of_chat, of_relay, of_collector, of_responder, self.after_chat.outcome()] {
            end.extend(outcome.unwrap().to_json().bytes());
        }
    }
}

/// What the bytes give in one piece. What is written for clients is clean, wherever the upstream was cut.
fn reference(input: &Input, bytes: &[u8]) -> [Sha256; OUTPUTS.len()] {
    let (mut consumers, mut out) = (Consumers::new(&input.options), Outputs::default());
    consumers.feed(bytes, &mut out);
    consumers.finish(&mut out);
    for (at, profile) in [(1, LintProfile::Chat), (3, LintProfile::CodexCli), (4, LintProfile::CodexCli)] {
        let mut findings = faults(&out[at], profile);
        // Not as OpenAI writes, and asked for.
        findings.retain(|found| found.rule != LintRule::UsageLast || !input.options.usage_in_finish);
        assert!(findings.is_empty(), "{} up to {}: {}: {findings:?}", input.name, bytes.len(), OUTPUTS[at]);
    }
    out.map(Sha256::new_with_prefix)
}

/// A stream under way; what it gave so far is only hashed, so that what is held is the library's.
struct Stream<'a> {
    input: &'a Input,
    end: usize,
    fed: usize,
    seed: u64,
    pieces: Random,
    consumers: Consumers,
    digests: [Sha256; OUTPUTS.len()],
    expected: [Sha256; OUTPUTS.len()],
}

impl<'a> Stream<'a> {
    /// Every other is cut.
    fn begin(inputs: &'a [Vec<Input>], random: &mut Random) -> Self {
        let inputs = &inputs[random.below(inputs.len())];
        let input = &inputs[random.below(inputs.len())];
        let length = input.bytes.len();
        let end = if random.below(2) == 0 { length } else { random.below(length + 1) };
        let seed = 1 + random.below(1 << 30) as u64;
        Self {
            input,
            end,
            fed: 0,
            seed,
            pieces: Random(seed),
            consumers: Consumers::new(&input.options),
            digests: Default::default(),
            expected: reference(input, &input.bytes[..end]),
        }
    }

    /// Feeds the next piece; where there is none more, false.
    fn goes_on(&mut self) -> bool {
        let limit = [3, 40, 700, 9000][self.pieces.below(4)];
        let piece = &self.input.bytes[self.fed..self.end];
        let piece = &piece[..self.pieces.below(limit).min(piece.len())];
        self.fed += piece.len();
        self.hashed(|consumers, out| consumers.feed(piece, out));
        self.fed < self.end
    }

    fn hashed(&mut self, act: impl FnOnce(&mut Consumers, &mut Outputs)) {
        let mut out = Outputs::default();
        act(&mut self.consumers, &mut out);
        self.digests.iter_mut().zip(out).for_each(|(digest, output)| digest.update(output));
    }

    fn finish(mut self) {
        self.hashed(Consumers::finish);
        let Self { input, end, seed, digests, expected, .. } = self;
        for (name, (given, expected)) in OUTPUTS.iter().zip(digests.into_iter().zip(expected)) {
            let is_same = given.finalize() == expected.finalize();
            assert!(is_same, "{} up to {end}, in pieces by seed {seed}: {name} differs", input.name);
        }
    }
}

/// What the process holds, in MiB; 0 where the system does not report it.
fn rss() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.map_or(0, |line| line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() >> 10)
}

fn set<T: FromStr<Err: Debug>>(name: &str, default: T) -> T {
    let given = std::env::var(format!("SLUICEGATE_SOAK_{name}"));
    given.map_or(default, |value| value.parse().unwrap())
}

/// Keeps as many streams alive for this long, then lets them end. Gives the most held in each tenth of the time, in MiB.
fn run(inputs: &[Vec<Input>], random: &mut Random, count: usize, time: Duration) -> [u64; 10] {
    let mut streams: Vec<_> = (0..count).map(|_| Stream::begin(inputs, random)).collect();
    let (mut most, mut ended, mut bytes) = ([0; 10], 0, 0);
    let begun = Instant::now();
    for (tenth, most) in (1..).zip(&mut most) {
        while begun.elapsed() < time * tenth / 10 {
            for _ in 0..count {
                let stream = &mut streams[random.below(count)];
                if !stream.goes_on() {
                    bytes += stream.end;
                    ended += 1;
                    std::mem::replace(stream, Stream::begin(inputs, random)).finish();
                }
            }
            *most = rss().max(*most);
        }
        println!("{tenth}/10: {ended} streams, {} MiB in, {most} MiB held at most", bytes >> 20);
    }
    for mut stream in streams {
        while stream.goes_on() {}
        stream.finish();
    }
    most
}

#[test]
fn streams_that_live_side_by_side_give_what_each_gives_alone() {
    let (minutes, count, seed) = (set::<f64>("MINUTES", 0.05), set("STREAMS", 50), set("SEED", 1));
    let (inputs, mut random) = (inputs(), Random(seed));
    println!("{count} streams at once, {minutes} minutes, seed {seed}");
    let before = HELD.get();
    let most = run(&inputs, &mut random, count, Duration::from_secs_f64(minutes * 60.0));
    let held = HELD.get() - before;
    assert!(held < 1 << 12, "{held} bytes are still held"); // some are the lines above, where they are captured
    let (early, late) = (most[1..5].iter().max().unwrap(), most[5..].iter().max().unwrap());
    let has_grown = minutes >= 1.0 && *late > early + early / 10 + 16;
    assert!(!has_grown, "RSS has grown: {early} MiB at first, {late} MiB later");
}

/// Rules on what an answer says, not on how it is written.
const OF_THE_ANSWER: [LintRule; 4] =
    [LintRule::ArgumentsAreJson, LintRule::CallTwice, LintRule::RefusalUnread, LintRule::TextTwice];

/// What is wrong with how a stream is written.
fn faults(stream: &[u8], profile: LintProfile) -> Vec<Finding> {
    let mut findings = lint(stream, profile);
    findings.retain(|finding| !OF_THE_ANSWER.contains(&finding.rule));
    findings
}
