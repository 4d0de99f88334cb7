"""The values of images that cross the border: where they go, what is known of them; events of streams."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias, TypedDict

from sluicegate.types import ErrorBody

__all__ = [
    "ImageError",
    "ImageEvent",
    "ImageKey",
    "ImageMeta",
    "ImageOutcome",
    "ImageSink",
    "ImagesCompletedEvent",
    "ImagesErrorEvent",
    "ImagesEvent",
    "ImagesPartialEvent",
    "ImagesUsage",
    "WrittenImage",
]

ImageKey: TypeAlias = int
"""Names one image of one stream to a sink: its bytes may arrive before it is known whose they are."""


class ImageMeta(TypedDict):
    """What is known of one image."""

    item_id: str | None
    """The first id its item had."""
    output_index: int | None
    """Its item's place in the response, where an event named it."""
    partial: bool
    """A preview: more were due, or this is what there was when the stream ended."""
    partial_index: int | None
    """Which preview it is."""
    mime: str
    """By magic bytes, else by `output_format`, else `application/octet-stream`."""
    bytes: int
    """Decoded size."""
    revised_prompt: str | None
    """The prompt as the model rewrote it; at most 32 KiB of it."""
    output_format: str | None
    """As the upstream declared it; so are the next three."""
    size: str | None
    quality: str | None
    background: str | None


class ImageError(TypedDict):
    """An image that was announced or begun and is not there."""

    code: Literal[
        "image_failed",
        "image_empty",
        "bad_base64",
        "image_too_large",
        "invalid_json",
        "event_too_large",
        "limit_exceeded",
        "sink",
    ]
    item_id: str | None
    output_index: int | None
    partial: bool
    """It was a partial image."""
    offset: int | None
    """`bad_base64`: of the character in the base64 text. `invalid_json`: of the byte in the event's data."""


class ImageOutcome(TypedDict):
    """The summary of a finished stream."""

    status: Literal["completed", "incomplete", "failed", "truncated"]
    images: list[ImageMeta]
    """One for each image; a partial one only where no final came."""
    errors: list[ImageError]
    """Images that are not there, and partial ones that were asked for."""
    no_image: Literal["model_declined", "tool_missing", "content_filter", "failed", "truncated"] | None
    """Why there is nothing at all; None where there are images or errors."""
    error: ErrorBody | None
    """Why the response failed."""


class ImageEvent(NamedTuple):
    """What a callable sink is called with.

    For each key: `begin`, `write` any number of times, then either `finish` or `abort`. Only `finish` says
    that there is an image and what it is; several keys can be open at once. After an exception from any but
    `abort` that image is given up, with `abort` unless it never began.
    """

    kind: Literal["begin", "write", "finish", "abort"]
    key: ImageKey
    data: bytes | None
    """The next decoded bytes, at most 64 KiB; only of `write`."""
    meta: ImageMeta | None
    """Only of `finish`."""


class WrittenImage(NamedTuple):
    """A complete file."""

    path: Path
    mime: str
    bytes: int
    item_id: str | None
    partial: bool


ImageSink: TypeAlias = str | os.PathLike[str] | Callable[[ImageEvent], object]
"""Where images go: a directory, or a callable."""


# --- a stream of the Images API


class _ImagesEvent(TypedDict):
    b64_json: str
    created_at: int
    size: str
    """As the upstream declared it, else `auto`; so are the next two."""
    quality: str
    background: str
    output_format: str


class ImagesPartialEvent(_ImagesEvent):
    """A preview."""

    type: Literal["image_generation.partial_image", "image_edit.partial_image"]
    partial_image_index: int


class _ImagesUsage(TypedDict):
    total_tokens: int


class ImagesUsage(_ImagesUsage, total=False):
    """What the images took, as the upstream counted."""

    input_tokens: int
    output_tokens: int
    input_tokens_details: dict[str, Any]
    output_tokens_details: dict[str, Any]


class _ImagesCompletedEvent(_ImagesEvent):
    type: Literal["image_generation.completed", "image_edit.completed"]


class ImagesCompletedEvent(_ImagesCompletedEvent, total=False):
    """A finished image."""

    revised_prompt: str
    """The prompt as the model rewrote it. OpenAI's own events do not have it."""
    usage: ImagesUsage
    """Of the last image, where the upstream counted."""


class ImagesErrorEvent(TypedDict):
    """The failure that may end a stream."""

    type: Literal["error"]
    error: ErrorBody


ImagesEvent: TypeAlias = ImagesPartialEvent | ImagesCompletedEvent | ImagesErrorEvent
"""An event of a stream of the Images API."""
