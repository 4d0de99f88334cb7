"""Translates between LLM API formats, Chat Completions and Responses. Bytes in, bytes out, no I/O.

`client` is the dialect of who asked, `upstream` of who answers: `"chat"` or `"responses"`.

| the client asked for         | class                              | around a source of chunks |
|------------------------------|------------------------------------|---------------------------|
| a stream                     | `Transcoder(client=…, upstream=…)` | `transcode`, `atranscode` |
| one Response or completion   | `Collector(upstream=…)`            | `collect`, `acollect`     |
| images                       | `ImageExtractor`                   | `images`, `aimages`       |
| events of any kind           | `SseParser`                        |                           |

Before that, `convert_request` makes of its request one that the upstream takes; what goes wrong,
`error_envelope` makes an answer of. `Continuation` puts conversations
together by `previous_response_id`, `Catalog` knows how a model is reached, `ws_request` and its like are for
WebSockets. `lint` finds the rules that a stream breaks. The names of 0.1.0 (`ChatTranscoder`, `chat_sse`,
`normalize_request` and their like) are these for one client and upstream each.
"""

from sluicegate._collect import Collected, acollect, collect
from sluicegate._continuation import Continuation
from sluicegate._images import Extracted, aimages, images
from sluicegate._native import (
    Baseline,
    Catalog,
    Collector,
    ImageExtractor,
    MemoryStore,
    Profile,
    SseParser,
    Transcoder,
    __version__,
    after_failure,
    chat_fields,
    client_frame,
    content_type,
    convert_request,
    error_envelope,
    error_frame,
    failure_headers,
    http_body,
    images_api,
    is_sse,
    lint,
    ws_request,
)
from sluicegate._older import (
    ChatTranscoder,
    ResponseCollector,
    ResponsesRelay,
    ResponsesTranscoder,
    achat_sse,
    arespond_sse,
    aresponses_sse,
    chat_sse,
    chat_to_responses,
    normalize_request,
    respond_sse,
    responses_sse,
    responses_to_chat,
)
from sluicegate._stores import AsyncRedisStore, RedisStore
from sluicegate._stream import atranscode, transcode
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
    TranscoderOptions,
)
from sluicegate.request_types import (
    Change,
    ChatField,
    ClientTool,
    ConvertedRequest,
    Normalized,
    RequestContext,
)
from sluicegate.route_types import ClientFrame, Recovery, Route
from sluicegate.types import (
    Dialect,
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
    "Collector",
    "Continuation",
    "ContinuationOptions",
    "ConvertedRequest",
    "Dialect",
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
    "Transcoder",
    "TranscoderOptions",
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
    "atranscode",
    "chat_fields",
    "chat_sse",
    "chat_to_responses",
    "client_frame",
    "collect",
    "content_type",
    "convert_request",
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
    "transcode",
    "ws_request",
]
