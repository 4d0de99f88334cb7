"""The official SDKs as one: each asks in its own API, in turns of its own form, and gives what it got."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import anthropic
import httpx2
import openai
from sluicegate.httpx2 import AsyncSluicegateTransport, SluicegateTransport

KEY: dict[str, Any] = {"api_key": "sk-test", "max_retries": 0}
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
SCHEMA = {
    "type": "object",
    "properties": {"ok": {"type": "boolean"}},
    "required": ["ok"],
    "additionalProperties": False,
}
PARAMETERS = {"type": "object", "properties": {"q": {"type": "integer"}}}


class Said(NamedTuple):
    """What every API has of an answer."""

    text: str
    thinking: str
    calls: list[tuple[str, str, Any]]
    stop: str
    output_tokens: int
    turns: list[Any]
    """To be sent back."""


@dataclass(frozen=True)
class Client:
    """An SDK in one of its ways to ask."""

    is_stream: bool
    is_async: bool

    sdk: ClassVar[Any]
    kinds: ClassVar[tuple[Any, Any]]
    """The client, and the one that is awaited."""
    path: ClassVar[str]
    final: ClassVar[str]
    """What of its stream helper gives the whole answer."""

    def __str__(self) -> str:
        way = "stream" if self.is_stream else "whole"
        return f"{type(self).__name__}-{way}{'-async' if self.is_async else ''}"

    def base_url(self, url: str) -> str:
        return url

    def user(self, text: str, *, has_image: bool = False) -> Any:
        raise NotImplementedError

    def results(self, said: Said, outputs: list[str]) -> list[Any]:
        raise NotImplementedError

    def asked(self, talk: list[Any], tools: list[str], is_thinking: bool, is_json: bool) -> dict[str, Any]:
        raise NotImplementedError

    def said(self, answer: Any) -> Said:
        raise NotImplementedError

    def ask(
        self,
        url: str,
        model: str,
        talk: list[Any],
        *,
        tools: list[str] = [],  # noqa: B006
        is_thinking: bool = False,
        is_json: bool = False,
        **options: Any,
    ) -> Said:
        """`options`: those of the transport."""
        asked = self.asked(talk, tools, is_thinking, is_json) | {"model": model}
        call = (
            asyncio.run(self.acall(url, asked, options)) if self.is_async else self.call(url, asked, options)
        )
        return self.said(call)

    @property
    def failures(self) -> tuple[type[Exception], ...]:
        """What it raises; a helper whose stream ended with a failure has an error of its own."""
        return (self.sdk.APIError,)

    def resource(self, client: Any) -> Any:
        for name in self.path.split("."):
            client = getattr(client, name)
        return client

    def call(self, url: str, asked: dict[str, Any], options: dict[str, Any]) -> Any:
        with httpx2.Client(transport=SluicegateTransport(**options)) as http:
            own = self.resource(self.kinds[0](http_client=http, base_url=self.base_url(url), **KEY))
            if not self.is_stream:
                return own.create(**asked)
            with own.stream(**asked) as stream:
                return getattr(stream, self.final)()

    async def acall(self, url: str, asked: dict[str, Any], options: dict[str, Any]) -> Any:
        async with httpx2.AsyncClient(transport=AsyncSluicegateTransport(**options)) as http:
            own = self.resource(self.kinds[1](http_client=http, base_url=self.base_url(url), **KEY))
            if not self.is_stream:
                return await own.create(**asked)
            async with own.stream(**asked) as stream:
                return await getattr(stream, self.final)()


class Anthropic(Client):
    sdk, kinds = anthropic, (anthropic.Anthropic, anthropic.AsyncAnthropic)
    path, final = "messages", "get_final_message"

    def base_url(self, url: str) -> str:
        return url.removesuffix("/v1")

    def user(self, text: str, *, has_image: bool = False) -> Any:
        source = {"type": "base64", "media_type": "image/png", "data": PIXEL}
        image = [{"type": "image", "source": source}] if has_image else []
        return {"role": "user", "content": [*image, {"type": "text", "text": text}]}

    def results(self, said: Said, outputs: list[str]) -> list[Any]:
        blocks = [
            {"type": "tool_result", "tool_use_id": call[0], "content": output}
            for call, output in zip(said.calls, outputs, strict=True)
        ]
        return [{"role": "user", "content": blocks}]

    def asked(self, talk: list[Any], tools: list[str], is_thinking: bool, is_json: bool) -> dict[str, Any]:
        asked: dict[str, Any] = {"messages": talk, "max_tokens": 4096}
        if tools:
            asked["tools"] = [{"name": name, "input_schema": PARAMETERS} for name in tools]
        if is_thinking:
            asked["thinking"] = {"type": "enabled", "budget_tokens": 1024}
        if is_json:
            asked["output_config"] = {"format": {"type": "json_schema", "schema": SCHEMA}}
        return asked

    def said(self, answer: Any) -> Said:
        def joined(kind: str) -> str:
            return "".join(getattr(block, kind) for block in answer.content if block.type == kind)

        calls = [(block.id, block.name, block.input) for block in answer.content if block.type == "tool_use"]
        turn = {"role": "assistant", "content": [block.to_dict() for block in answer.content]}
        stop = answer.stop_reason
        return Said(joined("text"), joined("thinking"), calls, stop, answer.usage.output_tokens, [turn])


class Chat(Client):
    sdk, kinds = openai, (openai.OpenAI, openai.AsyncOpenAI)
    path, final = "chat.completions", "get_final_completion"

    def user(self, text: str, *, has_image: bool = False) -> Any:
        url = {"url": f"data:image/png;base64,{PIXEL}"}
        image = [{"type": "image_url", "image_url": url}] if has_image else []
        return {"role": "user", "content": [*image, {"type": "text", "text": text}]}

    def results(self, said: Said, outputs: list[str]) -> list[Any]:
        return [
            {"role": "tool", "tool_call_id": call[0], "content": output}
            for call, output in zip(said.calls, outputs, strict=True)
        ]

    def asked(self, talk: list[Any], tools: list[str], is_thinking: bool, is_json: bool) -> dict[str, Any]:
        asked: dict[str, Any] = {"messages": talk}
        if self.is_stream:
            asked["stream_options"] = {"include_usage": True}
        if tools:
            functions = [{"name": name, "parameters": PARAMETERS} for name in tools]
            asked["tools"] = [{"type": "function", "function": function} for function in functions]
        if is_thinking:
            asked["reasoning_effort"] = "low"
            asked["extra_body"] = {"include_reasoning": True}
        if is_json:
            own = {"name": "answer", "schema": SCHEMA, "strict": True}
            asked["response_format"] = {"type": "json_schema", "json_schema": own}
        return asked

    def said(self, answer: Any) -> Said:
        [choice] = answer.choices
        message = choice.message.to_dict()
        message.pop("parsed", None)
        given = [(call["id"], call["function"]) for call in message.get("tool_calls") or []]
        for _, function in given:
            function.pop("parsed_arguments", None)
        calls = [(known, own["name"], json.loads(own["arguments"])) for known, own in given]
        thinking = message.get("reasoning_content") or ""
        tokens = answer.usage.completion_tokens
        return Said(message.get("content") or "", thinking, calls, choice.finish_reason, tokens, [message])


class Responses(Client):
    sdk, kinds = openai, (openai.OpenAI, openai.AsyncOpenAI)
    path, final = "responses", "get_final_response"

    @property
    def failures(self) -> tuple[type[Exception], ...]:
        return (openai.APIError, RuntimeError) if self.is_stream else (openai.APIError,)

    def user(self, text: str, *, has_image: bool = False) -> Any:
        url = f"data:image/png;base64,{PIXEL}"
        image = [{"type": "input_image", "image_url": url, "detail": "auto"}] if has_image else []
        return {"role": "user", "content": [*image, {"type": "input_text", "text": text}]}

    def results(self, said: Said, outputs: list[str]) -> list[Any]:
        return [
            {"type": "function_call_output", "call_id": call[0], "output": output}
            for call, output in zip(said.calls, outputs, strict=True)
        ]

    def asked(self, talk: list[Any], tools: list[str], is_thinking: bool, is_json: bool) -> dict[str, Any]:
        asked: dict[str, Any] = {"input": talk, "store": False}
        if tools:
            own = {"type": "function", "parameters": PARAMETERS, "strict": False}
            asked["tools"] = [own | {"name": name} for name in tools]
        if is_thinking:
            asked["reasoning"] = {"effort": "low", "summary": "auto"}
            asked["include"] = ["reasoning.encrypted_content"]
        if is_json:
            form = {"type": "json_schema", "name": "answer", "schema": SCHEMA, "strict": True}
            asked["text"] = {"format": form}
        return asked

    def said(self, answer: Any) -> Said:
        items = [item.to_dict() for item in answer.output]
        calls = [item for item in items if item["type"] == "function_call"]
        for call in calls:
            call.pop("parsed_arguments", None)
        thoughts = [item for item in items if item["type"] == "reasoning"]
        parts = [part["text"] for item in thoughts for part in item["summary"]]
        known = [(call["call_id"], call["name"], json.loads(call["arguments"])) for call in calls]
        tokens = answer.usage.output_tokens
        return Said(answer.output_text, "".join(parts), known, answer.status, tokens, items)


WAYS = [(is_stream, is_async) for is_stream in (False, True) for is_async in (False, True)]
CLIENTS: list[Client] = [kind(*way) for kind in (Anthropic, Chat, Responses) for way in WAYS]
