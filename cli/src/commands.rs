//! The commands: what `--help` prints, and what shells complete.
//!
//! Input: none. Output: the usage; each command with its flags. State: none. A command is an entry of `COMMANDS`; a flag
//! stands in its lines as the help shows it, `--name`, or `--name VALUE`.

/// A command, what it does, and what it takes.
pub(crate) struct Command(
    pub(crate) &'static str,
    pub(crate) &'static str,
    pub(crate) &'static [&'static str],
);

pub(crate) const COMMANDS: &[Command] = &[
    Command(
        "stream",
        "an upstream's stream as the client's; of the same dialect, with its end repaired",
        &["--client DIALECT --upstream DIALECT [--model M] [--include-usage]"],
    ),
    Command(
        "collect",
        "an upstream's stream as the one JSON object of the client's dialect",
        &["--client DIALECT --upstream DIALECT [--model M]"],
    ),
    Command("images", "generated images to files while they arrive", &["--out DIR [--partials]"]),
    Command("events", "one JSON line per SSE event: {event, data, id}", &[]),
    Command(
        "request",
        "a client's request as the upstream takes it; changes as JSON lines on standard error",
        &[
            "[--client auto|DIALECT] [--upstream DIALECT] [--profile codex|codex_v1|openai|chat|anthropic|FILE]",
            "[--transport http|websocket] [--catalog none|F]; without them: a Responses upstream, and the profile of its dialect",
        ],
    ),
    Command(
        "count-tokens",
        "an estimate of a request's input tokens, of any dialect, as JSON: {input_tokens}",
        &[],
    ),
    Command(
        "lint",
        "where a stream breaks a rule that clients rely on, one JSON line each; exit 1 on any error",
        &["[--profile openai|codex_cli|chat|messages|claude_code]"],
    ),
    Command(
        "envelope",
        "what to answer to an upstream failure, and what to do about it, as JSON",
        &["[--status N] [--header NAME:VALUE]... [--now MS] [--dialect DIALECT]: the client"],
    ),
    Command(
        "explain",
        "what a code means: of a note, a change, a failure, a rejection, a lint finding",
        &["CODE"],
    ),
    Command(
        "serve",
        "a server for clients of chat, Responses and Messages, in front of an upstream; serve --help has its flags",
        &["--upstream URL [--upstream-api responses|chat|messages] [--port N]"],
    ),
    Command("health", "whether a server answers; exit 1 where it does not", &["[http://HOST:PORT]"]),
    Command(
        "route",
        "over what a request for a model goes upstream, and why, as JSON; F: a live /models document",
        &[
            "--model M [--downstream http|ws] [--no-auth-ws] [--tool TYPE]... [--effort E] [--body-bytes N] [--latched] [--catalog F]",
        ],
    ),
    Command(
        "catalog",
        "what a live /models document adds, drops and changes, as JSON; exit 1 where there is anything",
        &["diff F"],
    ),
    Command("completions", "a script with which a shell completes all this", &["bash|zsh|fish|powershell"]),
];

/// A flag that several commands have, what it does, and those commands.
const COMMON: &[(&str, &str, &[&str])] = &[
    ("--ws", "the input is one JSON frame (a WebSocket message) per line, not SSE", &STREAMS),
    (
        "--options JSON",
        "library options, as an object",
        &["stream", "collect", "images", "events", "request", "route"],
    ),
    (
        "--outcome",
        "print what the stream turned out to be, as JSON, on standard error",
        &["stream", "collect", "images"],
    ),
    ("--chunk N", "feed in pieces of N bytes", &STREAMS),
];
/// Commands that read a stream.
const STREAMS: [&str; 5] = ["stream", "collect", "images", "events", "lint"];
/// Names for commands with a client.
const BY_CLIENT: [(&str, &[&str]); 2] = [
    ("stream", &["chat", "responses", "respond", "messages"]),
    ("collect", &["completion", "response", "message"]),
];

const HEAD: &str = "\
usage: sluicegate COMMAND [options] [FILE|-]

