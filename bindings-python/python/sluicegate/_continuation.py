"""Emulates `previous_response_id`.

Input: a request that names the response it continues; its answer. Output: the request with the whole
conversation in it; a record in a store. State: a scope and its options.

The order: `resolve`, `normalize_request`, send, collect, `remember`. The steps between the store and the rest
are `lookup`, `expand` and `record`, for a host that wants them apart.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from sluicegate import _native
from sluicegate.continuation_types import Record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import Buffer

    from sluicegate.continuation_types import AsyncStore, Expanded, Store, Unrecorded

__all__ = ["Continuation"]


class Continuation(_native.Continuation):
    """`previous_response_id` for backends that store nothing.

    `scope` is the tenant: what is recorded in one is found in no other. A continuation never changes; any
    number of threads may use it. Records are plain text: whoever reads the store reads every prompt.

    `now_ms` goes to the store, for one with a clock of the caller's: `MemoryStore`.
    """

    def resolve(
        self, store: Store, request: str | Buffer | Mapping[str, object], *, now_ms: int | None = None
    ) -> Expanded:
        """`expand` with what the store has.

        Raises `Error` with the `envelope` and `status` to answer a request whose response is not known in
        this scope; what the store raises.
        """
        key = self.lookup(request)
        return self.expand(request, None if key is None else _done(_at(store.get, now_ms)(key)))

    def remember(
        self,
        store: Store,
        turn: Expanded,
        response: str | Buffer | Mapping[str, object],
        *,
        origin: str | None = None,
        now_ms: int | None = None,
    ) -> Unrecorded | None:
        """`record` into the store; why there was nothing to record, or None.

        When the store raises, the answer is still good: send it.
        """
        record = self.record(turn, response, origin=origin)
        if not isinstance(record, Record):
            return record
        _done(_at(store.put, now_ms)(*record, self.ttl_s))
        return None

    async def aresolve(
        self, store: AsyncStore, request: str | Buffer | Mapping[str, object], *, now_ms: int | None = None
    ) -> Expanded:
        """`resolve` with a store whose methods are awaited."""
        key = self.lookup(request)
        return self.expand(request, None if key is None else await _at(store.get, now_ms)(key))

    async def aremember(
        self,
        store: AsyncStore,
        turn: Expanded,
        response: str | Buffer | Mapping[str, object],
        *,
        origin: str | None = None,
        now_ms: int | None = None,
    ) -> Unrecorded | None:
        """`remember` with a store whose methods are awaited."""
        record = self.record(turn, response, origin=origin)
        if not isinstance(record, Record):
            return record
        await _at(store.put, now_ms)(*record, self.ttl_s)
        return None


def _at(method: Any, now_ms: int | None) -> Any:
    """Only a store that was given a time needs to know of it."""
    return method if now_ms is None else lambda *given: method(*given, now_ms=now_ms)


def _done(result: Any) -> Any:
    """What is never awaited is never stored, and nobody would notice."""
    if inspect.isawaitable(result):
        if inspect.iscoroutine(result):
            result.close()
        raise TypeError("the store is asynchronous: use aresolve and aremember")
    return result
