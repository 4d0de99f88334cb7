from collections.abc import Iterable, Mapping
from typing import Any, Generic, Literal, Protocol, final, overload

from typing_extensions import Buffer, Self, TypeVar, Unpack, disjoint_base

from sluicegate.chat_types import ChatEvent
from sluicegate.continuation_types import Expanded, Record, Unrecorded
from sluicegate.image_types import ImageOutcome, ImageSink, WrittenImage
from sluicegate.message_types import MessageEvent
from sluicegate.option_types import (
    ContinuationOptions,
    ImageOptions,
    OtelOptions,
    RequestOptions,
    RouteOptions,
    SseOptions,
    TranscoderOptions,
)
from sluicegate.request_types import ChatField, ConvertedPart, ConvertedRequest
from sluicegate.response_event_types import ResponseEvent
from sluicegate.route_types import CatalogDiff, ClientFrame, Recovery, Route, RoutedRequest
from sluicegate.types import (
    Dialect,
    Envelope,
    Finding,
    MessagesEnvelope,
    OnEvent,
    OtelAttributes,
    Outcome,
    SseEvent,
    TeeOutput,
    Usage,
    Verdict,
)

__all__ = [
    "MAX_HEAD_BYTES",
    "Baseline",
    "Catalog",
    "Collector",
    "Continuation",
    "ImageExtractor",
    "MemoryStore",
    "Page",
    "Profile",
    "SseParser",
    "Tee",
    "Transcoder",
    "__version__",
    "after_failure",
    "chat_fields",
    "client_frame",
    "content_type",
    "convert_part",
    "convert_request",
    "count_tokens",
    "error_envelope",
    "error_frame",
    "failure_headers",
    "fault",
    "frame_headers",
    "http_body",
    "images_api",
    "images_request",
    "is_probe",
    "is_sse",
    "lint",
    "messages_fields",
    "otel_attributes",
    "pair_options",
    "usage_json",
    "warm_up_frames",
    "warm_up_response",
    "ws_request",
]

__version__: str
MAX_HEAD_BYTES: int
"""What a transport may hold back of comments and blank lines, while the status is open."""

@final
class SseParser:
    """Incremental SSE parser: one per stream, any chunking, no I/O."""

    def __new__(cls, **options: Unpack[SseOptions]) -> SseParser:
        """Raises `Error` (`invalid_option`) for an unknown option or a wrong type."""

    def feed(self, chunk: str | Buffer) -> list[SseEvent]:
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

_Out = TypeVar("_Out", default=bytes)

