"""`sluicegate.httpx`, whose words hold here too, over httpx2: what the clients of `openai` 3 are made of."""

from __future__ import annotations

import httpx2

from sluicegate._transports import AsyncOverChat, AsyncOverResponses, SyncOverChat, SyncOverResponses

__all__ = [
    "AsyncChatBackendTransport",
    "AsyncResponsesTransport",
    "ChatBackendTransport",
    "ResponsesTransport",
]


class ResponsesTransport(SyncOverResponses[httpx2.BaseTransport], httpx2.BaseTransport, package=httpx2):
    """A transport for `httpx2.Client`; see the module."""


class AsyncResponsesTransport(
    AsyncOverResponses[httpx2.AsyncBaseTransport], httpx2.AsyncBaseTransport, package=httpx2
):
    """A transport for `httpx2.AsyncClient`; see the module."""


class ChatBackendTransport(SyncOverChat[httpx2.BaseTransport], httpx2.BaseTransport, package=httpx2):
    """A transport for `httpx2.Client`, to a server that speaks only chat; see the module."""


class AsyncChatBackendTransport(
    AsyncOverChat[httpx2.AsyncBaseTransport], httpx2.AsyncBaseTransport, package=httpx2
):
    """A transport for `httpx2.AsyncClient`, to a server that speaks only chat; see the module."""
