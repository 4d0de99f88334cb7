"""Generated images as the Images API streams them.

Input: upstream chunks of a Responses stream. Output: events of an Images API stream. State: a transcoder's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sluicegate._native import Transcoder
from sluicegate._stream import adrive, drive

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable, Callable, Generator, Iterable

    from typing_extensions import Self

    from sluicegate._source import Chunk
    from sluicegate.types import Outcome

__all__ = ["ImagesTranscoder", "aimages_sse", "images_sse"]


class ImagesTranscoder(Transcoder):
    """`Transcoder` for a client of the Images API that asked for a stream, of a Responses upstream."""

    def __new__(cls, **options: Any) -> Self:
        return super().__new__(cls, client="images", upstream="responses", **options)


def images_sse(
    chunks: Iterable[Chunk],
    *,
    on_outcome: Callable[[Outcome], object] | None = None,
    **options: Any,
) -> Generator[Any, None, None]:
    """`transcode` for a client of the Images API."""
    return drive(chunks, ImagesTranscoder, on_outcome, **options)


def aimages_sse(
    chunks: AsyncIterable[Chunk],
    *,
    on_outcome: Callable[[Outcome], object] | None = None,
    **options: Any,
) -> AsyncGenerator[Any, None]:
    """`atranscode` for a client of the Images API."""
    return adrive(chunks, ImagesTranscoder, on_outcome, **options)
