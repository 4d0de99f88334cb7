"""The options that calls take. Generated from core/options.json by `make options`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, TypedDict

from sluicegate.request_types import RequestContext
from sluicegate.types import FailureText, MadeFailure

if TYPE_CHECKING:
    from sluicegate._native import Catalog

__all__ = [
    "ChatOptions",
    "ContinuationOptions",
    "ImageOptions",
    "OtelOptions",
    "RequestOptions",
    "ResponsesOptions",
    "RouteOptions",
    "SseOptions",
    "TranscoderOptions",
]


class SseOptions(TypedDict, total=False):
    """Options of `SseParser`; `None` is as if left out."""

    max_event_bytes: int | None
    """Longest block in bytes. A longer one is skipped with the error `event_too_large`. Default 64 MiB."""
    utf8: Literal["replace", "strict"] | None
    """Replace invalid UTF-8 with U+FFFD, or drop the event with the error `invalid_utf8`. Default
    `replace`.
    """
    dispatch_tail: bool | None
    """Emit the last event although the blank line after it is missing. WHATWG drops it. Default off."""


class TranscoderOptions(TypedDict, total=False):
    """Options of `Transcoder` and `Collector`; `None` is as if left out."""

    model: str | None
    """The model that the client asked for. Default: that of `context`."""
    model_from: Literal["requested", "served"] | None
    """Whose model name the answer carries: the client's or the upstream's. The other one is the fallback.
    Default: `requested`; but a stream that stays in its dialect, and a body of it, keep the model as it
    was sent until this option is set.
    """
    id: str | None
    """Id of the answer, in place of the upstream's: for an upstream that repeats ids. Default: the upstream's
    id, with `chatcmpl-` for a chat answer, `resp_` for a Response and `msg_` for a Message in place of its
    own prefix.
    """
    created: int | None
    """Unix time in seconds, used where the upstream gives none. Default 0."""
    context: RequestContext | None
    """Pass `context` of the converted request. Tool names and call ids that were changed for the upstream are
    turned back in the answer. It also stands in for `model`, `include_usage` and `reasoning_details` where
    they are not set.
    """
    previous_response_id: str | None
    """The response that the client continues, where its request was expanded: a Response repeats it."""
    max_event_bytes: int | None
    """Longest event in bytes. A longer one is skipped and noted. Default 64 MiB."""
    max_response_bytes: int | None
    """Most that is kept of one answer for its final form, in bytes. The rest is dropped and noted. At its end
    several times as much is held: see limits.md. Default 256 MiB.
    """
    messages: Mapping[MadeFailure, FailureText] | None
    """Codes and words of the failures that this library makes itself, in place of its own:
    `{"upstream_truncated": {"code": "stream_incomplete", "message": "The stream was cut."}}`. Status and
    class stay. The names are in errors.md.
    """
    done_is_complete: bool | None
    """Accept `[DONE]` as a normal end where the terminal event or the finish reason is missing. Without it
    such a stream counts as cut. Default off.
    """
    fc_ids: bool | None
    """Give function calls item ids that begin with `fc_`, as some clients demand. Without it ids stay as
    sent. Default off.
    """
    think_tags: Literal[True, False, "open"] | None
    """Read text between tags such as `<think>` and `</think>` at the beginning of the content as reasoning;
    `open`: the content begins inside of one. Default off.
    """
    tag_names: Sequence[str] | None
    """Names of the tags around reasoning in chat content. All are read, the first one is written. Default
    `think`, `thinking`.
    """
    reasoning: Literal["default", "reasoning_content", "reasoning", "tags", "summary", "text", "off"] | None
    """Where reasoning goes. Chat: to the member `reasoning_content` (the default) or `reasoning`, or between
    `tags` in the content. Responses: to a `summary` (the default), which every client shows, or to raw
    `text`. Messages: to `thinking` blocks. `off` drops it. Default `default`.
    """
    usage: Literal["upstream", "zeros"] | None
    """What a completed answer has for usage where the upstream counted nothing: nothing, or `zeros`, for
    clients that need the object. Default `upstream`.
    """
    open_parallel_calls: bool | None
    """Write the calls in a call of `multi_tool_use.parallel`, which models make though nobody declared it, as
    calls of their own: their ids are its id with `_1`, `_2`, …. A call that the client declared, or with
    anything else in it, stays as it is; so does all that a relay passes on. Default off.
    """
    apply_stop: bool | None
    """End the answer before the first of the stop sequences in `context.stop`: those that the client asked
    for and that were removed from its request, since Responses has none. The finish reason is `stop`, to
    Messages `stop_sequence` with the text; the note is `stop_applied`. Only text counts, and the upstream
    is read to its end, for its usage. A relay leaves its text as it is. Default off.
    """
    include_usage: bool | None
    """The client's `stream_options.include_usage`: end the stream with a chunk that has the usage. Default
    off.
    """
    usage_in_finish: bool | None
    """Write the usage that was asked for into the chunk with the finish reason, not into a chunk of its own.
    Default off.
    """
    include_role_chunk: bool | None
    """Begin the stream with a chunk that has the role and no text, as OpenAI does. Without it the first chunk
    of the answer has the role. Default on.
    """
    legacy_completions: bool | None
    """Write `text_completion` objects of the legacy Completions API, `/v1/completions`, streamed and whole.
    They have the text of the answer alone: a refusal becomes text; reasoning (but with `tags`), calls,
    citations and images (but as `markdown`) are left out. Each of these is noted. Default off.
    """
    reasoning_details: bool | None
    """Give reasoning items, encrypted ones too, as `reasoning_details`, in one chunk at the end. A client
    that keeps them with the message sends them back, and `chat_to_responses` makes the same items of them.
    On by itself where the context has it: the request asked for it, or the profile. Default off.
    """
    custom_tools: Literal["function", "custom", "raw"] | None
    """Write calls of custom tools as functions with the arguments `{"input":"…"}`, as chat `custom` calls, or
    `raw`: as functions whose arguments are the free text itself. Default: `custom` for tools that the
    client declared so, else `function`.
    """
    partial_images: bool | None
    """Write partial images too, each with its own index. Default off."""
    commentary: Literal["content", "reasoning"] | None
    """Where the text of messages with the phase `commentary` goes. Default `content`."""
    hosted_calls: Literal["omit", "text"] | None
    """What is shown of calls that ran on the server: nothing, which is noted, or a line in the content,
    `[web_search] query`. Default `omit`.
    """
    message_separator: str | None
    """Text between two messages, which share one content in chat. Default a blank line."""
    images: Literal["data_url", "markdown", "omit"] | None
    """Write generated images to `delta.images` as data URLs, or as Markdown into the content; `omit` drops
    and notes them. To Messages, which has no images, `data_url` writes `[generated image]` and notes it.
    Default `data_url`.
    """
    input_tokens: int | None
    """The estimate of the input's tokens that `message_start` has, which clients show until the end. The true
    count is in `message_delta`. Default 0.
    """
    redacted_thinking: bool | None
    """Write reasoning that only its origin can read as a `redacted_thinking` block. Without it: a `thinking`
    block without text, with a signature. Default off.
    """
    image_edits: bool | None
    """Name the events of an Images API stream `image_edit.…`, for a client that edits, and not
    `image_generation.…`. Of an images transcoder alone. Default off.
    """
    done_sentinel: bool | None
    """End the stream with `[DONE]`, as Open Responses does and OpenAI does not. Default off."""
    conform: Literal["open_responses"] | None
    """Fill what Responses lack of the members that the Open Responses schema requires, from `context`, else
    with neutral values; what is there stays. For a relay, too. Default: none, so that a relayed stream
    stays byte for byte as it was sent.
    """
    seal_keys: Sequence[str] | None
    """Keys of 32 bytes or more, in hexadecimal, for the summary of a compacted conversation (AES-256-GCM).
    The first one seals; without keys the summary is readable, and marked as `unsealed`.
    """
    framing: Literal["sse", "json_lines"] | None
    """Write SSE, or one JSON event per line, for WebSocket text frames. Default `sse`."""


class ImageOptions(TypedDict, total=False):
    """Options of `ImageExtractor`; `None` is as if left out."""

    partials: bool | None
    """Deliver partial images too, as they complete. Without it the last one counts, if no final image came.
    Default off.
    """
    max_image_bytes: int | None
    """Longest image in bytes, decoded. Default 256 MiB."""
    max_event_bytes: int | None
    """Longest event in bytes, without the base64 of its images. Default 64 MiB."""


class RequestOptions(TypedDict, total=False):
    """Options of `convert_request`; `None` is as if left out."""

    transport: Literal["http", "websocket"] | None
    """How the request goes upstream. On a WebSocket a top-level `type: "response.create"` is kept, and so is
    `previous_response_id`. Default `http`.
    """
    strict: bool | None
    """Reject a request of which anything would be removed that the client asked for. Default off."""
    unresolved_previous: Literal["reject", "drop"] | None
    """What to do with a `previous_response_id` that was not expanded, where the backend knows none. To drop
    it loses the conversation. Default `reject`.
    """
    harmony: Literal["keep", "escape"] | None
    """What to do with the reserved tokens of the Harmony format (`<|start|>`, `<|end|>`, …) in texts, which
    the Codex backend answers with `invalid_prompt`: `escape` gives them full-width bars. Default `keep`.
    """
    seal_keys: Sequence[str] | None
    """Keys that open summaries of compacted conversations in the history: those that sealed them, and older
    ones.
    """
    catalog: Catalog | Mapping[str, object] | Literal["bundled", "none"] | None
    """What is known of models: the bundled catalog, one of your own (a `Catalog`, or a `/models` document
    that is merged over the bundled one), or `none`: no model rules. A request keeps to the rules of its
    model, such as its efforts; a model that is not known has none. Default `bundled`.
    """
    origin: str | None
    """The backend and account that this request goes to; never sent."""
    history_origin: str | None
    """Where the reasoning in the request's history came from. Encrypted reasoning of another origin is
    dropped.
    """
    session: str | None
    """The conversation that a Messages request belongs to, from a header such as `x-claude-code-session-id`:
    the key of the upstream's cache. Default: the session in `metadata.user_id`.
    """


class ContinuationOptions(TypedDict, total=False):
    """Options of `Continuation`; `None` is as if left out."""

    record_unstored: bool | None
    """Record answers to requests with `store: false` too. Default off."""
    ttl_s: int | None
    """How long a record lives, in seconds. Default 3600."""
    orphans: Literal["repair", "reject"] | None
    """What to do with an output whose call is neither in the history nor in the request: leave it to the
    profile, or fail the turn and forget the response that it continues. Default `repair`.
    """
    mac_keys: Sequence[str] | None
    """Keys of 32 bytes or more, in hexadecimal, that authenticate records (HMAC-SHA-256). The first seals,
    all open; without keys whoever can write to the store can forge a record.
    """


class RouteOptions(TypedDict, total=False):
    """Options of `Catalog.route` and `Catalog.route_request`; `None` is as if left out."""

    downstream: Literal["http", "ws", "websocket"] | None
    """How the client reaches the gateway; `ws` is short for `websocket`. Default `http`."""
    auth_ws: bool | None
    """Whether the upstream credentials work over a WebSocket. Default on."""
    tools: Sequence[str] | None
    """The types of the request's tools."""
    effort: str | None
    """The effort that the request asks for; without one, that of the model's name. Some models take tools on
    `/responses` only, unless it is `none`.
    """
    body_bytes: int | None
    """Length of the request's body."""
    http_latched: bool | None
    """A WebSocket to this upstream was refused before, with the status 426. Default off."""


class OtelOptions(TypedDict, total=False):
    """Options of `otel_attributes`; `None` is as if left out."""

    provider: str | None
    """`gen_ai.provider.name`. Default: by `server_address`, where that is known."""
    server_address: str | None
    """`server.address`: the upstream's host name."""
    request_model: str | None
    """`gen_ai.request.model`: the model that the client asked for."""
    stream: bool | None
    """`gen_ai.request.stream`: the client asked for a stream. Default off."""


class ChatOptions(TranscoderOptions, total=False):
    """The older name of `TranscoderOptions`."""


class ResponsesOptions(TranscoderOptions, total=False):
    """The older name of `TranscoderOptions`."""
