"""Every golden case, in every cut: the same events, bytes, images and outcome as the recorded ones."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cases import Case, Outputs, consume, cuttings, discover
from recorder import extract
from sluicegate import Error, SseEvent, SseParser

SSE = discover("sse")
CHAT = discover("chat")
IMAGES = discover("images")


@pytest.mark.parametrize("kind", ["sse", "chat", "images"])
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
    assert relay == collector
    assert relay | {"reconstructed": chat["reconstructed"]} == chat  # a failed chat stream needs no items


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
