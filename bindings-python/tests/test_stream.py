"""The generators: whatever ends them, what the client gets, what the caller learns, what is closed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from sluicegate import (
    ChatTranscoder,
    Error,
    Outcome,
    ResponsesRelay,
    ResponsesTranscoder,
    achat_sse,
    arespond_sse,
    aresponses_sse,
    chat_sse,
    respond_sse,
    responses_sse,
)
from streams import CHAT, CREATED, TEXT, Cut, Source, delta, sse

GENERATORS: list[tuple[Any, Any, list[bytes]]] = [
    (chat_sse, ChatTranscoder, TEXT),
    (achat_sse, ChatTranscoder, TEXT),
    (responses_sse, ResponsesRelay, TEXT),
    (aresponses_sse, ResponsesRelay, TEXT),
    (respond_sse, ResponsesTranscoder, CHAT),
    (arespond_sse, ResponsesTranscoder, CHAT),
]


class Run:
    """One generator, read up to `limit` results, then closed."""

    def __init__(self, generate: Any, verb: Any, text: list[bytes]) -> None:
        self.generate = generate
        self.verb = verb
        self.text = text

    def __call__(self, source: Source, limit: int = 1000, **options: Any) -> None:
        self.out: list[bytes] = []
        self.outcomes: list[Outcome] = []
        self.error: BaseException | None = None
        stream = self.generate(source, on_outcome=self.outcomes.append, **options)
        try:
            if hasattr(stream, "__anext__"):
                asyncio.run(self.read_async(stream, limit))
            else:
                self.read(stream, limit)
        except BaseException as error:
            self.error = error

    def read(self, stream: Any, limit: int) -> None:
        for out in stream:
            self.out.append(out)
            if len(self.out) == limit:
                stream.close()

    async def read_async(self, stream: Any, limit: int) -> None:
        async for out in stream:
            self.out.append(out)
            if len(self.out) == limit:
                await stream.aclose()

    def expected(self, chunks: list[bytes], **options: Any) -> list[bytes]:
        """As it arrives, and never empty."""
        verb = self.verb(**options)
        return [out for out in [*map(verb.feed, chunks), verb.finish()] if out]

    @property
    def statuses(self) -> list[str]:
        return [outcome["status"] for outcome in self.outcomes]


@pytest.fixture(params=GENERATORS, ids=lambda param: param[0].__name__)
def run(request: pytest.FixtureRequest) -> Run:
    return Run(*request.param)


def test_a_whole_stream(run: Run) -> None:
    source = Source([b"", *run.text])
    run(source)
    assert (run.error, run.statuses, source.closed) == (None, ["completed"], 1)
    assert run.out == run.expected(run.text)


def test_plain_iterables_do() -> None:
    whole = list(chat_sse(TEXT))
    assert list(chat_sse(bytearray(chunk) for chunk in TEXT)) == whole

    async def read() -> list[bytes]:
        async def chunks() -> AsyncIterator[bytes]:
            for chunk in TEXT:
                yield chunk

        return [out async for out in achat_sse(chunks())]

    assert asyncio.run(read()) == whole


def test_an_end_without_terminal_is_a_cut(run: Run) -> None:
    source = Source(run.text[:2])
    run(source)
    assert (run.error, run.statuses, source.closed) == (None, ["truncated"], 1)
    assert run.out == run.expected(run.text[:2])


def test_a_failing_source_is_a_cut_then_raised(run: Run) -> None:
    failure = Cut("peer hung up")
    source = Source(run.text[:2], failure)
    run(source)
    assert run.error is failure
    assert (run.statuses, source.closed) == (["truncated"], 1)
    assert run.out == run.expected(run.text[:2])


def test_a_source_failing_after_the_terminal_adds_nothing(run: Run) -> None:
    failure = Cut("peer hung up")
    run(Source(run.text, failure))
    assert run.error is failure
    assert run.statuses == ["completed"]
    assert run.out == run.expected(run.text)


def test_a_consumer_may_leave_early(run: Run) -> None:
    source = Source(run.text)
    run(source, limit=1)
    assert (run.error, run.statuses, source.closed) == (None, [], 1)
    assert run.out == run.expected(run.text)[:1]


def test_a_consumer_may_leave_at_the_end(run: Run) -> None:
    source = Source(run.text)
    run(source, limit=len(run.expected(run.text)))
    assert (run.error, run.statuses, source.closed) == (None, ["completed"], 1)


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_stopping_is_no_cut(run: Run, stop: type[BaseException]) -> None:
    source = Source(run.text[:2], stop())
    run(source)
    assert isinstance(run.error, stop)
    assert (run.statuses, source.closed) == ([], 1)
    assert run.out == run.expected(run.text[:2])[:-1]


def test_a_chunk_of_the_wrong_type_is_the_callers_bug(run: Run) -> None:
    source = Source([7])
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
    for generate, *_ in GENERATORS:
        with pytest.raises(Error, match="nonsense"):
            generate(Source([]), nonsense=1)


def test_options_are_passed_on(run: Run) -> None:
    run(Source(run.text), max_event_bytes=1)
    assert run.out == run.expected(run.text, max_event_bytes=1) != run.expected(run.text)


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
        assert seen == list(chat_sse(TEXT[:2]))[:-1]

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
