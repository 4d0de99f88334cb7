"""The transports of `sluicegate.httpx` and `sluicegate.httpx2`, once for both packages.

`Inner` is the package's class of transports, which the types of its clients ask for. A subclass names the
package for all else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from sluicegate._transport import AsyncTransport, SyncTransport

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from sluicegate.continuation_types import AsyncStore, Store
    from sluicegate.transport_types import TransportOptions
    from sluicegate.types import Dialect

__all__ = ["AsyncByUpstream", "AsyncOverChat", "AsyncOverResponses"]
__all__ += ["SyncByUpstream", "SyncOverChat", "SyncOverResponses"]

Inner = TypeVar("Inner")


class SyncByUpstream(SyncTransport, Generic[Inner]):
    def __init__(
        self,
        inner: Inner | None = None,
        *,
        upstream: Dialect,
        store: Store | None = None,
        **options: Unpack[TransportOptions],
    ) -> None:
        """`inner`: what sends, by default the package's own. Raises `Error` (`invalid_option`)."""
        super().__init__(upstream, inner, store, options)


class SyncOverResponses(SyncTransport, Generic[Inner]):
    def __init__(
        self, inner: Inner | None = None, *, store: Store | None = None, **options: Unpack[TransportOptions]
    ) -> None:
        super().__init__("responses", inner, store, options)


class SyncOverChat(SyncTransport, Generic[Inner]):
    def __init__(
        self, inner: Inner | None = None, *, store: Store | None = None, **options: Unpack[TransportOptions]
    ) -> None:
        super().__init__("chat", inner, store, options)


class AsyncByUpstream(AsyncTransport, Generic[Inner]):
    def __init__(
        self,
        inner: Inner | None = None,
        *,
        upstream: Dialect,
        store: AsyncStore | Store | None = None,
        **options: Unpack[TransportOptions],
    ) -> None:
        """`inner`: what sends, by default the package's own. Raises `Error` (`invalid_option`).

        A store that is not awaited must not wait: `MemoryStore`.
        """
        super().__init__(upstream, inner, store, options)


class AsyncOverResponses(AsyncTransport, Generic[Inner]):
    def __init__(
        self,
        inner: Inner | None = None,
        *,
        store: AsyncStore | Store | None = None,
        **options: Unpack[TransportOptions],
    ) -> None:
        super().__init__("responses", inner, store, options)


class AsyncOverChat(AsyncTransport, Generic[Inner]):
    def __init__(
        self,
        inner: Inner | None = None,
        *,
        store: AsyncStore | Store | None = None,
        **options: Unpack[TransportOptions],
    ) -> None:
        super().__init__("chat", inner, store, options)
