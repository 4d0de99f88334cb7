"""Translates a stream as it arrives.

Input: an iterable of upstream chunks. Output: a generator of SSE bytes. State: one transcoder or relay.

`chat_sse` reads Responses and writes chat, `responses_sse` reads and writes Responses, `respond_sse` reads
chat and writes Responses. They and `achat_sse`, `aresponses_sse`, `arespond_sse` are all alike:

- Options are checked by the call, before the first chunk is read.
- Only non-empty bytes are yielded, as they arrive; the end of the source is the end of the stream.
- An `Exception` of the source is a cut stream: the client still gets a well-formed ending (error frame and
  `[DONE]`, or `response.failed`; nothing more if the terminal event had come), then the exception is raised.
- `close()` / `aclose()`, cancellation and `KeyboardInterrupt` stop at once, without an ending.
- However it ends, a source that has `close()` / `aclose()` is closed, and `on_outcome` is called once if
  there is an outcome: not when the consumer left before the terminal event.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sluicegate._native import ChatTranscoder, ResponsesRelay, ResponsesTranscoder
from sluicegate._source import AsyncSource, Source

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable, Callable, Generator, Iterable

    from typing_extensions import Buffer, Unpack

    from sluicegate.option_types import ChatOptions, ResponsesOptions
    from sluicegate.types import Outcome

__all__ = ["achat_sse", "arespond_sse", "aresponses_sse", "chat_sse", "respond_sse", "responses_sse"]

_Translator = ChatTranscoder | ResponsesRelay | ResponsesTranscoder


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


def responses_sse(
    chunks: Iterable[Buffer],
    *,
    on_outcome: Callable[[Outcome], object] | None = None,
    **options: Unpack[ChatOptions],
) -> Generator[bytes, None, None]:
    """Responses SSE in, Responses SSE with one good terminal event out; see the module for how it ends."""
    return _drive(chunks, ResponsesRelay(**options), on_outcome)


def aresponses_sse(
    chunks: AsyncIterable[Buffer],
    *,
    on_outcome: Callable[[Outcome], object] | None = None,
    **options: Unpack[ChatOptions],
) -> AsyncGenerator[bytes, None]:
    """`responses_sse` for an asynchronous source."""
    return _adrive(chunks, ResponsesRelay(**options), on_outcome)


def respond_sse(
    chunks: Iterable[Buffer],
    *,
    on_outcome: Callable[[Outcome], object] | None = None,
    **options: Unpack[ResponsesOptions],
) -> Generator[bytes, None, None]:
    """Chat SSE, or a chat completion in, Responses SSE out; see the module for how it ends."""
    return _drive(chunks, ResponsesTranscoder(**options), on_outcome)


def arespond_sse(
    chunks: AsyncIterable[Buffer],
    *,
    on_outcome: Callable[[Outcome], object] | None = None,
    **options: Unpack[ResponsesOptions],
) -> AsyncGenerator[bytes, None]:
    """`respond_sse` for an asynchronous source."""
    return _adrive(chunks, ResponsesTranscoder(**options), on_outcome)


def _drive(
    chunks: Iterable[Buffer],
    translator: _Translator,
    on_outcome: Callable[[Outcome], object] | None,
) -> Generator[bytes, None, None]:
    try:
        with Source(chunks) as source:
            for chunk in source:
                if out := translator.feed(chunk):
                    yield out
            if out := translator.finish():
                yield out
            if source.failure is not None:
                raise source.failure
    finally:
        _report(translator, on_outcome)


async def _adrive(
    chunks: AsyncIterable[Buffer],
    translator: _Translator,
    on_outcome: Callable[[Outcome], object] | None,
) -> AsyncGenerator[bytes, None]:
    try:
        async with AsyncSource(chunks) as source:
            async for chunk in source:
                if out := translator.feed(chunk):
                    yield out
            if out := translator.finish():
                yield out
            if source.failure is not None:
                raise source.failure
    finally:
        _report(translator, on_outcome)


def _report(translator: _Translator, on_outcome: Callable[[Outcome], object] | None) -> None:
    if on_outcome is not None and (outcome := translator.outcome) is not None:
        on_outcome(outcome)
