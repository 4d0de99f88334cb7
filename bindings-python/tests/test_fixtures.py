"""Every golden case: the same events, bytes, images, outcome, findings, request or envelope as recorded.

Streams in every cut, documents in every form that Python has for them.
"""

from __future__ import annotations

import json
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest
from cases import FIXTURES, Case, Outputs, compact, consume, cuttings, discover
from recorder import extract
from sluicegate import (
    Collector,
    Dialect,
    Error,
    Normalized,
    SseEvent,
    SseParser,
    Transcoder,
    chat_to_responses,
    convert_messages,
    convert_request,
    convert_tool_choice,
    convert_tools,
    convert_usage,
    count_tokens,
    error_envelope,
    is_probe,
    lint,
    normalize_request,
    responses_to_chat,
)

LOST_IN_CHAT = {"usage_missing", "usage_dropped", "reasoning_dropped", "image_dropped"}
AMENDED = {"parallel_opened", "stop_applied"}  # a relay amends nothing
SSE = discover("sse")
CHAT = discover("chat")
RESPOND = [(case, "chat") for case in discover("respond")]
RESPOND += [(case, "responses") for case in discover("relay")]
MESSAGES = discover("messages")
MESSAGES_UPSTREAM = discover("messages_upstream")
CHAT_RELAY = discover("chat_relay")
DOCUMENT = discover("document")
KNOWN = discover("known")
LINT = discover("lint")
IMAGES = discover("images")
ENVELOPE = discover("envelope")
REQUEST = discover("request") + discover("to_chat")
MESSAGES_REQUEST = discover("from_messages") + discover("to_messages")
COUNT_TOKENS = discover("count_tokens")
PARTS = [json.loads(line) for line in (FIXTURES / "parts" / "cases.jsonl").read_text().splitlines()]
PROBES = (FIXTURES / "probe" / "cases.jsonl").read_text().splitlines()


@pytest.mark.parametrize(
    "kind",
    [
        "sse",
        "chat",
        "respond",
        "relay",
        "messages",
        "messages_upstream",
        "chat_relay",
        "document",
        "known",
        "lint",
        "images",
        "images_stream",
        "text_completion",
        "envelope",
        "request",
        "to_chat",
        "from_messages",
        "to_messages",
        "count_tokens",
    ],
)
def test_there_are_cases(kind: str) -> None:
    assert discover(kind), f"no case in fixtures/{kind}"


@pytest.mark.parametrize("case", SSE, ids=str)
def test_sse(case: Case) -> None:
    expected = [json.loads(line) for line in case.lines("events.jsonl") if line]
    options = case.json("options.json")
    for pieces in cuttings(case.bytes(), str(case)):
        parser = SseParser(**options)
        seen = parse(parser, pieces)
        if any(len(piece) > 1 for piece in pieces):
            # An Error carries its chunk's events and errors, not how they interleave.
            assert of_kind(seen, "error") == of_kind(expected, "error"), pieces
            assert of_kind(seen, "event") == of_kind(expected, "event"), pieces
        else:
            assert seen == expected
        if case.has("state.json"):
            state = {"retry": parser.retry, "last_event_id": parser.last_event_id}
            assert state == case.json("state.json"), pieces
        assert parser.bytes_touched <= 2 * len(case.bytes())


@pytest.mark.parametrize("case", [case for case in CHAT if case.has("input.sse")], ids=str)
def test_chat(case: Case) -> None:
    options = case.json("options.json")
    expected = consume([case.bytes()], options)
    assert_golden(expected, case)
    for pieces in cuttings(case.bytes(), str(case)):
        assert consume(pieces, options) == expected, [len(piece) for piece in pieces]


@pytest.mark.parametrize("case", [case for case in CHAT if case.has("frames.jsonl")], ids=str)
def test_chat_frames(case: Case) -> None:
    options = case.json("options.json")
    frames = case.lines("frames.jsonl")
    expected = consume(frames, options, "feed_event")
    assert_golden(expected, case)
    assert consume([frame.encode() for frame in frames], options, "feed_event") == expected


