"""An agent on the plain `openai` client: it calls a tool until it has an answer, then it draws a picture.

The upstream only speaks streaming `/responses`; what is ours is one line, the transport. Needs `openai` and
the extra `httpx2`. The base URL is by default `OPENAI_BASE_URL`, the key `OPENAI_API_KEY`:

    python agent.py --base-url https://…/backend-api/codex --model gpt-5.5

Against the strict backend of the tests, from the root of the repository:

    .venv/bin/python bindings-python/tests/backend.py .venv/bin/python bindings-python/examples/agent.py
"""

from __future__ import annotations

import argparse
import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import openai
from sluicegate.httpx2 import ResponsesTransport

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletionMessageFunctionToolCall, ChatCompletionMessageParam
    from openai.types.chat import ChatCompletionToolUnionParam as Tool

MOST_TURNS = 10
SQUARE: Tool = {
    "type": "function",
    "function": {
        "name": "square",
        "description": "The square of an integer.",
        "parameters": {"type": "object", "properties": {"q": {"type": "integer"}}, "required": ["q"]},
    },
}


def work(client: openai.OpenAI, model: str, task: str) -> str | None:
    """The answer, once the model wants no more calls."""
    messages: list[ChatCompletionMessageParam] = [{"role": "user", "content": task}]
    for _ in range(MOST_TURNS):
        completion = client.chat.completions.create(model=model, messages=messages, tools=[SQUARE])
        message = completion.choices[0].message
        if not message.tool_calls:
            return message.content
        messages.append(message.to_dict())  # type: ignore[arg-type]
        for call in message.tool_calls:
            if call.type == "function":
                messages.append({"role": "tool", "tool_call_id": call.id, "content": called(call)})
    return None


def called(call: ChatCompletionMessageFunctionToolCall) -> str:
    result = json.loads(call.function.arguments)["q"] ** 2
    print(f"{call.function.name}({call.function.arguments}) = {result}")
    return str(result)


def draw(client: openai.OpenAI, model: str, wish: str, file: Path) -> bool:
    """Whether there was an image to save."""
    response = client.responses.create(model=model, input=wish, tools=[{"type": "image_generation"}])
    for item in response.output:
        if item.type == "image_generation_call" and item.result:
            return file.write_bytes(base64.b64decode(item.result)) > 0
    return False


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--base-url")
    options.add_argument("--model", default="gpt-5.5")
    options.add_argument("--image", type=Path, default=Path("cat.png"))
    given = options.parse_args()
    with httpx2.Client(transport=ResponsesTransport(profile="codex"), timeout=600) as http:
        client = openai.OpenAI(base_url=given.base_url, http_client=http)
        print(work(client, given.model, "Use the tool: what are the squares of 1 and 2?"))
        is_drawn = draw(client, given.model, "Draw an image of a cat.", given.image)
        print(f"saved {given.image}" if is_drawn else "no image came")


if __name__ == "__main__":
    main()
