"""The options of the transports of `sluicegate.httpx` and `sluicegate.httpx2`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypedDict

from sluicegate._continuation import Continuation
from sluicegate._native import Profile
from sluicegate.option_types import ChatOptions, RequestOptions, ResponsesOptions
from sluicegate.request_types import Normalized
from sluicegate.types import Outcome

__all__ = ["ChatBackendOptions", "TransportOptions"]


class _HostOptions(TypedDict, total=False):
    profile: str | Mapping[str, object] | Profile
    """The rules of the backend. Default `codex`; of a chat server `chat`."""
    request: RequestOptions
    """How requests are made to fit them."""
    continuation: Continuation
    """For `previous_response_id` on a backend that stores nothing; goes with `store`."""
    on_request: Callable[[Normalized], object]
    """Called with each request as it is sent, with the list of changes."""
    on_outcome: Callable[[Outcome], object]
    """Called with the outcome of each answer of the upstream, if there is one: usage, notes, the error."""


class TransportOptions(ChatOptions, _HostOptions, total=False):
    """Options of a `ResponsesTransport` or `AsyncResponsesTransport`.

    Besides those of every transport, those of a `ChatTranscoder`, but for `context` and
    `previous_response_id`: each request has its own.
    """


class ChatBackendOptions(ResponsesOptions, _HostOptions, total=False):
    """Options of a `ChatBackendTransport` or `AsyncChatBackendTransport`.

    Besides those of every transport, those of a `ResponsesTranscoder`, but for `context` and
    `previous_response_id`, because each request has its own, and for `frames`, which are no HTTP.
    """
