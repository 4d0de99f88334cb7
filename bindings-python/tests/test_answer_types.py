"""Outputs of the fixtures are of their TypedDicts; these say what the types of the official SDKs say."""

from __future__ import annotations

import json
import types
from collections.abc import Iterator
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

import anthropic.types as messages
import openai.types as sdk
import openai.types.chat as chat
import openai.types.responses as responses
import pytest
from cases import Case, discover
from openai.types import completion_choice
from openai.types.chat import chat_completion, chat_completion_chunk
from sluicegate import ChatCompletion, ChatEvent, Message, MessageEvent, Outcome, Response, ResponseEvent
from sluicegate import chat_types as ours_chat
from sluicegate import image_types as ours_images
from sluicegate import message_types as ours_messages
from sluicegate import response_event_types as ours_events
from sluicegate import response_types as ours_responses
from sluicegate.chat_types import TextCompletion
from sluicegate.image_types import ImagesEvent
from sluicegate.types import EnvelopeBody, MessagesEnvelopeBody

# --- the fixtures


def faults(value: Any, hint: Any, path: str = "") -> Iterator[str]:
    """Where a value is not of a type."""
    if hint is Any:
        return
    if get_origin(hint) in (Union, types.UnionType):
        found = [list(faults(value, choice, path)) for choice in get_args(hint)]
        if [] not in found:
            yield from min(found, key=len)
    elif is_typeddict(hint):
        yield from of_members(value, hint, path)
    elif get_origin(hint) is list:
        if not isinstance(value, list):
            yield f"{path}: {value!r}"
            return
        for nth, element in enumerate(value):
            yield from faults(element, get_args(hint)[0], f"{path}[{nth}]")
    elif get_origin(hint) is Literal:
        if value not in get_args(hint):
            yield f"{path}: {value!r}"
    elif type(value) not in kinds(hint):
        yield f"{path}: {value!r}"


def kinds(hint: Any) -> tuple[type, ...]:
    return (int, float) if hint is float else (get_origin(hint) or hint,)


