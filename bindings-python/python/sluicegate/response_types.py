"""What clients of Responses are given, as dicts: a Response and its items. Events: `response_event_types`.

Required members are always written; others where there is something to say. What a Responses server sent
is passed on as it is: it may have further members, and lack some.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, TypedDict

__all__ = [
    "CompactionItem",
    "CustomCallItem",
    "FunctionCallItem",
    "ImageItem",
    "MessageItem",
    "OtherItem",
    "OutputItem",
    "OutputRefusal",
    "OutputText",
    "ReasoningItem",
    "ReasoningText",
    "Response",
    "ResponseUsage",
    "SummaryText",
]

_Status: TypeAlias = Literal["in_progress", "completed", "incomplete"]


# --- items


class _OutputText(TypedDict):
    type: Literal["output_text"]
    text: str
    annotations: list[dict[str, Any]]


class OutputText(_OutputText, total=False):
    """A text of a message."""

    logprobs: list[dict[str, Any]]


class OutputRefusal(TypedDict):
    """A refusal in a message."""

    type: Literal["refusal"]
    refusal: str


class _MessageItem(TypedDict):
    type: Literal["message"]
    id: str
    status: _Status
    role: Literal["assistant"]
    content: list[OutputText | OutputRefusal]


class MessageItem(_MessageItem, total=False):
    """What the model says."""

    phase: str


class _Call(TypedDict):
    id: str
    call_id: str
    name: str


class _CallMembers(TypedDict, total=False):
    namespace: str
    status: _Status


class _FunctionCall(_Call):
    type: Literal["function_call"]
    arguments: str


class FunctionCallItem(_FunctionCall, _CallMembers):
    """A call of a function."""


class _CustomCall(_Call):
    type: Literal["custom_tool_call"]
    input: str


class CustomCallItem(_CustomCall, _CallMembers):
    """A call of a tool with free text for input."""


class SummaryText(TypedDict):
    """A part of a summary."""

    type: Literal["summary_text"]
    text: str


class ReasoningText(TypedDict):
    """A part of reasoning in full."""

    type: Literal["reasoning_text"]
    text: str


class _Reasoning(TypedDict):
    type: Literal["reasoning"]
    id: str
    summary: list[SummaryText]


class ReasoningItem(_Reasoning, total=False):
    """What the model thought."""

    status: _Status
    content: list[ReasoningText]
    encrypted_content: str | None


class _Image(TypedDict):
    type: Literal["image_generation_call"]
    id: str
    status: str
    result: str | None


class ImageItem(_Image, total=False):
    """A generated image, in base64."""

    output_format: str


class CompactionItem(TypedDict):
    """A conversation, summed up."""

    type: Literal["compaction"]
    id: str
    encrypted_content: str


class _OtherItem(TypedDict):
    type: Literal[
        "local_shell_call",
        "shell_call",
        "apply_patch_call",
        "tool_search_call",
        "web_search_call",
        "file_search_call",
        "code_interpreter_call",
        "computer_call",
        "mcp_call",
        "mcp_list_tools",
        "mcp_approval_request",
    ]
    id: str


class OtherItem(_OtherItem, total=False):
    """A call of another kind. There are more types than these, and members by the type."""

    status: str
    call_id: str
    action: dict[str, Any]
    operation: dict[str, Any]
    execution: str
    arguments: Any


OutputItem: TypeAlias = (
    MessageItem | FunctionCallItem | CustomCallItem | ReasoningItem | ImageItem | CompactionItem | OtherItem
)


# --- a Response


class _InputDetails(TypedDict):
    cached_tokens: int
    cache_write_tokens: int


class _OutputDetails(TypedDict):
    reasoning_tokens: int


class ResponseUsage(TypedDict):
    """Tokens billed."""

    input_tokens: int
    input_tokens_details: _InputDetails
    output_tokens: int
    output_tokens_details: _OutputDetails
    total_tokens: int


class _Error(TypedDict):
    code: str
    message: str


class _IncompleteDetails(TypedDict):
    reason: str


class _Response(TypedDict):
    id: str
    object: Literal["response"]
    created_at: int
    status: Literal["in_progress", "completed", "incomplete", "failed"]
    error: _Error | None
    """With further members of the upstream's, where they are short."""
    incomplete_details: _IncompleteDetails | None
    instructions: Any
    metadata: dict[str, str] | None
    model: str
    output: list[OutputItem]
    parallel_tool_calls: bool
    temperature: float | None
    tool_choice: Any
    tools: list[dict[str, Any]]
    top_p: float | None
    usage: ResponseUsage | None


class Response(_Response, total=False):
    """A whole answer: `final_response`, `collect(…).response`. Most optional members repeat the request."""

    previous_response_id: str | None
    service_tier: str
    tool_usage: dict[str, object]
    """What hosted tools used, by tool."""
    background: bool
    completed_at: int | None
    frequency_penalty: float
    max_output_tokens: int | None
    max_tool_calls: int | None
    presence_penalty: float
    reasoning: dict[str, Any] | None
    text: dict[str, Any]
    truncation: str
    store: bool
    top_logprobs: int
    prompt_cache_key: str | None
    safety_identifier: str | None
