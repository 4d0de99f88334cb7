"""Anthropic's client reads our Messages streams and bodies, and ends up with what a plain fold of each gives.

Every fixture of a Responses and a chat upstream, and every `*.sse` in $SLUICEGATE_RECORDINGS: of Responses,
and of Messages in its folder `messages`, which are relayed.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import anthropic
import httpx2
import pytest
from anthropic.types import Message
from anthropic.types.beta import BetaMessage
from cases import RECORDINGS, Case, discover
from message_fold import Said, fold_events, fold_message, read_events
from sluicegate import Collector, Transcoder

Upstream = Literal["chat", "responses", "messages"]

# What a body cannot be compared with its stream in.
NO_FOLD = {
    "call_id_only_in_item_done_that_takes_an_item_id": "its two calls of one id are one",
    "no_output_and_items_seen_out_of_order": "a body has the order of its indexes",
    "recording-ai-spliced-message-start": "arguments that are no JSON",
    "recording-py-incomplete-partial-json-response": "arguments that are no JSON",
    "text_escapes_are_spliced_raw": "half characters",
    "text_surrogate_pair_split_over_deltas": "half characters",
}
# Where a body has what a later event corrected.
CORRECTED = {"inconsistent_text", "event_too_large"}


def inputs() -> Iterator[tuple[Case, Upstream]]:
    folder = Path(RECORDINGS or os.devnull)
    yield from ((case, "responses") for case in discover("chat") if case.has("input.sse"))
    yield from ((case, "chat") for case in discover("respond") if case.has("input.sse"))
    yield from ((Case(path), "responses") for path in sorted(folder.glob("*.sse")))
    yield from ((Case(path), "messages") for path in sorted(folder.glob("messages/*.sse")))


INPUTS = list(inputs())


def test_there_are_inputs() -> None:
    assert len(INPUTS) > 300


@pytest.mark.parametrize(("case", "upstream"), INPUTS, ids=str)
def test_stream(case: Case, upstream: Upstream) -> None:
    stream = stream_of(case, upstream)
    if str(case) in NO_FOLD or not is_read_alike(stream):
        pytest.skip("its arguments are no JSON")
    expected = fold_events(stream)
    assert by_events(stream, upstream) == expected
    assert by_helper(stream, upstream) == expected


def stream_of(case: Case, upstream: Upstream) -> bytes:
    transcoder = Transcoder(client="messages", upstream=upstream)
    return transcoder.feed(case.bytes()) + transcoder.finish()


def is_read_alike(stream: bytes) -> bool:
    """Whether the arguments of every call are JSON objects."""
    try:
        return all(isinstance(call[2], dict) for call in fold_events(stream).calls)
    except ValueError:
        return False


def client(body: bytes, content_type: str) -> anthropic.Anthropic:
    def answer(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": content_type}, content=body)

    transport = httpx2.MockTransport(answer)
    return anthropic.Anthropic(api_key="none", max_retries=0, http_client=httpx2.Client(transport=transport))


def messages_of(own: anthropic.Anthropic, upstream: Upstream) -> Any:
    """The API's own streams have blocks that only the beta surface knows."""
    return own.beta.messages if upstream == "messages" else own.messages


ASKED: Any = {"model": "any", "max_tokens": 64, "messages": [{"role": "user", "content": "hi"}]}


def by_events(stream: bytes, upstream: Upstream) -> Said:
    """The events that the client gives are those that were sent."""
    try:
        with client(stream, "text/event-stream") as own:
            events = list(messages_of(own, upstream).create(**ASKED, stream=True))
    except anthropic.APIStatusError as error:
        return failed(error)
    sent = [event["type"] for event in read_events(stream) if event["type"] != "ping"]
    assert [event.type for event in events] == sent
    return fold_events(stream)


def by_helper(stream: bytes, upstream: Upstream) -> Said:
    try:
        with (
            client(stream, "text/event-stream") as own,
            messages_of(own, upstream).stream(**ASKED) as events,
        ):
            return fold_message(events.get_final_message().to_dict())
    except anthropic.APIStatusError as error:
        return failed(error)


def failed(error: anthropic.APIStatusError) -> Said:
    body: Any = error.body
    return Said(error=body["error"]["type"])


# What its schema requires of a Message.
REQUIRED = {
    "id",
    "type",
    "role",
    "content",
    "model",
    "stop_reason",
    "stop_sequence",
    "stop_details",
    "usage",
    "container",
}


@pytest.mark.parametrize(("case", "upstream"), INPUTS, ids=str)
def test_body(case: Case, upstream: Upstream) -> None:
    collector = Collector(upstream=upstream)
    collector.feed(case.bytes())
    collector.finish()
    body = collector.final_message()
    assert body is not None
    if json.loads(body)["type"] == "error":
        return
    if upstream == "messages":
        message = BetaMessage.construct(**json.loads(body)).to_dict()
    else:
        message = Message.model_validate_json(body, strict=True).to_dict()
        assert set(message) >= REQUIRED
    with client(body, "application/json") as own:
        assert fold_message(messages_of(own, upstream).create(**ASKED).to_dict()) == fold_message(message)
    stream, outcome = stream_of(case, upstream), collector.outcome
    is_corrected = outcome is not None and any(note["code"] in CORRECTED for note in outcome["notes"])
    if not (str(case) in NO_FOLD or is_corrected or not is_read_alike(stream)):
        assert in_any_order(fold_message(message)) == in_any_order(fold_events(stream))


def in_any_order(said: Said) -> Said:
    """A terminal event may have calls in an order of its own; ids that we make up have another prefix."""
    calls = [(call_id.removeprefix("toolu_").removeprefix("call_"), *call) for call_id, *call in said.calls]
    return dataclasses.replace(said, calls=sorted(calls, key=str))
