"""A sink that checks what it is called with, and keeps hashes."""

from __future__ import annotations

import hashlib
from typing import Any

from sluicegate import ImageEvent, ImageExtractor, ImageKey


class Recorder:
    def __init__(self) -> None:
        self.images: list[dict[str, Any]] = []
        self.largest = 0
        self._open: dict[ImageKey, Any] = {}
        self._sizes: dict[ImageKey, int] = {}
        """Of all that were begun."""

    def __call__(self, event: ImageEvent) -> None:
        assert (event.data is None) == (event.kind != "write")
        assert (event.meta is None) == (event.kind != "finish")
        if event.kind == "begin":
            assert event.key not in self._sizes
            self._open[event.key] = hashlib.sha256()
            self._sizes[event.key] = 0
        elif event.data is not None:
            assert event.data
            self._open[event.key].update(event.data)
            self._sizes[event.key] += len(event.data)
            self.largest = max(self.largest, len(event.data))
        else:
            closed = self._open.pop(event.key)
            if event.meta is not None:
                assert self._sizes[event.key] == event.meta["bytes"] > 0
                self.images.append({"sha256": closed.hexdigest(), "meta": event.meta})

    @property
    def is_idle(self) -> bool:
        return not self._open


def extract(pieces: list[Any], options: dict[str, Any], verb: str = "feed") -> tuple[list[Any], str]:
    """Gives every piece to an extractor's `feed` or `feed_event`: the images, and the outcome."""
    recorder = Recorder()
    extractor = ImageExtractor(recorder, **options)
    assert not any(map(getattr(extractor, verb), pieces))
    assert extractor.outcome_json is None
    extractor.finish()
    assert recorder.is_idle
    return recorder.images, str(extractor.outcome_json)
