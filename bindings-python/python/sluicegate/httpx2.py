"""`sluicegate.httpx`, whose words hold here too, over httpx2: what the clients of `openai` 3 are made of."""

from __future__ import annotations

import httpx2

from sluicegate._transports import (
    AsyncByUpstream,
    AsyncOverChat,
    AsyncOverResponses,
    SyncByUpstream,
    SyncOverChat,
    SyncOverResponses,
)

__all__ = [
    "AsyncChatBackendTransport",
    "AsyncResponsesTransport",
    "AsyncSluicegateTransport",
    "ChatBackendTransport",
    "ResponsesTransport",
    "SluicegateTransport",
]


class SluicegateTransport(SyncByUpstream[httpx2.BaseTransport], httpx2.BaseTransport, package=httpx2):
    """A transport for `httpx2.Client`; see the module."""


class AsyncSluicegateTransport(
    AsyncByUpstream[httpx2.AsyncBaseTransport], httpx2.AsyncBaseTransport, package=httpx2
):
    """A transport for `httpx2.AsyncClient`; see the module."""


class ResponsesTransport(SyncOverResponses[httpx2.BaseTransport], httpx2.BaseTransport, package=httpx2):
    """`SluicegateTransport(upstream="responses")`."""


class AsyncResponsesTransport(
    AsyncOverResponses[httpx2.AsyncBaseTransport], httpx2.AsyncBaseTransport, package=httpx2
):
    """`AsyncSluicegateTransport(upstream="responses")`."""


class ChatBackendTransport(SyncOverChat[httpx2.BaseTransport], httpx2.BaseTransport, package=httpx2):
    """`SluicegateTransport(upstream="chat")`."""


class AsyncChatBackendTransport(
    AsyncOverChat[httpx2.AsyncBaseTransport], httpx2.AsyncBaseTransport, package=httpx2
):
    """`AsyncSluicegateTransport(upstream="chat")`."""
