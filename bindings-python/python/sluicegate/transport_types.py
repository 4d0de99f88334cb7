"""The options of the transports of `sluicegate.httpx` and `sluicegate.httpx2`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypedDict

from sluicegate._continuation import Continuation
from sluicegate._native import Profile
from sluicegate.option_types import RequestOptions, TranscoderOptions
from sluicegate.request_types import ConvertedRequest
from sluicegate.types import Outcome

__all__ = ["ChatBackendOptions", "TransportOptions"]


class _HostOptions(TypedDict, total=False):
    profile: str | Mapping[str, object] | Profile
    """The rules of the upstream. Default: those of `Profile.of_upstream`."""
    request: RequestOptions
    """How requests are made to fit them."""
    continuation: Continuation
    """For `previous_response_id` on a backend that stores nothing; goes with `store`."""
    on_request: Callable[[ConvertedRequest], object]
    """Called with each request as it is sent, with the list of changes."""
    on_outcome: Callable[[Outcome], object]
    """Called with the outcome of each answer of the upstream, if there is one: usage, notes, the error."""


class TransportOptions(TranscoderOptions, _HostOptions, total=False):
    """Options of a `SluicegateTransport` or `AsyncSluicegateTransport`.

    Besides these, those of what reads the upstream's answers and writes the clients', but for `context` and
    `previous_response_id`, because each request has its own, and for `framing`, which is no HTTP. An answer
    of a chat upstream has a random `id` of its own: chat servers leave ids out, or repeat them.
    """


class ChatBackendOptions(TransportOptions, total=False):
    """The older name."""
