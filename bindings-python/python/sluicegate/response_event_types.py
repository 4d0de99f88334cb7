"""The events of a Responses stream, as dicts.

Required members are always written. What a Responses server sent is passed on as it is: it may have further
events and members, and lack some.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, TypedDict

from sluicegate.response_types import (
    OutputItem,
    OutputRefusal,
    OutputText,
    ReasoningText,
    Response,
    SummaryText,
)

__all__ = [
    "AnnotationAddedEvent",
    "ArgumentsDeltaEvent",
    "ArgumentsDoneEvent",
    "CustomInputDoneEvent",
    "OutputItemEvent",
    "PartEvent",
    "RefusalDoneEvent",
    "ResponseEvent",
    "StatusEvent",
    "SummaryPartEvent",
    "SummaryTextDeltaEvent",
    "SummaryTextDoneEvent",
    "TextDeltaEvent",
    "TextDoneEvent",
]


class StatusEvent(TypedDict):
    """A stream begins, goes on, ends: the Response so far."""

    type: Literal[
        "response.created",
        "response.in_progress",
        "response.completed",
        "response.incomplete",
        "response.failed",
    ]
    sequence_number: int
    response: Response


class OutputItemEvent(TypedDict):
    """An item begins or ends."""

    type: Literal["response.output_item.added", "response.output_item.done"]
    sequence_number: int
    output_index: int
    item: OutputItem


class _OfItem(TypedDict):
    sequence_number: int
    item_id: str
    output_index: int


class _OfPart(_OfItem):
    content_index: int


class _OfSummary(_OfItem):
    summary_index: int


class PartEvent(_OfPart):
    """A part of a message or of a reasoning item begins or ends."""

    type: Literal["response.content_part.added", "response.content_part.done"]
    part: OutputText | OutputRefusal | ReasoningText


class SummaryPartEvent(_OfSummary):
    """A part of a summary begins or ends."""

    type: Literal["response.reasoning_summary_part.added", "response.reasoning_summary_part.done"]
    part: SummaryText


class _TextDelta(_OfPart):
    type: Literal["response.output_text.delta", "response.refusal.delta", "response.reasoning_text.delta"]
    delta: str


class TextDeltaEvent(_TextDelta, total=False):
    """A piece of a text, a refusal, or of reasoning in full."""

    logprobs: list[dict[str, Any]]
    """Always there with `response.output_text.delta`."""


class _TextDone(_OfPart):
    type: Literal["response.output_text.done", "response.reasoning_text.done"]
    text: str


class TextDoneEvent(_TextDone, total=False):
    """The whole text."""

    logprobs: list[dict[str, Any]]
    """Always there with `response.output_text.done`."""


class RefusalDoneEvent(_OfPart):
    """The whole refusal."""

    type: Literal["response.refusal.done"]
    refusal: str


class SummaryTextDeltaEvent(_OfSummary):
    """A piece of a summary."""

    type: Literal["response.reasoning_summary_text.delta"]
    delta: str


class SummaryTextDoneEvent(_OfSummary):
    """A whole part of a summary."""

    type: Literal["response.reasoning_summary_text.done"]
    text: str


class AnnotationAddedEvent(_OfPart):
    """Where a piece of a text comes from."""

    type: Literal["response.output_text.annotation.added"]
    annotation_index: int
    annotation: dict[str, Any]


class ArgumentsDeltaEvent(_OfItem):
    """A piece of the arguments of a call."""

    type: Literal["response.function_call_arguments.delta", "response.custom_tool_call_input.delta"]
    delta: str


class ArgumentsDoneEvent(_OfItem):
    """The arguments of a function, whole."""

    type: Literal["response.function_call_arguments.done"]
    arguments: str
    name: str


class CustomInputDoneEvent(_OfItem):
    """The input of a custom tool, whole."""

    type: Literal["response.custom_tool_call_input.done"]
    input: str


ResponseEvent: TypeAlias = (
    StatusEvent
    | OutputItemEvent
    | PartEvent
    | SummaryPartEvent
    | TextDeltaEvent
    | TextDoneEvent
    | RefusalDoneEvent
    | SummaryTextDeltaEvent
    | SummaryTextDoneEvent
    | AnnotationAddedEvent
    | ArgumentsDeltaEvent
    | ArgumentsDoneEvent
    | CustomInputDoneEvent
)
"""An object of a stream, told by its `type`."""
