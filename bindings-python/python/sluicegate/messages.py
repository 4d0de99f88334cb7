"""The requests and responses of `sluicegate.httpx`, as httpx has them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from sluicegate.answers import Answer
    from sluicegate.exchange import Exchange

__all__ = ["now_ms", "response", "sent"]

NOT_PASSED = {
    *("content-type", "content-length", "content-encoding", "transfer-encoding", "connection"),
    *("retry-after", "retry-after-ms"),
}


def sent(request: httpx.Request, exchange: Exchange) -> httpx.Request:
    return httpx.Request(
        request.method,
        request.url.copy_with(raw_path=exchange.path.upstream),
        headers=exchange.headers(request.headers.multi_items()),
        content=exchange.body,
        extensions=request.extensions,
    )


def response(
    answer: Answer,
    upstream: httpx.Response | None = None,
    body: httpx.SyncByteStream | httpx.AsyncByteStream | None = None,
) -> httpx.Response:
    theirs = [] if upstream is None else upstream.headers.multi_items()
    passed = [(name, value) for name, value in theirs if name.lower() not in NOT_PASSED]
    headers = [*passed, *answer.headers.items()]
    if body is not None:
        return httpx.Response(answer.status, headers=headers, stream=body)
    return httpx.Response(answer.status, headers=headers, content=answer.body)


def now_ms() -> int:
    return time.time_ns() // 1_000_000
