"""Translates between LLM API formats, Chat Completions and Responses. Bytes in, bytes out, no I/O.

| the client asked for         | class                 | around a source of chunks         |
|------------------------------|-----------------------|-----------------------------------|
| a chat stream                | `ChatTranscoder`      | `chat_sse`, `achat_sse`           |
| a Responses stream           | `ResponsesRelay`      | `responses_sse`, `aresponses_sse` |
| the same, of a chat server   | `ResponsesTranscoder` | `respond_sse`, `arespond_sse`     |
| one Response or completion   | `ResponseCollector`   | `collect`, `acollect`             |
| images                       | `ImageExtractor`      | `images`, `aimages`               |
| events of any kind           | `SseParser`           |                                   |

Before that, `normalize_request`, `chat_to_responses` and `responses_to_chat` make of its request one that the
backend takes; what goes wrong, `error_envelope` makes an answer of. `Continuation` puts conversations
together by `previous_response_id`, `Catalog` knows how a model is reached, `ws_request` and its like are for
WebSockets. `lint` finds the rules that a stream breaks.
"""

from sluicegate._collect import Collected, acollect, collect
from sluicegate._continuation import Continuation
from sluicegate._images import Extracted, aimages, images
from sluicegate._native import (
    Baseline,
    Catalog,
    ChatTranscoder,
    ImageExtractor,
    MemoryStore,
    Profile,
    ResponseCollector,
    ResponsesRelay,
    ResponsesTranscoder,
    SseParser,
    __version__,
    after_failure,
    chat_fields,
    chat_to_responses,
    client_frame,
    content_type,
    error_envelope,
    error_frame,
    failure_headers,
    http_body,
    images_api,
    is_sse,
    lint,
    normalize_request,
    responses_to_chat,
    ws_request,
)
from sluicegate._stores import AsyncRedisStore, RedisStore
from sluicegate._stream import (
    achat_sse,
    arespond_sse,
    aresponses_sse,
    chat_sse,
    respond_sse,
    responses_sse,
)
from sluicegate.continuation_types import (
    AsyncStore,
    Expanded,
    Record,
    Store,
    Unrecorded,
)
from sluicegate.image_types import (
    ImageError,
    ImageEvent,
    ImageKey,
    ImageMeta,
    ImageOutcome,
    ImageSink,
    WrittenImage,
)
from sluicegate.option_types import (
    ChatOptions,
    ContinuationOptions,
    ImageOptions,
    RequestOptions,
    ResponsesOptions,
    RouteOptions,
    SseOptions,
)
from sluicegate.request_types import (
    Change,
    ChatField,
    ClientTool,
    Normalized,
    RequestContext,
)
from sluicegate.route_types import ClientFrame, Recovery, Route
from sluicegate.types import (
    Envelope,
    EnvelopeBody,
    Error,
    ErrorBody,
    Finding,
    Note,
    Outcome,
    SseEvent,
    Usage,
    Verdict,
)

__all__ = [
    "AsyncRedisStore",
    "AsyncStore",
    "Baseline",
    "Catalog",
    "Change",
    "ChatField",
    "ChatOptions",
    "ChatTranscoder",
    "ClientFrame",
    "ClientTool",
    "Collected",
    "Continuation",
    "ContinuationOptions",
    "Envelope",
    "EnvelopeBody",
    "Error",
    "ErrorBody",
    "Expanded",
    "Extracted",
    "Finding",
    "ImageError",
    "ImageEvent",
    "ImageExtractor",
    "ImageKey",
    "ImageMeta",
    "ImageOptions",
    "ImageOutcome",
    "ImageSink",
    "MemoryStore",
    "Normalized",
    "Note",
    "Outcome",
    "Profile",
    "Record",
    "Recovery",
    "RedisStore",
    "RequestContext",
    "RequestOptions",
    "ResponseCollector",
    "ResponsesOptions",
    "ResponsesRelay",
    "ResponsesTranscoder",
    "Route",
    "RouteOptions",
    "SseEvent",
    "SseOptions",
    "SseParser",
    "Store",
    "Unrecorded",
    "Usage",
    "Verdict",
    "WrittenImage",
    "__version__",
    "achat_sse",
    "acollect",
    "after_failure",
    "aimages",
    "arespond_sse",
    "aresponses_sse",
    "chat_fields",
    "chat_sse",
    "chat_to_responses",
    "client_frame",
    "collect",
    "content_type",
    "error_envelope",
    "error_frame",
    "failure_headers",
    "http_body",
    "images",
    "images_api",
    "is_sse",
    "lint",
    "normalize_request",
    "respond_sse",
    "responses_sse",
    "responses_to_chat",
    "ws_request",
]
