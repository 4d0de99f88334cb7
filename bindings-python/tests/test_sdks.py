"""The official SDKs, as they are, on servers of another dialect: one list of scenarios for all of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import anthropic
import openai
import pytest
from sdk_clients import CLIENTS, PIXEL, Client
from sdk_upstreams import Upstream, serving_all

TOOLS = ["look", "go"]
USE = "Use the tools."


@pytest.fixture(scope="module")
def upstreams() -> Iterator[dict[str, Upstream]]:
    with serving_all() as upstreams:
        yield upstreams


PAIRS = [
    pytest.param((client, upstream), id=f"{client}-on-{upstream}")
    for client in CLIENTS
    for upstream in (["responses", "chat"] if client.sdk is anthropic else ["messages"])
]


@pytest.fixture(params=PAIRS)
def pair(request: pytest.FixtureRequest, upstreams: dict[str, Upstream]) -> tuple[Client, Upstream]:
    client, name = request.param
    upstream = upstreams[name]
    upstream.sent.clear()
    upstream.outcomes.clear()
    return client, upstream


Pair = tuple[Client, Upstream]
STOPPED = {"end_turn", "stop", "completed"}
CALLED = {"tool_use", "tool_calls", "completed"}


def test_text(pair: Pair) -> None:
    client, upstream = pair
    said = upstream.ask(client, "usual", [client.user("Hi")])
    assert (said.text, said.calls, said.output_tokens) == (upstream.text, [], 7)
    assert said.stop in STOPPED
    assert [outcome["status"] for outcome in upstream.outcomes] == ["completed"]


@pytest.mark.parametrize("scenario", ["usual", "thinking", "forgetful"])
def test_two_calls_and_the_second_turn(pair: Pair, scenario: str) -> None:
    """Thinking goes back to its server, which refuses any but its own; some clients forget it."""
    client, upstream = pair
    asked: dict[str, Any] = {"tools": TOOLS, "is_thinking": scenario != "usual"}
    model = "thinking" if asked["is_thinking"] else "usual"
    talk = [client.user(USE)]
    said = upstream.ask(client, model, talk, **asked)
    assert [call[1] for call in said.calls] == TOOLS and said.stop in CALLED
    assert len({call[0] for call in said.calls}) == 2 and all(call[2] for call in said.calls)
    assert said.thinking == ("Let me think." if asked["is_thinking"] else "")
    turns = forgotten(said.turns) if scenario == "forgetful" else said.turns
    talk += [*turns, *client.results(said, ["1", "2"])]
    again = upstream.ask(client, model, talk, **asked)
    assert again.stop in STOPPED and again.text in (upstream.text, "The tools gave 1 and 2.")
    assert has_thought(upstream) == (scenario == "thinking")


def forgotten(value: Any) -> Any:
    """The turn without what was thought."""
    if isinstance(value, dict):
        return {key: forgotten(inner) for key, inner in value.items() if not key.startswith("reasoning_")}
    if isinstance(value, list):
        return [forgotten(inner) for inner in value if kind_of(inner) not in ("thinking", "reasoning")]
    return value


def kind_of(value: Any) -> Any:
    return value.get("type") if isinstance(value, dict) else None


def has_thought(upstream: Upstream) -> bool:
    """Whether the last request has a thought as the upstream gave it."""
    text = json.dumps(upstream.sent[-1])
    if upstream.dialect == "chat":
        return "reasoning_content" in text
    return re.search(r'"(encrypted_content": "gAAAAA|signature": "\w)', text) is not None


def test_an_image(pair: Pair) -> None:
    client, upstream = pair
    said = upstream.ask(client, "usual", [client.user("What is this?", has_image=True)])
    assert said.text in (upstream.text, "I see 1 image.")
    assert PIXEL in json.dumps(upstream.sent[0])


def test_structured_output(pair: Pair) -> None:
    client, upstream = pair
    said = upstream.ask(client, "usual", [client.user("Is it?")], is_json=True)
    assert json.loads(said.text) == {"ok": True}
    assert "json_schema" in json.dumps(upstream.sent[0])


# --- failures


def raised(pair: Pair, scenario: str) -> Any:
    client, upstream = pair
    if scenario not in upstream.models:
        pytest.skip("this upstream does not fail so")
    with pytest.raises(client.failures) as error:
        upstream.ask(client, scenario, [client.user("Hi")])
    [outcome] = upstream.outcomes
    assert outcome["status"] == "failed" or (scenario, outcome["status"]) == ("cut", "truncated")
    return error.value


def test_too_many_requests(pair: Pair) -> None:
    error = raised(pair, "429")
    assert isinstance(error, anthropic.RateLimitError | openai.RateLimitError)
    if pair[1].dialect != "responses":  # which says it in its own way
        assert error.response.headers["retry-after"] == "7"


def test_overloaded(pair: Pair) -> None:
    error = raised(pair, "overloaded")
    assert isinstance(error, anthropic.InternalServerError | openai.InternalServerError)


def test_refused(pair: Pair) -> None:
    error = raised(pair, "refused")
    assert isinstance(error, openai.BadRequestError)
    assert error.message.endswith("messages: this is refused.") or "this is refused" in error.message


def test_too_long(pair: Pair) -> None:
    error = raised(pair, "overflow")
    assert isinstance(error, anthropic.BadRequestError | openai.BadRequestError)
    if isinstance(error, openai.BadRequestError):
        assert error.code == "context_length_exceeded"
    else:
        assert "prompt is too long" in error.message


@pytest.mark.parametrize("scenario", ["late", "cut"])
def test_a_failure_in_the_middle(pair: Pair, scenario: str) -> None:
    client, _ = pair
    error = raised(pair, scenario)
    is_connection = isinstance(error, anthropic.APIConnectionError | openai.APIConnectionError)
    assert not is_connection
    if not client.is_stream:  # nothing was passed on
        assert isinstance(error, anthropic.InternalServerError | openai.InternalServerError)