@disjoint_base
class Transcoder(Generic[_Out]):
    """Translates one stream of the upstream's dialect into the client's, the same bytes for any chunking.

    The same dialect twice passes the stream on, byte for byte, but for names and ids that the request
    changed, with exactly one sound end. One transcoder per stream: calling it from two threads at once raises
    `RuntimeError`.

    `client`: the dialect of who asked; `upstream`: of who answers. `frames`: calls give a list of whole
    frames, joined the bytes. `objects`: they give a list with the object of each frame, None for `[DONE]`.
    `on_event`: is called with upstream events, before the call that reads them gives anything. What it raises
    is raised by that call; what the client must be sent comes with the next one.

    Raises `Error` (`invalid_option`) for an unknown dialect, a wrong type, or an option that neither side
    has.
    """

    @overload
    def __new__(
        cls,
        *,
        client: Dialect,
        upstream: Dialect,
        on_event: OnEvent | None = None,
        frames: Literal[True],
        objects: Literal[False] | None = None,
        **options: Unpack[TranscoderOptions],
    ) -> Transcoder[list[bytes]]: ...
    @overload
    def __new__(
        cls,
        *,
        client: Literal["chat"],
        upstream: Dialect,
        on_event: OnEvent | None = None,
        objects: Literal[True],
        frames: bool | None = None,
        **options: Unpack[TranscoderOptions],
    ) -> Transcoder[list[ChatEvent | None]]: ...
    @overload
    def __new__(
        cls,
        *,
        client: Literal["responses"],
        upstream: Dialect,
        on_event: OnEvent | None = None,
        objects: Literal[True],
        frames: bool | None = None,
        **options: Unpack[TranscoderOptions],
    ) -> Transcoder[list[ResponseEvent]]: ...
    @overload
    def __new__(
        cls,
        *,
        client: Literal["messages"],
        upstream: Dialect,
        on_event: OnEvent | None = None,
        objects: Literal[True],
        frames: bool | None = None,
        **options: Unpack[TranscoderOptions],
    ) -> Transcoder[list[MessageEvent]]: ...
    @overload
    def __new__(
        cls,
        *,
        client: Dialect,
        upstream: Dialect,
        on_event: OnEvent | None = None,
        objects: Literal[True],
        frames: bool | None = None,
        **options: Unpack[TranscoderOptions],
    ) -> Transcoder[list[Any]]: ...
    @overload
    def __new__(
        cls,
        *,
        client: Dialect,
        upstream: Dialect,
        on_event: OnEvent | None = None,
        frames: Literal[False] | None = None,
        objects: Literal[False] | None = None,
        **options: Unpack[TranscoderOptions],
    ) -> Transcoder[bytes]: ...
    def feed(self, chunk: str | Buffer) -> _Out:
        """Takes the next bytes or text of the upstream body; what the client must be sent, if anything."""

    def feed_event(self, frame: str | Buffer | Mapping[str, object]) -> _Out:
        """Takes one event without SSE framing: a WebSocket text frame, or one chat chunk.

        It is JSON, or the mapping that `json.loads` makes of it; or `[DONE]`, which ends a chat stream.
        """

    def feed_document(self, body: str | Buffer | Mapping[str, object], status: int | None = None) -> _Out:
        """Takes one finished body of the upstream's dialect as it is: a Response, a completion, a Message.

        An event stream is read too. With the `status` of a failure it is that failure, as `error_envelope`
        reads it; so is a body that is no JSON object. It must be the only input, else `Error`
        (`document_not_alone`); `finish` follows.
        """

    def finish(self) -> _Out:
        """Ends the stream; without an end of its own that is a failure in the client's form.

        To a chat client it is the error frame and `[DONE]`, to a Responses client `response.failed`, to a
        Messages client the event `error`.
        """

    def response(self) -> bytes | None:
        """For Responses clients the final Response as JSON; None before the end, and for others.

        One that failed says so and has what had arrived: see `outcome` before using it.
        """

    @property
    def response_id(self) -> str | None:
        """The id of the answer, as the outcome will have it; None while it is not known."""

    @property
    def usage(self) -> Usage | None:
        """What the answer has taken so far, as the upstream last counted; None while it did not."""

    @property
    def failure(self) -> Verdict | None:
        """What to do about the failure that the answer turned out to be, from when it is known; else None."""

    @property
    def outcome(self) -> Outcome | None:
        """The summary of the stream; None before its end or `finish`."""

    @property
    def outcome_json(self) -> str | None:
        """`outcome` as the exact JSON text that all three languages give."""

    @property
    def has_output(self) -> bool:
        """Whether anything but a failure was written; before, the HTTP status can still be chosen."""

    @property
    def committed(self) -> bool:
        """The older name of `has_output`."""

    def ping(self, block: bool = False) -> bytes:
        """What to send while the upstream is silent, between any two results.

        To a client of Messages it is the event `ping`, once its message began; else a `heartbeat`.
        """

    @staticmethod
    def heartbeat(block: bool = False) -> bytes:
        """A comment to send while the upstream is silent, between any two results.

        The line form is the one that every official client survives; `block` adds the blank line that some
        proxies wait for.
        """

def pair_options(client: Dialect, upstream: Dialect, options: Any) -> TranscoderOptions:
    """Of options for an upstream and clients of any dialect, those that one pair has.

    Raises `Error` (`invalid_option`) for any other.
    """

