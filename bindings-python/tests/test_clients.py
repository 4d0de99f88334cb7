"""The official client reads our stream and ends up with what a plain fold of the upstream stream says.

Every chat fixture, and every `*.sse` in $SLUICEGATE_RECORDINGS. A case whose input contradicts itself has no
meaningful fold: its meta.json says so in `skip_client`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from cases import Case, discover
from chat_client import Client
from fold import Folded, fold_frames, fold_sse
from sluicegate import ChatTranscoder, chat_sse

RECORDINGS = os.environ.get("SLUICEGATE_RECORDINGS")
CASES = discover("chat") + [Case(path) for path in sorted(Path(RECORDINGS or os.devnull).glob("*.sse"))]


@pytest.fixture(scope="module")
def client() -> Client:
    return Client()


def test_there_are_cases() -> None:
    assert discover("chat")
    assert not RECORDINGS or any(case.path.is_file() for case in CASES)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_create(case: Case, client: Client) -> None:
    expected, body = upstream_and_body(case)
    compare(client.by_chunks(body), expected)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_stream_helper(case: Case, client: Client) -> None:
    expected, body = upstream_and_body(case)
    if case_options(case).get("custom_tools") == "custom":
        pytest.skip("this client's helper rejects custom calls, also the real API's")
    compare(client.by_snapshot(body), expected)


def upstream_and_body(case: Case) -> tuple[Folded, Iterable[bytes]]:
    if reason := case_meta(case).get("skip_client"):
        pytest.skip(reason)
    options = case_options(case) | {"include_usage": True}
    if case.has("frames.jsonl"):
        frames = case.lines("frames.jsonl")
        return fold_frames(frames, options), from_frames(frames, options)
    upstream = case.path.read_bytes() if case.path.is_file() else case.bytes()
    chunks = [upstream[at : at + 1000] for at in range(0, len(upstream), 1000)]
    return fold_sse(upstream, options), chat_sse(chunks, **options)


def case_options(case: Case) -> Any:
    return case.json("options.json")


def case_meta(case: Case) -> dict[str, Any]:
    return case.json("meta.json")


def from_frames(frames: list[str], options: dict[str, Any]) -> Iterable[bytes]:
    transcoder = ChatTranscoder(**options)
    yield from map(transcoder.feed_event, frames)
    yield transcoder.finish()


def compare(seen: Folded, expected: Folded) -> None:
    if expected.failed and expected.message is None:
        seen.message = None  # ours to word
    assert seen == expected
