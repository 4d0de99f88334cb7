"""The OpenAI Agents SDK, as it is, on a server that only has chat completions: vLLM, llama.cpp, Ollama."""

import asyncio
import os

import httpx2
from agents import Agent, Runner, function_tool, set_default_openai_client, set_tracing_disabled
from openai import AsyncOpenAI
from sluicegate.httpx2 import AsyncSluicegateTransport


@function_tool
def count(input: str) -> int:
    """Counts the letters of a text."""
    print(f"count({input!r})")
    return len(input)


async def main() -> None:
    transport = AsyncSluicegateTransport(upstream="chat")
    async with httpx2.AsyncClient(transport=transport, timeout=600) as http:
        set_default_openai_client(AsyncOpenAI(http_client=http))  # OPENAI_BASE_URL, OPENAI_API_KEY
        set_tracing_disabled(True)
        agent = Agent(name="counter", model=os.environ.get("MODEL", "qwen3"), tools=[count])
        result = await Runner.run(agent, "Use the tool: how long is this text?")
        print(result.final_output)


asyncio.run(main())
