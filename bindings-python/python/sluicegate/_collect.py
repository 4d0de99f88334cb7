"""One JSON object from a whole stream.

Input: an iterable of upstream chunks: bytes, text, or events as mappings. Output: one `Collected`. State: one
collector.

For clients that asked `stream: false` of a backend that only streams. Both functions behave alike:

- What the upstream did is data, never raised: `outcome` has whether the response may be used as success.
- An `Exception` of the source is a cut stream: what had arrived is returned, and the exception in `error`.
- Cancellation and `KeyboardInterrupt` are raised.
- However it ends, a source that has `close()` / `aclose()` is closed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sluicegate._native import Collector
from sluicegate._source import AsyncSource, Feeding, Source

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Iterable

    from typing_extensions import Unpack

    from sluicegate._source import Chunk
    from sluicegate.option_types import TranscoderOptions
    from sluicegate.types import Dialect, OnEvent, Outcome

__all__ = ["Collected", "acollect", "collect"]


@dataclass(frozen=True)
class Collected:
    """What a whole stream came to; JSON texts, ready to be sent."""

    response: bytes
    """The final Response: `failed` with its error, `incomplete` if it was cut. The error envelope, if only an
    error came.
    """
    completion: bytes
    """The chat completion; the error envelope of a response that failed or was cut."""
    outcome: Outcome
    """The summary of the stream. Only `completed` and `incomplete` are answers."""
    error: Exception | None
    """What the source raised: the stream was cut there, unless the terminal event had come."""


def collect(
    chunks: Iterable[Chunk],
    *,
    upstream: Dialect = "responses",
    on_event: OnEvent | None = None,
    **options: Unpack[TranscoderOptions],
) -> Collected:
    """The upstream's stream in, the body of any client out; see the module for when it fails.

    What `on_event` raises is raised at once.
    """
    collector = Collector(upstream=upstream, on_event=on_event, **options)
    reading = Feeding(collector)
    with Source(chunks) as source:
        for chunk in source:
            reading.feed(chunk)
            if reading.is_over:
                break
        return _finish(collector, source.failure)


async def acollect(
    chunks: AsyncIterable[Chunk],
    *,
    upstream: Dialect = "responses",
    on_event: OnEvent | None = None,
    **options: Unpack[TranscoderOptions],
) -> Collected:
    """`collect` for an asynchronous source."""
    collector = Collector(upstream=upstream, on_event=on_event, **options)
    reading = Feeding(collector)
    async with AsyncSource(chunks) as source:
        async for chunk in source:
            reading.feed(chunk)
            if reading.is_over:
                break
        return _finish(collector, source.failure)


def _finish(collector: Collector, error: Exception | None) -> Collected:
    collector.finish()
    response, completion = collector.final_response(), collector.final_completion()
    outcome = collector.outcome
    assert response is not None and completion is not None and outcome is not None  # they are, after finish
    return Collected(response, completion, outcome, error)