def assert_golden(seen: Outputs, case: Case) -> None:
    assert seen.chat == case.bytes("output.sse")
    assert seen.relayed == case.bytes("relayed.sse" if case.has("relayed.sse") else "input.sse")
    assert seen.response == case.text("response.json").encode()
    assert seen.completion == case.text("completion.json").encode()
    assert seen.outcomes[0] == case.text("outcome.json")
    chat, relay, collector = (json.loads(outcome or "") for outcome in seen.outcomes)
    assert collector | {"reconstructed": chat["reconstructed"]} == chat  # a failed chat stream needs no items
    if relay["response_id"] != chat["response_id"]:
        return  # the relay's outcome is of the last response, not of steered ones before it
    if "hosted_calls" in case.json("options.json"):  # what chat shows by it is still no chat to a relay
        relay["notes"] = [note for note in relay["notes"] if note["code"] != "hosted_call"]
    of_chat = [note for note in collector["notes"] if note not in relay["notes"]]
    if any(note["code"] == "stop_applied" for note in of_chat):
        relay["finish_reason"] = collector["finish_reason"]  # what comes after the stop sequence is passed on
    assert {note["code"] for note in of_chat} <= LOST_IN_CHAT | AMENDED
    assert relay == collector | {"notes": [note for note in collector["notes"] if note not in of_chat]}


@pytest.mark.parametrize(("case", "upstream"), RESPOND, ids=str)
def test_respond(case: Case, upstream: Dialect) -> None:
    expected = tuple(case.text(name).encode() for name in ("outcome.json", "response.json"))
    for pieces in cuttings(case.bytes(), str(case)):
        transcoder = Transcoder(client="responses", upstream=upstream, **case.json("options.json"))
        out = b"".join(map(transcoder.feed, pieces)) + transcoder.finish()
        assert out == case.bytes("output.sse"), [len(piece) for piece in pieces]
        assert ((transcoder.outcome_json or "").encode(), transcoder.response()) == expected


def stream(case: Case, client: Any, upstream: Any, pieces: list[bytes]) -> tuple[bytes, str]:
    """What a client is sent, and the outcome."""
    transcoder = Transcoder(client=client, upstream=upstream, **case.json("options.json").get("options", {}))
    out = b"".join(map(transcoder.feed, pieces)) + transcoder.finish()
    return out, transcoder.outcome_json or ""


def collect(case: Case, upstream: Any, client: Any = None) -> Collector:
    given = case.json("options.json").get("options", {})
    collector = Collector(upstream=upstream, client=client, **given)
    collector.feed(case.bytes())
    collector.finish()
    return collector


@pytest.mark.parametrize("case", MESSAGES, ids=str)
def test_messages(case: Case) -> None:
    upstream = case.json("options.json").get("upstream", "responses")
    expected = case.bytes("output.sse"), case.text("outcome.json")
    for pieces in cuttings(case.bytes(), str(case)):
        assert stream(case, "messages", upstream, pieces) == expected, [len(piece) for piece in pieces]
    for client in [None, "messages"]:
        collector = collect(case, upstream, client)
        assert collector.final_message() == case.text("message.json").encode()
        assert (collector.final_response() is None) is (collector.final_completion() is None) is bool(client)


@pytest.mark.parametrize("case", MESSAGES_UPSTREAM, ids=str)
def test_messages_upstream(case: Case) -> None:
    relayed = "relayed.sse" if case.has("relayed.sse") else "input.sse"
    files = {"chat": "chat.sse", "responses": "responses.sse", "messages": relayed}
    for pieces in cuttings(case.bytes(), str(case)):
        seen = {client: stream(case, client, "messages", pieces) for client in files}
        assert {client: out for client, (out, _) in seen.items()} == {
            client: case.bytes(file) for client, file in files.items()
        }
        assert seen["chat"][1] == case.text("outcome.json")
    collector = collect(case, "messages")
    bodies = collector.final_message(), collector.final_response(), collector.final_completion()
    names = "message.json", "response.json", "completion.json"
    assert bodies == tuple(case.text(name).encode() for name in names)


