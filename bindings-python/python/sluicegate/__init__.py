"""Turns OpenAI Responses API event streams into what a client asked for. Bytes in, bytes out, no I/O.

| the client asked for         | class               | around a source of chunks         |
|------------------------------|---------------------|-----------------------------------|
| a chat stream                | `ChatTranscoder`    | `chat_sse`, `achat_sse`           |
| a Responses stream           | `ResponsesRelay`    | `responses_sse`, `aresponses_sse` |
| one Response or completion   | `ResponseCollector` | `collect`, `acollect`             |
| images                       | `ImageExtractor`    | `images`, `aimages`               |
| events of any kind           | `SseParser`         |                                   |

Before that, `normalize_request` and `chat_to_responses` make of its request one that the backend takes; what
goes wrong, `error_envelope` makes an answer of.
"""

from sluicegate._native import (
    ChatTranscoder,
    ImageExtractor,
    Profile,
    ResponseCollector,
    ResponsesRelay,
    SseParser,
    __version__,
    chat_fields,
    chat_to_responses,
    content_type,
    error_envelope,
    images_api,
    is_sse,
    normalize_request,
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
from sluicegate.request_types import Change, ChatField, Normalized, RequestContext, RequestOptions
from sluicegate.stream import achat_sse, aresponses_sse, chat_sse, responses_sse
from sluicegate.types import (
    ChatOptions,
    Envelope,
    EnvelopeBody,
    Error,
    ErrorBody,
    Note,
    Outcome,
    SseEvent,
    SseOptions,
    Usage,
    Verdict,
)

__all__ = [
    "Change",
    "ChatField",
    "ChatOptions",
    "ChatTranscoder",
    "Collected",
    "Envelope",
    "EnvelopeBody",
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
    "Normalized",
    "Note",
    "Outcome",
    "Profile",
    "RequestContext",
    "RequestOptions",
    "ResponseCollector",
    "ResponsesRelay",
    "SseEvent",
    "SseOptions",
    "SseParser",
    "Usage",
    "Verdict",
    "WrittenImage",
    "__version__",
    "achat_sse",
    "acollect",
    "aimages",
    "aresponses_sse",
    "chat_fields",
    "chat_sse",
    "chat_to_responses",
    "collect",
    "content_type",
    "error_envelope",
    "images",
    "images_api",
    "is_sse",
    "normalize_request",
    "responses_sse",
]
