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
from sluicegate.types import Error

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from typing_extensions import Buffer

    from sluicegate.continuation_types import AsyncStore, Expanded, Store, Unrecorded

__all__ = ["Continuation", "asave", "save"]

ENDS_CHAIN = "unknown_call"
"""After it a response cannot be continued: its record is taken out of the store."""


class Continuation(_native.Continuation):
    """`previous_response_id` for backends that store nothing.

    `scope` is the tenant: what is recorded in one is found in no other. A continuation never changes; any
    number of threads may use it. Records are plain text: whoever reads the store reads every prompt; whoever
    writes to it can forge a record, unless there are `mac_keys`.

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
        try:
            return self.expand(request, None if key is None else _done(_at(store.get, now_ms)(key)))
        except Error as error:
            if error.code == ENDS_CHAIN:
                _done(_at(store.put, now_ms)(key, b"", 0))
            raise

    def remember(
        self,
        store: Store,
        turn: Expanded,
        response: str | Buffer | Mapping[str, object],
        *,
        origin: str | None = None,
        now_ms: int | None = None,
    ) -> Unrecorded | None:
        """`record` into the store; why nothing was recorded, or None.

        The store keeps an earlier record of that id: `id_taken`. When the store raises, the answer is still
        good: send it.
        """
        record = self.record(turn, response, origin=origin)
        return save(self, store, record, now_ms=now_ms) if isinstance(record, Record) else record

    async def aresolve(
        self,
        store: AsyncStore | Store,
        request: str | Buffer | Mapping[str, object],
        *,
        now_ms: int | None = None,
    ) -> Expanded:
        """`resolve` with a store whose methods may be awaited."""
        key = self.lookup(request)
        try:
            return self.expand(request, None if key is None else await _awaited(_at(store.get, now_ms)(key)))
        except Error as error:
            if error.code == ENDS_CHAIN:
                await _awaited(_at(store.put, now_ms)(key, b"", 0))
            raise

    async def aremember(
        self,
        store: AsyncStore | Store,
        turn: Expanded,
        response: str | Buffer | Mapping[str, object],
        *,
        origin: str | None = None,
        now_ms: int | None = None,
    ) -> Unrecorded | None:
        """`remember` with a store whose methods may be awaited."""
        record = self.record(turn, response, origin=origin)
        return await asave(self, store, record, now_ms=now_ms) if isinstance(record, Record) else record


def save(
    tenant: Continuation, store: Store, record: Record, *, now_ms: int | None = None
) -> Unrecorded | None:
    """Puts a record into the store, unless there is another one of that id."""
    steps, result = _saving(tenant, store, record, now_ms), None
    while True:
        try:
            result = _done(steps.send(result))
        except StopIteration as end:
            return None if end.value else "id_taken"


async def asave(
    tenant: Continuation, store: AsyncStore | Store, record: Record, *, now_ms: int | None = None
) -> Unrecorded | None:
    """`save` with a store whose methods may be awaited."""
    steps, result = _saving(tenant, store, record, now_ms), None
    while True:
        try:
            result = await _awaited(steps.send(result))
        except StopIteration as end:
            return None if end.value else "id_taken"


def _saving(
    tenant: Continuation, store: Any, record: Record, now_ms: int | None
) -> Generator[Any, Any, bool]:
    """Yields what the store's methods return, and is sent what they come to; returns whether it was kept."""
    if put_new := getattr(store, "put_new", None):
        return bool((yield _at(put_new, now_ms)(*record, tenant.ttl_s, tenant.tenant)))
    if (kept := (yield _at(store.get, now_ms)(record.key))) is not None:
        return bool(kept == record.value)
    yield _at(store.put, now_ms)(*record, tenant.ttl_s)
    return True


def _at(method: Any, now_ms: int | None) -> Any:
    """Only a store that was given a time needs to know of it."""
    return method if now_ms is None else lambda *given: method(*given, now_ms=now_ms)


async def _awaited(result: Any) -> Any:
    return await result if inspect.isawaitable(result) else result


def _done(result: Any) -> Any:
    """What is never awaited is never stored, and nobody would notice."""
    if inspect.isawaitable(result):
        if inspect.iscoroutine(result):
            result.close()
        raise TypeError("the store is asynchronous: use aresolve and aremember")
    return result
