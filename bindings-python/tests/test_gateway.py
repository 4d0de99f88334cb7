"""The official client, sync and async, through the gateway of the Node examples."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest
from drop_in import ASK, HI, KEY, TEXT, text_of
from gateway import Gateway, gateway, missing
from websockets.sync.client import connect

pytestmark = pytest.mark.skipif(missing() is not None, reason=missing() or "")

SCHEMA = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
TOOLS: list[Any] = [
    {"type": "function", "function": {"name": name, "parameters": {"type": "object", "properties": {}}}}
    for name in ("first", "second")
]


@pytest.fixture(scope="module", params=["on", "off"], ids=["websocket", "http"])
def served(request: pytest.FixtureRequest) -> Iterator[Gateway]:
    """The parameter is how the gateway asks the backend."""
    with gateway("--upstream-websocket", request.param, "--heartbeat-ms", "10") as served:
        yield served


class Sync:
    """Each call on a client of its own; a stream is the list of what came."""

    def __init__(self, served: Gateway) -> None:
        self.served = served
        self.url = served.url + "/v1"

    def ask(self, method: str, **asked: Any) -> Any:
        with httpx.Client(trust_env=False) as http:
            client: Any = openai.OpenAI(http_client=http, base_url=self.url, **KEY)
            answer = self.method(client, method)(**asked)
            answer = list(answer) if asked.get("stream") else answer
        self.log = self.served.logged()
        return answer

    @staticmethod
    def method(client: Any, name: str) -> Any:
        for part in name.split("."):
            client = getattr(client, part)
        return client

    def chat(self, **asked: Any) -> Any:
        return self.ask("chat.completions.create", **asked)

    def responses(self, **asked: Any) -> Any:
        return self.ask("responses.create", **{"model": "gpt-5.5", "input": "Hi"} | asked)

    def error(self, kind: type[openai.APIError], method: str, **asked: Any) -> Any:
        with pytest.raises(kind) as raised:
            self.ask(method, **asked)
        self.log = self.served.logged()
        return raised.value


class Async(Sync):
    def ask(self, method: str, **asked: Any) -> Any:
        answer = asyncio.run(self.aask(method, asked))
        self.log = self.served.logged()
        return answer

    async def aask(self, method: str, asked: dict[str, Any]) -> Any:
        async with httpx.AsyncClient(trust_env=False) as http:
            client = openai.AsyncOpenAI(http_client=http, base_url=self.url, **KEY)
            answer = await self.method(client, method)(**asked)
            return [part async for part in answer] if asked.get("stream") else answer


@pytest.fixture(params=[Sync, Async], ids=["sync", "async"])
def client(request: pytest.FixtureRequest, served: Gateway) -> Sync:
    made: Sync = request.param(served)
    return made


def test_chat(client: Sync) -> None:
    chunks = client.chat(stream=True, stream_options={"include_usage": True}, **ASK)
    assert text_of(chunks) == TEXT
    assert chunks[-1].usage.total_tokens == 19
    assert client.log["outcome"] == "completed"
    completion = client.chat(**ASK)
    assert (completion.choices[0].message.content, completion.usage.completion_tokens) == (TEXT, 7)


def test_heartbeats_are_survived(client: Sync) -> None:
    """Each event comes 50 ms after the one before."""
    assert text_of(client.chat(model="slow", messages=HI, stream=True)) == TEXT
    assert client.responses(model="slow", stream=True)[-1].type == "response.completed"


def test_parallel_calls_and_the_turn_after_them(client: Sync) -> None:
    messages: list[Any] = [{"role": "user", "content": "Use the tools."}]
    message = client.chat(model="gpt-5.5", messages=messages, tools=TOOLS).choices[0].message
    assert [call.function.name for call in message.tool_calls] == ["first", "second"]
    outputs = [{"role": "tool", "tool_call_id": call.id, "content": "done"} for call in message.tool_calls]
    chunks = client.chat(model="gpt-5.5", messages=[*messages, message, *outputs], tools=TOOLS, stream=True)
    assert text_of(chunks) == TEXT


def test_json_by_a_schema(client: Sync) -> None:
    form = {"type": "json_schema", "json_schema": {"name": "answer", "schema": SCHEMA}}
    assert json.loads(client.chat(response_format=form, **ASK).choices[0].message.content) == {"ok": True}


def test_images(client: Sync) -> None:
    [image] = client.ask("images.generate", model="gpt-image-2", prompt="an image of a cat").data
    assert base64.b64decode(image.b64_json).startswith(b"\x89PNG")


def test_a_tool_loop_by_previous_response_id(client: Sync) -> None:
    tools = [{"type": "function", "strict": False, **tool["function"]} for tool in TOOLS]
    first = client.responses(input="Use the tools.", tools=tools)
    outputs = [
        {"type": "function_call_output", "call_id": call.call_id, "output": "done"} for call in first.output
    ]
    second = client.responses(input=outputs, tools=tools, previous_response_id=first.id, stream=True)
    assert second[-1].response.previous_response_id == first.id
    assert second[-1].response.output[0].content[0].text == TEXT
    third = client.responses(previous_response_id=second[-1].response.id)
    assert third.output_text == TEXT


@pytest.mark.parametrize("is_stream", [False, True])
@pytest.mark.parametrize(
    ("model", "status"), [("fail-429", 429), ("fail-500-html", 500), ("fail-stream-first", 503)]
)
def test_a_failure_before_the_first_byte(client: Sync, model: str, status: int, is_stream: bool) -> None:
    asked: dict[str, Any] = {"model": model, "messages": HI, "stream": is_stream}
    error = client.error(openai.APIStatusError, "chat.completions.create", **asked)
    assert (error.status_code, client.log["status"]) == (status, status)
    assert error.body is not None


@pytest.mark.parametrize("model", ["fail-stream-late", "cut"])
def test_a_failure_after_it(client: Sync, model: str) -> None:
    error = client.error(openai.APIError, "chat.completions.create", model=model, messages=HI, stream=True)
    assert type(error) is openai.APIError  # of the stream: neither a status nor the connection
    assert client.responses(model=model, stream=True)[-1].type == "response.failed"
    client.error(openai.InternalServerError, "chat.completions.create", model=model, messages=HI)


def test_a_rejection(client: Sync) -> None:
    assert client.error(openai.BadRequestError, "chat.completions.create", n=2, **ASK).param == "n"


def test_a_client_that_leaves(served: Gateway) -> None:
    with httpx.Client(trust_env=False) as http:
        client = openai.OpenAI(http_client=http, base_url=served.url + "/v1", **KEY)
        with client.chat.completions.create(model="slow", messages=HI, stream=True) as stream:
            next(stream)
    assert served.logged()["isCut"] is True


def test_a_websocket(served: Gateway) -> None:
    url = served.url.replace("http", "ws", 1) + "/v1/responses"
    with connect(url, proxy=None) as socket:
        socket.send(json.dumps({"type": "response.create", "model": "gpt-5.5", "input": "Hi"}))
        events = [json.loads(socket.recv())]
        while events[-1]["type"] != "response.completed":
            events.append(json.loads(socket.recv()))
    assert events[-1]["response"]["output"][0]["content"][0]["text"] == TEXT
    assert served.logged()["method"] == "WS"
