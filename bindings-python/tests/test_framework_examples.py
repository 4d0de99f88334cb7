"""The short examples, run as their users run them: web servers and agents. `make test-examples`."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import anthropic
import httpx
import openai
import pytest
from backend import running
from chat_server import TEXT as CHAT_TEXT
from drop_in import TEXT
from sdk_upstreams import Upstream, serving_all

EXAMPLES = Path(__file__).parents[1] / "examples"
SHORT = sorted(file for file in EXAMPLES.glob("*.py") if file.stem not in ("agent", "over_websocket"))
NEEDED = {
    "aiohttp_server": "aiohttp",
    "fastapi_server": "fastapi",
    "flask_server": "flask",
    "langchain_chat": "langchain_openai",
    "litellm_provider": "litellm",
    "openai_agents": "agents",
    "pydantic_ai_agent": "pydantic_ai",
    "starlette_server": "starlette",
}
KEY = {"api_key": "sk-test", "max_retries": 0}
HI: list[Any] = [{"role": "user", "content": "Hi"}]
USE: list[Any] = [{"role": "user", "content": "Use the tool."}]
SQUARE: Any = {"type": "object", "properties": {"q": {"type": "integer"}}, "required": ["q"]}
TOOLS: list[Any] = [{"type": "function", "function": {"name": "square", "parameters": SQUARE}}]


def test_each_is_short_and_tested() -> None:
    assert [file.stem for file in SHORT] == sorted(NEEDED)
    assert [file.name for file in SHORT if len(file.read_text().splitlines()) > 40] == []


@pytest.fixture(scope="module")
def upstreams() -> Iterator[dict[str, Upstream]]:
    with serving_all() as upstreams:
        yield upstreams


def environment(url: str) -> dict[str, str]:
    offline = {"LITELLM_LOCAL_MODEL_COST_MAP": "True"}  # or it fetches one
    return os.environ | offline | {"OPENAI_BASE_URL": url, "OPENAI_API_KEY": "sk-test"}


def found(example: str) -> str:
    pytest.importorskip(NEEDED[example], reason="make test-examples installs it")
    return str(EXAMPLES / f"{example}.py")


@contextmanager
def serving(example: str, url: str) -> Iterator[str]:
    """The base URL of an example that is a server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environ = environment(url) | {"PORT": str(port)}
    with subprocess.Popen([sys.executable, found(example)], env=environ, stderr=subprocess.PIPE) as process:
        try:
            wait_for(port, process)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.terminate()
            process.communicate()


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = monotonic() + 60
    while monotonic() < until and process.poll() is None:
        with socket.socket() as asking:
            if asking.connect_ex(("127.0.0.1", port)) == 0:
                return
        sleep(0.05)
    process.terminate()
    raise AssertionError(f"it does not listen: {process.communicate()[1].decode()}")


@pytest.fixture(scope="module", params=["fastapi_server", "starlette_server", "flask_server"])
def of_chat(request: pytest.FixtureRequest) -> Iterator[str]:
    with running() as backend, serving(request.param, backend.base_url) as url:
        yield url


def test_a_server_of_chat(of_chat: str) -> None:
    with openai.OpenAI(base_url=of_chat, **KEY) as client:
        asked: Any = {"model": "gpt-5.5", "messages": HI}
        whole = client.chat.completions.create(**asked)
        assert whole.choices[0].message.content == TEXT and whole.usage
        chunks = list(client.chat.completions.create(**asked, stream=True))
        assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == TEXT
        message = client.chat.completions.create(**asked | {"messages": USE}, tools=TOOLS).choices[0].message
        assert [call.id for call in message.tool_calls or []] == ["call_a", "call_b"]


def test_a_server_of_chat_passes_failures_on(of_chat: str) -> None:
    with openai.OpenAI(base_url=of_chat, **KEY) as client:
        with pytest.raises(openai.RateLimitError):
            client.chat.completions.create(model="fail-429", messages=HI)
        with pytest.raises(openai.BadRequestError):
            client.chat.completions.create(model="gpt-5.5", messages=HI, n=2)
        with pytest.raises(openai.APIError):
            list(client.chat.completions.create(model="fail-stream-late", messages=HI, stream=True))
        with pytest.raises(openai.APIStatusError):
            client.chat.completions.create(model="fail-stream-late", messages=HI)


def test_one_over_the_transport_serves_every_client() -> None:
    with running() as backend, serving("fastapi_server", backend.base_url) as url:
        with openai.OpenAI(base_url=url, **KEY) as client:
            assert client.responses.create(model="gpt-5.5", input="Hi").output_text == TEXT
        with anthropic.Anthropic(base_url=url.removesuffix("/v1"), **KEY) as other:
            message: Any = other.messages.create(model="gpt-5.5", max_tokens=100, messages=HI)
            assert message.content[0].text == TEXT


def test_a_server_of_responses(upstreams: dict[str, Upstream]) -> None:
    with (
        serving("aiohttp_server", upstreams["chat"].url) as url,
        openai.OpenAI(base_url=url, **KEY) as client,
    ):
        assert client.responses.create(model="agent", input="Hi").output_text == CHAT_TEXT
        events = list(client.responses.create(model="agent", input="Hi", stream=True))
        end: Any = events[-1]
        assert (end.type, end.response.output_text) == ("response.completed", CHAT_TEXT)
        with pytest.raises(openai.RateLimitError):
            client.responses.create(model="fail-429", input="Hi")
        with pytest.raises(openai.APIStatusError):
            client.responses.create(model="truncated", input="Hi")
        refused = httpx.post(f"{url}/responses", content=b"[", trust_env=False)
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "invalid_json")


@pytest.mark.parametrize(
    ("example", "dialect", "printed"),
    [
        ("langchain_chat", "responses", [TEXT, "square(1) = 1", "square(2) = 4"]),
        ("openai_agents", "chat", ["count('*** Begin Patch\\n+a\\n')", CHAT_TEXT]),
        ("pydantic_ai_agent", "messages", ["square(7)", "The tools gave 49."]),
    ],
)
def test_an_agent(example: str, dialect: str, printed: list[str], upstreams: dict[str, Upstream]) -> None:
    upstream = upstreams[dialect]
    environ = environment(upstream.url) | {"MODEL": upstream.models["usual"]}
    command = [sys.executable, found(example)]
    run = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=120)
    assert (run.returncode, run.stdout.splitlines()) == (0, printed), run.stderr


LITELLM = """
import litellm, litellm_provider

hi = {"model": "sluicegate/gpt-5.5", "messages": [{"role": "user", "content": "Hi"}]}
print(litellm.completion(**hi).choices[0].message.content)
print("".join(chunk.choices[0].delta.content or "" for chunk in litellm.completion(**hi, stream=True)))
try:
    litellm.completion(**hi | {"model": "sluicegate/fail-429"})
except litellm.RateLimitError as failure:
    print(failure.status_code)
"""


def test_a_provider_of_litellm(upstreams: dict[str, Upstream]) -> None:
    found("litellm_provider")
    environ = environment(upstreams["responses"].url) | {"PYTHONPATH": str(EXAMPLES)}
    command = [sys.executable, "-c", LITELLM]
    run = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    assert [line for line in run.stdout.splitlines() if line[:1].isupper() or line.isdigit()][:3][:2] == [
        TEXT,
        TEXT,
    ]
    assert run.stdout.splitlines()[-1] == "429"
