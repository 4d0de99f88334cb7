"""LangChain's OpenAI models, as they are, on a Messages server: by both of OpenAI's APIs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx2
import openai
import pytest
from pydantic import BaseModel
from sdk_clients import PIXEL
from sdk_upstreams import Upstream, serving_all
from sluicegate.httpx2 import AsyncSluicegateTransport, SluicegateTransport

langchain = pytest.importorskip("langchain_openai", reason="make test-agents installs it")
USE = "Use the tools."
THINKING = {"effort": "low", "summary": "auto"}


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    with serving_all() as upstreams:
        yield upstreams["messages"]


class Answer(BaseModel):
    """Whether it is."""

    ok: bool


def look(q: int) -> str:
    """Looks."""
    return str(q)


def go(q: int) -> str:
    """Goes."""
    return str(q)


@pytest.fixture(params=["chat", "responses"])
def api(request: pytest.FixtureRequest) -> str:
    return str(request.param)


class Asker:
    """A model of LangChain, in one of its ways to ask."""

    def __init__(self, upstream: Upstream, api: str, way: str) -> None:
        self.upstream, self.api, self.way = upstream, api, way

    def ask(self, scenario: str, talk: Any, *, tools: Any = (), **own: Any) -> Any:
        return asyncio.run(self.run(scenario, talk, tools, own))

    async def run(self, scenario: str, talk: Any, tools: Any, own: dict[str, Any]) -> Any:
        hooks: Any = {"upstream": "messages", "on_request": self.upstream.keep}
        async with httpx2.AsyncClient(transport=AsyncSluicegateTransport(**hooks)) as awaited:
            with httpx2.Client(transport=SluicegateTransport(**hooks)) as http:
                model = langchain.ChatOpenAI(
                    model=self.upstream.models.get(scenario, self.upstream.models["usual"]),
                    use_responses_api=self.api == "responses",
                    http_client=http,
                    http_async_client=awaited,
                    base_url=self.upstream.url,
                    api_key="sk-test",
                    max_retries=0,
                    stream_usage=True,
                    **own,
                )
                bound = model.bind_tools(list(tools)) if tools else model
                if self.way == "whole":
                    return bound.invoke(talk)
                if self.way == "awaited":
                    return await bound.ainvoke(talk)
                pieces = list(bound.stream(talk))
                return sum(pieces[1:], start=pieces[0])


@pytest.fixture(params=["whole", "stream", "awaited"])
def asker(request: pytest.FixtureRequest, upstream: Upstream, api: str) -> Asker:
    return Asker(upstream, api, request.param)


def text_of(message: Any) -> str:
    return str(message.text)


def test_text(asker: Asker) -> None:
    message = asker.ask("usual", "Hi")
    assert text_of(message) == asker.upstream.text
    assert message.usage_metadata["output_tokens"] == 7


@pytest.mark.parametrize("is_thinking", [False, True])
def test_two_calls_and_the_second_turn(asker: Asker, is_thinking: bool) -> None:
    own: dict[str, Any] = {}
    if is_thinking and asker.api == "responses":
        own = {"reasoning": THINKING, "include": ["reasoning.encrypted_content"], "store": False}
    elif is_thinking:
        own = {"reasoning_effort": "low"}
    asked = {"tools": [look, go], **own}
    message = asker.ask("usual", USE, **asked)
    assert [call["name"] for call in message.tool_calls] == ["look", "go"]
    results = [
        {"role": "tool", "tool_call_id": call["id"], "content": output}
        for call, output in zip(message.tool_calls, ["1", "2"], strict=True)
    ]
    again = asker.ask("usual", [{"role": "user", "content": USE}, message, *results], **asked)
    assert text_of(again) == "The tools gave 1 and 2."
    has_thought = any(
        block["type"] == "thinking"
        for turn in asker.upstream.sent[-1]["messages"]
        for block in turn["content"]
    )
    assert has_thought == (is_thinking and asker.api == "responses")


def test_an_image(asker: Asker) -> None:
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}}
    parts = [{"type": "text", "text": "What is this?"}, image]
    assert text_of(asker.ask("usual", [{"role": "user", "content": parts}])) == "I see 1 image."


def test_structured_output(upstream: Upstream, api: str) -> None:
    with httpx2.Client(transport=SluicegateTransport(upstream="messages")) as http:
        model = langchain.ChatOpenAI(
            model=upstream.models["usual"],
            use_responses_api=api == "responses",
            http_client=http,
            base_url=upstream.url,
            api_key="sk-test",
        )
        for method in ("json_schema", "function_calling"):
            assert model.with_structured_output(Answer, method=method).invoke("Is it?") == Answer(ok=True)


@pytest.mark.parametrize(
    ("scenario", "kind"),
    [
        ("429", openai.RateLimitError),
        ("overloaded", openai.InternalServerError),
        ("overflow", openai.BadRequestError),
        ("late", Exception),
    ],
)
def test_a_failure(asker: Asker, scenario: str, kind: type[Exception]) -> None:
    with pytest.raises(kind) as raised:
        asker.ask(scenario, "Hi")
    if isinstance(raised.value, openai.RateLimitError):
        assert raised.value.response.headers["retry-after"] == "7"
