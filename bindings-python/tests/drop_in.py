"""The official clients over our transports, sync and async, as one."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from threading import Lock
from typing import Any

import httpx
import httpx2
import openai
import sluicegate.httpx
import sluicegate.httpx2
from streams import sse

TEXT = "Hello from the strict backend."
HI: list[Any] = [{"role": "user", "content": "Hi"}]
ASK: dict[str, Any] = {"model": "gpt-5.5", "messages": HI}
KEY: dict[str, Any] = {"api_key": "sk-test", "max_retries": 0}

CREATED = sse({"type": "response.created", "response": {"id": "resp_1", "status": "in_progress"}})
DELTA = sse({"type": "response.output_text.delta", "delta": "Hello"})
DONE = sse({"type": "response.completed", "response": {"id": "resp_1", "status": "completed"}})


def package(request: Any) -> Any:
    """Whose request it is: httpx or httpx2."""
    return sys.modules[type(request).__module__]


class Recorded(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Plain HTTP, which keeps what was sent and what was closed."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.responses: list[Any] = []
        self.inner: Any = None
        self.lock = Lock()

    def handle_request(self, request: Any) -> Any:
        with self.lock:
            self.inner = self.inner or package(request).HTTPTransport()
        self.sent.append(request)
        self.responses.append(self.inner.handle_request(request))
        return self.responses[-1]

    async def handle_async_request(self, request: Any) -> Any:
        self.inner = self.inner or package(request).AsyncHTTPTransport()
        self.sent.append(request)
        self.responses.append(await self.inner.handle_async_request(request))
        return self.responses[-1]

    def close(self) -> None:
        if self.inner is not None:
            self.inner.close()

    async def aclose(self) -> None:
        if self.inner is not None:
            await self.inner.aclose()


class Sync:
    """Each call on a client of its own; a stream is the list of what came."""

    http: Any = httpx
    ours: Any = sluicegate.httpx

    def __init__(self, base_url: str, transport: str = "ResponsesTransport", **known: Any) -> None:
        self.base_url, self.transport, self.known = base_url, transport, KEY | known

    def call(self, inner: Any, method: str, options: dict[str, Any], asked: dict[str, Any]) -> Any:
        transport = getattr(self.ours, self.transport)(inner, **options)
        with self.http.Client(transport=transport, follow_redirects=True) as http:  # as the SDK
            client: Any = openai.OpenAI(http_client=http, base_url=self.base_url, **self.known)
            if method == "helper":
                with client.chat.completions.stream(**asked) as stream:
                    return stream.get_final_completion()
            if method == "responses_helper":
                with client.responses.stream(**asked) as stream:
                    return list(stream)
            verb = client.chat.completions.create if method == "chat" else client.responses.create
            answer = verb(**asked)
            return list(answer) if asked.get("stream") else answer

    def chat(self, *, inner: Any = None, options: Any = None, **asked: Any) -> Any:
        return self.call(inner or Recorded(), "chat", options or {}, asked)

    def helper(self, *, inner: Any = None, options: Any = None, **asked: Any) -> Any:
        return self.call(inner or Recorded(), "helper", options or {}, asked)

    def responses(self, *, inner: Any = None, options: Any = None, **asked: Any) -> Any:
        return self.call(inner or Recorded(), "responses", options or {}, asked)

    def responses_helper(self, *, inner: Any = None, options: Any = None, **asked: Any) -> Any:
        return self.call(inner or Recorded(), "responses_helper", options or {}, asked)


class Async(Sync):
    def call(self, inner: Any, method: str, options: dict[str, Any], asked: dict[str, Any]) -> Any:
        return asyncio.run(self.acall(inner, method, options, asked))

    async def acall(self, inner: Any, method: str, options: dict[str, Any], asked: dict[str, Any]) -> Any:
        transport = getattr(self.ours, "Async" + self.transport)(inner, **options)
        async with self.http.AsyncClient(transport=transport, follow_redirects=True) as http:
            client: Any = openai.AsyncOpenAI(http_client=http, base_url=self.base_url, **self.known)
            if method == "helper":
                async with client.chat.completions.stream(**asked) as stream:
                    return await stream.get_final_completion()
            if method == "responses_helper":
                async with client.responses.stream(**asked) as stream:
                    return [event async for event in stream]
            verb = client.chat.completions.create if method == "chat" else client.responses.create
            answer = await verb(**asked)
            return [part async for part in answer] if asked.get("stream") else answer


class Sync2(Sync):
    http, ours = httpx2, sluicegate.httpx2


class Async2(Async):
    http, ours = httpx2, sluicegate.httpx2


class Bytes(httpx.SyncByteStream, httpx.AsyncByteStream, httpx2.SyncByteStream, httpx2.AsyncByteStream):
    """A body in chunks, an exception among them being raised; it knows how far it was read."""

    def __init__(self, *chunks: bytes | BaseException) -> None:
        self.chunks = chunks
        self.read = 0
        self.is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self.chunks:
            self.read += 1
            if isinstance(chunk, BaseException):
                raise chunk
            yield chunk

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self:
            yield chunk

    def close(self) -> None:
        self.is_closed = True

    async def aclose(self) -> None:
        self.is_closed = True


class Mocked(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport that answers with one stream, to either package."""

    def __init__(self, stream: Bytes, status: int, headers: dict[str, str]) -> None:
        self.stream, self.status, self.headers = stream, status, headers

    def handle_request(self, request: Any) -> Any:
        return package(request).Response(self.status, stream=self.stream, headers=self.headers)

    async def handle_async_request(self, request: Any) -> Any:
        return self.handle_request(request)


def mocked(stream: Bytes, status: int = 200, **headers: str) -> Any:
    return Mocked(stream, status, headers)


def text_of(chunks: list[Any]) -> str:
    return "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