@disjoint_base
class Collector:
    """Reads one stream of the upstream's dialect and gives the body of any client.

    For clients that asked `stream: false` of an upstream that only streams. One collector per stream.
    """

    def __new__(
        cls,
        *,
        upstream: Dialect,
        client: Dialect | None = None,
        on_event: OnEvent | None = None,
        **options: Unpack[TranscoderOptions],
    ) -> Self:
        """`client`: the only one that is to have a body; its dialect's alone is there, and `outcome` notes
        what that body does not have. Default: the bodies of all.

        `on_event`: as with a `Transcoder`.

        Raises `Error` (`invalid_option`) for an unknown dialect or option, or a wrong type.
        """

    def feed(self, chunk: str | Buffer) -> None:
        """Takes the next bytes of the upstream body."""

    def feed_event(self, frame: str | Buffer | Mapping[str, object]) -> None:
        """Takes one event as `Transcoder.feed_event` does."""

    def feed_document(self, body: str | Buffer | Mapping[str, object], status: int | None = None) -> None:
        """Takes one finished body as `Transcoder.feed_document` does."""

    def finish(self) -> None:
        """Ends the stream."""

    def final_response(self) -> bytes | None:
        """The final Response as JSON, however the stream ended; None before `finish`.

        One that failed keeps its status and error; one that was cut has what had arrived; where only an error
        came it is the error envelope. See `outcome` before using it.
        """

    def final_completion(self) -> bytes | None:
        """The chat completion as JSON; the error envelope of an answer that failed or was cut.

        What folding the chunks for a chat client with the same options gives. None before `finish`.
        """

    def final_message(self) -> bytes | None:
        """The Message as JSON; the error body of an answer that failed or was cut.

        Of a Messages upstream its own, block by block. None before `finish`.
        """

    def snapshot(self) -> Collector:
        """What it would be if the stream ended here: a collector of its own that has ended.

        This one goes on as if nothing was asked. It copies what has been kept of the answer.
        """

    @property
    def response_id(self) -> str | None:
        """The id of the answer, as the outcome will have it; None while it is not known."""

    @property
    def usage(self) -> Usage | None:
        """What the answer has taken so far, as the upstream last counted; None while it did not."""

    @property
    def failure(self) -> Verdict | None:
        """What to do about the failure that the answer turned out to be, from when it is known; else None."""

    @property
    def outcome(self) -> Outcome | None:
        """The summary of the stream; None before its end or `finish`."""

    @property
    def outcome_json(self) -> str | None:
        """`outcome` as the exact JSON text that all three languages give."""

@final
class Tee(Generic[_Out]):
    """Several consumers of one Responses stream, each event parsed once for all of them.

    `chat`: a `ChatTranscoder`; `relay`: a `ResponsesRelay`; `collect`: a `ResponseCollector`. The options are
    those of each, the others as with a `Transcoder`.
    """

    @overload
    def __new__(
        cls,
        *,
        chat: bool = False,
        relay: bool = False,
        collect: bool = False,
        on_event: OnEvent | None = None,
        frames: Literal[True],
        objects: Literal[False] | None = None,
        **options: Unpack[TranscoderOptions],
    ) -> Tee[list[bytes]]: ...
    @overload
    def __new__(
        cls,
        *,
        chat: bool = False,
        relay: bool = False,
        collect: bool = False,
        on_event: OnEvent | None = None,
        objects: Literal[True],
        frames: bool | None = None,
        **options: Unpack[TranscoderOptions],
    ) -> Tee[list[Any]]: ...
    @overload
    def __new__(
        cls,
        *,
        chat: bool = False,
        relay: bool = False,
        collect: bool = False,
        on_event: OnEvent | None = None,
        frames: Literal[False] | None = None,
        objects: Literal[False] | None = None,
        **options: Unpack[TranscoderOptions],
    ) -> Tee[bytes]: ...
    def feed(self, chunk: str | Buffer) -> TeeOutput[_Out]:
        """Takes the next bytes of the upstream body; what each client must be sent now."""

    def feed_event(self, frame: str | Buffer | Mapping[str, object]) -> TeeOutput[_Out]:
        """Takes one event as `Transcoder.feed_event` does."""

    def finish(self) -> TeeOutput[_Out]:
        """Ends the stream."""

    def final_response(self) -> bytes | None:
        """With `collect`, as of a `Collector`; None before `finish`."""

    def final_completion(self) -> bytes | None:
        """With `collect`, as of a `Collector`; None before `finish`."""

    @property
    def response_id(self) -> str | None:
        """The id of the answer, as the outcome will have it; None while it is not known."""

    @property
    def usage(self) -> Usage | None:
        """What the answer has taken so far, as the upstream last counted; None while it did not."""

    @property
    def failure(self) -> Verdict | None:
        """What to do about the failure that the answer turned out to be, from when it is known; else None."""

    @property
    def outcome(self) -> Outcome | None:
        """The summary of the stream; None before its end or `finish`."""

    @property
    def outcome_json(self) -> str | None:
        """`outcome` as the exact JSON text that all three languages give."""

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

    def feed(self, chunk: str | Buffer) -> None:
        """Takes the next bytes of the upstream body: a stream, or a Response as plain JSON."""

    def feed_event(self, frame: str | Buffer | Mapping[str, object]) -> None:
        """Takes one event without SSE framing: a WebSocket text frame, as JSON or as a mapping."""

    def finish(self) -> None:
        """Ends the stream. Where no final image came, the last partial one is it."""

    @property
    def outcome(self) -> ImageOutcome | None:
        """The summary of the stream; None before `finish`."""

    @property
    def outcome_json(self) -> str | None:
        """`outcome` as the exact JSON text that all three languages give."""

    @property
    def envelope(self) -> Envelope | None:
        """Where there is no image, the failure to answer with: its code is the reason. Else None."""

    @property
    def written(self) -> list[WrittenImage]:
        """The files that are complete, in order; none for a callable."""

