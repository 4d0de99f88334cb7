"""Enters: a client's request, the upstream's answer. Leaves: that in the upstream's dialect, this in the
client's. Kept: what reads one answer.

A direction is all that the transports of one package differ in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from sluicegate._native import (
    ChatTranscoder,
    ResponseCollector,
    ResponsesRelay,
    ResponsesTranscoder,
    chat_to_responses,
    normalize_request,
    responses_to_chat,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sluicegate.request_types import Normalized
    from sluicegate.types import Outcome

__all__ = ["Direction", "Path", "Reader", "ToChat", "ToResponses"]

CHAT, RESPONSES = b"/chat/completions", b"/responses"


class Path(NamedTuple):
    """Of a request that does not just pass through."""

    upstream: bytes
    is_chat: bool
    """The dialect of the answer, whatever the shape of the request's body."""


class Reader(Protocol):
    """What makes the client's answer of the upstream's."""

    def feed(self, chunk: bytes, /) -> bytes: ...

    def finish(self) -> bytes: ...

    @property
    def outcome(self) -> Outcome | None: ...

    @property
    def committed(self) -> bool: ...


class ToResponses:
    """Clients of either dialect, an upstream that only streams `/responses`."""

    profile = "codex"
    """The default one."""

    @staticmethod
    def path(given: bytes) -> Path | None:
        """None for what passes through untouched."""
        if given.endswith(CHAT):
            return Path(given.removesuffix(CHAT) + RESPONSES, True)
        return Path(given, False) if given.endswith(RESPONSES) else None

    @staticmethod
    def convert(path: Path) -> Callable[..., Normalized]:
        return chat_to_responses if path.is_chat else normalize_request

    @staticmethod
    def reader(path: Path, is_stream: bool, options: Any) -> Reader:
        """One of Responses has `response()`, too."""
        if not is_stream:
            return _Collected(path.is_chat, ResponseCollector(**options))
        return ChatTranscoder(**options) if path.is_chat else ResponsesRelay(**options)


class ToChat:
    """Clients of Responses, an upstream that only speaks `/chat/completions`."""

    profile = "chat"

    @staticmethod
    def path(given: bytes) -> Path | None:
        return Path(given.removesuffix(RESPONSES) + CHAT, False) if given.endswith(RESPONSES) else None

    @staticmethod
    def convert(path: Path) -> Callable[..., Normalized]:
        return responses_to_chat

    @staticmethod
    def reader(path: Path, is_stream: bool, options: Any) -> Reader:
        verb = ResponsesTranscoder(**options)
        return verb if is_stream else _Responded(verb)


Direction = type[ToResponses] | type[ToChat]


class _Whole:
    """For a client that asked for no stream: nothing is sent before all of it is known."""

    committed = False
    _response: bytes | None = None

    def __init__(self, verb: ResponseCollector | ResponsesTranscoder) -> None:
        self._verb = verb

    def feed(self, chunk: bytes, /) -> bytes:
        self._verb.feed(chunk)
        return b""

    def response(self) -> bytes | None:
        return self._response

    @property
    def outcome(self) -> Outcome | None:
        return self._verb.outcome


class _Collected(_Whole):
    _verb: ResponseCollector

    def __init__(self, is_chat: bool, verb: ResponseCollector) -> None:
        super().__init__(verb)
        self._is_chat = is_chat

    def finish(self) -> bytes:
        self._response = self._verb.finish()
        return (self._verb.chat_completion() if self._is_chat else None) or self._response


class _Responded(_Whole):
    _verb: ResponsesTranscoder

    def finish(self) -> bytes:
        self._verb.finish()
        self._response = self._verb.response() or b""
        return self._response
