"""What clients of Anthropic's Messages are given, as dicts: the events of a stream, a Message and its blocks.

Required members are always written; others where there is something to say. What a Messages server sent
is passed on as it is: it may have further members, and lack some.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, TypedDict

from sluicegate.types import MessagesEnvelopeBody

__all__ = [
    "BlockDelta",
    "ContentBlock",
    "ContentBlockDeltaEvent",
    "ContentBlockStartEvent",
    "ContentBlockStopEvent",
    "Message",
    "MessageDeltaEvent",
    "MessageEvent",
    "MessageStartEvent",
    "MessageStopEvent",
    "MessageUsage",
    "PingEvent",
    "RedactedThinkingBlock",
    "ServerToolUseBlock",
    "StopReason",
    "TextBlock",
    "ThinkingBlock",
    "ToolUseBlock",
    "WebSearchResultBlock",
]

StopReason: TypeAlias = Literal[
    "end_turn",
    "max_tokens",
    "stop_sequence",
    "tool_use",
    "pause_turn",
    "refusal",
    "model_context_window_exceeded",
]


# --- blocks


class _TextBlock(TypedDict):
    type: Literal["text"]
    text: str


class TextBlock(_TextBlock, total=False):
    """What the model says."""

    citations: list[dict[str, Any]] | None
    """Always there in a Message; in a stream they come as deltas."""


class ThinkingBlock(TypedDict):
    """What the model thought, signed."""

    type: Literal["thinking"]
    thinking: str
    signature: str


class RedactedThinkingBlock(TypedDict):
    """The same, sealed."""

    type: Literal["redacted_thinking"]
    data: str


class _ToolUse(TypedDict):
    id: str
    name: str
    input: dict[str, Any]


class _ToolUseBlock(_ToolUse):
    type: Literal["tool_use"]


class ToolUseBlock(_ToolUseBlock, total=False):
    """A call of the client's tool."""

    caller: dict[str, Any]
    """Always there in a Message."""


class ServerToolUseBlock(_ToolUse):
    """A call that ran on the server."""

    type: Literal["server_tool_use"]


class WebSearchResultBlock(TypedDict):
    """What a search of the server found."""

    type: Literal["web_search_tool_result"]
    tool_use_id: str
    content: Any


ContentBlock: TypeAlias = (
    TextBlock
    | ThinkingBlock
    | RedactedThinkingBlock
    | ToolUseBlock
    | ServerToolUseBlock
    | WebSearchResultBlock
)


# --- a Message


class _Usage(TypedDict):
    output_tokens: int


class MessageUsage(_Usage, total=False):
    """Tokens billed. In a Message all members are there, null where nothing is known of them."""

    input_tokens: int
    cache_creation_input_tokens: int | None
    cache_read_input_tokens: int | None
    cache_creation: dict[str, Any] | None
    output_tokens_details: dict[str, int] | None
    server_tool_use: dict[str, Any] | None
    service_tier: str | None
    inference_geo: str | None


class Message(TypedDict):
    """A whole answer: `final_message`."""

    id: str
    type: Literal["message"]
    role: Literal["assistant"]
    model: str
    content: list[ContentBlock]
    stop_reason: StopReason | None
    """None while it streams."""
    stop_sequence: str | None
    stop_details: dict[str, Any] | None
    container: dict[str, Any] | None
    usage: MessageUsage


# --- events


class MessageStartEvent(TypedDict):
    """The Message, still empty."""

    type: Literal["message_start"]
    message: Message


class ContentBlockStartEvent(TypedDict):
    """A block begins."""

    type: Literal["content_block_start"]
    index: int
    content_block: ContentBlock


class _TextDelta(TypedDict):
    type: Literal["text_delta"]
    text: str


class _InputDelta(TypedDict):
    type: Literal["input_json_delta"]
    partial_json: str


class _ThinkingDelta(TypedDict):
    type: Literal["thinking_delta"]
    thinking: str


class _SignatureDelta(TypedDict):
    type: Literal["signature_delta"]
    signature: str


class _CitationsDelta(TypedDict):
    type: Literal["citations_delta"]
    citation: dict[str, Any]


BlockDelta: TypeAlias = _TextDelta | _InputDelta | _ThinkingDelta | _SignatureDelta | _CitationsDelta


class ContentBlockDeltaEvent(TypedDict):
    """A piece of a block."""

    type: Literal["content_block_delta"]
    index: int
    delta: BlockDelta


class ContentBlockStopEvent(TypedDict):
    """A block ends."""

    type: Literal["content_block_stop"]
    index: int


class _MessageDelta(TypedDict):
    stop_reason: StopReason
    stop_sequence: str | None


class _MessageDeltaMembers(_MessageDelta, total=False):
    stop_details: dict[str, Any]


class MessageDeltaEvent(TypedDict):
    """Why the Message ends, and what it took."""

    type: Literal["message_delta"]
    delta: _MessageDeltaMembers
    usage: MessageUsage


class MessageStopEvent(TypedDict):
    """The end."""

    type: Literal["message_stop"]


class PingEvent(TypedDict):
    """Nothing new."""

    type: Literal["ping"]


MessageEvent: TypeAlias = (
    MessageStartEvent
    | ContentBlockStartEvent
    | ContentBlockDeltaEvent
    | ContentBlockStopEvent
    | MessageDeltaEvent
    | MessageStopEvent
    | PingEvent
    | MessagesEnvelopeBody
)
"""An object of a stream, told by its `type`; the last one is the failure that may end the stream."""
