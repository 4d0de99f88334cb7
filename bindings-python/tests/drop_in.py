"""The official clients over our transports, sync and async, as one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import openai
from sluicegate.httpx import AsyncResponsesTransport, ResponsesTransport
from streams import sse

TEXT = "Hello from the strict backend."
HI: list[Any] = [{"role": "user", "content": "Hi"}]
ASK: dict[str, Any] = {"model": "gpt-5.5", "messages": HI}
KEY: dict[str, Any] = {"api_key": "sk-test", "max_retries": 0}

CREATED = sse({"type": "response.created", "response": {"id": "resp_1", "status": "in_progress"}})
DELTA = sse({"type": "response.output_text.delta", "delta": "Hello"})
DONE = sse({"type": "response.completed", "response": {"id": "resp_1", "status": "completed"}})


class Recorded(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Plain HTTP, which keeps what was sent and what was closed."""

    def __init__(self) -> None:
        self.sent: list[httpx.Request] = []
        self.responses: list[httpx.Response] = []
        self.sync, self.asyn = httpx.HTTPTransport(), httpx.AsyncHTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        self.responses.append(self.sync.handle_request(request))
        return self.responses[-1]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        self.responses.append(await self.asyn.handle_async_request(request))
        return self.responses[-1]

    def close(self) -> None:
        self.sync.close()

    async def aclose(self) -> None:
        await self.asyn.aclose()


class Sync:
    """Each call on a client of its own; a stream is the list of what came."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url

    def call(self, inner: Any, method: str, options: dict[str, Any], asked: dict[str, Any]) -> Any:
        with httpx.Client(transport=ResponsesTransport(inner, **options)) as http:
            client: Any = openai.OpenAI(http_client=http, base_url=self.base_url, **KEY)
            if method == "helper":
                with client.chat.completions.stream(**asked) as stream:
                    return stream.get_final_completion()
            verb = client.chat.completions.create if method == "chat" else client.responses.create
            answer = verb(**asked)
            return list(answer) if asked.get("stream") else answer

    def chat(self, *, inner: Any = None, options: Any = None, **asked: Any) -> Any:
        return self.call(inner or Recorded(), "chat", options or {}, asked)

    def helper(self, *, inner: Any = None, options: Any = None, **asked: Any) -> Any:
        return self.call(inner or Recorded(), "helper", options or {}, asked)

    def responses(self, *, inner: Any = None, options: Any = None, **asked: Any) -> Any:
        return self.call(inner or Recorded(), "responses", options or {}, asked)


class Async(Sync):
    def call(self, inner: Any, method: str, options: dict[str, Any], asked: dict[str, Any]) -> Any:
        return asyncio.run(self.acall(inner, method, options, asked))

    async def acall(self, inner: Any, method: str, options: dict[str, Any], asked: dict[str, Any]) -> Any:
        async with httpx.AsyncClient(transport=AsyncResponsesTransport(inner, **options)) as http:
            client: Any = openai.AsyncOpenAI(http_client=http, base_url=self.base_url, **KEY)
            if method == "helper":
                async with client.chat.completions.stream(**asked) as stream:
                    return await stream.get_final_completion()
            verb = client.chat.completions.create if method == "chat" else client.responses.create
            answer = await verb(**asked)
            return [part async for part in answer] if asked.get("stream") else answer


class Bytes(httpx.SyncByteStream, httpx.AsyncByteStream):
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


def mocked(stream: Bytes, status: int = 200, **headers: str) -> httpx.MockTransport:
    return httpx.MockTransport(lambda _: httpx.Response(status, stream=stream, headers=headers))


def text_of(chunks: list[Any]) -> str:
    return "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
