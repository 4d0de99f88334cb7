"""A stream as it was sent, and the same with its end empty or missing: the ends that real backends send."""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterator
from typing import Any

from cases import Case
from fold import TERMINAL
from sluicegate import SseEvent, SseParser


def as_sent(case: Case) -> bytes:
    return to_sse(case.lines("frames.jsonl")) if case.has("frames.jsonl") else case.bytes()


def emptied(case: Case) -> bytes:
    """Terminal events whose output is empty, as the Codex backend sends them."""

    def end(event: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield event | {"response": (event.get("response") or {}) | {"output": []}}

    return with_end(case, end)


def cut(case: Case) -> bytes:
    """No terminal event."""
    return with_end(case, lambda event: iter(()))


VARIANTS: list[Callable[[Case], bytes]] = [as_sent, emptied, cut]


def before_end(case: Case) -> bytes:
    """Neither a terminal event nor an `error`."""
    return with_end(case, lambda event: iter(()), [*TERMINAL, "error"])


def with_end(
    case: Case, end: Callable[[dict[str, Any]], Iterator[dict[str, Any]]], ends: Container[str] = TERMINAL
) -> bytes:
    body = as_sent(case)
    changed: list[str] = []
    for data, event in events(body):
        is_end = isinstance(event, dict) and event.get("type") in ends
        changed += map(json.dumps, end(event)) if is_end else [data]
    return to_sse(changed) or body


def events(body: bytes) -> list[tuple[str, Any]]:
    """The data of each event, and its JSON; of one that the end cuts off, if it is whole."""
    parser = SseParser(dispatch_tail=True)
    found = [(event.data, read(event)) for event in parser.feed(body)]
    return found + [(event.data, read(event)) for event in parser.finish() if read(event) is not None]


def read(event: SseEvent) -> Any:
    """None if it is no JSON; an event without a type has that of its `event` line."""
    try:
        got = json.loads(event.data)
    except ValueError:
        return None
    return {"type": event.event} | got if isinstance(got, dict) else got


def to_sse(frames: list[str]) -> bytes:
    return b"".join(b"data: %s\n\n" % frame.replace("\n", "\ndata: ").encode() for frame in frames)
