"""The values of continuations that cross the border, and what a store is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable

__all__ = ["AsyncStore", "Expanded", "Record", "Store", "Unrecorded"]

Unrecorded = (
    Literal["not_completed"]
    | Literal["unstored"]
    | Literal["not_expanded"]
    | Literal["no_input"]
    | Literal["no_id"]
    | Literal["id_too_long"]
    | Literal["too_large"]
    | Literal["id_taken"]
)
"""Why an answer was not recorded; more in docs/reference/codes.md.

The next turn must send its whole input.
"""


@dataclass(frozen=True)
class Expanded:
    """A request with its history. Of a first turn: the request as it came, and nothing else."""

    body: bytes
    """What to normalize and send."""
    previous_response_id: str | None = None
    """What the client continues, for `ResponsesRelay(previous_response_id=…)` and its like."""
    origin: str | None = None
    """Where the history's reasoning came from, for `normalize_request(history_origin=…)`."""


class Record(NamedTuple):
    """What to put into a store."""

    key: str
    """Where: plain ASCII."""
    value: bytes
    """The conversation, in plain text."""


class Store(Protocol):
    """Where records are kept. What its methods raise comes through as it is.

    It may have a third method, `put_new(key, value, ttl_s, tenant) -> bool`: keeps the value unless there is
    another one under the key, which stays (False), in one step. `tenant` is a digest of the scope. Without it
    `remember` asks `get` and then `put`: another process can put something in between.
    """

    def get(self, key: str, /) -> bytes | None:
        """The value, while it lives."""

    def put(self, key: str, value: bytes, ttl_s: int, /) -> object:
        """Keeps the value for `ttl_s` seconds, in place of an earlier one; for none, forgets both."""


class AsyncStore(Protocol):
    """A `Store` whose methods are awaited, `put_new` too where it has one."""

    def get(self, key: str, /) -> Awaitable[bytes | None]:
        """The value, while it lives."""

    def put(self, key: str, value: bytes, ttl_s: int, /) -> Awaitable[object]:
        """Keeps the value for `ttl_s` seconds, in place of an earlier one; for none, forgets both."""
