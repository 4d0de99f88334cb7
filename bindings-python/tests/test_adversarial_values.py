"""Values that mean harm, and uses that go wrong: what Python makes of them."""

from __future__ import annotations

import asyncio
import gc
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
import sluicegate
from sluicegate import Continuation, Error, Transcoder, _native
from streams import CHAT, COMPLETED, CREATED, TEXT, Source, delta, sse

HARMFUL = ["a\nb", "a\rb", "a\0b", "a\x1b[2Jb", "a\u2028b", "a\u2029b", "a\u202eb", "a\x85b", "a\x7fb"]


@pytest.mark.parametrize("number", ["1" * 4301, "-" + "9" * 100_000, "1e999", "0." + "3" * 10_000])
@pytest.mark.parametrize("member", ['"limit":%s', '"a":{"b":[%s]}'])
def test_numbers_that_no_program_has(number: str, member: str) -> None:
    limits = b'data: {"type":"codex.rate_limits",%s}\n\n' % (member % number).encode()
    error = b'{"error":{"message":"m","code":"c","number":%s}}' % number.encode()
    stream = [CREATED, limits, sse(delta("Hi")), COMPLETED]
    outcomes: list[Any] = []
    text = b"".join(sluicegate.chat_sse(stream, on_outcome=outcomes.append))
    assert b"Hi" in text and outcomes[0]["status"] == "completed"
    assert [(note["code"], note["detail"]) for note in outcomes[0]["notes"]] == [
        ("limit_exceeded", "rate_limits")
    ]
    collected = sluicegate.collect(stream)
    assert collected.outcome["status"] == "completed"
    failed = sluicegate.collect([error]).outcome
    assert failed["error"] is not None and failed["error"]["code"] == "c"
    assert sluicegate.error_envelope(error, status=400)["body"]["error"]["code"] == "c"


def test_an_integer_of_very_many_digits_is_a_float_among_objects() -> None:
    transcoder = Transcoder(client="chat", upstream="chat", objects=True)
    chunk = (
        b'{"object":"chat.completion.chunk","created":%s,"choices":[{"index":0,"delta":{"content":"Hi"}}]}'
    )
    [first] = transcoder.feed(b"data: " + chunk % (b"9" * 5000) + b"\n\n")
    [second] = transcoder.feed(b"data: " + chunk % (b"9" * 4000) + b"\n\n")
    assert first["created"] == float("inf") and second["created"] == int("9" * 4000)
    assert first["choices"] == second["choices"]


@pytest.mark.parametrize("name", HARMFUL)
def test_messages_are_one_line(name: str) -> None:
    request = {"model": "m", "input": [{"type": "message", "role": name, "content": "Hi"}], name: 1}
    chosen = {"model": "m", "input": "x", "tool_choice": {"type": "function", "name": name}}
    convert, strict = sluicegate.convert_request, {"upstream": "responses", "strict": True}
    attempts: list[Callable[[], Any]] = [
        lambda: Transcoder(client="chat", upstream="responses", **{name: 1}),  # type: ignore[call-arg]
        lambda: sluicegate.Profile({"name": "x", "extends": "codex", name: 1}),
        lambda: convert(json.dumps(request), "responses", **strict),
        lambda: convert(chosen, "responses", **strict),
        lambda: Continuation("t").expand({"model": "m", "input": "x", "previous_response_id": name}),
    ]
    raised = 0
    for attempt in attempts:
        try:
            attempt()
        except Error as error:
            raised += 1
            assert str(error).isprintable(), repr(str(error))
            if error.envelope is not None:
                assert error.envelope["error"]["message"].isprintable()
    assert raised >= 3
    store = Error(f"cannot use the store: {name}", "store")
    assert str(store).isprintable() and str(store).startswith("cannot use the store: a\\")


GENERATORS = [
    (sluicegate.chat_sse, sluicegate.achat_sse),
    (sluicegate.responses_sse, sluicegate.aresponses_sse),
    (sluicegate.respond_sse, sluicegate.arespond_sse),
]