DIALECT is chat (chat.completion), responses or messages (Anthropic); the client is who asked, the upstream who answers.
The client of stream may also be images (Images API), of responses.
";

const FOOT: &str = "\
by client:      chat, responses, respond, messages for stream; completion, response, message for collect
                [--from DIALECT]: the upstream; default responses, of respond chat
older names:    --from, --to of request for --client, --upstream
exit: 0 ok, 1 upstream failed or cut, request rejected, stream with errors, 2 bad usage or unreadable input";

/// What `--help` prints.
pub(crate) fn usage() -> String {
    let mut out = format!("{HEAD}\n");
    for Command(name, what, takes) in COMMANDS {
        out += &format!("{name:<14}{what}\n");
        for line in *takes {
            out += &format!("{:<14}{line}\n", "");
        }
    }
    out += "\n";
    for (flag, what, _) in COMMON {
        out += &format!("{flag:<16}{what}\n");
    }
    out + FOOT
}

/// The first of these flags that the command does not have.
pub(crate) fn stray<'a>(command: &str, given: &'a [String]) -> Option<&'a String> {
    let whole = BY_CLIENT.iter().find(|(_, names)| names.contains(&command)).map(|(whole, _)| *whole);
    let known = COMMANDS.iter().find(|known| known.0 == whole.unwrap_or(command))?;
    let flags = known.flags();
    given.iter().find(|flag| match flag.as_str() {
        "--from" => whole.is_none() && command != "request",
        "--to" => command != "request",
        "--client" | "--upstream" if whole.is_some() => true,
        flag => flags.iter().all(|known| known.name != flag),
    })
}

/// A flag, and what its value may be.
pub(crate) struct Flag {
    pub(crate) name: String,
    pub(crate) value: Value,
}

pub(crate) enum Value {
    None,
    Any,
    Files,
    /// One of these, or something else.
    Words(Vec<String>),
}

impl Command {
    /// All that the command takes.
    pub(crate) fn flags(&self) -> Vec<Flag> {
        let Self(name, _, takes) = self;
        if *name == "serve" {
            return sluicegate_gateway::usages().flat_map(|(usage, _)| flags(&usage)).collect();
        }
        let common = COMMON.iter().filter(|(.., commands)| commands.contains(name)).map(|(usage, ..)| *usage);
        takes.iter().copied().chain(common).flat_map(flags).collect()
    }

    /// What stands after the command, where it is one of some words.
    pub(crate) fn words(&self) -> Vec<&'static str> {
        let first = self.2.first().filter(|first| first.contains('|') && !first.contains("--"));
        first.map_or(Vec::new(), |first| first.split('|').collect())
    }
}

/// The flags in a line such as `--model M [--ws]`.
fn flags(line: &str) -> Vec<Flag> {
    let mut flags: Vec<Flag> = Vec::new();
    let of_flags = line.split(';').next().unwrap_or_default();
    for word in of_flags.split([' ', '[', ']', '.']).filter(|word| !word.is_empty()) {
        match (word.starts_with("--"), flags.last_mut()) {
            (true, _) => flags.push(Flag { name: word.to_owned(), value: Value::None }),
            (false, Some(flag)) => flag.value = value(word),
            (false, None) => {}
        }
    }
    flags
}

/// What a value may be that the help shows so: small words are words, large ones stand for something.
fn value(shown: &str) -> Value {
    let shown = shown.replace("DIALECT", "chat|responses").replace("CLIENT", &sluicegate_gateway::clients());
    let is_word = |word: &&str| word.chars().all(|sign| matches!(sign, 'a'..='z' | '0'..='9' | '_' | '-'));
    let words: Vec<_> = shown.split('|').filter(is_word).map(str::to_owned).collect();
    let is_file = shown.split('|').any(|word| matches!(word, "FILE" | "DIR" | "F"));
    match (words.is_empty(), is_file) {
        (false, _) => Value::Words(words),
        (true, true) => Value::Files,
        (true, false) => Value::Any,
    }
}
