"""Streams through our transport: as they come, and no longer than they are wanted."""

from __future__ import annotations

import asyncio
import socket
import time
from threading import Event, Thread
from typing import Any

import httpx
import openai
import pytest
from drop_in import ASK, CREATED, DELTA, DONE, HI, KEY, Bytes, Sync, Sync2, mocked
from sluicegate.httpx import AsyncResponsesTransport, ResponsesTransport
from streams import CHAT


def test_streams_stream(base_url: str) -> None:
    with httpx.Client(transport=ResponsesTransport()) as http:
        slow = openai.OpenAI(http_client=http, base_url=base_url, **KEY)
        stream = slow.chat.completions.create(model="slow", messages=HI, stream=True)
        seen = [time.monotonic() for _ in stream]
    assert seen[-1] - seen[0] > 0.15


def test_streams_stream_asynchronously(base_url: str) -> None:
    async def run() -> list[float]:
        async with httpx.AsyncClient(transport=AsyncResponsesTransport()) as http:
            slow = openai.AsyncOpenAI(http_client=http, base_url=base_url, **KEY)
            stream = await slow.chat.completions.create(model="slow", messages=HI, stream=True)
            return [time.monotonic() async for _ in stream]

    seen = asyncio.run(run())
    assert seen[-1] - seen[0] > 0.15


def test_closing_closes_the_upstream() -> None:
    upstream = Bytes(CREATED, DELTA, DELTA, DONE)
    with httpx.Client(transport=ResponsesTransport(mocked(upstream)), base_url="http://test") as http:
        with http.stream("POST", "/v1/chat/completions", json=ASK | {"stream": True}) as response:
            assert response.headers["content-type"] == "text/event-stream"
            next(response.iter_raw())
            assert (upstream.read, upstream.is_closed) == (2, False)
        assert (upstream.read, upstream.is_closed) == (2, True)


@pytest.mark.parametrize("is_cancelled", [False, True])
def test_closing_closes_the_upstream_asynchronously(is_cancelled: bool) -> None:
    upstream = Bytes(CREATED, DELTA, DELTA, DONE)

    async def read(http: httpx.AsyncClient) -> None:
        async with http.stream("POST", "/v1/chat/completions", json=ASK | {"stream": True}) as response:
            await anext(response.aiter_raw())
            assert not upstream.is_closed
            if is_cancelled:
                await asyncio.sleep(60)

    async def run() -> None:
        transport = AsyncResponsesTransport(mocked(upstream))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            task = asyncio.create_task(read(http))
            if is_cancelled:
                await asyncio.sleep(0.05)
                task.cancel()
            await asyncio.wait([task])
            assert (upstream.read, upstream.is_closed) == (2, True)

    asyncio.run(run())


def test_cancelling_before_the_first_byte() -> None:
    class Silent(Bytes):
        async def __aiter__(self) -> Any:
            yield CREATED
            await asyncio.sleep(60)

    upstream = Silent()

    async def run() -> None:
        async with httpx.AsyncClient(transport=AsyncResponsesTransport(mocked(upstream))) as http:
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(http.post("http://test/chat/completions", json=ASK), 0.05)
        assert upstream.is_closed

    asyncio.run(run())


class Lingering:
    """An upstream on a socket that sends one thing, and when its client went away."""

    def __init__(self, got: bytes = DELTA) -> None:
        self.got = got
        self.server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.server.getsockname()[1]}/v1"
        self.is_left = Event()
        self.thread = Thread(target=self.serve)

    def serve(self) -> None:
        connection, _ = self.server.accept()
        with connection:
            connection.settimeout(10)
            connection.recv(1 << 16)
            connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n" + self.got)
            while connection.recv(1 << 16):
                pass
            self.is_left.set()

    def __enter__(self) -> Lingering:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.thread.join()
        self.server.close()


@pytest.mark.parametrize("kind", [Sync, Sync2])
def test_a_client_that_goes_away(kind: type[Sync]) -> None:
    transport = kind.ours.ResponsesTransport()
    with Lingering() as upstream, kind.http.Client(transport=transport) as http:
        client = openai.OpenAI(http_client=http, base_url=upstream.url, **KEY)
        stream = client.chat.completions.create(stream=True, **ASK)
        assert next(stream).choices[0].delta.role == "assistant"
        stream.close()
        assert upstream.is_left.wait(1)


@pytest.mark.parametrize("kind", [Sync, Sync2])
def test_a_task_that_is_cancelled(kind: type[Sync]) -> None:
    async def read(url: str) -> None:
        async with kind.http.AsyncClient(transport=kind.ours.AsyncResponsesTransport()) as http:
            client = openai.AsyncOpenAI(http_client=http, base_url=url, **KEY)
            async for _ in await client.chat.completions.create(stream=True, **ASK):
                pass

    async def run() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(read(upstream.url), 0.5)

    with Lingering() as upstream:
        asyncio.run(run())
        assert upstream.is_left.wait(1)


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("kind", [Sync, Sync2])
@pytest.mark.parametrize("name", ["ResponsesTransport", "ChatBackendTransport"])
def test_a_whole_answer_does_not_wait_for_an_upstream_that_stays_open(
    name: str, kind: type[Sync], is_async: bool
) -> None:
    outcomes: list[Any] = []
    is_forward = name == "ResponsesTransport"
    got = DELTA + DONE if is_forward else b"".join(CHAT)
    transport = getattr(kind.ours, ("Async" if is_async else "") + name)(on_outcome=outcomes.append)

    async def ask(url: str) -> Any:
        async with kind.http.AsyncClient(transport=transport, timeout=30) as http:
            return await http.post(url + "/responses", json={"model": "m", "input": "Hi"})

    with Lingering(got) as upstream:
        if is_async:
            answer = asyncio.run(ask(upstream.url))
        else:
            with kind.http.Client(transport=transport, timeout=30) as http:
                answer = http.post(upstream.url + "/responses", json={"model": "m", "input": "Hi"})
                assert upstream.is_left.wait(5)
        assert answer.json()["output"][0]["content"][0]["text"] == ("Hello" if is_forward else "Hi")
        assert upstream.is_left.wait(5)
    assert [outcome["status"] for outcome in outcomes] == ["completed"]
