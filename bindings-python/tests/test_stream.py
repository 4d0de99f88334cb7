"""The generators: whatever ends them, what the client gets, what the caller learns, what is closed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from cases import transcode
from sluicegate import Error, Outcome, achat_sse, chat_sse
from streams import CREATED, TEXT, delta, sse

WHOLE = transcode(TEXT, {})[0]
CUT = transcode(TEXT[:2], {})[0]


class Cut(Exception):
    """As an HTTP client raises when its peer hangs up."""


class Source:
    """A source of chunks, of both kinds, that fails at its end and remembers being closed."""

    def __init__(self, chunks: list[Any], failure: BaseException | None = None) -> None:
        self.chunks = iter(chunks)
        self.failure = failure
        self.closed = 0

    def __iter__(self) -> Iterator[Any]:
        return self

    def __aiter__(self) -> AsyncIterator[Any]:
        return self

    def __next__(self) -> Any:
        for chunk in self.chunks:
            return chunk
        raise self.failure or StopIteration

    async def __anext__(self) -> Any:
        for chunk in self.chunks:
            return chunk
        raise self.failure or StopAsyncIteration

    def close(self) -> None:
        self.closed += 1

    async def aclose(self) -> None:
        self.closed += 1


class Run:
    """Either generator, read up to `limit` results, then closed."""

    def __init__(self, is_async: bool) -> None:
        self.is_async = is_async

    def __call__(self, source: Source, limit: int = 1000, **options: Any) -> None:
        self.out: list[bytes] = []
        self.outcomes: list[Outcome] = []
        self.error: BaseException | None = None
        try:
            if self.is_async:
                asyncio.run(self.read_async(source, limit, options))
            else:
                self.read(source, limit, options)
        except BaseException as error:
            self.error = error

    def read(self, source: Source, limit: int, options: Any) -> None:
        stream = chat_sse(source, on_outcome=self.outcomes.append, **options)
        for out in stream:
            self.out.append(out)
            if len(self.out) == limit:
                stream.close()

    async def read_async(self, source: Source, limit: int, options: Any) -> None:
        stream = achat_sse(source, on_outcome=self.outcomes.append, **options)
        async for out in stream:
            self.out.append(out)
            if len(self.out) == limit:
                await stream.aclose()

    @property
    def statuses(self) -> list[str]:
        return [outcome["status"] for outcome in self.outcomes]


@pytest.fixture(params=[False, True], ids=["sync", "async"])
def run(request: pytest.FixtureRequest) -> Run:
    return Run(request.param)


def test_a_whole_stream(run: Run) -> None:
    source = Source([b"", *TEXT])
    run(source)
    assert (run.error, run.statuses, source.closed) == (None, ["completed"], 1)
    assert b"".join(run.out) == WHOLE
    assert len(run.out) == 2  # as it arrives, and never empty


def test_plain_iterables_do(run: Run) -> None:
    assert b"".join(chat_sse(TEXT)) == WHOLE
    assert b"".join(chat_sse(bytearray(chunk) for chunk in TEXT)) == WHOLE

    async def read() -> bytes:
        async def chunks() -> AsyncIterator[bytes]:
            for chunk in TEXT:
                yield chunk

        return b"".join([out async for out in achat_sse(chunks())])

    assert asyncio.run(read()) == WHOLE


def test_an_end_without_terminal_is_a_cut(run: Run) -> None:
    source = Source(TEXT[:2])
    run(source)
    assert (run.error, run.statuses, source.closed) == (None, ["truncated"], 1)
    assert b"".join(run.out) == CUT


def test_a_failing_source_is_a_cut_then_raised(run: Run) -> None:
    failure = Cut("peer hung up")
    source = Source(TEXT[:2], failure)
    run(source)
    assert run.error is failure
    assert (run.statuses, source.closed) == (["truncated"], 1)
    assert b"".join(run.out) == CUT
    assert CUT.endswith(b"data: [DONE]\n\n")


def test_a_source_failing_after_the_terminal_adds_nothing(run: Run) -> None:
    failure = Cut("peer hung up")
    run(Source(TEXT, failure))
    assert run.error is failure
    assert run.statuses == ["completed"]
    assert b"".join(run.out) == WHOLE


def test_a_consumer_may_leave_early(run: Run) -> None:
    source = Source(TEXT)
    run(source, limit=1)
    assert (run.error, run.statuses, source.closed) == (None, [], 1)
    assert CUT.startswith(run.out[0])


def test_a_consumer_may_leave_at_done(run: Run) -> None:
    source = Source(TEXT)
    run(source, limit=2)
    assert (run.error, run.statuses, source.closed) == (None, ["completed"], 1)


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_stopping_is_no_cut(run: Run, stop: type[BaseException]) -> None:
    source = Source(TEXT[:2], stop())
    run(source)
    assert isinstance(run.error, stop)
    assert (run.statuses, source.closed) == ([], 1)
    assert b"".join(run.out) != CUT


def test_a_chunk_of_the_wrong_type_is_the_callers_bug(run: Run) -> None:
    source = Source(["data: x"])
    run(source)
    assert isinstance(run.error, TypeError)
    assert (run.out, run.statuses, source.closed) == ([], [], 1)


def test_what_the_consumer_throws_in_is_no_cut() -> None:
    source = Source(TEXT)
    stream = chat_sse(source)
    next(stream)
    with pytest.raises(Cut):
        stream.throw(Cut())
    assert source.closed == 1
    assert list(stream) == []


def test_options_are_checked_by_the_call() -> None:
    for start in (chat_sse, achat_sse):
        with pytest.raises(Error, match="nonsense"):
            start(Source([]), nonsense=1)  # type: ignore[call-arg]


def test_options_reach_the_transcoder(run: Run) -> None:
    run(Source(TEXT), model="asked", include_usage=True)
    assert b"".join(run.out) == transcode(TEXT, {"model": "asked", "include_usage": True})[0]


def test_cancelling_closes_the_source() -> None:
    async def scenario() -> None:
        closed = asyncio.Event()

        async def source() -> AsyncIterator[bytes]:
            try:
                yield CREATED
                yield sse(delta("Hi"))
                await asyncio.sleep(60)
            finally:
                closed.set()

        seen: list[bytes] = []

        async def read() -> None:
            async for out in achat_sse(source()):
                seen.append(out)

        task = asyncio.create_task(read())
        while not seen:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert closed.is_set()
        assert CUT.startswith(b"".join(seen)) and b"[DONE]" not in seen[-1]

    asyncio.run(scenario())


def test_closing_closes_a_generator_source() -> None:
    closed = []

    def source() -> Iterator[bytes]:
        try:
            yield from TEXT
        finally:
            closed.append(True)

    stream = chat_sse(source())
    next(stream)
    stream.close()
    assert closed == [True]
