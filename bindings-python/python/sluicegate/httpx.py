"""Enters: an httpx transport. Leaves: one for upstreams that speak one dialect only.

    openai.OpenAI(http_client=httpx.Client(transport=ResponsesTransport(profile="codex")), base_url=…)

- `ResponsesTransport`, for upstreams that only stream `/responses`: `POST …/chat/completions` and
  `POST …/responses` go there.
- `ChatBackendTransport`, for servers that only speak `/chat/completions`: `POST …/responses` goes there.

They and their `Async` twins are alike otherwise:

- The base URL stays, the request becomes one that the profile's backend takes; anything else passes through
  untouched.
- Streams stay streams; for `stream: false` those of an upstream that only streams are collected. Closing the
  response closes the upstream's.
- A request that must not be sent is answered with its status and envelope, and so are the upstream's errors.
- While nothing has come but a failure, the answer is an HTTP error; after that it is what its dialect has.
- An answer that breaks off is such a failure. httpx's errors are raised only where no answer began.
- A store that fails while it records costs the record, not the answer; the log `sluicegate` has a warning.

As with any transport of one's own, httpx takes no proxies from the environment: give them to the inner one.
The same for httpx2, which the types of `openai` 3 name, is in `sluicegate.httpx2`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

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


class _Body(Body, httpx.SyncByteStream):
    pass


class _AsyncBody(AsyncBody, httpx.AsyncByteStream):
    pass


class ResponsesTransport(SyncTransport, httpx.BaseTransport):
    """A transport for `httpx.Client`; see the module."""

    _direction, _response, _body = ToResponses, httpx.Response, _Body

    def __init__(
        self,
        inner: httpx.BaseTransport | None = None,
        *,
        store: Store | None = None,
        **options: Unpack[TransportOptions],
    ) -> None:
        """`inner`: what sends, by default httpx's own. Raises `Error` (`invalid_option`)."""
        super().__init__(inner or httpx.HTTPTransport(), store, options)


class AsyncResponsesTransport(AsyncTransport, httpx.AsyncBaseTransport):
    """A transport for `httpx.AsyncClient`; see the module."""

    _direction, _response, _body = ToResponses, httpx.Response, _AsyncBody

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport | None = None,
        *,
        store: AsyncStore | Store | None = None,
        **options: Unpack[TransportOptions],
    ) -> None:
        """`inner`: what sends, by default httpx's own. Raises `Error` (`invalid_option`).

        A store that is not awaited must not wait: `MemoryStore`.
        """
        super().__init__(inner or httpx.AsyncHTTPTransport(), store, options)


class ChatBackendTransport(SyncTransport, httpx.BaseTransport):
    """A transport for `httpx.Client`, to a server that speaks only chat; see the module."""

    _direction, _response, _body = ToChat, httpx.Response, _Body

    def __init__(
        self,
        inner: httpx.BaseTransport | None = None,
        *,
        store: Store | None = None,
        **options: Unpack[ChatBackendOptions],
    ) -> None:
        """`inner`: what sends, by default httpx's own. Raises `Error` (`invalid_option`)."""
        super().__init__(inner or httpx.HTTPTransport(), store, options)


class AsyncChatBackendTransport(AsyncTransport, httpx.AsyncBaseTransport):
    """A transport for `httpx.AsyncClient`, to a server that speaks only chat; see the module."""

    _direction, _response, _body = ToChat, httpx.Response, _AsyncBody

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport | None = None,
        *,
        store: AsyncStore | Store | None = None,
        **options: Unpack[ChatBackendOptions],
    ) -> None:
        """`inner`: what sends, by default httpx's own. Raises `Error` (`invalid_option`).

        A store that is not awaited must not wait: `MemoryStore`.
        """
        super().__init__(inner or httpx.AsyncHTTPTransport(), store, options)
