"""The official client reads our streams and ends up with what a plain fold of the upstream stream gives.

Every chat fixture, and every `*.sse` in $SLUICEGATE_RECORDINGS. What the plain fold does not read has a
reason in `golden` of its meta.json: there the client must end up with the golden completion and Response. A
case whose input contradicts itself has no one outcome: its meta.json says so in `skip_client`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from cases import RECORDINGS, Case, discover, streams
from chat_client import ChatClient
from chat_fold import fold_completion
from fold import TRUNCATED, Folded, fold_frames, fold_sse
from responses_client import ResponsesClient
from sluicegate import ChatTranscoder, chat_sse, responses_sse
from variants import VARIANTS, as_sent, before_end, cut, emptied

CASES = streams()


@pytest.fixture(scope="module")
def chat() -> ChatClient:
    return ChatClient()


@pytest.fixture(scope="module")
def responses() -> ResponsesClient:
    return ResponsesClient()


def test_there_are_cases() -> None:
    assert discover("chat")
    assert not RECORDINGS or any(case.path.is_file() for case in CASES)


def skip_without_fold(case: Case) -> None:
    if reason := case.json("meta.json").get("skip_client"):
        pytest.skip(reason)


# --- chat


@pytest.mark.parametrize("case", CASES, ids=str)
def test_create(case: Case, chat: ChatClient) -> None:
    expected, body = upstream_and_body(case)
    return compare(chat.by_chunks(body), expected)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_stream_helper(case: Case, chat: ChatClient) -> None:
    expected, body = upstream_and_body(case)
    options = case_options(case)
    if options.get("custom_tools") == "custom" or options.get("context", {}).get("custom_tools"):
        pytest.skip("this client's helper rejects custom calls, also the real API's")
    compare(chat.by_snapshot(body), expected)


def upstream_and_body(case: Case) -> tuple[Folded, Iterable[bytes]]:
    skip_without_fold(case)
    options = case_options(case) | {"include_usage": True}
    if case.has("frames.jsonl"):
        frames = case.lines("frames.jsonl")
        return fold_frames(frames, options), from_frames(frames, options)
    upstream = case.bytes()
    expected = (
        fold_completion(case.json("completion.json")) if is_golden(case) else fold_sse(upstream, options)
    )
    return expected, chat_sse(in_chunks(upstream), **options)


def case_options(case: Case) -> Any:
    return case.json("options.json")


def in_chunks(upstream: bytes) -> list[bytes]:
    return [upstream[at : at + 1000] for at in range(0, len(upstream), 1000)]


def from_frames(frames: list[str], options: dict[str, Any]) -> Iterable[bytes]:
    transcoder = ChatTranscoder(**options)
    yield from map(transcoder.feed_event, frames)
    yield transcoder.finish()


def is_golden(case: Case) -> bool:
    return "golden" in case.json("meta.json")


def compare(seen: Folded, expected: Folded) -> None:
    if expected.failed and expected.message is None:
        seen.message = None  # ours to word
    assert seen == expected


# --- Responses

# The relay passes on what was sent, so these are what the input has, not what the fold makes of it.
SAID_OTHERWISE = {
    "cancelled": "its event says completed, its status cancelled",
    "status_wins_failed_in_completed": "its event says completed, its status failed",
    "status_wins_incomplete_in_completed": "its event says completed, its status incomplete",
}
# What the relay passes on, and the client does not read.
UNREADABLE = {
    "error_beside_the_response": "it raises for a member `error` in any event",
    "malformed_events_are_noted": "it stops at malformed JSON",
    "malformed_nul_after_a_backslash": "it stops at malformed JSON",
    "type_from_event_name": "it reads no names of SSE",
}
# What the helper refuses at the end because of the input itself.
HELPER_REFUSES_END = {
    "call_without_call_id_takes_item_id": "its item is announced without the id that the helper asks for",
    "calls_rotating_ids_without_done": "its terminal event gives the calls other ids",
}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_responses_create(case: Case, variant: Callable[[Case], bytes], responses: ResponsesClient) -> None:
    expected, body = upstream_and_relayed(case, variant)
    compare(responses.by_events(body), expected)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_responses_stream_helper(
    case: Case, variant: Callable[[Case], bytes], responses: ResponsesClient
) -> None:
    expected, body = upstream_and_relayed(case, variant)
    if reason := HELPER_REFUSES_END.get(str(case)):
        pytest.skip(reason)
    try:
        responses.read_by_helper(before_end(case))
    except Exception as error:
        pytest.skip(f"the helper cannot read the input up to its end: {error}")
    try:
        seen = responses.by_helper(body)
    except Exception as error:
        if not is_golden(case):
            raise
        pytest.skip(f"the helper cannot read what servers bend: {error}")
    compare(seen, expected)


def upstream_and_relayed(case: Case, variant: Callable[[Case], bytes]) -> tuple[Folded, bytes]:
    """Without what only chat has: separated texts, wrapped or lost custom calls, reasoning in the answer."""
    skip_without_fold(case)
    if variant is not cut and (reason := SAID_OTHERWISE.get(str(case))):
        pytest.skip(reason)
    options = case_options(case)
    context = options.get("context", {}) | {"custom_tools": []}
    shown = options | {"message_separator": "", "custom_tools": "custom", "context": context}
    if is_golden(case):
        return golden_and_relayed(case, variant)
    upstream = variant(case)
    expected = fold_sse(upstream, shown)
    if variant is emptied and expected != fold_sse(as_sent(case), shown):
        pytest.skip("not all of it was streamed")
    body = b"".join(responses_sse(in_chunks(upstream), **options))
    return dataclasses.replace(expected, reasoning="", images=[], annotations=[]), body


def golden_and_relayed(case: Case, variant: Callable[[Case], bytes]) -> tuple[Folded, bytes]:
    if variant is not as_sent:
        pytest.skip("the golden Response is that of the whole stream")
    if reason := UNREADABLE.get(str(case)):
        pytest.skip(reason)
    body = b"".join(responses_sse(in_chunks(case.bytes()), **case_options(case)))
    is_completed = case.json("response.json").get("status") == "completed"
    if (error := case.json("outcome.json").get("error")) and not is_completed:
        return Folded(failed=True, message=error["message"]), body
    plain = {"message_separator": "", "custom_tools": "custom"}
    expected = fold_sse(case.text("response.json").encode(), plain)
    return dataclasses.replace(expected, reasoning="", images=[], annotations=[]), body


@pytest.mark.parametrize("case", [case for case in CASES if "json_body" in str(case)], ids=str)
def test_a_plain_body_becomes_a_stream(case: Case, responses: ResponsesClient) -> None:
    expected = fold_sse(case.bytes(), {})
    if expected.message == TRUNCATED:  # it is not JSON, and its error is ours
        expected.message = None
    compare(responses.by_helper(b"".join(responses_sse([case.bytes()]))), expected)
