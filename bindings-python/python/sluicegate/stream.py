"""Enters: an iterable of upstream chunks. Leaves: a generator of chat SSE bytes. Kept: one transcoder.

Both generators behave alike:

- Options are checked by the call, before the first chunk is read.
- Only non-empty bytes are yielded, as they arrive; the end of the source is the end of the stream.
- An `Exception` of the source is a cut stream: the client still gets a well-formed ending (error frame and
  `[DONE]`, nothing more if the terminal event had come), then the exception is raised.
- `close()` / `aclose()`, cancellation and `KeyboardInterrupt` stop at once, without an ending.
- However it ends, a source that has `close()` / `aclose()` is closed, and `on_outcome` is called once if
  there is an outcome: not when the consumer left before the terminal event.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sluicegate._native import ChatTranscoder

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable, Callable, Generator, Iterable

    from typing_extensions import Buffer, Unpack

    from sluicegate.types import ChatOptions, Outcome

__all__ = ["achat_sse", "chat_sse"]


def chat_sse(
    chunks: Iterable[Buffer],
    *,
    on_outcome: Callable[[Outcome], object] | None = None,
    **options: Unpack[ChatOptions],
) -> Generator[bytes, None, None]:
    """Responses SSE in, chat SSE out; see the module for how it ends."""
    return _drive(chunks, ChatTranscoder(**options), on_outcome)


def achat_sse(
    chunks: AsyncIterable[Buffer],
    *,
    on_outcome: Callable[[Outcome], object] | None = None,
    **options: Unpack[ChatOptions],
) -> AsyncGenerator[bytes, None]:
    """`chat_sse` for an asynchronous source."""
    return _adrive(chunks, ChatTranscoder(**options), on_outcome)


def _drive(
    chunks: Iterable[Buffer], transcoder: ChatTranscoder, on_outcome: Callable[[Outcome], object] | None
) -> Generator[bytes, None, None]:
    source = iter(chunks)
    failure: Exception | None = None
    try:
        while True:
            try:  # around the source only: what the consumer throws in is no upstream failure
                chunk = next(source)
            except StopIteration:
                break
            except Exception as error:
                failure = error
                break
            if out := transcoder.feed(chunk):
                yield out
        if out := transcoder.finish():
            yield out
        if failure is not None:
            raise failure
    finally:
        failure = None  # its traceback holds this frame
        try:
            if close := getattr(source, "close", None):
                close()
        finally:
            _report(transcoder, on_outcome)


async def _adrive(
    chunks: AsyncIterable[Buffer], transcoder: ChatTranscoder, on_outcome: Callable[[Outcome], object] | None
) -> AsyncGenerator[bytes, None]:
    source = aiter(chunks)
    failure: Exception | None = None
    try:
        while True:
            try:
                chunk = await anext(source)
            except StopAsyncIteration:
                break
            except Exception as error:
                failure = error
                break
            if out := transcoder.feed(chunk):
                yield out
        if out := transcoder.finish():
            yield out
        if failure is not None:
            raise failure
    finally:
        failure = None
        try:
            if aclose := getattr(source, "aclose", None):
                await aclose()
        finally:
            _report(transcoder, on_outcome)


def _report(transcoder: ChatTranscoder, on_outcome: Callable[[Outcome], object] | None) -> None:
    if on_outcome is not None and (outcome := transcoder.outcome) is not None:
        on_outcome(outcome)
