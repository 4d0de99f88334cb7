"""Upstreams that mean harm, behind our transports: their cost is bounded, and the client gets an answer."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import json
import time
import tracemalloc
import zlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from drop_in import ASK, CREATED, DELTA, DONE, HI, Async, Async2, Bytes, Sync, Sync2, mocked
from hostile_server import SSE, UNREAD, HostileServer, forever
from sluicegate import Continuation, MemoryStore, Outcome
from streams import CHAT, sse

MIB = 1 << 20


def ask(kind: type[Sync], url: str, path: str, asked: dict[str, Any], **options: Any) -> httpx.Response:
    """One request through a transport of ours, read to its end."""
    upstream = options.pop("upstream", "responses")
    name = "ChatBackendTransport" if upstream == "chat" else "ResponsesTransport"
    if not issubclass(kind, Async):
        transport = getattr(kind.ours, name)(**options)
        with kind.http.Client(transport=transport, timeout=30) as http:
            return http.post(url + path, json=asked)

    async def run() -> httpx.Response:
        transport = getattr(kind.ours, "Async" + name)(**options)
        async with kind.http.AsyncClient(transport=transport, timeout=30) as http:
            answer: httpx.Response = await http.post(url + path, json=asked)
            return answer

    return asyncio.run(run())


@pytest.fixture(params=[Sync, Async, Sync2, Async2], ids=lambda kind: kind.__name__)
def kind(request: pytest.FixtureRequest) -> type[Sync]:
    found: type[Sync] = request.param
    return found


CHAT_ASK = ("/chat/completions", ASK)
STREAM_ASK = ("/chat/completions", ASK | {"stream": True})
RELAY_ASK = ("/responses", {"model": "m", "input": "Hi", "stream": True})
SPACE = b" " * 65536
PAGE = b"<p>Sorry</p>" * 5461


@pytest.mark.parametrize("asked", [CHAT_ASK, STREAM_ASK, RELAY_ASK], ids=["chat", "stream", "relay"])
@pytest.mark.parametrize(
    ("name", "status"), [("page", 500), ("page", 200), ("space", 200), ("space", 429), ("text", 503)]
)
def test_an_endless_body_that_is_no_answer(
    kind: type[Sync], name: str, status: int, asked: tuple[str, dict[str, Any]]
) -> None:
    begun = b"<html><title>Oops</title>" if name == "page" else b""
    chunk = {"page": PAGE, "space": SPACE, "text": b"no\n" * 9999}[name]
    outcomes: list[Outcome] = []
    with HostileServer(forever(chunk, begun), status=status) as server:
        started = time.monotonic()
        answer = ask(kind, server.url, *asked, on_outcome=outcomes.append)
        assert time.monotonic() - started < 10
        assert server.is_left.wait(10)
    assert answer.status_code == (502 if status == 200 else status)
    if name == "page":
        assert "Oops" in answer.json()["error"]["message"]
    assert server.sent < UNREAD
    status_of_all = "truncated" if (name, status) == ("space", 200) else "failed"
    assert [outcome["status"] for outcome in outcomes] == [status_of_all]


@pytest.mark.parametrize("asked", [CHAT_ASK, STREAM_ASK, RELAY_ASK], ids=["chat", "stream", "relay"])
def test_an_endless_document(kind: type[Sync], asked: tuple[str, dict[str, Any]]) -> None:
    with HostileServer(forever(b'"a",' * 16384, b'{"output":[')) as server:
        answer = ask(kind, server.url, *asked, max_event_bytes=2 * MIB)
        assert server.is_left.wait(10)
    assert (answer.status_code, server.sent < UNREAD) == (502, True)


def test_comments_are_passed_on_while_the_status_is_open(kind: type[Sync]) -> None:
    if issubclass(kind, Async):
        pytest.skip("as in the synchronous one")
    with HostileServer(forever(b": ping\n\n" * 8192), SSE) as server:
        http = kind.http.Client(transport=kind.ours.ResponsesTransport(), timeout=30)
        with http, http.stream("POST", server.url + RELAY_ASK[0], json=RELAY_ASK[1]) as answer:
            assert answer.status_code == 200
            assert next(answer.iter_raw()).startswith(b": ping")
        assert server.is_left.wait(10)
    assert server.sent < UNREAD


@pytest.mark.parametrize(
    "late", [b": ping\n\n" * 8192, DELTA * 512, SPACE], ids=["comments", "events", "space"]
)
@pytest.mark.parametrize("asked", [CHAT_ASK, STREAM_ASK, RELAY_ASK], ids=["chat", "stream", "relay"])
def test_frames_after_the_end(kind: type[Sync], asked: tuple[str, dict[str, Any]], late: bytes) -> None:
    with HostileServer(forever(late, CREATED + DELTA + DONE), SSE) as server:
        answer = ask(kind, server.url, *asked)
        assert server.is_left.wait(10)
    assert answer.status_code == 200 and answer.text.count("Hello") >= 1
    assert answer.text.count("[DONE]") <= 1 and answer.text.count('"response.completed"') <= 2
    assert server.sent < UNREAD


CODINGS = ["gzip", "br", "zstd"]


def packed(kind: type[Sync], coding: str, chunk: bytes, times: int) -> bytes:
    """So many chunks in one coding; skips where the client does not know it."""
    if coding not in kind.http.Client().headers["accept-encoding"]:
        pytest.skip(f"{coding} needs a package of its own")
    if coding == "gzip":
        return deflated(chunk, len(chunk) * times, 31)
    if coding == "br":
        packer = pytest.importorskip("brotli").Compressor(quality=5, lgwin=22)
        return b"".join([*(packer.process(chunk) for _ in range(times)), packer.finish()])
    packer = pytest.importorskip("zstandard").ZstdCompressor(level=3).compressobj()
    return b"".join([*(packer.compress(chunk) for _ in range(times)), packer.flush()])


def deflated(chunk: bytes, size: int, wbits: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    return b"".join(packer.compress(chunk) for _ in range(size // len(chunk))) + packer.flush()


@pytest.mark.parametrize(("coding", "wbits"), [("gzip", 31), ("deflate", 15)])
@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize("chunk", [PAGE, SPACE], ids=["page", "space"])
def test_a_compressed_bomb(coding: str, wbits: int, status: int, chunk: bytes) -> None:
    bomb = deflated(chunk, 64 * MIB, wbits)
    assert len(bomb) < MIB
    pieces = [bomb[at : at + 4096] for at in range(0, len(bomb), 4096)]
    upstream = Bytes(*pieces)
    tracemalloc.start()
    try:
        transport = Sync.ours.ResponsesTransport(mocked(upstream, status, **{"content-encoding": coding}))
        with httpx.Client(transport=transport) as http:
            answer = http.post("http://test/chat/completions", json=ASK)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert answer.status_code == (502 if status == 200 else 500)
    assert upstream.is_closed and upstream.read < len(pieces)
    assert peak < 24 * MIB  # what 4 KiB of deflate can be, a few times


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("status", [200, 500])
def test_a_bomb_that_comes_at_once(kind: type[Sync], coding: str, status: int) -> None:
    bomb = packed(kind, coding, PAGE * 16, 256)  # 256 MiB
    with HostileServer(
        lambda: iter([bomb]), "content-type: text/html", f"content-encoding: {coding}", status=status
    ) as server:
        tracemalloc.start()
        try:
            answer = ask(kind, server.url, *CHAT_ASK)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert answer.status_code == (502 if status == 200 else 500)
    assert peak < 64 * MIB  # what one metablock of brotli can be, a few times


@pytest.mark.parametrize("coding", CODINGS)
def test_an_answer_that_is_compressed(kind: type[Sync], coding: str) -> None:
    answer = packed(kind, coding, CREATED + DELTA + DONE, 1)
    with HostileServer(lambda: iter([answer[:7], answer[7:]]), SSE, f"content-encoding: {coding}") as server:
        got = ask(kind, server.url, *CHAT_ASK)
    assert got.json()["choices"][0]["message"]["content"].startswith("Hello")


def test_a_bomb_inside_an_event(kind: type[Sync]) -> None:
    bomb = gzip.compress(b'data: {"type":"' + b"x" * (32 * MIB))
    with HostileServer(lambda: iter([bomb]), SSE, "content-encoding: gzip") as server:
        answer = ask(kind, server.url, *CHAT_ASK, max_event_bytes=MIB)
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "event_too_large")


@pytest.mark.parametrize("cut", [b"", CREATED, CREATED + DELTA, CREATED + DELTA[:20]], ids=len)
def test_a_half_closed_socket(kind: type[Sync], cut: bytes) -> None:
    with HostileServer(lambda: iter([cut]), SSE, stays=True) as server:
        answer = ask(kind, server.url, *STREAM_ASK)
        assert server.is_left.wait(10)
    assert "upstream_truncated" in answer.text
    assert answer.status_code == (200 if DELTA in cut else 502)


def test_an_upstream_that_sends_a_byte_at_a_time(kind: type[Sync]) -> None:
    answer = CREATED + DELTA + DONE

    def drip() -> Iterator[bytes]:
        return (answer[at : at + 1] for at in range(len(answer)))

    with HostileServer(drip, SSE, pause=0.001) as server:
        got = ask(kind, server.url, *CHAT_ASK)
    assert got.json()["choices"][0]["message"]["content"] == "Hello"


@pytest.mark.parametrize("first", [b"", CREATED, CREATED + DELTA], ids=["space", "begun", "settled"])
def test_a_task_that_is_cancelled_in_the_middle(first: bytes) -> None:
    server = HostileServer(forever(SPACE if not first else DELTA[:-1], first), SSE, pause=0.03)

    async def run() -> None:
        task = asyncio.create_task(Async(server.url).acall(None, "chat", {}, ASK | {"stream": True}))
        await asyncio.to_thread(server.is_asked.wait, 10)
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises((asyncio.CancelledError, Exception)):
            await task

    with server:
        asyncio.run(run())
        assert server.is_left.wait(5)


def test_a_client_that_does_not_read_holds_the_upstream_back() -> None:
    with HostileServer(forever(DELTA * 1024, CREATED), SSE) as server:
        http = httpx.Client(transport=Sync.ours.ResponsesTransport(), timeout=30)
        with http, http.stream("POST", server.url + STREAM_ASK[0], json=STREAM_ASK[1]) as answer:
            next(answer.iter_raw())
            time.sleep(0.3)
            before = server.sent
            time.sleep(0.3)
            assert server.sent == before < UNREAD
        assert server.is_left.wait(5)


def test_ids_that_collide(kind: type[Sync]) -> None:
    """A chat server that gives every answer the same id: each conversation goes on from its own."""
    store, tenant = MemoryStore(), Continuation("tenant", record_unstored=True)
    sent: list[dict[str, Any]] = []

    class Same(httpx.BaseTransport, httpx.AsyncBaseTransport):
        def handle_request(self, request: Any) -> Any:
            sent.append(json.loads(request.content))
            return mocked(Bytes(*CHAT)).handle_request(request)

        async def handle_async_request(self, request: Any) -> Any:
            return self.handle_request(request)

    known = {"upstream": "chat", "store": store, "continuation": tenant, "inner": Same()}
    turns = [{"model": "m", "input": f"question {nth}"} for nth in range(2)]
    ids = [ask(kind, "http://test", "/responses", turn, **known).json()["id"] for turn in turns]
    assert len(set(ids)) == 2
    for nth, known_id in enumerate(ids):
        asked = {"model": "m", "input": "and?", "previous_response_id": known_id}
        assert ask(kind, "http://test", "/responses", asked, **known).status_code == 200
        texts = json.dumps(sent[-1]["messages"])
        assert f"question {nth}" in texts and f"question {1 - nth}" not in texts


def deep(levels: int) -> dict[str, Any]:
    item: dict[str, Any] = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed"}
    item["content"] = [{"type": "output_text", "text": "Hello", "annotations": []}]
    nested: Any = []
    for _ in range(levels - 2):
        nested = [nested]
    return item | {"x": nested}


@pytest.mark.parametrize("levels", range(122, 130))
def test_an_item_as_deep_as_can_be(levels: int, caplog: pytest.LogCaptureFixture) -> None:
    """What is recorded and read again; recording never costs the answer."""
    done = {"type": "response.output_item.done", "output_index": 0, "item": deep(levels)}
    upstream = Bytes(CREATED, DELTA, sse(done), DONE)
    options = {"store": MemoryStore(), "continuation": Continuation("tenant", record_unstored=True)}
    transport = Sync.ours.ResponsesTransport(mocked(upstream), **options)
    with httpx.Client(transport=transport) as http:
        answer = http.post("http://test/responses", json={"model": "m", "input": HI, "stream": True})
    assert answer.status_code == 200 and "Hello" in answer.text
    assert caplog.records == []
    again = Sync.ours.ResponsesTransport(mocked(Bytes(answer.content)))
    with httpx.Client(transport=again) as http:
        response = http.post("http://test/responses", json={"model": "m", "input": HI})
    assert (response.status_code, response.json()["status"]) == (200, "completed")


def test_a_store_whose_record_cannot_be_made_costs_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("no record")

    tenant = Continuation("tenant", record_unstored=True)
    monkeypatch.setattr(Continuation, "record", broken)
    options = {"store": MemoryStore(), "continuation": tenant}
    for is_async in (False, True):
        kind: type[Sync] = Async if is_async else Sync
        inner = mocked(Bytes(CREATED, DELTA, DONE))
        answer = ask(kind, "http://test", "/responses", {"model": "m", "input": HI}, inner=inner, **options)
        assert answer.json()["status"] == "completed"


def test_slow_space_before_an_answer_is_no_attack() -> None:
    """Some servers send blank lines while they think."""
    lines = itertools.repeat(b"\n", 20_000)
    upstream = Bytes(*lines, CREATED + DELTA + DONE)
    with httpx.Client(transport=Sync.ours.ResponsesTransport(mocked(upstream))) as http:
        answer = http.post("http://test/chat/completions", json=ASK)
    assert answer.json()["choices"][0]["message"]["content"] == "Hello"
