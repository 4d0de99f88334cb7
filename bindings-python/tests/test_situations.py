"""What people are stuck in, each with its page in docs/: first as it fails without us, then with us.

The page has the words that the failure came with, so that whoever searches for them finds it.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import openai
import pytest
from chat_server import TEXT as TEXT_OF_CHAT
from chat_server import serving
from drop_in import HI, KEY, TEXT, Recorded
from sluicegate import Catalog, Continuation, MemoryStore, Normalized
from sluicegate.httpx2 import ChatBackendTransport, ResponsesTransport, SluicegateTransport

ROOT = Path(__file__).parents[2]
Ours = Callable[..., Any]
IMAGE = {"type": "image_generation"}
NO_CHOICE = "Tool choice 'image_generation' not found in 'tools' parameter."
F = {"type": "function", "name": "f", "parameters": {"type": "object", "properties": {}}}


def message_of(text: str) -> list[Any]:
    return [{"role": "user", "content": text}]


TAKEN: dict[str, Any] = {
    "model": "gpt-5.5",
    "instructions": "Be brief.",
    "input": message_of("Hi"),
    "store": False,
    "stream": True,
}
"""What the backend takes."""


class Page:
    def __init__(self, name: str) -> None:
        [page] = ROOT.joinpath("docs").rglob(name)
        self.text = page.read_text()

    def check(self, wording: str) -> None:
        assert wording in self.text.split("**Cause.**")[0], f"the page does not have: {wording}"


class Plain:
    """The client without us."""

    def __init__(self, base_url: str) -> None:
        self.http = httpx2.Client(trust_env=False)
        self.openai: Any = openai.OpenAI(http_client=self.http, base_url=base_url, **KEY)

    def answer(self, **asked: Any) -> Any:
        """The Response of the terminal event."""
        return list(self.openai.responses.create(**TAKEN | asked))[-1].response

    def is_refused(self, page: Page, wording: str, **asked: Any) -> None:
        with pytest.raises(openai.BadRequestError) as raised:
            self.openai.responses.create(**TAKEN | asked)
        assert wording in raised.value.response.text
        page.check(wording)


@pytest.fixture
def plain(base_url: str) -> Any:
    client = Plain(base_url)
    with client.http:
        yield client


@pytest.fixture
def ours(base_url: str) -> Iterator[Ours]:
    """Makes the same client over our transport."""
    with ExitStack() as opened:

        def made(inner: Any = None, **options: Any) -> Any:
            http = opened.enter_context(httpx2.Client(transport=ResponsesTransport(inner, **options)))
            return openai.OpenAI(http_client=http, base_url=base_url, **KEY)

        yield made


def test_situation_route_scoped_tools(plain: Plain, ours: Ours) -> None:
    page = Page("route-scoped-tools.md")
    preview = {"type": "web_search_preview"}
    plain.is_refused(page, "Unsupported tool type: web_search_preview", tools=[preview])
    plain.is_refused(
        page,
        "Tool choice 'image_generation' not found in 'tools' parameter.",
        tools=[IMAGE],
        tool_choice=IMAGE,
    )

    asked = {"model": "gpt-5.5", "input": "An image", "tools": [preview, IMAGE], "tool_choice": IMAGE}
    requests: list[Normalized] = []
    client = ours(profile="codex", on_request=requests.append)
    [item] = client.responses.create(**asked).output
    assert item.type == "image_generation_call" and item.result
    assert "tool_choice" in [change.path for change in requests[0].changes]
    inner = Recorded()
    with pytest.raises(openai.BadRequestError, match="Unsupported tool type: image_generation") as raised:
        ours(inner, profile="codex_v1").responses.create(**asked)
    assert (raised.value.code, raised.value.param) == ("unsupported_tool", "tools[1].type")
    assert not inner.sent
    page.check("Unsupported tool type: image_generation")


def test_situation_a_body_that_the_backend_rejects(plain: Plain, ours: Ours) -> None:
    page = Page("rejected-body.md")
    system = {"role": "system", "content": "Be brief."}
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("Unsupported parameter: max_output_tokens", {"max_output_tokens": 8192}),
        ("Unsupported parameter: temperature", {"temperature": 0.2}),
        ("Instructions are required", {"instructions": openai.omit}),
        ("Store must be set to false", {"store": openai.omit}),
        ("Stream must be set to true", {"stream": openai.omit}),
        ("Input must be a list", {"input": "Hi"}),
        ("System messages are not allowed", {"input": [system, *message_of("Hi")]}),
    ]
    for wording, asked in wrong:
        plain.is_refused(page, wording, **asked)

    requests: list[Normalized] = []
    client = ours(on_request=requests.append)
    for _, asked in wrong:
        assert client.responses.create(**TAKEN | asked | {"stream": False}).output_text == TEXT
    response = client.responses.create(model="gpt-5.5", input="Hi", max_output_tokens=8192, temperature=0.2)
    assert response.output_text == TEXT
    changed = {change.path for change in requests[-1].changes}
    assert changed == {
        "max_output_tokens",
        "temperature",
        "instructions",
        "store",
        "stream",
        "input",
        "include",
    }


def test_situation_stream_false_on_a_backend_that_only_streams(plain: Plain, ours: Ours) -> None:
    page = Page("stream-false.md")
    plain.is_refused(page, "Stream must be set to true", stream=False)
    response = plain.answer()
    assert (response.status, response.output, response.output_text) == ("completed", [], "")
    assert response.usage.output_tokens == 7
    page.check('"output": []')

    client = ours()
    response = client.responses.create(model="gpt-5.5", input="Hi")
    assert (response.status, response.output_text, response.usage.output_tokens) == ("completed", TEXT, 7)
    assert client.chat.completions.create(model="gpt-5.5", messages=HI).choices[0].message.content == TEXT


def test_situation_images_with_an_empty_response(plain: Plain, ours: Ours) -> None:
    page = Page("empty-images.md")
    asked: dict[str, Any] = {"tools": [IMAGE], "input": message_of("An image")}
    plain.is_refused(page, NO_CHOICE, tool_choice=IMAGE, **asked)
    response = plain.answer(**asked)
    assert (response.status, response.output) == ("completed", [])
    page.check('"output": []')

    client = ours()
    [item] = client.responses.create(model="gpt-5.5", tool_choice=IMAGE, **asked).output
    assert base64.b64decode(item.result).startswith(b"\x89PNG")
    asked["messages"] = asked.pop("input")
    message = client.chat.completions.create(model="gpt-5.5", **asked).choices[0].message
    assert message.images[0]["image_url"]["url"] == f"data:image/png;base64,{item.result}"


def test_situation_tool_loops_with_previous_response_id(plain: Plain, ours: Ours) -> None:
    page = Page("previous-response-id.md")
    output = {"type": "function_call_output", "call_id": "call_a", "output": "42"}
    first = plain.answer(tools=[F], input=message_of("Use the tool."))
    wording = "Unsupported parameter: previous_response_id"
    plain.is_refused(page, wording, tools=[F], input=[output], previous_response_id=first.id)
    wording = "No tool call found for function call output with call_id call_a."
    plain.is_refused(page, wording, tools=[F], input=[output])

    client = ours(continuation=Continuation("tenant"), store=MemoryStore())
    asked = {"model": "gpt-5.5", "tools": [F]}
    first = client.responses.create(input="Use the tool.", **asked)
    outputs = [output | {"call_id": call.call_id} for call in first.output]
    assert len(outputs) == 2
    second = client.responses.create(input=outputs, previous_response_id=first.id, **asked)
    assert (second.output_text, second.previous_response_id) == (TEXT, first.id)
    third = client.responses.create(input="And now?", previous_response_id=second.id, **asked)
    assert third.output_text == TEXT
    with pytest.raises(openai.BadRequestError) as raised:
        client.responses.create(input="Hi", previous_response_id="resp_1", **asked)
    assert raised.value.code == "previous_response_not_found"
    page.check(raised.value.body["message"])


def test_situation_an_http_only_client_on_a_websocket_model(
    plain: Plain, ours: Ours, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Page("websocket-models.md")
    model = "ws-only-model"
    wording = f"{model} routing only supports Responses-compatible requests"
    plain.is_refused(page, wording, model=model)
    with pytest.raises(openai.BadRequestError, match="Responses-compatible") as raised:
        ours().chat.completions.create(model=model, messages=HI)
    assert raised.value.code == "routing_unsupported"

    monkeypatch.syspath_prepend(ROOT / "bindings-python/examples")
    from over_websocket import OverWebSocket  # type: ignore[import-not-found, unused-ignore]

    assert (
        Catalog({"models": [{"slug": model, "prefer_websockets": True}]}).route(model)["transport"]
        == "websocket"
    )
    client = ours(OverWebSocket(), request={"transport": "websocket"})
    assert client.chat.completions.create(model=model, messages=HI).choices[0].message.content == TEXT
    chunks = list(client.chat.completions.create(model=model, messages=HI, stream=True))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == TEXT
    with pytest.raises(openai.RateLimitError):
        client.chat.completions.create(model="fail-429", messages=HI)


def test_situation_a_client_of_messages_on_a_chat_only_server() -> None:
    page = Page("messages.md")
    with serving() as server:
        known: dict[str, Any] = {"api_key": "k", "max_retries": 0}
        known["base_url"] = server.base_url.removesuffix("/v1")
        asked: dict[str, Any] = {"model": "qwen3", "max_tokens": 64, "messages": HI}
        with anthropic.Anthropic(**known) as bare, pytest.raises(anthropic.NotFoundError) as raised:
            bare.messages.create(**asked)
        page.check(str(raised.value))

        with httpx2.Client(transport=SluicegateTransport(upstream="chat")) as http:
            client: Any = anthropic.Anthropic(http_client=http, **known)
            assert client.messages.create(**asked).content[0].text == TEXT_OF_CHAT
            with client.messages.stream(**asked) as stream:
                assert "".join(stream.text_stream) == TEXT_OF_CHAT


def test_situation_a_responses_client_on_a_chat_only_server() -> None:
    page = Page("chat-only-servers.md")
    custom = {"type": "custom", "name": "apply_patch"}
    with serving() as server:
        bare = Plain(server.base_url)
        with bare.http, pytest.raises(openai.NotFoundError) as raised:
            bare.openai.responses.create(model="qwen3", input="Hi")
        page.check(str(raised.value))

        with httpx2.Client(transport=ChatBackendTransport()) as http:
            client: Any = openai.OpenAI(http_client=http, base_url=server.base_url, **KEY)
            assert client.responses.create(model="qwen3", input="Hi").output_text == TEXT_OF_CHAT
            [item] = client.responses.create(model="qwen3", input="Hi", tools=[custom]).output
    assert (item.type, item.input) == ("custom_tool_call", "*** Begin Patch\n+a\n")
