"""Translates a stream as it arrives.

Input: an iterable of upstream chunks: bytes, text, or events as mappings. Output: a generator of SSE bytes.
State: one transcoder.

`transcode` and `atranscode` are alike:

- Options are checked by the call, before the first chunk is read.
- Only non-empty bytes are yielded, as they arrive.
- The end of the source is the end of the stream; so are 64 KiB of it after the end of the answer, or 1 MiB of
  what is no answer.
- An `Exception` of the source is a cut stream: the client still gets a well-formed ending (error frame and
  `[DONE]`, or `response.failed`; nothing more if the terminal event had come), then the exception is raised.
- `close()` / `aclose()`, cancellation and `KeyboardInterrupt` stop at once, without an ending.
- However it ends, read or not, a source that has `close()` / `aclose()` is closed, and `on_outcome` is called
  once if there is an outcome: not when the consumer left before the terminal event.
- `frames` and `objects` yield lists, and `on_event` is called, as with a `Transcoder`. An `Exception` of
  `on_event` cuts nothing: the first one is raised after the end of the stream.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any

from sluicegate._native import Transcoder
from sluicegate._source import AsyncSource, Feeding, Source

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Callable, Coroutine, Generator, Iterable

    from sluicegate._source import Chunk
    from sluicegate.types import Dialect, OnEvent, Outcome

__all__ = ["adrive", "atranscode", "drive", "transcode"]


def transcode(
    chunks: Iterable[Chunk],
    *,
    client: Dialect,
    upstream: Dialect,
    on_outcome: Callable[[Outcome], object] | None = None,
    **options: Any,
) -> Generator[Any, None, None]:
    """The upstream's stream in, the client's out; see the module for how it ends."""
    return drive(chunks, Transcoder, on_outcome, client=client, upstream=upstream, **options)


def atranscode(
    chunks: AsyncIterable[Chunk],
    *,
    client: Dialect,
    upstream: Dialect,
    on_outcome: Callable[[Outcome], object] | None = None,
    **options: Any,
) -> AsyncGenerator[Any, None]:
    """`transcode` for an asynchronous source."""
    return adrive(chunks, Transcoder, on_outcome, client=client, upstream=upstream, **options)


class _Hooks:
    """What the host wants to hear of, and what it failed with."""

    def __init__(self, on_outcome: Callable[[Outcome], object] | None, on_event: OnEvent | None) -> None:
        self.failure: Exception | None = None
        self.on_event = on_event
        if isinstance(on_event, tuple) and len(on_event) == 2 and callable(on_event[1]):
            self.on_event = on_event[0], self._told(on_event[1])
        if on_outcome is not None and not callable(on_outcome):
            raise TypeError(f"on_outcome must be callable, not {type(on_outcome).__name__}")
        self._on_outcome = on_outcome

    def _told(self, call: Callable[[str, str], object]) -> Callable[[str, str], None]:
        def tell(name: str, data: str) -> None:
            try:
                call(name, data)
            except Exception as failure:
                self.failure = self.failure or failure

        return tell

    def report(self, transcoder: Transcoder) -> None:
        if self._on_outcome is not None and (outcome := transcoder.outcome) is not None:
            self._on_outcome(outcome)


def drive(
    chunks: Iterable[Chunk],
    new: Callable[..., Transcoder],
    on_outcome: Callable[[Outcome], object] | None,
    on_event: OnEvent | None = None,
    **options: Any,
) -> Generator[Any, None, None]:
    hooks = _Hooks(on_outcome, on_event)
    run = _run(Source(chunks), new(on_event=hooks.on_event, **options), hooks)
    next(run)  # a generator that never ran would close nothing
    return run


def _run(chunks: Source[Chunk], transcoder: Transcoder, hooks: _Hooks) -> Generator[Any, None, None]:
    reading = Feeding(transcoder)
    try:
        with chunks as source:
            yield b""  # it is open
            for chunk in source:
                if out := reading.feed(chunk):
                    yield out
                if reading.is_over:
                    break
            if out := transcoder.finish():
                yield out
            if source.failure is not None:
                raise source.failure
            if hooks.failure is not None:
                raise hooks.failure
    finally:
        hooks.report(transcoder)


def adrive(
    chunks: AsyncIterable[Chunk],
    new: Callable[..., Transcoder],
    on_outcome: Callable[[Outcome], object] | None,
    on_event: OnEvent | None = None,
    **options: Any,
) -> AsyncGenerator[Any, None]:
    hooks = _Hooks(on_outcome, on_event)
    return _AsyncRun(AsyncSource(chunks), new(on_event=hooks.on_event, **options), hooks)


class _AsyncRun(AsyncGenerator[Any, None]):
    """An asynchronous generator; unlike a plain one it closes its source even where it never ran."""

    def __init__(self, source: AsyncSource[Chunk], transcoder: Transcoder, hooks: _Hooks) -> None:
        self._unread: AsyncSource[Chunk] | None = source
        self._run = _arun(source, transcoder, hooks)

    def __anext__(self) -> Coroutine[Any, Any, Any]:
        self._unread = None
        return self._run.__anext__()

    def asend(self, value: None) -> Coroutine[Any, Any, Any]:
        self._unread = None
        return self._run.asend(value)

    async def athrow(self, *failure: Any) -> Any:
        await self._close_unread()
        return await self._run.athrow(*failure)

    async def aclose(self) -> None:
        await self._close_unread()
        await self._run.aclose()

    async def _close_unread(self) -> None:
        source, self._unread = self._unread, None
        if source is not None:
            await source.__aexit__()


async def _arun(
    chunks: AsyncSource[Chunk], transcoder: Transcoder, hooks: _Hooks
) -> AsyncGenerator[Any, None]:
    reading = Feeding(transcoder)
    try:
        async with chunks as source:
            async for chunk in source:
                if out := reading.feed(chunk):
                    yield out
                if reading.is_over:
                    break
            if out := transcoder.finish():
                yield out
            if source.failure is not None:
                raise source.failure
            if hooks.failure is not None:
                raise hooks.failure
    finally:
        hooks.report(transcoder)
