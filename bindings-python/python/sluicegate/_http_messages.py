"""HTTP requests and responses, as httpx and httpx2 have them.

Input: a client's request; an answer; an upstream's response. Output: the upstream's request; a response; the
bytes of the upstream's body. State: none.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from sluicegate._dialects import RouteMatch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from sluicegate._answers import Answer
    from sluicegate._transport_call import TransportCall

__all__ = ["adecoded", "decoded", "is_redirect", "now_ms", "redirected", "response", "sent"]

NOT_PASSED = {
    *("content-type", "content-length", "content-encoding", "transfer-encoding", "connection"),
    *("retry-after", "retry-after-ms"),
}

REDIRECTED = "sluicegate.redirected"
"""An extension of a request that was redirected: its URL and its client. The one that follows has it, too."""
CODING = "content-encoding"
AT_ONCE = {"gzip": 1024, "deflate": 1024, "br": 16, "zstd": 16}
"""Bytes of a body that are decoded at once, by its coding. A few bytes of brotli can be 16 MiB."""


def _at_once(upstream: Any) -> int | None:
    """None: httpx has nothing to decode."""
    names = [name.strip().lower() for name in upstream.headers.get(CODING, "").split(",")]
    sizes = [AT_ONCE[name] for name in names if name in AT_ONCE]
    return min(sizes) if sizes and not upstream.is_stream_consumed else None


def decoded(package: Any, upstream: Any) -> Iterator[bytes]:
    """The bytes of a body. httpx decodes at once what it reads at once, and of a bomb that is all."""
    if (size := _at_once(upstream)) is not None:
        chunks = upstream.iter_raw()
        pieces = (chunk[at : at + size] for chunk in chunks for at in range(0, len(chunk), size))
        upstream = package.Response(200, headers=_coding(upstream), content=pieces)
    found: Iterator[bytes] = upstream.iter_bytes()
    return found


def adecoded(package: Any, upstream: Any) -> AsyncIterator[bytes]:
    """As `decoded`."""
    if (size := _at_once(upstream)) is not None:
        chunks = upstream.aiter_raw()
        pieces = (chunk[at : at + size] async for chunk in chunks for at in range(0, len(chunk), size))
        upstream = package.Response(200, headers=_coding(upstream), content=pieces)
    found: AsyncIterator[bytes] = upstream.aiter_bytes()
    return found


def _coding(upstream: Any) -> dict[str, str]:
    return {CODING: upstream.headers[CODING]}


def sent(request: Any, call: TransportCall) -> Any:
    return type(request)(
        request.method,
        request.url.copy_with(raw_path=call.path.upstream),
        headers=call.headers(request.headers.multi_items()),
        content=call.body,
        extensions=request.extensions,
    )


def is_redirect(request: Any, path: RouteMatch, upstream: Any) -> bool:
    """Whether the client is to send the same request elsewhere. Of other redirects it would make a GET."""
    if upstream.status_code not in (307, 308) or "location" not in upstream.headers:
        return False
    request.extensions[REDIRECTED] = (request.url, path.client)
    return True


def redirected(request: Any) -> RouteMatch | None:
    """Of a request that follows a redirect, which leads to a path of the upstream's."""
    url, client = request.extensions.get(REDIRECTED, (request.url, None))
    return None if url == request.url else RouteMatch(request.url.raw_path, client)


def response(kind: Any, answer: Answer, upstream: Any = None, body: object = None) -> Any:
    theirs = [] if upstream is None else upstream.headers.multi_items()
    passed = [(name, value) for name, value in theirs if name.lower() not in NOT_PASSED]
    headers = [*passed, *answer.headers.items()]
    if body is not None:
        return kind(answer.status, headers=headers, stream=body)
    return kind(answer.status, headers=headers, content=answer.body)


def now_ms() -> int:
    return time.time_ns() // 1_000_000
