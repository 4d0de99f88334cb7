"""What the transports of one package differ in: the paths, what converts a request, what reads its answer.

Input: a client's request, the upstream's answer.
Output: the request in the upstream's dialect, the answer in the client's.
State: what reads one answer.
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

__all__ = ["Direction", "Reader", "RouteMatch", "ToChat", "ToResponses"]

CHAT, RESPONSES = b"/chat/completions", b"/responses"


class RouteMatch(NamedTuple):
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
    def path(given: bytes) -> RouteMatch | None:
        """None for what passes through untouched."""
        if given.endswith(CHAT):
            return RouteMatch(given.removesuffix(CHAT) + RESPONSES, True)
        return RouteMatch(given, False) if given.endswith(RESPONSES) else None

    @staticmethod
    def convert(path: RouteMatch) -> Callable[..., Normalized]:
        return chat_to_responses if path.is_chat else normalize_request

    @staticmethod
    def reader(path: RouteMatch, is_stream: bool, options: Any) -> Reader:
        """One of Responses has `response()`, too."""
        if not is_stream:
            return _Collected(path.is_chat, ResponseCollector(**options))
        return ChatTranscoder(**options) if path.is_chat else ResponsesRelay(**options)


class ToChat:
    """Clients of Responses, an upstream that only speaks `/chat/completions`."""

    profile = "chat"

    @staticmethod
    def path(given: bytes) -> RouteMatch | None:
        return RouteMatch(given.removesuffix(RESPONSES) + CHAT, False) if given.endswith(RESPONSES) else None

    @staticmethod
    def convert(path: RouteMatch) -> Callable[..., Normalized]:
        return responses_to_chat

    @staticmethod
    def reader(path: RouteMatch, is_stream: bool, options: Any) -> Reader:
        translator = ResponsesTranscoder(**options)
        return translator if is_stream else _Responded(translator)


Direction = type[ToResponses] | type[ToChat]


class _Whole:
    """For a client that asked for no stream: nothing is sent before all of it is known."""

    committed = False
    _response: bytes | None = None

    def __init__(self, translator: ResponseCollector | ResponsesTranscoder) -> None:
        self._translator = translator

    def feed(self, chunk: bytes, /) -> bytes:
        self._translator.feed(chunk)
        return b""

    def response(self) -> bytes | None:
        return self._response

    @property
    def outcome(self) -> Outcome | None:
        return self._translator.outcome


class _Collected(_Whole):
    _translator: ResponseCollector

    def __init__(self, is_chat: bool, translator: ResponseCollector) -> None:
        super().__init__(translator)
        self._is_chat = is_chat

    def finish(self) -> bytes:
        self._response = self._translator.finish()
        return (self._translator.chat_completion() if self._is_chat else None) or self._response


class _Responded(_Whole):
    _translator: ResponsesTranscoder

    def finish(self) -> bytes:
        self._translator.finish()
        self._response = self._translator.response() or b""
        return self._response
