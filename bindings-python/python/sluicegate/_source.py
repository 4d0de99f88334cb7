"""Reads a source of chunks.

Input: an iterable of upstream chunks. Output: the same chunks. State: how the source failed, if it did.

HTTP clients raise an `Exception` when the stream is cut. It ends the loop like any other end; `failure`
has it, to be raised or passed on. `KeyboardInterrupt` and cancellation are raised. However the `with` block
ends, a source that has `close()` / `aclose()` is closed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sluicegate._native import MAX_HEAD_BYTES, Page

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Iterable

    from typing_extensions import Buffer, Self

    from sluicegate.types import Outcome

__all__ = ["AsyncSource", "Reading", "Source"]


class _Consumer(Protocol):
    @property
    def outcome(self) -> Outcome | None: ...


class Reading:
    """Whether it is of use to read on in a source, which may go on for ever.

    It is not after the end of the answer, nor where there is none: 1 MiB of white space, or of a page.
    """

    def __init__(self, consumer: _Consumer) -> None:
        self.page: Page | None = Page()
        """What came; None once that is known to be a stream."""
        self._consumer = consumer
        self._late = 0

    def take(self, chunk: Buffer) -> None:
        """A chunk that the consumer has not yet."""
        if self._late or self._consumer.outcome is not None:
            self._late += memoryview(chunk).nbytes
        if self.page is not None:
            self.page.feed(chunk)
            if self.page.kind == "stream":
                self.page = None

    @property
    def is_over(self) -> bool:
        return self._late >= MAX_HEAD_BYTES or self._is_page()

    def _is_page(self) -> bool:
        """Of a document, which may be an answer, the consumer knows when it is too much."""
        if (page := self.page) is None or page.kind == "document" or not page.is_full:
            return False
        return not getattr(self._consumer, "has_output", False)


class Source:
    def __init__(self, chunks: Iterable[Buffer]) -> None:
        self.failure: Exception | None = None
        self._chunks = iter(chunks)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Buffer:
        try:
            return next(self._chunks)
        except StopIteration:
            raise
        except Exception as error:
            self.failure = error
            raise StopIteration from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.failure = None  # its traceback holds this object
        if close := getattr(self._chunks, "close", None):
            close()


class AsyncSource:
    def __init__(self, chunks: AsyncIterable[Buffer]) -> None:
        self.failure: Exception | None = None
        self._chunks = aiter(chunks)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Buffer:
        try:
            return await anext(self._chunks)
        except StopAsyncIteration:
            raise
        except Exception as error:
            self.failure = error
            raise StopAsyncIteration from None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.failure = None
        if aclose := getattr(self._chunks, "aclose", None):
            await aclose()