def images_api(response: str | Buffer | Mapping[str, object]) -> bytes:
    """Folds a final Response (JSON) into what the Images API would have answered (JSON).

    Without an image its `data` is empty. Raises `Error` (`invalid_json`).
    """

def images_request(body: str | Buffer | Mapping[str, object], host_model: str) -> bytes:
    """Makes a request to the Images API one that a Responses backend answers by its image tool.

    `host_model` calls the tool. `images` and `mask` name images to be edited: each an object with an
    `image_url` or a `file_id`, or the URL. `images_api` makes the answer of the Response; with `stream` an
    `ImagesTranscoder` does, of the stream. Raises `Error` for what cannot be answered: several images, URLs.
    """

def otel_attributes(
    outcome: Outcome | str | Buffer | Mapping[str, object], **options: Unpack[OtelOptions]
) -> OtelAttributes:
    """An outcome as attributes of OpenTelemetry's conventions for generative AI, for a span or a log.

    What is not known is left out; there is no content among them.
    """

def failure_headers(retry_after_ms: int | None = None) -> dict[str, str]:
    """The headers of the answer to a failure: what its body is, and when to come back if that is known."""

def content_type(is_stream: bool) -> str:
    """The content type a gateway must send, whatever the upstream claimed."""

def is_sse(first_bytes: str | Buffer) -> bool | None:
    """Whether a body that begins with these bytes is an event stream, whatever its content type claims.

    None while nothing but white space was seen.
    """

@final
class Page:
    """The beginning of an upstream's body: what it is, and of a page what an envelope is made of."""

    def __new__(cls) -> Page: ...
    def feed(self, chunk: str | Buffer) -> None:
        """Takes the next bytes."""

    @property
    def kind(self) -> Literal["stream", "document", "page"] | None:
        """`document`: JSON. None while nothing but white space was seen."""

    def bytes(self) -> bytes:
        """At most 1 MiB of it, without the white space before it."""

    @property
    def is_cut(self) -> bool:
        """Whether some of it had no room."""

    @property
    def is_full(self) -> bool:
        """Whether no more of it is worth reading, if it is no answer."""

def fault(size: int) -> None:
    """Faults, for a test of what becomes of that."""

@final
class Profile:
    """The rules of one backend and route, compiled. It never changes; any number of threads may use it.

    Built in are `codex` (the ChatGPT backend), `codex_v1` (the same behind a strict `/v1` route), `openai`,
    `chat` for servers that speak only chat, and `anthropic` for those that speak Messages.
    """

    def __new__(cls, profile: str | Mapping[str, object] | Profile) -> Profile:
        """A built-in name, or the members that `docs/reference/profiles.md` has.

        All but `name` are optional where the mapping `extends` a built-in profile; its `fields` are then
        merged by name. Raises `Error` (`invalid_option`) for an unknown name, member or value.
        """

    def json(self) -> dict[str, Any]:
        """The whole profile, with what it inherited."""

    def headers(self, transport: Literal["http", "websocket"] = "http") -> dict[str, str]:
        """Headers that the backend expects, lower case; never credentials."""

    @staticmethod
    def of_upstream(upstream: Dialect) -> Profile:
        """The default one for an upstream of that dialect: `codex`; `chat` for chat."""

    @staticmethod
    def for_path(path: str) -> Literal["codex", "codex_v1"] | None:
        """The built-in profile for a route: `codex` for the ChatGPT paths, `codex_v1` for `/v1/…`."""

