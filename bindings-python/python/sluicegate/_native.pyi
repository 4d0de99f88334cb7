from collections.abc import Iterable, Mapping
from typing import Any, Literal, Protocol, final

from typing_extensions import Buffer, Unpack

from sluicegate.image_types import ImageOptions, ImageOutcome, ImageSink, WrittenImage
from sluicegate.request_types import ChatField, Normalized, RequestOptions
from sluicegate.types import ChatOptions, Envelope, Outcome, SseEvent, SseOptions

__all__ = [
    "ChatTranscoder",
    "ImageExtractor",
    "Profile",
    "ResponseCollector",
    "ResponsesRelay",
    "SseParser",
    "__version__",
    "chat_fields",
    "chat_to_responses",
    "content_type",
    "error_envelope",
    "images_api",
    "is_sse",
    "normalize_request",
]

__version__: str

@final
class SseParser:
    """Incremental SSE parser: one per stream, any chunking, no I/O."""

    def __new__(cls, **options: Unpack[SseOptions]) -> SseParser:
        """Raises `Error` (`invalid_option`) for an unknown option or a wrong type."""

    def feed(self, chunk: Buffer) -> list[SseEvent]:
        """The events that `chunk` completes.

        All of the chunk is parsed even when `Error` is raised: its `events` are all events of the chunk, its
        `further` the errors after the first. Go on with the next chunk, or stop.
        """

    def finish(self) -> list[SseEvent]:
        """Ends the stream; the event of an unterminated block under `dispatch_tail`, else none."""

    @property
    def retry(self) -> int | None:
        """The last valid `retry` value, in milliseconds."""

    @property
    def last_event_id(self) -> str:
        """The last `id` that a dispatched block set."""

    @property
    def bytes_touched(self) -> int:
        """Bytes scanned plus bytes copied; at most twice the bytes fed."""

@final
class ChatTranscoder:
    """Turns one Responses stream into one chat completion stream, the same bytes for any chunking.

    One transcoder per stream: calling it from two threads at once raises `RuntimeError`.
    """

    def __new__(cls, **options: Unpack[ChatOptions]) -> ChatTranscoder:
        """Raises `Error` (`invalid_option`) for an unknown option or a wrong type."""

    def feed(self, chunk: Buffer) -> bytes:
        """Takes the next bytes of the upstream body; what the client must be sent now, possibly nothing."""

    def feed_event(self, frame: str | Buffer) -> bytes:
        """Takes one event as JSON without SSE framing: a WebSocket text frame."""

    def finish(self) -> bytes:
        """Ends the stream; without a terminal event that is the error frame and `[DONE]`."""

    @property
    def outcome(self) -> Outcome | None:
        """What the stream turned out to be; None before a terminal event or `finish`."""

    @property
    def outcome_json(self) -> str | None:
        """`outcome` as the exact JSON text that all three languages give."""

    @property
    def committed(self) -> bool:
        """Whether anything but an error frame was emitted; before, the HTTP status can still be chosen."""

    @staticmethod
    def heartbeat(block: bool = False) -> bytes:
        """A comment to send while the upstream is silent, between any two results.

        The line form is the one that every official client survives; `block` adds the blank line that some
        proxies wait for.
        """

@final
class ResponseCollector:
    """Rebuilds the final Response of one stream, and folds its chat completion.

    For clients that asked `stream: false` of a backend that only streams. The options shape the chat
    completion. One collector per stream.
    """

    def __new__(cls, **options: Unpack[ChatOptions]) -> ResponseCollector:
        """Raises `Error` (`invalid_option`) for an unknown option or a wrong type."""

    def feed(self, chunk: Buffer) -> None:
        """Takes the next bytes of the upstream body."""

    def feed_event(self, frame: str | Buffer) -> None:
        """Takes one event as JSON without SSE framing: a WebSocket text frame."""

    def finish(self) -> bytes:
        """Ends the stream: the final Response as JSON, whatever it turned out to be.

        One that failed keeps its status and error; one that was cut has the status `incomplete` and what had
        arrived; where only an error came it is the error envelope. See `outcome` before using it.
        """

    def chat_completion(self) -> bytes | None:
        """The chat completion as JSON; the error envelope of a response that failed or was cut.

        What folding the chunks of a `ChatTranscoder` with the same options gives. None before `finish`.
        """

    @property
    def outcome(self) -> Outcome | None:
        """What the stream turned out to be; None before a terminal event or `finish`."""

    @property
    def outcome_json(self) -> str | None:
        """`outcome` as the exact JSON text that all three languages give."""

@final
class ResponsesRelay:
    """Passes one Responses stream on byte for byte, with exactly one terminal event.

    It is filled where it was hollow, and made where it was missing or an `error` stood in its place. Of the
    options only `context`, `fc_ids`, `previous_response_id`, `done_is_complete` and `max_event_bytes`
    matter. One relay per stream.
    """

    def __new__(cls, **options: Unpack[ChatOptions]) -> ResponsesRelay:
        """Raises `Error` (`invalid_option`) for an unknown option or a wrong type."""

    def feed(self, chunk: Buffer) -> bytes:
        """Takes the next bytes of the upstream body; what the client must be sent now, possibly nothing."""

    def feed_event(self, frame: str | Buffer) -> bytes:
        """Takes one WebSocket text frame; it goes on as an SSE block."""

    def finish(self) -> bytes:
        """Ends the stream; without a terminal event that is a `response.failed` with what had arrived."""

    @property
    def outcome(self) -> Outcome | None:
        """What the stream turned out to be; None before a terminal event or `finish`."""

    @property
    def outcome_json(self) -> str | None:
        """`outcome` as the exact JSON text that all three languages give."""

    @property
    def committed(self) -> bool:
        """Whether anything but a failure was passed on; before, the HTTP status can still be chosen."""

