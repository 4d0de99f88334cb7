"""The values that cross the border: events, errors and outcomes.

Those of images: `image_types`; those of requests: `request_types`; options: `option_types`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Generic, Literal, NamedTuple, TypeAlias, TypedDict, TypeVar, final

__all__ = [
    "Dialect",
    "Envelope",
    "EnvelopeBody",
    "Error",
    "ErrorBody",
    "FailureText",
    "Finding",
    "MadeFailure",
    "MessagesEnvelope",
    "MessagesEnvelopeBody",
    "MessagesErrorBody",
    "Note",
    "OnEvent",
    "OtelAttributes",
    "Outcome",
    "SseEvent",
    "TeeOutput",
    "Usage",
    "Verdict",
]


Dialect: TypeAlias = Literal["chat", "responses", "messages"]
"""The protocol of a client (who asked) or an upstream (who answers).

`/chat/completions`, `/responses`, or `/messages` of Anthropic's API.
"""


MadeFailure: TypeAlias = Literal[
    "upstream_truncated",
    "event_too_large",
    "response_cancelled",
    "no_details",
    "no_message",
    "empty_body",
    "html_body",
    "image_failed",
    "wrong_dialect",
    "finish_reason",
    "no_usable_call",
    "no_summary",
]
"""A failure that no upstream put into words: docs/errors.md has the code and the message of each."""


class FailureText(TypedDict, total=False):
    """What stands in place of the code and the message of a `MadeFailure`; what is not there stays."""

    code: str | None
    message: str | None


OnEvent: TypeAlias = tuple[Collection[str], Callable[[str, str], object]]
"""Types of upstream events, and what is called with type and data of each.

More in docs/concepts/objects-and-events.md.

The type is the `type` of the JSON, else the SSE name; `message` where there is none, as in chat streams.
"""

_Out = TypeVar("_Out")


@dataclass(frozen=True)
class TeeOutput(Generic[_Out]):
    """What a `Tee` has for each client, by the options bytes, frames or objects."""

    chat: _Out
    """As of `ChatTranscoder`; empty without `chat`."""
    responses: _Out
    """As of `ResponsesRelay`; empty without `relay`."""


class SseEvent(NamedTuple):
    """One dispatched event (WHATWG HTML §9.2.6)."""

    event: str
    """The event type; `message` when the block named none."""
    data: str
    """The `data` lines, joined with LF."""
    id: str
    """The last event id in force: sticky over blocks."""


_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _printable(text: str) -> str:
    """On one line: a message may have names of strangers in it."""
    return _UNPRINTABLE.sub(lambda sign: _SHORT.get(sign[0]) or f"\\u{ord(sign[0]):04x}", text)


class Error(Exception):
    """Bad bytes in a strict parser, a request that must not be sent, a directory that takes no
    image, or misuse.

    What the upstream reports is an `Outcome`.
    """

    code: str
    """Stable, the same string in Rust, Python and Node: `invalid_option`, `after_finish`, `sink`, …"""
    offset: int | None
    """Byte offset in the stream or document, where one is known."""
    path: str | None
    """JSON path of the offending member, where one is known."""
    envelope: EnvelopeBody | None
    """Of a rejected request: the body to answer it with, ready to be sent."""
    status: int | None
    """Of a rejected request: the HTTP status that goes with `envelope`."""
    events: list[SseEvent]
    """All events of the chunk that `SseParser.feed` was parsing: an error costs only its own event."""
    further: list[Error]
    """Errors of the same chunk after this one, in order."""

    def __init__(
        self,
        message: str,
        code: str,
        offset: int | None = None,
        path: str | None = None,
        envelope: EnvelopeBody | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(_printable(message), code, offset, path)
        self.code = code
        self.offset = offset
        self.path = path
        self.envelope = envelope
        self.status = status
        self.events = []
        self.further = []

    def __str__(self) -> str:
        return str(self.args[0])


Error.__module__ = "sluicegate"  # as callers import it, and as tracebacks show it


class CacheWriteTokensDetails(TypedDict, total=False):
    """What was written to the cache, by how long it lives there."""

    ttl_30m: int
    ttl_12h: int
    ttl_5m: int
    """Of a Messages server; so is the next."""
    ttl_1h: int


class PromptTokensDetails(TypedDict, total=False):
    """Absent members are those the upstream left out."""

    cached_tokens: int
    cache_write_tokens: int
    text_tokens: int
    image_tokens: int
    cache_write_tokens_details: CacheWriteTokensDetails
    """In an outcome only: chat has no place for it."""


class CompletionTokensDetails(TypedDict, total=False):
    """Absent members are those the upstream left out."""

    reasoning_tokens: int
    text_tokens: int
    image_tokens: int


class _Totals(TypedDict):
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Usage(_Totals, total=False):
    """Tokens billed, as in a chat completion."""

    prompt_tokens_details: PromptTokensDetails
    completion_tokens_details: CompletionTokensDetails


class ErrorBody(TypedDict):
    """An error as clients of the OpenAI API know it.

    Further members of the upstream's error object are there too, if they are short: `plan_type`, `resets_at`.
    """

    message: str
    type: str
    param: str | None
    code: str | None


@final
class EnvelopeBody(TypedDict):
    """What a client is sent."""

    error: ErrorBody


Verdict = TypedDict(
    "Verdict",
    {
        "status": int,
        "class": Literal[
            "retryable",
            "rate_limited",
            "quota",
            "auth",
            "permission",
            "not_found",
            "context_length",
            "invalid_request",
            "content_policy",
            "overloaded",
            "truncated",
            "retry_without_reasoning",
            "retry_full_input",
            "use_websocket",
        ],
        "retry_after_ms": int | None,
    },
)
"""How to answer a failure while the HTTP status can still be chosen.

