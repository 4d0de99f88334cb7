"""The transports of `sluicegate.httpx` and `sluicegate.httpx2`, once for both packages.

`Inner` is the package's class of transports, which the types of its clients ask for. A subclass names the
package for all else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from sluicegate._directions import ToChat, ToResponses
from sluicegate._transport import AsyncTransport, SyncTransport

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from sluicegate.continuation_types import AsyncStore, Store
    from sluicegate.transport_types import ChatBackendOptions, TransportOptions

__all__ = ["AsyncOverChat", "AsyncOverResponses", "SyncOverChat", "SyncOverResponses"]

Inner = TypeVar("Inner")


class SyncOverResponses(SyncTransport, Generic[Inner]):
    _direction = ToResponses

    def __init__(
        self, inner: Inner | None = None, *, store: Store | None = None, **options: Unpack[TransportOptions]
    ) -> None:
        """`inner`: what sends, by default the package's own. Raises `Error` (`invalid_option`)."""
        super().__init__(inner, store, options)


class SyncOverChat(SyncTransport, Generic[Inner]):
    _direction = ToChat

    def __init__(
        self, inner: Inner | None = None, *, store: Store | None = None, **options: Unpack[ChatBackendOptions]
    ) -> None:
        """`inner`: what sends, by default the package's own. Raises `Error` (`invalid_option`)."""
        super().__init__(inner, store, options)


class AsyncOverResponses(AsyncTransport, Generic[Inner]):
    _direction = ToResponses

    def __init__(
        self,
        inner: Inner | None = None,
        *,
        store: AsyncStore | Store | None = None,
        **options: Unpack[TransportOptions],
    ) -> None:
        """`inner`: what sends, by default the package's own. Raises `Error` (`invalid_option`).

        A store that is not awaited must not wait: `MemoryStore`.
        """
        super().__init__(inner, store, options)


class AsyncOverChat(AsyncTransport, Generic[Inner]):
    _direction = ToChat

    def __init__(
        self,
        inner: Inner | None = None,
        *,
        store: AsyncStore | Store | None = None,
        **options: Unpack[ChatBackendOptions],
    ) -> None:
        """`inner`: what sends, by default the package's own. Raises `Error` (`invalid_option`).

        A store that is not awaited must not wait: `MemoryStore`.
        """
        super().__init__(inner, store, options)
