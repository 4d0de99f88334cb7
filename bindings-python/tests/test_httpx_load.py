"""Many streams at once, in pieces of any size; and clients that are slower than the upstream."""

from __future__ import annotations

import asyncio
import socket
import time
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from random import Random
from threading import Thread
from typing import Any

import httpx
import openai
from drop_in import ASK, CREATED, DONE, HI, KEY, TEXT, Recorded, text_of
from sluicegate.httpx import AsyncResponsesTransport, ResponsesTransport
from streams import delta, sse

STREAMS = 100
TOOLS = [{"type": "function", "function": {"name": name, "parameters": {"type": "object"}}} for name in "fg"]
USE = {"messages": [{"role": "user", "content": "Use the tools."}], "tools": TOOLS}
ASKED: list[dict[str, Any]] = [{"model": "slow", "messages": HI}, {"model": "gpt-5.5", **USE}]


class Chopped(Recorded):
    """Plain HTTP, whose answers come in pieces of 1 to 16 bytes, as the number of each says."""

    def __init__(self) -> None:
        super().__init__()
        self.seeds = count()

    def handle_request(self, request: Any) -> Any:
        return self.chopped(super().handle_request(request))

    async def handle_async_request(self, request: Any) -> Any:
        return self.chopped(await super().handle_async_request(request))

    def chopped(self, response: Any) -> Any:
        response.stream = Pieces(response.stream, Random(next(self.seeds)))
        return response


class Pieces(httpx.SyncByteStream, httpx.AsyncByteStream):
    def __init__(self, whole: Any, random: Random) -> None:
        self.whole, self.random = whole, random

    def cut(self, chunk: bytes) -> Iterator[bytes]:
        while chunk:
            at = self.random.randint(1, 16)
            yield chunk[:at]
            chunk = chunk[at:]

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self.whole:
            yield from self.cut(chunk)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self.whole:
            for piece in self.cut(chunk):
                yield piece

    def close(self) -> None:
        self.whole.close()

    async def aclose(self) -> None:
        await self.whole.aclose()


def options(nth: int) -> dict[str, Any]:
    return {**ASKED[nth % 2], "stream": True, "stream_options": {"include_usage": True}}


def check(streams: list[list[Any]]) -> None:
    """Nothing is lost, and nothing is another stream's."""
    assert len({chunk.id for chunks in streams for chunk in chunks}) == len(streams) == STREAMS
    for chunks in streams[::2]:
        assert text_of(chunks) == TEXT
    for chunks in streams[1::2]:
        calls = [
            call for chunk in chunks for choice in chunk.choices for call in choice.delta.tool_calls or []
        ]
        arguments = ["".join(call.function.arguments for call in calls if call.index == at) for at in (0, 1)]
        assert arguments == ['{"q":1}', '{"q":2}']
    for chunks in streams:
        assert len({chunk.id for chunk in chunks}) == 1
        assert [choice.finish_reason for chunk in chunks for choice in chunk.choices][-1] in (
            "stop",
            "tool_calls",
        )
        assert chunks[-1].usage.total_tokens == 19


def test_a_hundred_streams_in_threads(base_url: str) -> None:
    with httpx.Client(transport=ResponsesTransport(Chopped()), timeout=60) as http:
        client: Any = openai.OpenAI(http_client=http, base_url=base_url, **KEY)

        def one(nth: int) -> list[Any]:
            return list(client.chat.completions.create(**options(nth)))

        with ThreadPoolExecutor(STREAMS) as threads:
            check(list(threads.map(one, range(STREAMS))))


def test_a_hundred_streams_in_tasks(base_url: str) -> None:
    async def run() -> list[list[Any]]:
        async with httpx.AsyncClient(transport=AsyncResponsesTransport(Chopped()), timeout=60) as http:
            client: Any = openai.AsyncOpenAI(http_client=http, base_url=base_url, **KEY)

            async def one(nth: int) -> list[Any]:
                return [chunk async for chunk in await client.chat.completions.create(**options(nth))]

            return await asyncio.gather(*map(one, range(STREAMS)))

    check(asyncio.run(run()))


class Gushing:
    """An upstream on a socket that sends 32 MiB of text, as fast as it can; it counts what it got rid of."""

    text = "x" * 16_000
    deltas = 2000

    def __init__(self) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.server.getsockname()[1]}/v1/chat/completions"
        self.sent = 0
        self.thread = Thread(target=self.serve)

    def serve(self) -> None:
        connection, _ = self.server.accept()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 16)
        with connection:
            connection.recv(1 << 16)
            connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n" + CREATED)
            event = sse(delta(self.text))
            for _ in range(self.deltas):
                connection.sendall(event)
                self.sent += 1
            connection.sendall(DONE)

    def stalls(self) -> bool:
        """Whether it stops before its end, for half a second."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self.sent < self.deltas:
            before = self.sent
            time.sleep(0.5)
            if before and self.sent == before:
                return True
        return False

    def __enter__(self) -> Gushing:
        self.thread.start()
        tracemalloc.start()
        return self

    def __exit__(self, *_: object) -> None:
        tracemalloc.stop()
        self.thread.join()
        self.server.close()

    def check(self, read: int) -> None:
        """All of it came, and never was more than a little of it kept."""
        assert self.sent == self.deltas and read > self.deltas * len(self.text)
        assert tracemalloc.get_traced_memory()[1] < 4 << 20


def test_a_slow_client_stalls_the_upstream() -> None:
    with (
        Gushing() as upstream,
        httpx.Client(transport=ResponsesTransport(), timeout=60) as http,
        http.stream("POST", upstream.url, json=ASK | {"stream": True}) as response,
    ):
        chunks = response.iter_raw()
        next(chunks)
        assert upstream.stalls()
        upstream.check(sum(map(len, chunks)))


def test_a_slow_task_stalls_the_upstream() -> None:
    async def run(upstream: Gushing) -> None:
        async with (
            httpx.AsyncClient(transport=AsyncResponsesTransport(), timeout=60) as http,
            http.stream("POST", upstream.url, json=ASK | {"stream": True}) as response,
        ):
            chunks = response.aiter_raw()
            await anext(chunks)
            assert await asyncio.to_thread(upstream.stalls)
            upstream.check(sum([len(chunk) async for chunk in chunks]))

    with Gushing() as upstream:
        asyncio.run(run(upstream))