def convert_request(
    body: str | Buffer | Mapping[str, object],
    client: Dialect | Literal["auto"] = "auto",
    *,
    upstream: Dialect,
    profile: str | Mapping[str, object] | Profile | None = None,
    **options: Unpack[RequestOptions],
) -> ConvertedRequest:
    """Makes a client's request one that the upstream accepts.

    `client`: with `auto` the body tells; a body that is plainly of another dialect is read as what it is.
    `profile`: the rules of the upstream, by default those of `Profile.of_upstream`; a chat upstream takes
    `chat`, or one that extends it. What no rule touches stays as it was sent, byte for byte; a mapping is
    written as compact JSON first. `catalog`: what is known of models; `"none"` turns model rules off. Give
    the `context` to what reads the answer. Raises `Error`: of a request that must not be sent, with the
    `status` and the `envelope` to answer it; `invalid_option`.
    """

def convert_part(
    part: Literal["tools", "tool_choice", "messages"],
    json: bytes,
    tools: bytes | None,
    way: tuple[Dialect, Dialect, str | None],
    profile: str | Mapping[str, object] | Profile | None,
    options: RequestOptions | None,
) -> ConvertedPart:
    """A part of a request; `_parts` has a function for each. `way`: client, upstream, model."""

def usage_json(usage: bytes, from_dialect: Dialect, to_dialect: Dialect) -> dict[str, Any] | None:
    """A `usage` object as another dialect has it."""

def count_tokens(body: str | Buffer | Mapping[str, object]) -> int:
    """Estimates the input tokens of a request, Messages, Responses or chat.

    Texts are counted about as `o200k_base` does, images by their size, documents by their pages; a whole
    counts what its pieces count. docs/reference/messages.md has the measured error. It is meant for
    `input_tokens` and for what clients show, not for bills. Raises `Error` for what is no JSON object.
    """

def is_probe(body: str | Buffer | Mapping[str, object]) -> bool:
    """Whether a Messages request is a probe: a client asks whether it may use a model, by one token.

    `max_tokens` is 1, there is one message, of one word, and no system text but Claude Code's own name, no
    tools, no stream, no member that asks for more. A real request for one token has a prompt, and is none.
    """

def chat_fields() -> dict[str, ChatField]:
    """What becomes of each member of a chat request."""

def messages_fields() -> dict[str, ChatField]:
    """What becomes of each member of a Messages request."""

class _Headers(Protocol):
    """A mapping of any kind: of httpx, aiohttp, requests, or of the standard library."""

    def items(self) -> Iterable[tuple[object, object]]: ...

@overload
def error_envelope(
    body: str | Buffer | Mapping[str, object] | None = None,
    *,
    status: int | None = None,
    headers: _Headers | Iterable[tuple[str | bytes, str | bytes | float]] = (),
    now_ms: int | None = None,
    dialect: Literal["chat", "responses"] = "responses",
    request_id: str | None = None,
) -> Envelope:
    """Makes one envelope of any upstream failure: HTTP body, event, WebSocket frame, page, nothing.

    A `status` other than 400 to 599 is as good as none, but for a redirect with a `location`. Of the headers
    only `retry-after`, `retry-after-ms`, `x-codex-*`, `x-ratelimit-*` and that one are read; values are
    `str`, `bytes`, `int`, `float` or `bool`. `now_ms`, since 1970, is for an upstream that names a date. The
    `body` is for a client of the `dialect`; one of Messages also takes a `request_id`. For what an outcome
    has: `body={"error": outcome["error"]}`, and the `status` of its `failure`.
    """

