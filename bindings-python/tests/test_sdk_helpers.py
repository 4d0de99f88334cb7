"""What else the SDKs do on servers of another dialect: tools that are run, types, slow clients that leave."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from typing import Any

import anthropic
import httpx2
import openai
import pytest
from hostile_server import SSE, UNREAD, HostileServer, forever
from pydantic import BaseModel
from sdk_clients import KEY
from sdk_upstreams import Upstream, serving_all
from sluicegate.httpx2 import AsyncSluicegateTransport, SluicegateTransport
from streams import CREATED, MESSAGES, chunk, delta, named, sse

HI: list[Any] = [{"role": "user", "content": "Hi"}]
USE: list[Any] = [{"role": "user", "content": "Use the tools."}]


@pytest.fixture(scope="module")
def upstreams() -> Iterator[dict[str, Upstream]]:
    with serving_all() as upstreams:
        yield upstreams


@pytest.fixture(params=["responses", "chat"])
def upstream(request: pytest.FixtureRequest, upstreams: dict[str, Upstream]) -> Upstream:
    return upstreams[request.param]


class Answer(BaseModel):
    ok: bool


def root(url: str) -> str:
    """Where Anthropic's SDKs put `/v1/messages` behind."""
    return url.removesuffix("/v1")


def asked(upstream: Upstream, messages: list[Any]) -> dict[str, Any]:
    return {"model": upstream.models["usual"], "max_tokens": 1024, "messages": messages}


def test_the_tool_runner(upstream: Upstream) -> None:
    given: list[Any] = []

    @anthropic.beta_tool
    def look(q: int = 0, input: str = "") -> str:
        """Looks."""
        given.append(q or input)
        return "42"

    with httpx2.Client(transport=SluicegateTransport(upstream=upstream.dialect)) as http:
        client = anthropic.Anthropic(http_client=http, base_url=root(upstream.url), **KEY)
        runner = client.beta.messages.tool_runner(tools=[look], **asked(upstream, USE))
        assert [message.stop_reason for message in runner] == ["tool_use", "end_turn"]
    assert given


def test_the_tool_runner_that_is_awaited(upstream: Upstream) -> None:
    given: list[Any] = []

    @anthropic.beta_async_tool
    async def look(q: int = 0, input: str = "") -> str:
        """Looks."""
        given.append(q or input)
        return "42"

    async def run() -> list[Any]:
        async with httpx2.AsyncClient(transport=AsyncSluicegateTransport(upstream=upstream.dialect)) as http:
            client = anthropic.AsyncAnthropic(http_client=http, base_url=root(upstream.url), **KEY)
            runner = client.beta.messages.tool_runner(tools=[look], stream=True, **asked(upstream, USE))
            return [(await stream.get_final_message()).stop_reason async for stream in runner]

    assert asyncio.run(run()) == ["tool_use", "end_turn"]
    assert given


def test_an_answer_of_a_type(upstream: Upstream) -> None:
    with httpx2.Client(transport=SluicegateTransport(upstream=upstream.dialect)) as http:
        client = anthropic.Anthropic(http_client=http, base_url=root(upstream.url), **KEY)
        message = client.messages.parse(output_format=Answer, **asked(upstream, HI))
    assert message.parsed_output == Answer(ok=True)


def test_an_answer_of_a_type_of_messages(upstreams: dict[str, Upstream]) -> None:
    upstream = upstreams["messages"]
    with httpx2.Client(transport=SluicegateTransport(upstream="messages")) as http:
        client = openai.OpenAI(http_client=http, base_url=upstream.url, **KEY)
        model = upstream.models["usual"]
        parsed = client.chat.completions.parse(model=model, messages=HI, response_format=Answer)
        assert parsed.choices[0].message.parsed == Answer(ok=True)
        assert parsed.created > 1_700_000_000  # which the upstream does not have
        response = client.responses.parse(model=model, input="Hi", text_format=Answer)
        assert response.output_parsed == Answer(ok=True)
        assert response.created_at > 1_700_000_000


