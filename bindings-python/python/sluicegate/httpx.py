"""Transports of httpx for upstreams that speak one dialect only.

    openai.OpenAI(http_client=httpx.Client(transport=SluicegateTransport(upstream="responses")), base_url=…)

- `upstream="responses"`, one that only streams `/responses`: `POST …/chat/completions`, `POST …/responses`
  and `POST …/messages` go there.
- `upstream="chat"`, a server that only speaks `/chat/completions`: `POST …/responses` and `POST …/messages`
  go there. Each answer has a random id of its own: chat servers leave ids out, or repeat them.
- `upstream="messages"`, a server of Anthropic's API: `POST …/chat/completions` and `POST …/responses` go
  there. Each answer has the time of its request: these servers give none.

Otherwise they are alike, and so is `AsyncSluicegateTransport`:

- The base URL stays, the request becomes one that the upstream takes; anything else passes through
  untouched.
- Streams stay streams; for `stream: false` those of an upstream that only streams are collected. Closing the
  response closes the upstream's.
- The client's key goes where the upstream reads it: `x-api-key` of Messages, else `authorization: Bearer`.
- A request that must not be sent is answered with its status and envelope, and so are the upstream's errors,
  in the client's form.
- A failure before any output becomes an HTTP error status. After output has started it is sent inside the
  stream, in the client's format. An answer that breaks off is such a failure.
- httpx's errors are raised only where no answer began.
- A store that fails while it records costs the record, not the answer; the log `sluicegate` has a warning.

As with any transport of one's own, httpx takes no proxies from the environment: give them to the inner one.
The same for httpx2, which the types of `openai` 3 name, is in `sluicegate.httpx2`.
"""

from __future__ import annotations

import httpx

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


class SluicegateTransport(SyncByUpstream[httpx.BaseTransport], httpx.BaseTransport, package=httpx):
    """A transport for `httpx.Client`; see the module."""


class AsyncSluicegateTransport(
    AsyncByUpstream[httpx.AsyncBaseTransport], httpx.AsyncBaseTransport, package=httpx
):
    """A transport for `httpx.AsyncClient`; see the module."""


class ResponsesTransport(SyncOverResponses[httpx.BaseTransport], httpx.BaseTransport, package=httpx):
    """`SluicegateTransport(upstream="responses")`."""


class AsyncResponsesTransport(
    AsyncOverResponses[httpx.AsyncBaseTransport], httpx.AsyncBaseTransport, package=httpx
):
    """`AsyncSluicegateTransport(upstream="responses")`."""


class ChatBackendTransport(SyncOverChat[httpx.BaseTransport], httpx.BaseTransport, package=httpx):
    """`SluicegateTransport(upstream="chat")`."""


class AsyncChatBackendTransport(
    AsyncOverChat[httpx.AsyncBaseTransport], httpx.AsyncBaseTransport, package=httpx
):
    """`AsyncSluicegateTransport(upstream="chat")`."""
