"""What clients of chat completions are given, as dicts: the chunks of a stream, a whole completion.

Required members are always written; others where there is something to say. What a chat server sent
is passed on as it is: it may have further members, and lack some.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, TypedDict

from sluicegate.types import EnvelopeBody, Usage

__all__ = [
    "ChatAnnotation",
    "ChatChoice",
    "ChatChunk",
    "ChatChunkChoice",
    "ChatCompletion",
    "ChatDelta",
    "ChatEvent",
    "ChatFinishReason",
    "ChatImage",
    "ChatLogprobs",
    "ChatMessage",
    "ChatToolCall",
    "ChatToolCallDelta",
    "CustomToolCall",
    "FunctionToolCall",
    "TextCompletion",
    "TextCompletionChoice",
    "TextLogprobs",
]

ChatFinishReason: TypeAlias = Literal["stop", "tool_calls", "length", "content_filter", "function_call"]


class _UrlCitation(TypedDict):
    start_index: int
    end_index: int
    url: str
    title: str


class ChatAnnotation(TypedDict):
    """Where a piece of the text comes from."""

    type: Literal["url_citation"]
    url_citation: _UrlCitation


class _ImageUrl(TypedDict):
    url: str


class ChatImage(TypedDict):
    """A generated image, as a `data:` URL."""

    index: int
    type: Literal["image_url"]
    image_url: _ImageUrl


class ChatLogprobs(TypedDict):
    """Tokens with their logarithmic probabilities, as the upstream counted them."""

    content: list[dict[str, Any]] | None
    refusal: list[dict[str, Any]] | None


class _Extensions(TypedDict, total=False):
    reasoning_content: str
    reasoning: str
    """In place of `reasoning_content`, where the option `reasoning` asks for it."""
    reasoning_details: list[dict[str, Any]]
    annotations: list[ChatAnnotation]
    images: list[ChatImage]


# --- a stream


class _FunctionDelta(TypedDict, total=False):
    name: str
    arguments: str


class _CustomDelta(TypedDict, total=False):
    name: str
    input: str


class _ToolCallDelta(TypedDict):
    index: int


class ChatToolCallDelta(_ToolCallDelta, total=False):
    """A piece of a call. The first one of each index has its `id`, `type` and name."""

    id: str
    type: Literal["function", "custom"]
    function: _FunctionDelta
    custom: _CustomDelta


class ChatDelta(_Extensions, total=False):
    """What a chunk adds to the message."""

    role: Literal["assistant"]
    content: str | None
    refusal: str
    tool_calls: list[ChatToolCallDelta]
    function_call: _FunctionDelta
    """Of a client that declared `functions`."""


class _ChunkChoice(TypedDict):
    index: int
    delta: ChatDelta
    finish_reason: ChatFinishReason | None


class ChatChunkChoice(_ChunkChoice, total=False):
    """The one choice of a chunk."""

    logprobs: ChatLogprobs | None


class _Chunk(TypedDict):
    id: str
    object: Literal["chat.completion.chunk"]
    created: int
    model: str
    choices: list[ChatChunkChoice]


class ChatChunk(_Chunk, total=False):
    """An event of a stream; the one with the usage has no choice."""

    usage: Usage | None
    service_tier: str


ChatEvent: TypeAlias = ChatChunk | EnvelopeBody
"""An object of a stream. `"choices" in event` tells a chunk from the failure that may end the stream."""


# --- a whole answer


class _Function(TypedDict):
    name: str
    arguments: str


class _Custom(TypedDict):
    name: str
    input: str


class FunctionToolCall(TypedDict):
    """A call of a function."""

    id: str
    type: Literal["function"]
    function: _Function


class CustomToolCall(TypedDict):
    """A call of a tool with free text for input."""

    id: str
    type: Literal["custom"]
    custom: _Custom


ChatToolCall: TypeAlias = FunctionToolCall | CustomToolCall


class _Message(TypedDict):
    role: Literal["assistant"]
    content: str | None
    refusal: str | None


class ChatMessage(_Message, _Extensions, total=False):
    """The answer; it can stand in the `messages` of the next request as it is."""

    tool_calls: list[ChatToolCall]
    function_call: _Function
    """Of a client that declared `functions`."""


class ChatChoice(TypedDict):
    """The one choice of a completion."""

    index: int
    message: ChatMessage
    logprobs: ChatLogprobs | None
    finish_reason: ChatFinishReason


class _Completion(TypedDict):
    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[ChatChoice]


class ChatCompletion(_Completion, total=False):
    """A whole answer: `final_completion`, `collect(…).completion`."""

    usage: Usage
    service_tier: str


# --- with the option `legacy_completions`


class TextLogprobs(TypedDict):
    """Tokens, side by side in four lists; offsets count code points of the answer."""

    tokens: list[str]
    token_logprobs: list[float]
    top_logprobs: list[dict[str, float]]
    text_offset: list[int]


class TextCompletionChoice(TypedDict):
    """The one choice. In a chunk before the last one `finish_reason` is None."""

    index: int
    text: str
    logprobs: TextLogprobs | None
    finish_reason: Literal["stop", "length", "content_filter"] | None


class _TextCompletion(TypedDict):
    id: str
    object: Literal["text_completion"]
    created: int
    model: str
    choices: list[TextCompletionChoice]


class TextCompletion(_TextCompletion, total=False):
    """An answer of the legacy Completions API, or a chunk of it; the chunk with the usage has no choice."""

    usage: Usage | None