def of_members(value: Any, hint: Any, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: {value!r}"
        return
    hints = get_type_hints(hint)
    yield from (f"{path}.{name} is missing" for name in hint.__required_keys__ - value.keys())
    if not path.endswith("error"):  # an upstream's further members are in there
        yield from (f"{path}.{name} is unknown" for name in value.keys() - hints.keys())
    for name in hints.keys() & value.keys():
        yield from faults(value[name], hints[name], f"{path}.{name}")


def events(sse: bytes) -> Iterator[Any]:
    for line in sse.decode().split("\n"):
        if line.startswith("data: {"):
            yield json.loads(line.removeprefix("data: "))


def written() -> Iterator[tuple[Case, str, Any]]:
    """What is made of an upstream of another dialect: a case, a file, the type of what is in it."""
    for case in discover("chat"):
        yield from (
            (case, name, hint)
            for name, hint in (("output.sse", ChatEvent), ("completion.json", ChatCompletion | EnvelopeBody))
        )
    for case in discover("respond"):
        yield from (
            (case, name, hint) for name, hint in (("output.sse", ResponseEvent), ("response.json", Response))
        )
    for case in discover("messages"):
        yield from (
            (case, name, hint)
            for name, hint in (("output.sse", MessageEvent), ("message.json", Message | MessagesEnvelopeBody))
        )
    for case in discover("messages_upstream"):
        files = {
            "chat.sse": ChatEvent,
            "responses.sse": ResponseEvent,
            "completion.json": ChatCompletion | EnvelopeBody,
            "response.json": Response,
        }
        yield from ((case, name, hint) for name, hint in files.items())
    for case in discover("text_completion"):
        hint = TextCompletion | EnvelopeBody
        yield from ((case, name, hint) for name in ("output.sse", "completion.json"))
    for case in discover("images_stream"):
        yield case, "output.sse", ImagesEvent
    for kind in ("chat", "respond", "messages", "messages_upstream", "text_completion", "images_stream"):
        yield from ((case, "outcome.json", Outcome) for case in discover(kind))


@pytest.mark.parametrize(
    "name",
    [
        "chat.sse",
        "completion.json",
        "message.json",
        "outcome.json",
        "output.sse",
        "response.json",
        "responses.sse",
    ],
)
def test_outputs_are_of_their_types(name: str) -> None:
    count, wrong = 0, []
    for case, file, hint in written():
        if file != name or not case.has(file):
            continue
        content = case.bytes(file)
        for value in events(content) if file.endswith(".sse") else [json.loads(content)]:
            count += 1
            wrong += [f"{case.path.parent.name}/{case}: {fault}" for fault in faults(value, hint)]
    assert count > 30
    assert not wrong, "\n".join(wrong[:60])


# --- the SDKs

EXTENSIONS = "reasoning_content reasoning reasoning_details images"

PAIRS: list[tuple[Any, Any, str, str]] = [
    (ours_chat.TextCompletion, sdk.Completion, "", ""),
    (ours_chat.TextCompletionChoice, sdk.CompletionChoice, "", ""),
    (ours_chat.TextLogprobs, completion_choice.Logprobs, "", ""),
    (ours_images.ImagesPartialEvent, sdk.ImageGenPartialImageEvent, "", ""),
    (ours_images.ImagesCompletedEvent, sdk.ImageGenCompletedEvent, "usage", "revised_prompt"),
    # ours, the SDK's, what it requires and we may leave out, what it does not know
    (ours_chat.ChatChunk, chat.ChatCompletionChunk, "", ""),
    (ours_chat.ChatChunkChoice, chat_completion_chunk.Choice, "", ""),
    (ours_chat.ChatDelta, chat_completion_chunk.ChoiceDelta, "", f"{EXTENSIONS} annotations"),
    (ours_chat.ChatToolCallDelta, chat_completion_chunk.ChoiceDeltaToolCall, "", "custom"),
    (ours_chat.ChatLogprobs, chat_completion_chunk.ChoiceLogprobs, "", ""),
    (ours_chat.ChatCompletion, chat.ChatCompletion, "", ""),
    (ours_chat.ChatChoice, chat_completion.Choice, "", ""),
    (ours_chat.ChatMessage, chat.ChatCompletionMessage, "", EXTENSIONS),
    (ours_chat.FunctionToolCall, chat.ChatCompletionMessageFunctionToolCall, "", ""),
    (ours_chat.CustomToolCall, chat.ChatCompletionMessageCustomToolCall, "", ""),
    (ours_responses.Response, responses.Response, "", "frequency_penalty presence_penalty store"),
    (ours_responses.ResponseUsage, responses.ResponseUsage, "", ""),
    (ours_responses.MessageItem, responses.ResponseOutputMessage, "", ""),
    (ours_responses.OutputText, responses.ResponseOutputText, "", ""),
    (ours_responses.OutputRefusal, responses.ResponseOutputRefusal, "", ""),
    (ours_responses.FunctionCallItem, responses.ResponseFunctionToolCall, "", ""),
    (ours_responses.CustomCallItem, responses.ResponseCustomToolCall, "", "status"),
    (ours_responses.ReasoningItem, responses.ResponseReasoningItem, "", ""),
    (ours_responses.CompactionItem, responses.ResponseCompactionItem, "", ""),
    (ours_events.StatusEvent, responses.ResponseCompletedEvent, "", ""),
    (ours_events.OutputItemEvent, responses.ResponseOutputItemDoneEvent, "", ""),
    (ours_events.PartEvent, responses.ResponseContentPartDoneEvent, "", ""),
    (ours_events.SummaryPartEvent, responses.ResponseReasoningSummaryPartDoneEvent, "", ""),
    (ours_events.TextDeltaEvent, responses.ResponseTextDeltaEvent, "logprobs", ""),
    (ours_events.TextDeltaEvent, responses.ResponseRefusalDeltaEvent, "", "logprobs"),
    (ours_events.TextDeltaEvent, responses.ResponseReasoningTextDeltaEvent, "", "logprobs"),
    (ours_events.TextDoneEvent, responses.ResponseTextDoneEvent, "logprobs", ""),
    (ours_events.RefusalDoneEvent, responses.ResponseRefusalDoneEvent, "", ""),
    (ours_events.SummaryTextDeltaEvent, responses.ResponseReasoningSummaryTextDeltaEvent, "", ""),
    (ours_events.SummaryTextDoneEvent, responses.ResponseReasoningSummaryTextDoneEvent, "", ""),
    (ours_events.AnnotationAddedEvent, responses.ResponseOutputTextAnnotationAddedEvent, "", ""),
    (ours_events.ArgumentsDeltaEvent, responses.ResponseFunctionCallArgumentsDeltaEvent, "", ""),
    (ours_events.ArgumentsDeltaEvent, responses.ResponseCustomToolCallInputDeltaEvent, "", ""),
    (ours_events.ArgumentsDoneEvent, responses.ResponseFunctionCallArgumentsDoneEvent, "", "name"),
    (ours_events.CustomInputDoneEvent, responses.ResponseCustomToolCallInputDoneEvent, "", ""),
    (ours_messages.Message, messages.Message, "", ""),
    (ours_messages.MessageUsage, messages.Usage, "input_tokens", ""),
    (ours_messages.TextBlock, messages.TextBlock, "", ""),
    (ours_messages.ThinkingBlock, messages.ThinkingBlock, "", ""),
    (ours_messages.RedactedThinkingBlock, messages.RedactedThinkingBlock, "", ""),
    (ours_messages.ToolUseBlock, messages.ToolUseBlock, "", ""),
    (ours_messages.ServerToolUseBlock, messages.ServerToolUseBlock, "", ""),
    (ours_messages.WebSearchResultBlock, messages.WebSearchToolResultBlock, "", ""),
    (ours_messages.MessageStartEvent, messages.RawMessageStartEvent, "", ""),
    (ours_messages.ContentBlockStartEvent, messages.RawContentBlockStartEvent, "", ""),
    (ours_messages.ContentBlockDeltaEvent, messages.RawContentBlockDeltaEvent, "", ""),
    (ours_messages.ContentBlockStopEvent, messages.RawContentBlockStopEvent, "", ""),
    (ours_messages.MessageDeltaEvent, messages.RawMessageDeltaEvent, "", ""),
    (ours_messages.MessageStopEvent, messages.RawMessageStopEvent, "", ""),
]


@pytest.mark.parametrize(
    ("ours", "sdks", "left_out", "further"), PAIRS, ids=lambda part: getattr(part, "__name__", "")
)
def test_types_say_what_those_of_the_sdks_say(ours: Any, sdks: Any, left_out: str, further: str) -> None:
    required = {name for name, field in sdks.model_fields.items() if field.is_required()}
    hints = get_type_hints(ours)
    assert required - ours.__required_keys__ == set(left_out.split())
    assert hints.keys() - sdks.model_fields.keys() == set(further.split())
    tags = literals(hints["type"]) if "type" in hints else set()
    assert not tags or literals(sdks.model_fields["type"].annotation) <= tags
    for name in hints.keys() & sdks.model_fields.keys() - {"type"}:
        known = literals(sdks.model_fields[name].annotation)
        assert not known or literals(hints[name]) <= known | {None}, name


def literals(hint: Any) -> set[Any]:
    """The values that a type lists, itself or in a union."""
    if get_origin(hint) is Literal:
        return set(get_args(hint))
    union = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else ()
    return {value for choice in union for value in literals(choice)}
