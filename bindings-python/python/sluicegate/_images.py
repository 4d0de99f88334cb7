"""Extracts generated images while they arrive.

Input: an iterable of upstream chunks: bytes, text, or events as mappings. Output: images, to a directory or a
callable. State: one extractor.

Both functions behave alike:

- What the upstream did is data, never raised: `outcome` lists the images, and why others are missing.
- An `Exception` of the source is a cut stream: what had arrived counts.
- An `Exception` of the sink costs that image; the stream is read on.
- The first such exception is in `error`.
- Cancellation and `KeyboardInterrupt` are raised; files that are not complete are removed.
- However it ends, a source that has `close()` / `aclose()` is closed.

The sink is called, and files are written, between two chunks: an event loop waits meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sluicegate._native import ImageExtractor
from sluicegate._source import AsyncSource, Source, as_bytes, is_event

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Callable, Iterable

    from typing_extensions import Self, Unpack

    from sluicegate._source import Chunk
    from sluicegate.image_types import ImageOutcome, ImageSink, WrittenImage
    from sluicegate.option_types import ImageOptions
    from sluicegate.types import Envelope

__all__ = ["Extracted", "aimages", "images"]


@dataclass(frozen=True)
class Extracted:
    """What the images of a whole stream came to."""

    outcome: ImageOutcome
    """The summary of the stream: its images, and those that are missing."""
    envelope: Envelope | None
    """Where there is no image, the failure to answer with; else None."""
    written: list[WrittenImage]
    """The files, in order; none for a callable."""
    error: Exception | None
    """What the sink or the source raised first."""


def images(chunks: Iterable[Chunk], sink: ImageSink, **options: Unpack[ImageOptions]) -> Extracted:
    """Responses SSE in, images to the sink; see the module for when it fails."""
    with _Extraction(ImageExtractor(sink, **options)) as extraction, Source(chunks) as source:
        for chunk in source:
            extraction.feed(chunk)
        return extraction.finish(source)


async def aimages(
    chunks: AsyncIterable[Chunk], sink: ImageSink, **options: Unpack[ImageOptions]
) -> Extracted:
    """`images` for an asynchronous source."""
    with _Extraction(ImageExtractor(sink, **options)) as extraction:
        async with AsyncSource(chunks) as source:
            async for chunk in source:
                extraction.feed(chunk)
            return extraction.finish(source)


class _Extraction:
    """Goes on where the sink fails."""

    def __init__(self, extractor: ImageExtractor) -> None:
        self._extractor = extractor
        self._failure: Exception | None = None

    def feed(self, chunk: Chunk) -> None:
        if is_event(chunk):
            self._try(lambda: self._extractor.feed_event(chunk))
            return
        given = as_bytes(chunk)  # the wrong type is not the sink's failure
        self._try(lambda: self._extractor.feed(given))

    def finish(self, source: Source[Chunk] | AsyncSource[Chunk]) -> Extracted:
        self._failure = self._failure or source.failure
        self._try(self._extractor.finish)
        outcome = self._extractor.outcome
        assert outcome is not None  # it is there after finish
        return Extracted(outcome, self._extractor.envelope, self._extractor.written, self._failure)

    def _try(self, call: Callable[[], None]) -> None:
        try:
            call()
        except Exception as error:
            self._failure = self._failure or error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        del self._extractor  # its unfinished files go at once, whoever holds a traceback
        self._failure = None