@final
class ImageExtractor:
    """Takes the generated images out of one Responses stream, decoded while they arrive, in pieces.

    The sink is a directory, made if need be, whose files get their names when they are complete, or a
    callable that takes one `ImageEvent` after the other; what it returns is ignored, and it must not use the
    extractor. What a sink raises costs that image only (`sink` in `outcome`): all of the input is read even
    then, and the first exception is raised as it is; a directory raises `Error` (`sink`).

    One extractor per stream. Files that are not complete are removed when it goes.
    """

    def __new__(cls, sink: ImageSink, **options: Unpack[ImageOptions]) -> ImageExtractor:
        """Raises `Error`: `invalid_option`, or `sink` for a directory that cannot be made."""

    def feed(self, chunk: Buffer) -> None:
        """Takes the next bytes of the upstream body: a stream, or a Response as plain JSON."""

    def feed_event(self, frame: str | Buffer) -> None:
        """Takes one event as JSON without SSE framing: a WebSocket text frame."""

    def finish(self) -> None:
        """Ends the stream. Where no final image came, the last partial one is it."""

    @property
    def outcome(self) -> ImageOutcome | None:
        """What the stream turned out to be; None before `finish`."""

    @property
    def outcome_json(self) -> str | None:
        """`outcome` as the exact JSON text that all three languages give."""

    @property
    def written(self) -> list[WrittenImage]:
        """The files that are complete, in order; none for a callable."""

def images_api(response: Buffer) -> bytes:
    """Folds a final Response (JSON) into what the Images API would have answered (JSON).

    Without an image its `data` is empty. Raises `Error` (`invalid_json`).
    """

def content_type(is_stream: bool) -> str:
    """The content type a gateway must send, whatever the upstream claimed."""

def is_sse(first_bytes: Buffer) -> bool | None:
    """Whether a body that begins with these bytes is an event stream, whatever its content type claims.

    None while nothing but white space was seen.
    """

@final
class Profile:
    """The rules of one backend and route, compiled. It never changes; any number of threads may use it.

    Built in are `codex` (the ChatGPT backend), `codex_v1` (the same behind a strict `/v1` route), `openai`.
    """

    def __new__(cls, profile: str | Mapping[str, object] | Profile) -> Profile:
        """A built-in name, or the members of `core/profiles/codex.json`.

        All but `name` are optional where the mapping `extends` a built-in profile; its `fields` are then
        merged by name. Raises `Error` (`invalid_option`) for an unknown name, member or value.
        """

    def json(self) -> dict[str, Any]:
        """The whole profile, with what it inherited."""

    def headers(self, transport: Literal["http", "websocket"] = "http") -> dict[str, str]:
        """Headers that the backend expects, lower case; never credentials."""

    @staticmethod
    def for_path(path: str) -> Literal["codex", "codex_v1"] | None:
        """The built-in profile for a route: `codex` for the ChatGPT paths, `codex_v1` for `/v1/…`."""

def normalize_request(
    body: str | Buffer | Mapping[str, object],
    profile: str | Mapping[str, object] | Profile = "codex",
    **options: Unpack[RequestOptions],
) -> Normalized:
    """Makes a Responses request one that the profile's backend accepts.

    What no rule touches stays as it was sent, byte for byte; a mapping is written as compact JSON first. A
    body with `messages` and no `input` is taken for a chat request, whatever route it came by. Raises
    `Error`: of a request that must not be sent, with the `status` and the `envelope` to answer it;
    `invalid_option`.
    """

def chat_to_responses(
    body: str | Buffer | Mapping[str, object],
    profile: str | Mapping[str, object] | Profile = "codex",
    **options: Unpack[RequestOptions],
) -> Normalized:
    """Makes a chat completion request a Responses request that the profile's backend accepts.

    A body with `input` and no `messages` is taken for a Responses request, whatever route it came by. Raises
    as `normalize_request` does.
    """

def chat_fields() -> dict[str, ChatField]:
    """What becomes of each member of a chat request."""

class _Headers(Protocol):
    """A mapping of any kind: of httpx, aiohttp, requests, or of the standard library."""

    def items(self) -> Iterable[tuple[object, object]]: ...

def error_envelope(
    body: str | Buffer | Mapping[str, object] | None = None,
    *,
    status: int | None = None,
    headers: _Headers | Iterable[tuple[str | bytes, str | bytes | float]] = (),
    now_ms: int | None = None,
) -> Envelope:
    """Makes one envelope of any upstream failure: HTTP body, event, WebSocket frame, page, nothing.

    A `status` other than 400 to 599 is as good as none. Of the headers only `retry-after`, `retry-after-ms`,
    `x-codex-*` and `x-ratelimit-*` are read; values are `str`, `bytes`, `int`, `float` or `bool`. `now_ms`,
    since 1970, is for an upstream that names a date.
    """