# --- a client that is slow, and leaves

PIECE = "x" * 16_000
BLOCK = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
TEXT = {"type": "text_delta", "text": PIECE}
ENDLESS = {
    "responses": (CREATED, sse(delta(PIECE))),
    "chat": (sse(chunk({"role": "assistant", "content": ""})), sse(chunk({"content": PIECE}))),
    "messages": (
        MESSAGES[0] + named(BLOCK),
        named({"type": "content_block_delta", "index": 0, "delta": TEXT}),
    ),
}
"""By dialect: the beginning of an answer, and what comes again and again."""

CASES = [
    ("responses", anthropic.Anthropic, anthropic.AsyncAnthropic, "messages"),
    ("chat", anthropic.Anthropic, anthropic.AsyncAnthropic, "messages"),
    ("messages", openai.OpenAI, openai.AsyncOpenAI, "chat.completions"),
    ("messages", openai.OpenAI, openai.AsyncOpenAI, "responses"),
]
ASKED: dict[str, dict[str, Any]] = {
    "messages": {"max_tokens": 64, "messages": HI},
    "chat.completions": {"messages": HI},
    "responses": {"input": "Hi"},
}


@pytest.mark.parametrize(("dialect", "kind", "_", "path"), CASES)
def test_a_slow_client_that_leaves(dialect: Any, kind: Any, _: Any, path: str) -> None:
    begin, again = ENDLESS[dialect]
    with (
        HostileServer(forever(again, begin), SSE) as server,
        httpx2.Client(transport=SluicegateTransport(upstream=dialect)) as http,
    ):
        own = resource(kind(http_client=http, base_url=base_url(server, path), **KEY), path)
        stream = own.create(model="m", stream=True, **ASKED[path])
        for _ in range(8):
            next(stream)
            time.sleep(0.05)
        assert server.sent < UNREAD and not server.is_left.is_set()
        stream.close()
        assert server.is_left.wait(5)


@pytest.mark.parametrize(("dialect", "_", "kind", "path"), CASES)
def test_a_slow_task_that_is_cancelled(dialect: Any, _: Any, kind: Any, path: str) -> None:
    begin, again = ENDLESS[dialect]

    async def read(server: HostileServer, has_begun: asyncio.Event) -> None:
        async with httpx2.AsyncClient(transport=AsyncSluicegateTransport(upstream=dialect)) as http:
            own = resource(kind(http_client=http, base_url=base_url(server, path), **KEY), path)
            async for _ in await own.create(model="m", stream=True, **ASKED[path]):
                await asyncio.sleep(0.05)
                has_begun.set()

    async def run(server: HostileServer) -> None:
        has_begun = asyncio.Event()
        task = asyncio.create_task(read(server, has_begun))
        await asyncio.wait_for(has_begun.wait(), 30)
        assert server.sent < UNREAD
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with HostileServer(forever(again, begin), SSE) as server:
        asyncio.run(run(server))
        assert server.is_left.wait(5)


def base_url(server: HostileServer, path: str) -> str:
    return root(server.url) if path == "messages" else server.url


def resource(client: Any, path: str) -> Any:
    for name in path.split("."):
        client = getattr(client, name)
    return client


def test_a_tool_choice_of_one_call(upstreams: dict[str, Upstream]) -> None:
    """What a Messages server has inside its `tool_choice`."""
    upstream = upstreams["messages"]
    own = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}
    other = {"type": "function", "function": {"name": "go", "parameters": {"type": "object"}}}
    with httpx2.Client(transport=SluicegateTransport(upstream="messages", on_request=upstream.keep)) as http:
        client: Any = openai.OpenAI(http_client=http, base_url=upstream.url, **KEY)
        given = {"model": upstream.models["usual"], "messages": USE, "tools": [own, other]}
        answer = client.chat.completions.create(parallel_tool_calls=False, **given)
    assert [call.function.name for call in answer.choices[0].message.tool_calls] == ["look"]
    assert "disable_parallel_tool_use" in json.dumps(upstream.sent[-1])
