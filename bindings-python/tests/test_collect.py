"""The one-shot functions: whatever ends the source, what the caller gets, what is closed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from cases import consume
from sluicegate import Collected, Error, acollect, collect
from streams import CREATED, FAILED, TEXT, Cut, Source, delta, sse

Gather = Callable[..., Collected]


def acollect_in_a_loop(source: Any, **options: Any) -> Collected:
    return asyncio.run(acollect(source, **options))


@pytest.fixture(params=[collect, acollect_in_a_loop], ids=["sync", "async"])
def gather(request: pytest.FixtureRequest) -> Gather:
    gather: Gather = request.param
    return gather


def test_a_whole_stream(gather: Gather) -> None:
    source = Source([b"", *TEXT])
    collected = gather(source)
    expected = consume(TEXT, {})
    assert (collected.response, collected.completion) == (expected.response, expected.completion)
    assert collected.outcome == json.loads(expected.outcomes[2] or "")
    assert (collected.outcome["status"], collected.error, source.closed) == ("completed", None, 1)
    [item] = json.loads(collected.response)["output"]
    assert item["content"][0]["text"] == "Hi"  # the terminal event was empty
    assert json.loads(collected.completion)["choices"][0]["message"]["content"] == "Hi"


def test_plain_iterables_do() -> None:
    whole = collect(TEXT)
    assert collect(bytearray(chunk) for chunk in TEXT) == whole

    async def chunks() -> AsyncIterator[bytes]:
        for chunk in TEXT:
            yield chunk

    assert asyncio.run(acollect(chunks())) == whole


@pytest.mark.parametrize("failure", [None, Cut("peer hung up")], ids=["end", "failure"])
def test_a_cut_stream_is_not_raised(gather: Gather, failure: Exception | None) -> None:
    source = Source(TEXT[:2], failure)
    collected = gather(source)
    assert (collected.outcome["status"], collected.error, source.closed) == ("truncated", failure, 1)
    partial = json.loads(collected.response)
    assert (partial["status"], partial["output"][0]["content"][0]["text"]) == ("incomplete", "Hi")
    assert list(json.loads(collected.completion)) == ["error"]


def test_a_source_failing_after_the_terminal_takes_nothing_back(gather: Gather) -> None:
    failure = Cut("peer hung up")
    collected = gather(Source(TEXT, failure))
    assert (collected.outcome["status"], collected.error) == ("completed", failure)
    assert collected.response == collect(TEXT).response


def test_a_failed_response_is_not_raised(gather: Gather) -> None:
    collected = gather(Source([CREATED, FAILED]))
    assert (collected.outcome["status"], collected.error) == ("failed", None)
    assert json.loads(collected.response)["error"] == {"message": "Slow down"}
    assert json.loads(collected.completion)["error"]["message"] == "Slow down"


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_stopping_is_no_cut(gather: Gather, stop: type[BaseException]) -> None:
    source = Source(TEXT[:2], stop())
    with pytest.raises(stop):
        gather(source)
    assert source.closed == 1


def test_a_chunk_of_the_wrong_type_is_the_callers_bug(gather: Gather) -> None:
    source = Source([7])
    with pytest.raises(TypeError):
        gather(source)
    assert source.closed == 1


def test_options_reach_the_collector(gather: Gather) -> None:
    with pytest.raises(Error, match="nonsense"):
        gather(Source([]), nonsense=1)
    assert json.loads(gather(Source(TEXT), model="asked").completion)["model"] == "asked"


def test_cancelling_closes_the_source() -> None:
    async def scenario() -> None:
        closed, begun = asyncio.Event(), asyncio.Event()

        async def source() -> AsyncIterator[bytes]:
            try:
                yield CREATED
                yield sse(delta("Hi"))
                begun.set()
                await asyncio.sleep(60)
            finally:
                closed.set()

        task = asyncio.create_task(acollect(source()))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert closed.is_set()

    asyncio.run(scenario())
