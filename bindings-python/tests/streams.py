"""Small upstream streams, where a fixture would be more than the test needs, and what may bring them."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any


def sse(*events: dict[str, Any]) -> bytes:
    return b"".join(b"data: %s\n\n" % json.dumps(event).encode() for event in events)


def delta(text: str) -> dict[str, Any]:
    return {"type": "response.output_text.delta", "item_id": "msg_1", "output_index": 0, "delta": text}


def image(item_id: str, index: int, data: bytes) -> dict[str, Any]:
    result = base64.b64encode(data).decode()
    item = {"id": item_id, "type": "image_generation_call", "status": "completed", "result": result}
    return {"type": "response.output_item.done", "output_index": index, "item": item}


CREATED = sse({"type": "response.created", "response": {"id": "resp_1", "model": "served"}})
USAGE = {"input_tokens": 3, "output_tokens": 1, "input_tokens_details": {"cached_tokens": 2}}
COMPLETED = sse({"type": "response.completed", "response": {"status": "completed", "usage": USAGE}})
FAILED = sse({"type": "response.failed", "response": {"status": "failed", "error": {"message": "Slow down"}}})
TEXT = [CREATED, sse(delta("Hi")), COMPLETED]


def chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    """Of a chat completion."""
    return {"id": "chatcmpl-1", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


CHAT_DELTA = json.dumps(chunk({"content": "Hi"}))
CHAT = [
    sse(chunk({"role": "assistant", "content": ""})),
    b"data: %s\n\n" % CHAT_DELTA.encode(),
    sse(chunk({}, "stop")) + b"data: [DONE]\n\n",
]


def named(*events: dict[str, Any]) -> bytes:
    """As Messages servers send them."""
    return b"".join(b"event: %s\n" % event["type"].encode() + sse(event) for event in events)


MESSAGE = {"id": "msg_1", "type": "message", "role": "assistant", "model": "served", "content": []}
MESSAGES = [
    named({"type": "message_start", "message": MESSAGE | {"usage": {"input_tokens": 3, "output_tokens": 1}}}),
    named(
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi"}},
        {"type": "content_block_stop", "index": 0},
    ),
    named(
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 1}},
        {"type": "message_stop"},
    ),
]


class Cut(Exception):
    """As an HTTP client raises when its peer hangs up."""


class Source:
    """A source of chunks, of both kinds, that fails at its end and remembers being closed."""

    def __init__(self, chunks: Iterable[Any], failure: BaseException | None = None) -> None:
        self.chunks = iter(chunks)
        self.failure = failure
        self.closed = 0

    def __iter__(self) -> Iterator[Any]:
        return self

    def __aiter__(self) -> AsyncIterator[Any]:
        return self

    def __next__(self) -> Any:
        for chunk in self.chunks:
            return chunk
        raise self.failure or StopIteration

    async def __anext__(self) -> Any:
        for chunk in self.chunks:
            return chunk
        raise self.failure or StopAsyncIteration

    def close(self) -> None:
        self.closed += 1

    async def aclose(self) -> None:
        self.closed += 1