`status` is 400 to 599; `class` is what to do about it (more in docs/reference/codes.md); `retry_after_ms` is
when to come back, where the upstream named a time.
"""


class Envelope(Verdict):
    """A failure as clients of the OpenAI API know it, and what to do about it."""

    body: EnvelopeBody
    """What to send."""
    hint: str | None
    """What in this library helps."""


class MessagesErrorBody(TypedDict):
    """An error as clients of Messages know it; further members as in an `ErrorBody`."""

    type: str
    message: str


class _MessagesEnvelopeBody(TypedDict):
    type: Literal["error"]
    error: MessagesErrorBody


class MessagesEnvelopeBody(_MessagesEnvelopeBody, total=False):
    """What a client of Messages is sent."""

    request_id: str


class MessagesEnvelope(Verdict):
    """A failure as clients of Messages know it, and what to do about it."""

    body: MessagesEnvelopeBody
    """What to send."""
    hint: str | None
    """What in this library helps."""


class Note(TypedDict):
    """Something that could not be represented, was repaired, or looked inconsistent."""

    code: str
    path: str
    """JSON path in the final Response, where the thing is about one item; else empty."""
    detail: str


class _Further(TypedDict, total=False):
    tool_usage: dict[str, Any]
    """What the hosted tools of the response used, where the upstream tells."""
    input_transformations: list[dict[str, Any]]
    """Which reasoning of the input the server dropped, and why, where it tells."""


class Outcome(_Further):
    """The summary of a finished stream."""

    status: Literal["completed", "incomplete", "failed", "truncated"]
    finish_reason: Literal["stop", "tool_calls", "length", "content_filter"] | None
    """None when it failed or was cut."""
    usage: Usage | None
    """From any terminal event, also a failed one."""
    error: ErrorBody | None
    """Why it failed."""
    failure: Verdict | None
    """What to do about that."""
    response_id: str | None
    """The first response id seen."""
    model: str | None
    """The model that served the response."""
    rate_limits: dict[str, Any] | None
    """The members of the last `codex.rate_limits` event, but for its type."""
    reconstructed: Literal["none", "items", "deltas"]
    """What the final Response was rebuilt from, because the terminal event was empty."""
    notes: list[Note]
    """In order of appearance."""


class Finding(NamedTuple):
    """A rule that a stream breaks."""

    rule: str
    """Its stable id, the same in Rust, Python and Node; docs/reference/codes.md has them all."""
    severity: Literal["info", "warning", "error"]
    """How bad that is for the clients of the profile; with `error` they lose something, or fail."""
    event: int | None
    """The number of the event, from 0; None where it is the whole stream."""
    offset: int
    """Of that event, or of the stream's end, in bytes."""
    message: str
    """For people: where, and what stands there."""


OtelAttributes = TypedDict(
    "OtelAttributes",
    {
        "gen_ai.operation.name": Literal["chat"],
        "gen_ai.provider.name": str,
        "gen_ai.request.model": str,
        "gen_ai.request.stream": Literal[True],
        "server.address": str,
        "gen_ai.response.id": str,
        "gen_ai.response.model": str,
        "gen_ai.response.finish_reasons": list[str],
        "gen_ai.usage.input_tokens": int,
        "gen_ai.usage.output_tokens": int,
        "gen_ai.usage.cache_read.input_tokens": int,
        "gen_ai.usage.cache_creation.input_tokens": int,
        "gen_ai.usage.reasoning.output_tokens": int,
        # The upstream's own code where it gave one, else the class of the failure.
        "error.type": str,
    },
    total=False,
)
"""What `otel_attributes` gives; members that are not known are absent."""
