"""What the transports of `sluicegate.httpx` and `sluicegate.httpx2` are told."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sluicegate._native import Profile
from sluicegate.continuation import Continuation
from sluicegate.request_types import Normalized, RequestOptions
from sluicegate.types import ChatOptions, Outcome

__all__ = ["TransportOptions"]


class TransportOptions(ChatOptions, total=False):
    """Options of a `ResponsesTransport` or `AsyncResponsesTransport`.

    Besides these, those of a `ChatTranscoder`, but for `context` and `previous_response_id`: each request has
    its own.
    """

    profile: str | Mapping[str, object] | Profile
    """The rules of the backend. Default `codex`."""
    request: RequestOptions
    """How requests are made to fit them."""
    continuation: Continuation
    """For `previous_response_id` on a backend that stores nothing; goes with `store`."""
    on_request: Callable[[Normalized], object]
    """Gets each request as it is sent, with the ledger of what was changed."""
    on_outcome: Callable[[Outcome], object]
    """Gets what each answer of the upstream turned out to be, if that got known: usage, notes, the error."""
