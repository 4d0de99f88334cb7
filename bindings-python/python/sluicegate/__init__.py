"""Turns OpenAI Responses API event streams into what a client asked for. Bytes in, bytes out, no I/O.

| the client asked for         | class               | around a source of chunks         |
|------------------------------|---------------------|-----------------------------------|
| a chat stream                | `ChatTranscoder`    | `chat_sse`, `achat_sse`           |
| a Responses stream           | `ResponsesRelay`    | `responses_sse`, `aresponses_sse` |
| one Response or completion   | `ResponseCollector` | `collect`, `acollect`             |
| images                       | `ImageExtractor`    | `images`, `aimages`               |
| events of any kind           | `SseParser`         |                                   |
"""

from sluicegate._native import (
    ChatTranscoder,
    ImageExtractor,
    ResponseCollector,
    ResponsesRelay,
    SseParser,
    __version__,
    content_type,
    images_api,
    is_sse,
)
from sluicegate.collect import Collected, acollect, collect
from sluicegate.image_types import (
    ImageError,
    ImageEvent,
    ImageKey,
    ImageMeta,
    ImageOptions,
    ImageOutcome,
    ImageSink,
    WrittenImage,
)
from sluicegate.images import Extracted, aimages, images
from sluicegate.stream import achat_sse, aresponses_sse, chat_sse, responses_sse
from sluicegate.types import ChatOptions, Error, ErrorBody, Note, Outcome, SseEvent, SseOptions, Usage

__all__ = [
    "ChatOptions",
    "ChatTranscoder",
    "Collected",
    "Error",
    "ErrorBody",
    "Extracted",
    "ImageError",
    "ImageEvent",
    "ImageExtractor",
    "ImageKey",
    "ImageMeta",
    "ImageOptions",
    "ImageOutcome",
    "ImageSink",
    "Note",
    "Outcome",
    "ResponseCollector",
    "ResponsesRelay",
    "SseEvent",
    "SseOptions",
    "SseParser",
    "Usage",
    "WrittenImage",
    "__version__",
    "achat_sse",
    "acollect",
    "aimages",
    "aresponses_sse",
    "chat_sse",
    "collect",
    "content_type",
    "images",
    "images_api",
    "is_sse",
    "responses_sse",
]
