"""Enters: what an exchange came to. Leaves: the client's answer, and what reads the upstream's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple, Protocol

from sluicegate._native import ChatTranscoder, ResponseCollector, ResponsesRelay, content_type

if TYPE_CHECKING:
    from sluicegate.types import ChatOptions, EnvelopeBody, Error, Outcome, Verdict

__all__ = ["Answer", "Reader", "envelope", "reader", "rejection"]


class Answer(NamedTuple):
    """What a client is sent."""

    status: int
    headers: dict[str, str]
    body: bytes
    is_whole: bool
    """Whether there is no more than this body."""


class Reader(Protocol):
    """What makes the client's answer of the upstream's."""

    def feed(self, chunk: bytes, /) -> bytes: ...

    def finish(self) -> bytes: ...

    @property
    def outcome(self) -> Outcome | None: ...

    @property
    def committed(self) -> bool: ...


def reader(is_chat: bool, is_stream: bool, options: ChatOptions) -> Reader:
    if not is_stream:
        return _Whole(is_chat, options)
    return ChatTranscoder(**options) if is_chat else ResponsesRelay(**options)


class _Whole:
    """For a client that asked for no stream: nothing is sent before all of it is known."""

    committed = False

    def __init__(self, is_chat: bool, options: ChatOptions) -> None:
        self._is_chat = is_chat
        self._collector = ResponseCollector(**options)

    def feed(self, chunk: bytes, /) -> bytes:
        self._collector.feed(chunk)
        return b""

    def finish(self) -> bytes:
        response = self._collector.finish()
        return (self._collector.chat_completion() if self._is_chat else None) or response

    @property
    def outcome(self) -> Outcome | None:
        return self._collector.outcome


def rejection(error: Error) -> Answer:
    """The answer to a request that must not be sent; raises what is no such thing."""
    if error.envelope is None or error.status is None:
        raise error
    return _failed(error.status, error.envelope, None)


def envelope(verdict: Verdict, body: EnvelopeBody) -> Answer:
    """The answer to a failure of the upstream."""
    return _failed(verdict["status"], body, verdict["retry_after_ms"])


def _failed(status: int, body: EnvelopeBody, retry_after_ms: int | None) -> Answer:
    headers = {"content-type": content_type(False)}
    if retry_after_ms is not None:
        headers["retry-after-ms"] = str(retry_after_ms)
        headers["retry-after"] = str(-(-retry_after_ms // 1000))
    return Answer(status, headers, json.dumps(body, ensure_ascii=False).encode(errors="replace"), True)
