"""`sluicegate.httpx`, whose words hold here too, over httpx2: what the clients of `openai` 3 are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2

from sluicegate.directions import ToChat, ToResponses
from sluicegate.transport import AsyncBody, AsyncTransport, Body, SyncTransport

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from sluicegate.continuation_types import AsyncStore, Store
    from sluicegate.transport_types import ChatBackendOptions, TransportOptions

__all__ = [
    "AsyncChatBackendTransport",
    "AsyncResponsesTransport",
    "ChatBackendTransport",
    "ResponsesTransport",
]


class _Body(Body, httpx2.SyncByteStream):
    pass


class _AsyncBody(AsyncBody, httpx2.AsyncByteStream):
    pass


class ResponsesTransport(SyncTransport, httpx2.BaseTransport):
    """A transport for `httpx2.Client`; see the module."""

    _direction, _response, _body = ToResponses, httpx2.Response, _Body

    def __init__(
        self,
        inner: httpx2.BaseTransport | None = None,
        *,
        store: Store | None = None,
        **options: Unpack[TransportOptions],
    ) -> None:
        """`inner`: what sends, by default httpx2's own. Raises `Error` (`invalid_option`)."""
        super().__init__(inner or httpx2.HTTPTransport(), store, options)


class AsyncResponsesTransport(AsyncTransport, httpx2.AsyncBaseTransport):
    """A transport for `httpx2.AsyncClient`; see the module."""

    _direction, _response, _body = ToResponses, httpx2.Response, _AsyncBody

    def __init__(
        self,
        inner: httpx2.AsyncBaseTransport | None = None,
        *,
        store: AsyncStore | Store | None = None,
        **options: Unpack[TransportOptions],
    ) -> None:
        """`inner`: what sends, by default httpx2's own. Raises `Error` (`invalid_option`).

        A store that is not awaited must not wait: `MemoryStore`.
        """
        super().__init__(inner or httpx2.AsyncHTTPTransport(), store, options)


class ChatBackendTransport(SyncTransport, httpx2.BaseTransport):
    """A transport for `httpx2.Client`, to a server that speaks only chat; see the module."""

    _direction, _response, _body = ToChat, httpx2.Response, _Body

    def __init__(
        self,
        inner: httpx2.BaseTransport | None = None,
        *,
        store: Store | None = None,
        **options: Unpack[ChatBackendOptions],
    ) -> None:
        """`inner`: what sends, by default httpx2's own. Raises `Error` (`invalid_option`)."""
        super().__init__(inner or httpx2.HTTPTransport(), store, options)


class AsyncChatBackendTransport(AsyncTransport, httpx2.AsyncBaseTransport):
    """A transport for `httpx2.AsyncClient`, to a server that speaks only chat; see the module."""

    _direction, _response, _body = ToChat, httpx2.Response, _AsyncBody

    def __init__(
        self,
        inner: httpx2.AsyncBaseTransport | None = None,
        *,
        store: AsyncStore | Store | None = None,
        **options: Unpack[ChatBackendOptions],
    ) -> None:
        """`inner`: what sends, by default httpx2's own. Raises `Error` (`invalid_option`).

        A store that is not awaited must not wait: `MemoryStore`.
        """
        super().__init__(inner or httpx2.AsyncHTTPTransport(), store, options)
