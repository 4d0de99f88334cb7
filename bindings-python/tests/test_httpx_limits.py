"""What a client learns of a usage limit, through our transports: when to come back."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from drop_in import Bytes, mocked
from sluicegate.httpx import AsyncSluicegateTransport, SluicegateTransport
from streams import sse

if TYPE_CHECKING:
    from sluicegate import Dialect

MEMBERS = {"plan_type": "plus", "resets_at": 1_767_225_690, "resets_in_seconds": 90}
LIMIT = {"type": "usage_limit_reached", "message": "The usage limit has been reached", **MEMBERS}
HEADERS = {"x-codex-primary-used-percent": "100", "x-codex-primary-reset-after-seconds": "90"}
HI = [{"role": "user", "content": "Hi"}]
ASKED: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {"messages": HI},
    "/v1/responses": {"input": "Hi"},
    "/v1/messages": {"messages": HI, "max_tokens": 64},
}
FAILED = {"type": "response.failed", "response": {"id": "resp_1", "status": "failed", "error": LIMIT}}
ANSWERS: dict[str, tuple[int, bytes]] = {
    "a status": (429, json.dumps({"error": LIMIT}).encode()),
    "an event": (200, sse({"type": "error", "status": 429, "error": LIMIT})),
    "a response": (200, sse({"type": "response.created", "response": {"id": "resp_1"}}) + sse(FAILED)),
    "a late response": (
        200,
        sse({"type": "response.output_text.delta", "delta": "Hi"}) + sse(FAILED),
    ),
}


def ask(
    is_async: bool, inner: Any, path: str, body: dict[str, Any], upstream: Dialect = "responses"
) -> httpx.Response:
    url = f"http://test{path}"

    async def of_async() -> httpx.Response:
        transport = AsyncSluicegateTransport(inner, upstream=upstream)
        async with httpx.AsyncClient(transport=transport) as client:
            return await client.post(url, json=body)

    if is_async:
        return asyncio.run(of_async())
    with httpx.Client(transport=SluicegateTransport(inner, upstream=upstream)) as client:
        return client.post(url, json=body)


def error_of(body: str) -> dict[str, Any]:
    """Of a body, or of the event that has it."""
    events = [json.loads(line[6:]) for line in body.splitlines() if line.startswith("data: {")] or [
        json.loads(body)
    ]
    [found] = [
        error
        for event in events
        for error in [event.get("error"), (event.get("response") or {}).get("error")]
        if error
    ]
    return dict(found)


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("is_stream", [False, True])
@pytest.mark.parametrize("path", ASKED)
@pytest.mark.parametrize("kind", ANSWERS)
def test_a_usage_limit(kind: str, path: str, is_stream: bool, is_async: bool) -> None:
    status, body = ANSWERS[kind]
    headers = {
        **HEADERS,
        "retry-after": "90",
        "content-type": "text/event-stream" if status == 200 else "application/json",
    }
    inner = mocked(Bytes(body), status, **headers)
    got = ask(is_async, inner, path, {"model": "gpt-5.5", "stream": is_stream, **ASKED[path]})
    error = error_of(got.text)
    assert {name: error.get(name) for name in MEMBERS} == MEMBERS
    assert {name: got.headers.get(name) for name in HEADERS} == HEADERS
    # To a Responses client everything of a stream is passed on.
    has_output = kind == "a late response" or (kind == "a response" and path == "/v1/responses")
    if is_stream and has_output:
        assert got.status_code == 200
    else:
        assert (got.status_code, got.headers["retry-after"]) == (429, "90")


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("is_stream", [False, True])
@pytest.mark.parametrize(
    ("upstream", "path"),
    [
        ("chat", "/v1/responses"),
        ("chat", "/v1/messages"),
        ("messages", "/v1/responses"),
        ("messages", "/v1/chat/completions"),
    ],
)
def test_of_another_upstream(upstream: Dialect, path: str, is_stream: bool, is_async: bool) -> None:
    inner = mocked(Bytes(json.dumps({"error": LIMIT}).encode()), 429, **HEADERS, **{"retry-after": "90"})
    got = ask(is_async, inner, path, {"model": "m", "stream": is_stream, **ASKED[path]}, upstream)
    error = error_of(got.text)
    assert {name: error.get(name) for name in MEMBERS} == MEMBERS
    assert {name: got.headers.get(name) for name in HEADERS} == HEADERS
    assert (got.status_code, got.headers["retry-after"]) == (429, "90")
