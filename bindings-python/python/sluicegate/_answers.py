"""The answers of a transport.

Input: what a call came to. Output: the client's answer. State: none.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from sluicegate._native import error_envelope, failure_headers

if TYPE_CHECKING:
    from sluicegate.types import Dialect, EnvelopeBody, Error, Verdict

__all__ = ["Answer", "envelope", "rejection"]


class Answer(NamedTuple):
    """What a client is sent."""

    status: int
    headers: dict[str, str]
    body: bytes
    is_whole: bool
    """Whether there is no more than this body."""


def rejection(client: Dialect, error: Error) -> Answer:
    """The answer to a request that must not be sent; raises what is no such thing."""
    if error.envelope is None or error.status is None:
        raise error
    return _failed(client, error.status, error.envelope, None)


def envelope(client: Dialect, verdict: Verdict, body: EnvelopeBody) -> Answer:
    """The answer to a failure of the upstream."""
    return _failed(client, verdict["status"], body, verdict["retry_after_ms"])


def _failed(client: Dialect, status: int, body: EnvelopeBody, retry_after_ms: int | None) -> Answer:
    own: object = body
    if client == "messages":  # the others share this form
        own = error_envelope(body, status=status, dialect=client)["body"]
    headers = failure_headers(retry_after_ms)
    return Answer(status, headers, json.dumps(own, ensure_ascii=False).encode(errors="replace"), True)