@overload
def error_envelope(
    body: str | Buffer | Mapping[str, object] | None = None,
    *,
    status: int | None = None,
    headers: _Headers | Iterable[tuple[str | bytes, str | bytes | float]] = (),
    now_ms: int | None = None,
    dialect: Literal["messages"],
    request_id: str | None = None,
) -> MessagesEnvelope: ...
@overload
def error_envelope(
    body: str | Buffer | Mapping[str, object] | None = None,
    *,
    status: int | None = None,
    headers: _Headers | Iterable[tuple[str | bytes, str | bytes | float]] = (),
    now_ms: int | None = None,
    dialect: Dialect,
    request_id: str | None = None,
) -> Envelope | MessagesEnvelope: ...
def lint(
    stream: str | Buffer,
    profile: Literal["openai", "codex_cli", "chat", "messages", "claude_code"] = "openai",
) -> list[Finding]:
    """Where a whole stream breaks a rule that clients rely on, in order.

    `openai` and `codex_cli` read a Responses stream, as the official SDKs and the Codex CLI do; `chat` reads
    a chat completion stream; `messages` and `claude_code` read a Messages stream. One that begins with `{` is
    taken for WebSocket frames, one a line. Raises `Error` (`invalid_option`) for another profile.
    """

@disjoint_base
class Continuation:
    """The steps of `previous_response_id` that need no store; see `sluicegate.Continuation`."""

    def __new__(cls, scope: str | Buffer, **options: Unpack[ContinuationOptions]) -> Self:
        """`scope`: the tenant. Raises `Error` (`invalid_option`) for an empty one: it is everybody's."""

    @property
    def ttl_s(self) -> int:
        """How long a record lives, in seconds."""

    @property
    def tenant(self) -> str:
        """A digest of the scope, in hexadecimal: by it a store tells tenants apart."""

    def key(self, response_id: str) -> str:
        """Where a response is kept, the same in three languages.

        `sluicegate:1:` and the SHA-256 of the scope's length (32 bits, little endian), the scope and the id.
        """

    def lookup(self, request: str | Buffer | Mapping[str, object]) -> str | None:
        """The key under which the record is that a request needs.

        None for a request that needs none, or whose id was never given.
        """

    def expand(self, request: str | Buffer | Mapping[str, object], record: Buffer | None = None) -> Expanded:
        """Puts the recorded conversation before the request's input and takes `previous_response_id` out.

        Every other byte stays; instructions and tools are not inherited. Without a record of that response in
        this scope raises `Error` (`previous_response_not_found`), with the `envelope` to answer it.
        """

    def record(
        self,
        turn: Expanded,
        response: str | Buffer | Mapping[str, object],
        *,
        origin: str | None = None,
    ) -> Record | Unrecorded:
        """What the next turn needs, to be put into a store for `ttl_s` seconds; or why there is nothing.

        `response` as the client gets it, names and ids restored; `origin`: the backend and account that
        answered. If that is not where the history came from, the reasoning in it is not recorded.
        """

@final
class MemoryStore:
    """Records in this process. Any number of threads may use it.

    When it is full, the least used record goes of the tenant that has most: no tenant loses what is within
    its share, the room divided by the tenants that have records, because of what another one puts.

    For asyncio too, with `resolve` and `remember`: it never waits. `now_ms` is the time, by default the
    system's since 1970; of one store give it always or never.
    """

    def __new__(cls, *, max_entries: int = 1024, max_bytes: int = 67108864) -> MemoryStore:
        """At most so many records, and so many bytes of keys and values."""

    def get(self, key: str, *, now_ms: int | None = None) -> bytes | None:
        """The value, while it lives."""

    def put(self, key: str, value: Buffer, ttl_s: int, *, now_ms: int | None = None) -> None:
        """Keeps the value for `ttl_s` seconds, in place of an earlier one."""

    def put_new(self, key: str, value: Buffer, ttl_s: int, tenant: str, *, now_ms: int | None = None) -> bool:
        """Keeps the value unless there is another one under the key, which stays: False."""

