"""Reads a source of chunks.

Input: an iterable of upstream chunks: bytes, text, or events as mappings. Output: the same chunks, or what a
consumer gives for each. State: how the source failed, if it did.

HTTP clients raise an `Exception` when the stream is cut. It ends the loop like any other end; `failure`
has it, to be raised or passed on. `KeyboardInterrupt` and cancellation are raised. However the `with` block
ends, a source that has `close()` / `aclose()` is closed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from sluicegate._native import MAX_HEAD_BYTES, Page

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Iterable
    from typing import TypeAlias

    from typing_extensions import Buffer, Self, TypeIs

    from sluicegate.types import Outcome

    Bytes: TypeAlias = str | Buffer
    Chunk: TypeAlias = Bytes | Mapping[str, object]

__all__ = ["AsyncSource", "Feeding", "Reading", "Source", "as_bytes", "is_event"]

_Source = TypeVar("_Source")
_Chunk = TypeVar("_Chunk")
EVENT_BYTES = 1024
"""What an event that came as a mapping is counted for after the end."""


class _Consumer(Protocol):
    @property
    def outcome(self) -> Outcome | None: ...


class _Fed(_Consumer, Protocol):
    def feed(self, chunk: Bytes, /) -> Any: ...
    def feed_event(self, frame: Mapping[str, object], /) -> Any: ...


def is_event(chunk: Chunk) -> TypeIs[Mapping[str, object]]:
    return not isinstance(chunk, (bytes, str)) and isinstance(chunk, Mapping)


def as_bytes(chunk: Bytes) -> bytes:
    if isinstance(chunk, bytes):
        return chunk
    if isinstance(chunk, str):
        return chunk.encode(errors="backslashreplace")
    try:
        return bytes(memoryview(chunk))
    except TypeError:
        raise TypeError(f"a chunk must be bytes, str or a mapping, not {type(chunk).__name__}") from None


def _checked(chunks: _Source) -> _Source:
    """Text and mappings can be iterated over, too; so can bytes."""
    if isinstance(chunks, (str, bytes, bytearray, memoryview, Mapping)):
        kind = type(chunks).__name__
        raise TypeError(f"chunks must be an iterable of chunks, not {kind}: of a whole body, [body]")
    return chunks


class Reading:
    """Whether it is of use to read on in a source, which may go on for ever.

    It is not after the end of the answer, nor where there is none: 1 MiB of white space, or of a page.
    """

    def __init__(self, consumer: _Consumer) -> None:
        self.page: Page | None = Page()
        """What came; None once that is known to be a stream."""
        self._consumer = consumer
        self._late = 0

    def _count(self, size: int) -> None:
        if self._late or self._consumer.outcome is not None:
            self._late += size

    def take(self, chunk: Buffer) -> None:
        """A chunk that the consumer has not yet."""
        self._count(memoryview(chunk).nbytes)
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


class Feeding(Reading):
    """The same, for a consumer that takes each chunk, or event, as soon as it is there."""

    def __init__(self, consumer: _Fed) -> None:
        super().__init__(consumer)
        self._fed = consumer

    def feed(self, chunk: Chunk) -> Any:
        """What the consumer gives for a chunk, or for an event."""
        if is_event(chunk):
            self.page = None
            self._count(EVENT_BYTES)
            return self._fed.feed_event(chunk)
        given = as_bytes(chunk)
        self.take(given)
        return self._fed.feed(given)


class Source(Generic[_Chunk]):
    def __init__(self, chunks: Iterable[_Chunk]) -> None:
        self.failure: Exception | None = None
        self._chunks = iter(_checked(chunks))

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> _Chunk:
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


class AsyncSource(Generic[_Chunk]):
    def __init__(self, chunks: AsyncIterable[_Chunk]) -> None:
        self.failure: Exception | None = None
        self._chunks = aiter(_checked(chunks))

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> _Chunk:
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
