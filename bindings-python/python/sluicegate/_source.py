"""Reads a source of chunks.

Input: an iterable of upstream chunks. Output: the same chunks. State: how the source failed, if it did.

HTTP clients raise an `Exception` when the stream is cut. It ends the loop like any other end; `failure`
has it, to be raised or passed on. `KeyboardInterrupt` and cancellation are raised. However the `with` block
ends, a source that has `close()` / `aclose()` is closed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Iterable

    from typing_extensions import Buffer, Self

__all__ = ["AsyncSource", "Source"]


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
