"""What a transport knows of the dialects: their paths, whose requests it converts, what reads an answer.

Input: a client's path; the upstream's answer.
Output: the upstream's path; the answer in the client's dialect.
State: what reads one answer.
"""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from sluicegate._native import Collector, Transcoder, pair_options

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sluicegate.types import Dialect, Outcome

__all__ = ["Reader", "RouteMatch", "match_path", "options_by_client", "own_facts", "reader_of", "with_key"]

PATHS: dict[Dialect, bytes] = {
    "chat": b"/chat/completions",
    "responses": b"/responses",
    "messages": b"/messages",
}
CLIENTS: dict[Dialect, tuple[Dialect, ...]] = {
    "chat": ("responses", "messages"),
    "responses": ("chat", "responses", "messages"),
    "messages": ("chat", "responses"),
}
"""By upstream, whose requests are converted; others pass through untouched."""
BODY: dict[Dialect, Callable[[Collector], bytes | None]] = {
    "chat": Collector.final_completion,
    "responses": Collector.final_response,
    "messages": Collector.final_message,
}
REPEATS_IDS: frozenset[Dialect] = frozenset({"chat"})
"""Upstreams that leave ids out, or give every answer the same one."""
UNDATED: frozenset[Dialect] = frozenset({"messages"})
"""Upstreams whose answers have no time."""
ID_PREFIXES: dict[Dialect, str] = {"responses": "resp_", "messages": "msg_"}
"""Of clients that know an answer by its id later on, and so lose one where ids come twice."""
BEARER = "authorization"
KEY_HEADERS: dict[Dialect, str] = {"messages": "x-api-key"}
"""Where a client's key is; of others, a Bearer token."""


class RouteMatch(NamedTuple):
    """Of a request that does not just pass through."""

    upstream: bytes
    client: Dialect
    """The dialect of the answer, whatever the shape of the request's body."""


class Reader(Protocol):
    """What makes the client's answer of the upstream's."""

    def feed(self, chunk: bytes, /) -> bytes: ...

    def finish(self) -> bytes: ...

    def response(self) -> bytes | None: ...

    @property
    def outcome(self) -> Outcome | None: ...

    @property
    def has_output(self) -> bool: ...


def match_path(upstream: Dialect, path: bytes) -> RouteMatch | None:
    """None for what passes through untouched."""
    for client in CLIENTS[upstream]:
        if path.endswith(PATHS[client]):
            return RouteMatch(path.removesuffix(PATHS[client]) + PATHS[upstream], client)
    return None


def options_by_client(upstream: Dialect, options: Any) -> Mapping[Dialect, dict[str, Any]]:
    """What each client's answers are read with. Raises `Error` (`invalid_option`)."""
    clients = CLIENTS.get(upstream, ("responses",))  # an unknown upstream raises as it does everywhere
    own = {client: {**pair_options(client, upstream, options)} for client in clients}
    for stray in [name for name in options if not any(name in taken for taken in own.values())]:
        Transcoder(client=clients[0], upstream=upstream, **{stray: options[stray]})  # raises
    return own


def own_facts(client: Dialect, upstream: Dialect, is_recorded: bool) -> dict[str, Any]:
    """An id for one answer where the upstream's would not do, and a time where it has none: as options.

    What is recorded is found by its id, which must not come twice, nor be guessed: 128 random bits.
    """
    facts: dict[str, Any] = {"created": int(time.time())} if upstream in UNDATED else {}
    if (is_recorded or upstream in REPEATS_IDS) and client in ID_PREFIXES:
        facts["id"] = ID_PREFIXES[client] + secrets.token_hex(16)
    return facts


def with_key(client: Dialect, upstream: Dialect, headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The client's headers, its key where the upstream reads it."""
    own, theirs = KEY_HEADERS.get(client, BEARER), KEY_HEADERS.get(upstream, BEARER)
    if own == theirs or theirs in (name.lower() for name, _ in headers):
        return headers
    return [_key(theirs, name, value) if name.lower() == own else (name, value) for name, value in headers]


def _key(theirs: str, name: str, value: str) -> tuple[str, str]:
    if theirs == BEARER:
        return theirs, f"Bearer {value}"
    scheme, _, key = value.partition(" ")
    return (theirs, key.strip()) if scheme.lower() == "bearer" else (name, value)


def reader_of(client: Dialect, upstream: Dialect, is_stream: bool, options: dict[str, Any]) -> Reader:
    if is_stream:
        return Transcoder(client=client, upstream=upstream, **options)
    return _Whole(client, Collector(client=client, upstream=upstream, **options))


class _Whole:
    """For a client that asked for no stream: nothing is sent before all of it is known."""

    has_output = False

    def __init__(self, client: Dialect, collector: Collector) -> None:
        self._client, self._collector = client, collector

    def feed(self, chunk: bytes, /) -> bytes:
        self._collector.feed(chunk)
        return b""

    def finish(self) -> bytes:
        self._collector.finish()
        return BODY[self._client](self._collector) or b""

    def response(self) -> bytes | None:
        return self._collector.final_response()

    @property
    def outcome(self) -> Outcome | None:
        return self._collector.outcome