@pytest.mark.parametrize("pair", GENERATORS, ids=lambda pair: pair[0].__name__)
@pytest.mark.parametrize("read", [0, 1])
def test_closing_closes_the_source_read_or_not(pair: tuple[Any, Any], read: int) -> None:
    chunks = CHAT if pair[0] is sluicegate.respond_sse else TEXT
    source = Source(chunks)
    frames = pair[0](source)
    for _ in range(read):
        next(frames)
    frames.close()
    assert source.closed == 1 and list(frames) == []
    thrown = Source(chunks)
    with pytest.raises(KeyError):
        pair[0](thrown).throw(KeyError("mine"))
    dropped = Source(chunks)
    pair[0](dropped)
    gc.collect()
    assert (thrown.closed, dropped.closed) == (1, 1)

    async def run() -> None:
        source, thrown = Source(chunks), Source(chunks)
        frames = pair[1](source)
        for _ in range(read):
            await anext(frames)
        await frames.aclose()
        assert source.closed == 1 and [frame async for frame in frames] == []
        await frames.aclose()
        assert source.closed == 1
        with pytest.raises(KeyError):
            await pair[1](thrown).athrow(KeyError("mine"))
        assert thrown.closed == 1

    asyncio.run(run())


def test_an_asynchronous_stream_is_whole_and_closed_once() -> None:
    async def run() -> None:
        source = Source(TEXT)
        got = b"".join([frame async for frame in sluicegate.achat_sse(source)])
        assert got == b"".join(sluicegate.chat_sse(TEXT)) and source.closed == 1

    asyncio.run(run())


@pytest.mark.parametrize("size", [0, 1 << 20])
def test_a_fault_is_an_exception(size: int, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Error, match="a fault in sluicegate: on purpose") as raised:
        _native.fault(size)
    assert isinstance(raised.value, Exception) and raised.value.code == "internal"


FORK = """
import os, threading, time
from sluicegate import Catalog, MemoryStore
store, catalog = MemoryStore(max_bytes=1 << 30), Catalog()
models = b",".join(b'{"slug":"m%d"}' % n for n in range(9000))
large, live = b"x" * (24 << 20), b'{"models":[' + models + b"]}"
is_over = False

def work(verb):
    while not is_over:
        verb()

verbs = [lambda: store.put("a", large, 60), lambda: store.get("a"), lambda: catalog.merge_live(live)]
threads = [threading.Thread(target=work, args=(verb,), daemon=True) for verb in verbs]
[thread.start() for thread in threads]
for _ in range(15):
    child = os.fork()
    if child == 0:
        store.get("a"), store.put("b", b"x", 60), catalog.route("m1")
        os._exit(0)
    deadline = time.monotonic() + 10
    while os.waitpid(child, os.WNOHANG)[0] == 0:
        if time.monotonic() > deadline:
            os.kill(child, 9)
            os._exit(7)
        time.sleep(0.01)
is_over = True
os._exit(0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_fork_takes_no_lock_along() -> None:
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", FORK], timeout=50, check=False)
    assert done.returncode == 0


ENDLESS = {
    "comments after the end": (CREATED + sse(delta("Hi")) + COMPLETED, b": ping\n\n" * 512, "completed"),
    "events after the end": (CREATED + sse(delta("Hi")) + COMPLETED, sse(delta("Hi")) * 64, "completed"),
    "a page": (b"<html>", b"<p>Sorry</p>" * 512, "truncated"),
    "space": (b"", b" " * 4096, "truncated"),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_an_endless_source_is_given_up(name: str) -> None:
    first, chunk, status = ENDLESS[name]
    outcomes: list[Any] = []
    uses: list[Callable[[Source], Any]] = [
        lambda source: list(sluicegate.chat_sse(source, on_outcome=outcomes.append)),
        lambda source: list(sluicegate.responses_sse(source, on_outcome=outcomes.append)),
        lambda source: outcomes.append(sluicegate.collect(source).outcome),
    ]
    for use in uses:
        source = Source(itertools.chain([first], itertools.repeat(chunk, 4096)))
        use(source)
        assert source.closed == 1 and len(list(source)) > 2048
        assert outcomes.pop()["status"] == status
