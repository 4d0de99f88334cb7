"""The OpenAI Agents SDK, as it is, over our transports: an agent calls its function and then answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from chat_server import TEXT, ChatServer, serving
from drop_in import TEXT as HELLO
from openai import AsyncOpenAI
from sluicegate import Outcome
from sluicegate.httpx2 import AsyncChatBackendTransport, AsyncResponsesTransport

agents = pytest.importorskip("agents", reason="make test-agents installs it")
PATCH = "*** Begin Patch\n+a\n"  # what the chat server calls every tool with
NAMES = ["tool_called", "tool_output", "message_output_created"]


@pytest.fixture(scope="module")
def server() -> Iterator[ChatServer]:
    with serving() as server:
        yield server


class Turns:
    """An agent's run, and what the transport and the function were called with."""

    def __init__(self, model: type[Any], name: str, base_url: str, transport: type[Any]) -> None:
        self.model, self.name, self.base_url, self.transport = model, name, base_url, transport
        self.inputs: list[str] = []
        self.outcomes: list[Outcome] = []
        self.events: list[str] = []
        self.deltas = ""

    def run(self, is_stream: bool) -> Any:
        return asyncio.run(self.arun(is_stream))

    async def arun(self, is_stream: bool) -> Any:
        transport = self.transport(on_outcome=self.outcomes.append)
        async with httpx2.AsyncClient(transport=transport) as http:
            client = AsyncOpenAI(api_key="sk-test", base_url=self.base_url, http_client=http, max_retries=0)
            model = self.model(model=self.name, openai_client=client)
            agent = agents.Agent(name="a", instructions="Patch.", model=model, tools=[self.tool()])
            config = agents.RunConfig(tracing_disabled=True)
            if not is_stream:
                return await agents.Runner.run(agent, "Use the tool.", run_config=config)
            result = agents.Runner.run_streamed(agent, "Use the tool.", run_config=config)
            async for event in result.stream_events():
                self.take(event)
            return result

    def tool(self) -> Any:
        def square(input: str = "", q: int = 0) -> str:
            self.inputs.append(input or str(q))
            return "42"

        return agents.function_tool(square, strict_mode=False)

    def take(self, event: Any) -> None:
        if event.type == "run_item_stream_event":
            self.events.append(event.name)
        elif event.type == "raw_response_event" and event.data.type == "response.output_text.delta":
            self.deltas += event.data.delta


@pytest.mark.parametrize("is_stream", [False, True])
def test_responses_on_a_chat_server(server: ChatServer, is_stream: bool) -> None:
    turns = Turns(agents.OpenAIResponsesModel, "agent", server.base_url, AsyncChatBackendTransport)
    result = turns.run(is_stream)
    assert (result.final_output, turns.inputs) == (TEXT, [PATCH])
    assert [item["type"] for item in result.to_input_list() if "type" in item] == [
        *("function_call", "function_call_output", "message"),
    ]
    assert [response.usage.total_tokens for response in result.raw_responses] == [19, 19]
    first, second = server.asked[-2:]
    assert [message["role"] for message in first["messages"]] == ["system", "user"]
    [call] = second["messages"][2]["tool_calls"]
    answer = {"role": "tool", "tool_call_id": call["id"], "content": "42"}
    assert second["messages"][3] == answer and call["id"] == "call_0"
    assert [outcome["finish_reason"] for outcome in turns.outcomes] == ["tool_calls", "stop"]
    if is_stream:
        assert (turns.events, turns.deltas) == (NAMES, TEXT)


@pytest.mark.parametrize("is_stream", [False, True])
def test_chat_on_a_backend_of_responses(base_url: str, is_stream: bool) -> None:
    turns = Turns(agents.OpenAIChatCompletionsModel, "gpt-5.5", base_url, AsyncResponsesTransport)
    result = turns.run(is_stream)
    assert (result.final_output, sorted(turns.inputs)) == (HELLO, ["1", "2"])
    assert [outcome["finish_reason"] for outcome in turns.outcomes] == ["tool_calls", "stop"]
    items = result.to_input_list()[1:5]
    calls, outputs = items[:2], items[2:]
    assert [call["call_id"] for call in calls] == [output["call_id"] for output in outputs]
    assert [json.loads(call["arguments"]) for call in calls] == [{"q": 1}, {"q": 2}]
    if is_stream:
        assert turns.deltas == HELLO and turns.events[-1] == NAMES[-1]