@final
class Catalog:
    """What is known of models, as data. Any number of threads may use it.

    A model that is not in it is routed by default, never refused.
    """

    def __new__(cls, json: str | Buffer | Mapping[str, object] | None = None) -> Catalog:
        """The models that this version knows of; or one's own, any document that `merge_live` takes."""

    def merge_live(self, json: str | Buffer | Mapping[str, object]) -> None:
        """Merges an upstream's `/models`: `models` or `data`, `slug` or `id`.

        Field by field, it wins over what was known; what it leaves out or has as null stays. Models that were
        not known are added. Raises `Error`: `invalid_json`, or `invalid_option` for no such document.
        """

    def model(self, name: str) -> dict[str, Any] | None:
        """All that is known of the model that `name` is a variant of."""

    def to_json(self, shape: Literal["codex", "openai"] = "codex") -> dict[str, Any]:
        """The whole catalog, as the Codex client or clients of the OpenAI API read it."""

    def diff(self, json: str | Buffer | Mapping[str, object]) -> CatalogDiff:
        """What a live `/models` document has otherwise than this catalog. Raises as `merge_live` does."""

    def route(self, model: str, **options: Unpack[RouteOptions]) -> Route:
        """How a request for `model` goes upstream, and why."""

    def route_request(
        self, body: str | Buffer | Mapping[str, object], **options: Unpack[RouteOptions]
    ) -> RoutedRequest:
        """The route of a request's body, of whose model, tools and length the options need none.

        A body that is no request goes the default way: converting it finds what is wrong.
        """

@final
class Baseline:
    """What the upstream has of a conversation at the other end of one WebSocket.

    Made of each request as it was given to `ws_request`, whole, and fed each frame that comes back. An error,
    an incomplete response or a frame that cannot be read makes it worthless, and so does the end of the
    connection: then drop it, or call `close`. Calling it from two threads at once raises `RuntimeError`.
    """

    def __new__(cls, request: str | Buffer | Mapping[str, object]) -> Baseline:
        """Of a request that is now sent. Raises `Error` as `convert_request` does."""

    def frame(self, json: str | Buffer) -> None:
        """Takes a frame of the answer."""

    def close(self) -> None:
        """The connection is gone, or what came over it is not what was asked for."""

    @property
    def response_id(self) -> str | None:
        """The response that the next request can go on from; None means that it must be sent whole."""

def ws_request(body: str | Buffer | Mapping[str, object], baseline: Baseline | None = None) -> bytes:
    """The frame that sends a request body, UTF-8; most upstreams want a text frame: `.decode()`.

    With the baseline of the connection it has only the new end of the input and the `previous_response_id` to
    go on from, where the rest is what the upstream has; else it is the whole request.
    """

def http_body(frame: str | Buffer | Mapping[str, object]) -> bytes:
    """The request body that a client's frame is, to send over HTTP.

    Raises `Error` with the code `needs_full_request` where the frame only goes on from an earlier response:
    expand it, or have the client send it whole.
    """

def client_frame(frame: str | Buffer | Mapping[str, object]) -> ClientFrame:
    """What a client's frame asks for."""

def frame_headers(frame: str | Buffer | Mapping[str, object]) -> dict[str, str]:
    """Headers that a frame has because a WebSocket has none, in lower case.

    Of a client's frame those in its metadata, which a body over HTTP will not have; of an upstream's `error`
    frame its `headers`.
    """

def warm_up_frames(response_id: str) -> list[bytes]:
    """The events that answer a warm-up frame: a response without output, to go on from.

    The upstream need not know of it; `warm_up_response` is that response, to be recorded.
    """

def warm_up_response(response_id: str) -> bytes:
    """The response of `warm_up_frames`, as JSON."""

def after_failure(
    transport: Literal["http", "websocket"],
    envelope: str | Buffer | Mapping[str, object],
    committed: bool,
) -> Recovery:
    """What to do about a request that failed over `transport`.

    `envelope`: of `error_envelope`, or `{**outcome["failure"], "body": {"error": outcome["error"]}}`.
    `committed`: the client was sent something already. After a status 426 the host stays with HTTP
    (`http_latched`); it also counts attempts, for an upstream that fails either way.
    """

def error_frame(
    envelope: str | Buffer | Mapping[str, object],
    headers: _Headers | Iterable[tuple[str | bytes, str | bytes | float]] | None = None,
) -> bytes:
    """The frame that reports a failure to a WebSocket client; `error_envelope` of it is the same again.

    `headers`: what an HTTP client would get beside the body. The Codex CLI reads `x-codex-*`.
    """
