"""pydantic-ai, as it is, on a Claude server."""

import os

import httpx2
from openai import AsyncOpenAI
from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider
from sluicegate.httpx2 import AsyncSluicegateTransport

transport = AsyncSluicegateTransport(upstream="messages")
client = AsyncOpenAI(http_client=httpx2.AsyncClient(transport=transport, timeout=600))
provider = OpenAIProvider(openai_client=client)
agent = Agent(OpenAIChatModel(os.environ.get("MODEL", "claude-sonnet-4-5"), provider=provider))


@agent.tool_plain
def square(q: int) -> int:
    """The square of an integer."""
    print(f"square({q})")
    return q * q


print(agent.run_sync("Use the tool: what are the squares of 1 and 2?").output)
