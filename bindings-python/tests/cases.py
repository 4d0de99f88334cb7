"""The golden cases that all three languages replay, and ways to cut their input."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sluicegate import ChatTranscoder, Error, ResponseCollector, ResponsesRelay

FIXTURES = Path(__file__).parents[2] / "fixtures"
EVERY_CUT_BELOW = 4096  # quadratic: larger inputs get random cuts
RANDOM_CUTTINGS = 30
RECORDINGS = os.environ.get("SLUICEGATE_RECORDINGS")


@dataclass(frozen=True)
class Case:
    """A folder of fixtures, or one recorded stream."""

    path: Path

    def __str__(self) -> str:
        return f"recording-{self.path.stem}" if self.path.is_file() else self.path.name

    def has(self, name: str) -> bool:
        return (self.path / name).exists()

    def bytes(self, name: str = "input.sse") -> bytes:
        return (self.path if self.path.is_file() else self.path / name).read_bytes()

    def text(self, name: str) -> str:
        """Without the LF that ends the file."""
        return self.bytes(name).decode().removesuffix("\n")

    def lines(self, name: str) -> list[str]:
        """Only LF ends a line: U+2028 and its like are data."""
        return self.text(name).split("\n")

    def json(self, name: str) -> dict[str, Any]:
        return dict(json.loads(self.bytes(name))) if self.has(name) else {}


def discover(kind: str) -> list[Case]:
    return [Case(path) for path in sorted((FIXTURES / kind).glob("*/"))]


def streams() -> list[Case]:
    """Every chat fixture, and every `*.sse` in $SLUICEGATE_RECORDINGS."""
    return discover("chat") + [Case(path) for path in sorted(Path(RECORDINGS or os.devnull).glob("*.sse"))]


def cuttings(data: bytes, name: str) -> Iterator[list[bytes]]:
    """Whole, byte by byte, and cut in two everywhere or at random places."""
    yield [data]
    yield [data[at : at + 1] for at in range(len(data))]
    if len(data) < EVERY_CUT_BELOW:
        yield from ([data[:at], data[at:]] for at in range(1, len(data)))
        return
    for nth in range(RANDOM_CUTTINGS):
        seeded = random.Random(f"{name}/{nth}")
        cuts = sorted(seeded.sample(range(1, len(data)), k=seeded.randint(1, 40)))
        yield [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]


def caught(call: Callable[[], object]) -> Error:
    """What it raises."""
    with pytest.raises(Error) as raised:
        call()
    return raised.value


def compact(value: Any) -> bytes:
    """As the core writes JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="backslashreplace")


def transcode(pieces: list[bytes], options: dict[str, Any]) -> tuple[bytes, str]:
    transcoder = ChatTranscoder(**options)
    out = b"".join([transcoder.feed(piece) for piece in pieces]) + transcoder.finish()
    return out, str(transcoder.outcome_json)


@dataclass(frozen=True)
class Outputs:
    """What each consumer makes of a stream."""

    chat: bytes
    relayed: bytes
    response: bytes
    completion: bytes | None
    outcomes: list[str | None]
    """Of the transcoder, the relay and the collector."""


def consume(pieces: list[Any], options: dict[str, Any], verb: str = "feed") -> Outputs:
    """Gives every piece to each consumer's `feed` or `feed_event`."""
    consumers = chat, relay, collector = (
        ChatTranscoder(**options),
        ResponsesRelay(**options),
        ResponseCollector(**options),
    )
    transcode, relay_on, collect = (getattr(consumer, verb) for consumer in consumers)
    assert not any(map(collect, pieces))  # gives nothing
    return Outputs(
        chat=b"".join(map(transcode, pieces)) + chat.finish(),
        relayed=b"".join(map(relay_on, pieces)) + relay.finish(),
        response=collector.finish(),
        completion=collector.chat_completion(),
        outcomes=[consumer.outcome_json for consumer in consumers],
    )
