"""LangChain's ChatOpenAI, as it is, on an upstream that only streams `/responses`."""

import os

import httpx2
from langchain_openai import ChatOpenAI
from sluicegate.httpx2 import AsyncSluicegateTransport, SluicegateTransport


def square(q: int) -> int:
    """The square of an integer."""
    return q * q


model = ChatOpenAI(
    model=os.environ.get("MODEL", "gpt-5.5"),  # base URL and key: OPENAI_BASE_URL, OPENAI_API_KEY
    http_client=httpx2.Client(transport=SluicegateTransport(upstream="responses")),
    http_async_client=httpx2.AsyncClient(transport=AsyncSluicegateTransport(upstream="responses")),
    use_responses_api=False,
)
for piece in model.stream("Hi"):
    print(piece.text, end="", flush=True)
print()
for call in model.bind_tools([square]).invoke("Use the tool.").tool_calls:
    print(f"{call['name']}({call['args']['q']}) = {square(**call['args'])}")
