"""fixtures/hostile/cases.jsonl: inputs made up to hurt give the same bytes as in Rust."""

from __future__ import annotations

import json
import subprocess
import sys
from hashlib import sha256
from typing import Any

import pytest
from cases import FIXTURES, compact
from sluicegate import (
    ChatTranscoder,
    Error,
    ImageExtractor,
    ResponseCollector,
    ResponsesRelay,
    SseParser,
    error_envelope,
    normalize_request,
)

CASES = [json.loads(line) for line in (FIXTURES / "hostile/cases.jsonl").read_text().splitlines()]


class Digests(dict[str, Any]):
    def add(self, name: str, data: bytes) -> None:
        self.setdefault(name, sha256()).update(data)

    def json(self) -> dict[str, str]:
        return {name: digest.hexdigest() for name, digest in self.items()}


def test_there_are_cases() -> None:
    assert len(CASES) > 40


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_hostile(case: dict[str, Any]) -> None:
    data = b"".join(repeated(piece["text"], piece.get("times", 1)) for piece in case["input"])
    for size in [len(data) or 1] if "kind" in case else [len(data), 8191]:
        digests = Digests()
        for end in range(0 if "prefixes" in case else len(data), len(data) + 1):
            pieces = [data[at : min(at + size, end)] for at in range(0, end, size)]
            got = VERBS[case.get("kind", "stream")](pieces, case.get("options", {}), digests)
        assert {**got, "sha256": digests.json()} == case["expect"], size


def repeated(text: str, times: int) -> bytes:
    if "{n}" not in text:
        return text.encode("latin-1") * times
    return "".join(text.replace("{n}", str(nth)) for nth in range(times)).encode("latin-1")


def stream(pieces: list[bytes], options: dict[str, Any], digests: Digests) -> dict[str, Any]:
    events, errors = parse(SseParser(**options), pieces)
    digests.add("events", "".join(f"{event}\n{data}\n{id}\n" for event, data, id in events).encode())
    chat, relay, collector = (
        ChatTranscoder(**options),
        ResponsesRelay(**options),
        ResponseCollector(**options),
    )
    images = ImageExtractor(lambda event: None, **options)
    digests.add("chat", b"".join(map(chat.feed, pieces)) + chat.finish())
    digests.add("relayed", b"".join(map(relay.feed, pieces)) + relay.finish())
    for piece in pieces:
        collector.feed(piece)
        images.feed(piece)
    digests.add("response", collector.finish())
    digests.add("completion", collector.chat_completion() or b"")
    for consumer in (chat, relay, collector):
        digests.add("outcomes", (consumer.outcome_json or "").encode())
    images.finish()
    digests.add("images", (images.outcome_json or "").encode())
    return {"errors": errors, "chat": ending(chat.outcome), "relay": ending(relay.outcome)}


def ending(outcome: Any) -> dict[str, Any]:
    codes = [note["code"] for note in outcome["notes"]]
    notes = [code for nth, code in enumerate(codes) if nth == 0 or codes[nth - 1] != code]
    return {"status": outcome["status"], "notes": notes[:8]}


def parse(parser: SseParser, pieces: list[bytes]) -> tuple[list[Any], list[Any]]:
    events: list[Any] = []
    errors: list[Any] = []
    for step in [*(lambda piece=piece: parser.feed(piece) for piece in pieces), parser.finish]:
        try:
            events += step()
        except Error as error:
            events += error.events
            errors += [{"code": each.code, "offset": each.offset} for each in (error, *error.further)]
    return events, errors


def request(pieces: list[bytes], options: dict[str, Any], digests: Digests) -> dict[str, Any]:
    try:
        request = normalize_request(b"".join(pieces), "codex", **options)
    except Error as error:
        digests.add("body", error.code.encode())
        return {"code": error.code, "offset": error.offset}
    digests.add("body", request.body)
    return {"changes": len(request.changes)}


def failure(pieces: list[bytes], options: dict[str, Any], digests: Digests) -> dict[str, Any]:
    envelope = error_envelope(b"".join(pieces), **options)
    digests.add("envelope", compact(envelope))
    return {"status": envelope["status"], "class": envelope["class"]}


VERBS = {"stream": stream, "request": request, "failure": failure}


LIMITED = """
import resource
from sluicegate import Error, convert_request

resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
for head, thing, tail in [
    ('{"input":[', '""', "]}"),
    ('{"input":"x"', ',"a":1', "}"),
    ('{"messages":[{"role":"user","content":[', '"abc"', "]}]}"),
    ('{"input":[', '{"type":"function_call_output","call_id":"c"}', "]}"),
]:
    separator = "" if thing.startswith(",") else ","
    body = head + separator.join([thing] * ((12 << 20) // (len(thing) + len(separator)))) + tail
    for upstream in ("responses", "chat"):
        try:
            convert_request(body, upstream=upstream)
        except Error as error:
            assert error.code == "request_too_large", error
            print(error.code)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps to a limit on address space")
def test_a_request_that_would_take_the_memory_is_an_error() -> None:
    run = subprocess.run([sys.executable, "-c", LIMITED], capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    assert run.stdout.count("request_too_large") >= 3
