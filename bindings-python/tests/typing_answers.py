"""Not run: how callers read answers type-checks, and members are what the official SDKs take them for."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

from anthropic.types import ContentBlock, TextBlock, ThinkingBlock
from openai.types.chat import ChatCompletionChunk, chat_completion_chunk
from openai.types.responses import (
    ResponseFunctionToolCall,
    ResponseOutputItem,
    ResponseOutputMessage,
    ResponseOutputText,
)
from sluicegate import (
    ChatChunk,
    ChatCompletion,
    ChatEvent,
    ChatTranscoder,
    Dialect,
    Message,
    MessageEvent,
    Response,
    ResponseEvent,
    ResponsesTranscoder,
    Transcoder,
    atranscode,
    chat_sse,
    collect,
    transcode,
)

if TYPE_CHECKING:
    from typing_extensions import assert_type


def objects(body: Iterator[bytes], abody: AsyncIterator[bytes], client: Dialect) -> None:
    assert_type(ChatTranscoder(objects=True).feed(b""), list[ChatEvent | None])
    assert_type(ResponsesTranscoder(objects=True).finish(), list[ResponseEvent])
    assert_type(next(chat_sse(body, objects=True)), list[ChatEvent | None])
    assert_type(next(transcode(body, client="messages", upstream="chat", objects=True)), list[MessageEvent])
    assert_type(Transcoder(client="responses", upstream="chat", objects=True).finish(), list[ResponseEvent])
    assert_type(Transcoder(client=client, upstream="chat", objects=True).finish(), list[Any])
    for event in transcode(body, client="chat", upstream="chat", objects=True):
        list(transcode(filter(None, event), client="messages", upstream="chat"))
    transcode([{"type": "ping"}, "data: {}", b""], client="chat", upstream="messages")
    transcode([7], client="chat", upstream="messages")  # type: ignore[call-overload]
    atranscode(abody, client="chat", upstream="responses", objects=True, frames=True)


def chunks(given: list[ChatEvent | None]) -> Iterator[ChatCompletionChunk]:
    """Each member is what the official SDK takes it for."""
    for event in given:
        if event is None or "error" in event:
            continue
        assert_type(event, ChatChunk)
        choices = [
            chat_completion_chunk.Choice(
                index=choice["index"],
                delta=chat_completion_chunk.ChoiceDelta(
                    role=choice["delta"].get("role"),
                    content=choice["delta"].get("content"),
                    refusal=choice["delta"].get("refusal"),
                ),
                finish_reason=choice["finish_reason"],
            )
            for choice in event["choices"]
        ]
        yield ChatCompletionChunk(
            id=event["id"],
            choices=choices,
            created=event["created"],
            model=event["model"],
            object=event["object"],
        )
        event["choice"]  # type: ignore[typeddict-item]


def items(response: Response) -> Iterator[ResponseOutputItem]:
    for item in response["output"]:
        if item["type"] == "function_call":
            yield ResponseFunctionToolCall(
                id=item["id"],
                call_id=item["call_id"],
                name=item["name"],
                arguments=item["arguments"],
                type=item["type"],
                status=item.get("status"),
            )
        elif item["type"] == "message":
            texts = [
                ResponseOutputText(text=part["text"], type=part["type"], annotations=[])
                for part in item["content"]
                if part["type"] == "output_text"
            ]
            yield ResponseOutputMessage(
                id=item["id"],
                content=[*texts],
                role=item["role"],
                status=item["status"],
                type=item["type"],
            )


def blocks(message: Message) -> Iterator[ContentBlock]:
    for block in message["content"]:
        if block["type"] == "thinking":
            yield ThinkingBlock(thinking=block["thinking"], signature=block["signature"], type=block["type"])
        elif block["type"] == "text":
            yield TextBlock(text=block["text"], type=block["type"])


def parsed(body: Iterator[bytes]) -> str | None:
    completion: ChatCompletion = json.loads(collect(body).completion)
    for call in completion["choices"][0]["message"].get("tool_calls", []):
        if call["type"] == "function":
            assert_type(call["function"]["arguments"], str)
    return completion["choices"][0]["message"]["content"]


def told(events: list[ResponseEvent]) -> str:
    return "".join(event["delta"] for event in events if event["type"] == "response.output_text.delta")
