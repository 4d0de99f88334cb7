"""Translates a stream as it arrives.

Input: an iterable of upstream chunks. Output: a generator of SSE bytes. State: one transcoder.

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
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any

from sluicegate._native import Transcoder
from sluicegate._source import AsyncSource, Reading, Source

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Callable, Coroutine, Generator, Iterable

    from typing_extensions import Buffer, Unpack

    from sluicegate.option_types import TranscoderOptions
    from sluicegate.types import Dialect, Outcome

__all__ = ["adrive", "atranscode", "drive", "transcode"]


def transcode(
    chunks: Iterable[Buffer],
    *,
    client: Dialect,
    upstream: Dialect,
    on_outcome: Callable[[Outcome], object] | None = None,
    **options: Unpack[TranscoderOptions],
) -> Generator[bytes, None, None]:
    """The upstream's stream in, the client's out; see the module for how it ends."""
    return drive(chunks, Transcoder(client=client, upstream=upstream, **options), on_outcome)


def atranscode(
    chunks: AsyncIterable[Buffer],
    *,
    client: Dialect,
    upstream: Dialect,
    on_outcome: Callable[[Outcome], object] | None = None,
    **options: Unpack[TranscoderOptions],
) -> AsyncGenerator[bytes, None]:
    """`transcode` for an asynchronous source."""
    return adrive(chunks, Transcoder(client=client, upstream=upstream, **options), on_outcome)


def drive(
    chunks: Iterable[Buffer],
    transcoder: Transcoder,
    on_outcome: Callable[[Outcome], object] | None,
) -> Generator[bytes, None, None]:
    run = _run(Source(chunks), transcoder, on_outcome)
    next(run)  # a generator that never ran would close nothing
    return run


def _run(
    chunks: Source, transcoder: Transcoder, on_outcome: Callable[[Outcome], object] | None
) -> Generator[bytes, None, None]:
    reading = Reading(transcoder)
    try:
        with chunks as source:
            yield b""  # it is open
            for chunk in source:
                reading.take(chunk)
                if out := transcoder.feed(chunk):
                    yield out
                if reading.is_over:
                    break
            if out := transcoder.finish():
                yield out
            if source.failure is not None:
                raise source.failure
    finally:
        _report(transcoder, on_outcome)


def adrive(
    chunks: AsyncIterable[Buffer],
    transcoder: Transcoder,
    on_outcome: Callable[[Outcome], object] | None,
) -> AsyncGenerator[bytes, None]:
    return _AsyncRun(AsyncSource(chunks), transcoder, on_outcome)


class _AsyncRun(AsyncGenerator[bytes, None]):
    """An asynchronous generator; unlike a plain one it closes its source even where it never ran."""

    def __init__(
        self,
        source: AsyncSource,
        transcoder: Transcoder,
        on_outcome: Callable[[Outcome], object] | None,
    ) -> None:
        self._unread: AsyncSource | None = source
        self._run = _arun(source, transcoder, on_outcome)

    def __anext__(self) -> Coroutine[Any, Any, bytes]:
        self._unread = None
        return self._run.__anext__()

    def asend(self, value: None) -> Coroutine[Any, Any, bytes]:
        self._unread = None
        return self._run.asend(value)

    async def athrow(self, *failure: Any) -> bytes:
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
    chunks: AsyncSource, transcoder: Transcoder, on_outcome: Callable[[Outcome], object] | None
) -> AsyncGenerator[bytes, None]:
    reading = Reading(transcoder)
    try:
        async with chunks as source:
            async for chunk in source:
                reading.take(chunk)
                if out := transcoder.feed(chunk):
                    yield out
                if reading.is_over:
                    break
            if out := transcoder.finish():
                yield out
            if source.failure is not None:
                raise source.failure
    finally:
        _report(transcoder, on_outcome)


def _report(transcoder: Transcoder, on_outcome: Callable[[Outcome], object] | None) -> None:
    if on_outcome is not None and (outcome := transcoder.outcome) is not None:
        on_outcome(outcome)