@pytest.mark.parametrize("case", CHAT_RELAY, ids=str)
def test_chat_relay(case: Case) -> None:
    relayed = case.bytes("output.sse" if case.has("output.sse") else "input.sse")
    for pieces in cuttings(case.bytes(), str(case)):
        seen = stream(case, "chat", "chat", pieces)
        assert seen == (relayed, case.text("outcome.json")), [len(piece) for piece in pieces]


@pytest.mark.parametrize("case", DOCUMENT, ids=str)
def test_document(case: Case) -> None:
    """Each finished body, in every form that Python has for it."""
    setup = case.json("options.json")
    upstream, status = setup.get("upstream", "responses"), setup.get("status")
    options, body = setup.get("options", {}), case.bytes("body")
    for client in ("chat", "responses", "messages"):
        transcoder = Transcoder(client=client, upstream=upstream, **options)
        out = transcoder.feed_document(body, status) + transcoder.finish()
        assert out == case.bytes(f"{client}.sse")
    names = "outcome.json", "response.json", "completion.json", "message.json"
    expected = tuple(case.text(name) for name in names)
    exact = [body, bytearray(body), body.decode()]
    for form in exact + ([json.loads(body)] if is_object(body) else []):
        collector = Collector(upstream=upstream, **options)
        collector.feed_document(form, status=status)
        collector.finish()
        final = collector.final_response(), collector.final_completion(), collector.final_message()
        texts = collector.outcome_json, *(text.decode() for text in final if text is not None)
        if isinstance(form, dict):
            assert [json.loads(text or "") for text in texts] == [json.loads(text) for text in expected]
        else:
            assert texts == expected


@pytest.mark.parametrize("case", KNOWN, ids=str)
def test_known(case: Case) -> None:
    """What is known of an answer after each event."""
    setup = case.json("options.json")
    client, upstream = setup.get("client", "chat"), setup.get("upstream", "responses")
    options = setup.get("options", {})
    transcoder, collector = (
        Transcoder(client=client, upstream=upstream, **options),
        Collector(upstream=upstream, **options),
    )
    expected = [json.loads(line) for line in case.lines("known.jsonl")]

    def known(of: Any) -> dict[str, Any]:
        return {"response_id": of.response_id, "usage": of.usage, "failure": of.failure}

    seen = [known(transcoder)]
    for frame in case.lines("frames.jsonl"):
        transcoder.feed_event(frame)
        collector.feed_event(frame)
        seen.append(known(transcoder))
        assert collector.usage == transcoder.usage
    transcoder.finish()
    collector.finish()
    assert [*seen, known(transcoder)] == expected
    for ended in (transcoder, collector):
        outcome: Any = ended.outcome
        assert known(ended) == {name: outcome[name] for name in expected[0]}


SNAPSHOTS = [(case, "responses") for case in CHAT + discover("relay") if case.has("input.sse")]
SNAPSHOTS += [(case, "chat") for case in discover("respond")]
SNAPSHOTS += [(case, "messages") for case in MESSAGES_UPSTREAM]


