"""HTTP requests and responses, as httpx and httpx2 have them.

Input: a client's request; an answer. Output: the upstream's request; a response. State: none.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sluicegate._answers import Answer
    from sluicegate._transport_call import TransportCall

__all__ = ["now_ms", "response", "sent"]

NOT_PASSED = {
    *("content-type", "content-length", "content-encoding", "transfer-encoding", "connection"),
    *("retry-after", "retry-after-ms"),
}


def sent(request: Any, call: TransportCall) -> Any:
    return type(request)(
        request.method,
        request.url.copy_with(raw_path=call.path.upstream),
        headers=call.headers(request.headers.multi_items()),
        content=call.body,
        extensions=request.extensions,
    )


def response(kind: Any, answer: Answer, upstream: Any = None, body: object = None) -> Any:
    theirs = [] if upstream is None else upstream.headers.multi_items()
    passed = [(name, value) for name, value in theirs if name.lower() not in NOT_PASSED]
    headers = [*passed, *answer.headers.items()]
    if body is not None:
        return kind(answer.status, headers=headers, stream=body)
    return kind(answer.status, headers=headers, content=answer.body)


def now_ms() -> int:
    return time.time_ns() // 1_000_000