@pytest.mark.parametrize(("case", "upstream"), SNAPSHOTS, ids=str)
def test_snapshots(case: Case, upstream: Dialect) -> None:
    """Each is the end of what has arrived, and the collector goes on."""
    options = case.json("options.json")
    options = options.get("options", options)
    going_on = Collector(upstream=upstream, **options)
    stream, step = case.bytes(), max(1, len(case.bytes()) // 8)
    for at in range(0, len(stream), step):
        going_on.feed(stream[at : at + step])
        ended = Collector(upstream=upstream, **options)
        ended.feed(stream[: at + step])
        ended.finish()
        assert bodies(going_on.snapshot()) == bodies(ended)
        assert going_on.final_response() is None
    before = bodies(going_on.snapshot())
    going_on.finish()
    assert bodies(going_on) == bodies(going_on.snapshot()) == before


def bodies(collector: Collector) -> tuple[object, ...]:
    final = collector.final_response(), collector.final_completion(), collector.final_message()
    return *final, collector.outcome_json


@pytest.mark.parametrize("case", LINT, ids=str)
def test_lint(case: Case) -> None:
    stream, profile = case.bytes(), case.json("options.json")["profile"]
    expected = [line for line in case.lines("findings.jsonl") if line]
    for form in (stream, bytearray(stream), memoryview(stream)):
        assert [compact(finding._asdict()).decode() for finding in lint(form, profile)] == expected


@pytest.mark.parametrize("case", [case for case in IMAGES if case.has("input.sse")], ids=str)
def test_images(case: Case) -> None:
    for pieces in cuttings(case.bytes(), str(case)):
        seen = extract(pieces, case.json("options.json"))
        assert seen == images_of(case), [len(piece) for piece in pieces]


@pytest.mark.parametrize("case", [case for case in IMAGES if case.has("frames.jsonl")], ids=str)
def test_image_frames(case: Case) -> None:
    options, frames = case.json("options.json"), case.lines("frames.jsonl")
    assert extract(frames, options, "feed_event") == images_of(case)
    assert extract([frame.encode() for frame in frames], options, "feed_event") == images_of(case)


def images_of(case: Case) -> tuple[list[Any], str]:
    """The outcome as text."""
    outcome = case.text("images.json").partition('],"outcome":')[2]
    return case.json("images.json")["images"], outcome.removesuffix("}")


@pytest.mark.parametrize("case", ENVELOPE, ids=str)
def test_envelope(case: Case) -> None:
    known = case.json("failure.json")
    body = case.bytes("body") if case.has("body") else None
    expected = case.text("envelope.json").encode()
    for form in forms(body):
        assert compact(error_envelope(form, **known)) == expected
    given = {name: list(headers.items()) for name, headers in known.items() if name == "headers"}
    assert compact(error_envelope(body, **known | given)) == expected


@pytest.mark.parametrize("case", REQUEST, ids=str)
def test_request(case: Case) -> None:
    setup, body = case.json("options.json"), case.bytes("request.json")
    given: dict[str, Any] = setup.get("options", {})
    given |= {"profile": setup["profile"]} if "profile" in setup else {}
    verb: Any = {"responses": normalize_request, "chat": chat_to_responses}[setup.get("from", "responses")]
    verb = responses_to_chat if case.path.parent.name == "to_chat" else verb
    expected = attempt(verb, body, given)
    if case.has("rejected.json"):
        assert_rejected(expected, case)
    else:
        assert_normalized(expected, case)
        once_more = attempt(verb if verb is responses_to_chat else normalize_request, expected.body, given)
        assert (once_more.body, once_more.changes) == (expected.body, [])
    for form in forms(body):
        assert attempt(verb, form, given) == expected
    if is_object(body):
        got = json.loads(body)
        seen = attempt(verb, got, given)
        assert seen == attempt(verb, compact(got), given)
        if body == compact(got) + b"\n":
            assert (
                replace(seen, body=seen.body + b"\n") if isinstance(seen, Normalized) else seen
            ) == expected


@pytest.mark.parametrize("case", MESSAGES_REQUEST, ids=str)
def test_messages_request(case: Case) -> None:
    """The same for requests of Messages clients and for Messages upstreams."""
    setup, body = case.json("options.json"), case.bytes("request.json")
    is_from = case.path.parent.name == "from_messages"
    client = setup.get("client", "messages" if is_from else "responses")
    upstream = setup.get("upstream", "responses" if is_from else "messages")
    given: dict[str, Any] = setup.get("options", {}) | {"client": client, "upstream": upstream}
    given |= {"profile": setup["profile"]} if "profile" in setup else {}
    expected = attempt(convert_request, body, given)
    if case.has("rejected.json"):
        assert_rejected(expected, case)
    else:
        assert_normalized(expected, case)
        once_more = attempt(convert_request, expected.body, given | {"client": upstream})
        assert (once_more.body, once_more.changes) == (expected.body, [])
    for form in forms(body):
        assert attempt(convert_request, form, given) == expected


@pytest.mark.parametrize("case", COUNT_TOKENS, ids=str)
def test_count_tokens(case: Case) -> None:
    body = case.bytes("request.json")
    for form in forms(body):
        seen = attempt(count_tokens, form, {})
        if case.has("envelope.json"):
            assert compact(seen["envelope"]) == case.text("envelope.json").encode()
        else:
            assert compact({"input_tokens": seen}) == case.text("expected.json").encode()


CONVERTERS = {"tools": convert_tools, "tool_choice": convert_tool_choice, "messages": convert_messages}


@pytest.mark.parametrize("case", PARTS, ids=lambda case: case["name"])
def test_part(case: dict[str, Any]) -> None:
    client, upstream = case["client"], case["upstream"]
    if case["part"] == "usage":
        assert convert_usage(case["value"], client, upstream) == case["becomes"]
        return
    more = {key: case[key] for key in ("tools", "profile") if key in case}
    try:
        part = CONVERTERS[case["part"]](case["value"], client, upstream=upstream, **more)
    except Error as error:
        expected = case["rejected"]["error"]
        assert (error.code, error.path, error.offset) == (
            expected["code"],
            expected["path"],
            expected["offset"],
        )
    else:
        assert part.value == case["becomes"]
        assert [change._asdict() for change in part.changes] == case["changes"]
        assert part.context == case["context"]


def test_probes() -> None:
    for line in PROBES:
        case = json.loads(line)
        for form in forms(case["body"].encode()):
            assert is_probe(form) == case["is_probe"], case["name"]


def attempt(verb: Any, body: Any, given: dict[str, Any]) -> Any:
    """The result; of an error, all it has."""
    try:
        return verb(body, **given)
    except Error as error:
        return {"message": str(error)} | vars(error)


def assert_normalized(seen: Any, case: Case) -> None:
    assert isinstance(seen, Normalized), seen
    assert seen.body == case.bytes("body.json")
    assert seen.json() == json.loads(seen.body)
    assert [compact(change._asdict()).decode() for change in seen.changes] == [
        line for line in case.lines("changes.jsonl") if line
    ]
    assert compact(seen.context) == case.text("context.json").encode()


def assert_rejected(seen: Any, case: Case) -> None:
    expected = case.json("rejected.json")["error"]
    assert {name: seen[name] for name in expected} == expected
    assert compact(seen["envelope"]) == case.text("envelope.json").encode()
    assert seen["status"] == 400


def forms(body: bytes | None) -> list[Any]:
    """A document in every form that is exactly the same."""
    if body is None:
        return [None, b""]
    found: list[Any] = [body, bytearray(body), memoryview(body)]
    try:
        found.append(body.decode())
    except UnicodeDecodeError:
        return found
    if is_object(body) and body == compact(json.loads(body)):
        found += [json.loads(body), MappingProxyType(json.loads(body))]
    return found


def is_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except ValueError:
        return False


def parse(parser: SseParser, pieces: list[bytes]) -> list[dict[str, Any]]:
    seen: list[dict[str, Any]] = []
    for piece in pieces:
        try:
            seen += to_lines(parser.feed(piece), [])
        except Error as error:
            seen += to_lines(error.events, [error, *error.further])
    try:
        seen += to_lines(parser.finish(), [])
    except Error as error:
        seen += to_lines(error.events, [error, *error.further])
    return seen


def to_lines(events: list[SseEvent], errors: list[Error]) -> list[dict[str, Any]]:
    failed = [{"error": {"code": error.code, "offset": error.offset}} for error in errors]
    return [*failed, *(event._asdict() for event in events)]


def of_kind(lines: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [line for line in lines if kind in line]
