"""The official clients as Responses clients, through our transport, of a server that speaks only chat.

What they get is what a plain fold of the server's stream gives, whichever way they ask, with the SDK's types
checked strictly.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest
from cases import Case, discover
from chat_fold import billed, fold_chat
from chat_server import TEXT, ChatServer, serving
from drop_in import KEY, Async, Async2, Bytes, Recorded, Sync, Sync2, mocked
from fold import Folded
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter
from responses_client import fold_end, fold_response
from sluicegate import Continuation, MemoryStore, Normalized, Outcome, SseParser, lint
from sluicegate.httpx import AsyncChatBackendTransport, ChatBackendTransport
from streams import CHAT
from test_httpx_streams import Lingering

ASK: dict[str, Any] = {"input": "Hi"}
WAYS = ["stream", "helper", "whole"]
TYPED_OTHERWISE = {
    **dict.fromkeys(
        [
            "error_class_context_length",
            "error_class_context_length_over_a_known_code",
            "error_class_quota",
            "error_code_decisive",
            "error_members_are_kept",
            "json_body_base_resp",
        ],
        "the type lacks a code that the API sends and by which Codex decides",
    ),
    **dict.fromkeys(["messages_no_summary", "messages_truncated"], "the code is the host's"),
    "call_arguments_as_json_of_a_string": "the plain fold takes arguments as they come",
    "thought_by_a_flag_beside_it": "the plain fold knows no flag",
    "text_escapes_are_spliced_raw": "Python's UTF-8 has no lone surrogates",
}
KINDS: list[type[Sync]] = [Sync, Async, Sync2, Async2]


@pytest.fixture(scope="module")
def server() -> Iterator[ChatServer]:
    with serving() as server:
        yield server


def client_of(kind: type[Sync], server: ChatServer) -> Sync:
    return kind(server.base_url, "ChatBackendTransport", _strict_response_validation=True)


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def client(request: pytest.FixtureRequest, server: ChatServer) -> Sync:
    return client_of(request.param, server)


def asked(client: Sync, way: str, **given: Any) -> Folded:
    """What the client ends up with."""
    if way == "helper":
        return fold_end(client.responses_helper(**ASK | given))
    if way == "stream":
        return fold_end(client.responses(stream=True, **ASK | given))
    response = client.responses(**ASK | given)
    return fold_response(response, "response." + response.status)


# --- answers


def plain() -> list[Case]:
    """Those that a plain fold can read: no failure, no calls that have to be told apart."""
    return [
        case
        for case in discover("respond")
        if not case.has("options.json")
        and not (str(case).startswith("identity_") or str(case) in TYPED_OTHERWISE)
        and not [found for found in lint(case.bytes(), "chat") if found.severity == "error"]
        and not fold_chat(case.bytes()).failed
    ]


def test_there_are_cases() -> None:
    assert len(plain()) > 30


@pytest.mark.parametrize("way", ["helper", "whole"])
@pytest.mark.parametrize("case", plain(), ids=str)
def test_what_a_plain_fold_gives(case: Case, way: str, server: ChatServer) -> None:
    check(case, asked(client_of(Sync, server), way, model=str(case)))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["tour", "calls_interleaved", "length"])
def test_every_client(name: str, way: str, client: Sync) -> None:
    [case] = [case for case in plain() if str(case) == name]
    check(case, asked(client, way, model=name))


def check(case: Case, seen: Folded) -> None:
    expected = fold_chat(case.bytes())
    assert billed(seen.usage) == billed(expected.usage)
    assert seen == dataclasses.replace(expected, usage=seen.usage)


def test_a_server_that_does_not_stream(client: Sync) -> None:
    seen = asked(client, "helper", model="only-whole")
    assert (seen.content, seen.finish, billed(seen.usage)) == (TEXT, "stop", billed(USAGE))


USAGE = {"prompt_tokens": 12, "completion_tokens": 7, "total_tokens": 19}


def test_without_the_transport(server: ChatServer) -> None:
    with httpx.Client(trust_env=False) as http:
        bare: Any = openai.OpenAI(http_client=http, base_url=server.base_url, **KEY)  # type: ignore[arg-type]
        with pytest.raises(openai.NotFoundError):
            bare.responses.create(model="text", **ASK)


def test_chat_and_other_paths_pass_through(client: Sync, server: ChatServer) -> None:
    asked = {"model": "agent", "messages": [{"role": "user", "content": "Hi"}], "stream": False}
    assert client.chat(**asked).choices[0].message.content == TEXT
    assert server.asked[-1] == asked


@pytest.mark.parametrize("is_stream", [False, True])
def test_a_chat_request_on_the_route_of_responses(server: ChatServer, is_stream: bool) -> None:
    asked = {"model": "agent", "messages": [{"role": "user", "content": "Hi"}], "stream": is_stream}
    with httpx.Client(transport=ChatBackendTransport()) as http:
        answer = http.post(f"{server.base_url}/responses", json=asked)
    assert server.asked[-1] == asked
    assert ("event: response.completed" in answer.text) == is_stream and TEXT in answer.text


# --- tools, and a second turn

PATCH = "*** Begin Patch\n+a\n"
SHELL = {
    "type": "function",
    "name": "shell",
    "parameters": {"type": "object", "properties": {}},
    "strict": False,
}
TOOLS: list[Any] = [
    SHELL,
    {"type": "custom", "name": "apply_patch", "description": "Patches files."},
    {"type": "namespace", "name": "mcp__files", "description": "Files.", "tools": [SHELL | {"name": "read"}]},
]


@pytest.mark.parametrize("way", WAYS)
def test_calls_of_three_kinds_and_their_second_turn(way: str, client: Sync, server: ChatServer) -> None:
    given: dict[str, Any] = {"model": "agent", "tools": TOOLS, "input": [{"role": "user", "content": "Go"}]}
    arguments = json.dumps({"input": PATCH})
    seen = asked(client, way, **given)
    assert [call[1:] for call in seen.calls] == [
        ("shell", arguments),
        ("apply_patch", PATCH),
        ("read", arguments),
    ]
    response = client.responses(**given)
    kinds = ["function_call", "custom_tool_call", "function_call"]
    assert [item.type for item in response.output] == kinds
    assert response.output[2].namespace == "mcp__files"
    outputs = [
        {"type": f"{item.type}_output", "call_id": item.call_id, "output": "42"} for item in response.output
    ]
    got = [item.model_dump(exclude_none=True) for item in response.output]
    assert asked(client, way, **given | {"input": [*given["input"], *got, *outputs]}).content == TEXT
    roles = [message["role"] for message in server.asked[-1]["messages"]]
    assert roles == ["user", "assistant", "tool", "tool", "tool"]


@pytest.mark.parametrize("is_stream", [False, True])
def test_continuation(client: Sync, server: ChatServer, is_stream: bool) -> None:
    options = {"continuation": Continuation("tenant", record_unstored=True), "store": MemoryStore()}
    given = {"model": "agent", "stream": is_stream, "options": options}
    first = client.responses(input="Hi", **given)
    known = first[-1].response.id if is_stream else first.id
    second = client.responses(input="And?", previous_response_id=known, **given)
    response = second[-1].response if is_stream else second
    assert response.previous_response_id == known
    assert [message["content"] for message in server.asked[-1]["messages"]] == ["Hi", TEXT, "And?"]
    with pytest.raises(openai.BadRequestError, match="resp_unknown"):
        client.responses(input="And?", previous_response_id="resp_unknown", **given)


def test_a_record_is_there_though_no_sentinel_came() -> None:
    store, tenant = MemoryStore(), Continuation("tenant")
    stream = Bytes(*CHAT[:2], CHAT[2].removesuffix(b"data: [DONE]\n\n"))
    with httpx.Client(
        transport=ChatBackendTransport(mocked(stream), continuation=tenant, store=store)
    ) as http:
        given = {"model": "m", "input": "Hi", "stream": True}
        answer = http.post("http://test/v1/responses", json=given).text
    [response_id] = set(re.findall(r'"response":{"id":"(resp_[0-9a-f]{32})"', answer))
    assert store.get(tenant.key(response_id)) is not None


def test_the_hooks_get_request_and_outcome(client: Sync) -> None:
    requests: list[Normalized] = []
    outcomes: list[Outcome] = []
    options = {"on_request": requests.append, "on_outcome": outcomes.append}
    for is_stream in (False, True):
        client.responses(options=options, model="agent", stream=is_stream, store=False, **ASK)
    assert "store" in [change.path for change in requests[0].changes]
    assert [outcome["status"] for outcome in outcomes] == ["completed", "completed"]


def test_options_are_those_of_the_transcoder(server: ChatServer) -> None:
    options = {"think_tags": True, "reasoning": "text"}
    given = {"model": "think_tags", **ASK}
    [reasoning, *_] = client_of(Sync, server).responses(options=options, **given).output
    assert reasoning.type == "reasoning" and reasoning.content
    [message] = client_of(Sync, server).responses(**given).output
    assert message.content[0].text.startswith("<think>")
    for wrong in ({"frames": True}, {"context": {}}, {"continuation": Continuation("t")}):
        with pytest.raises(TypeError):
            AsyncChatBackendTransport(**wrong)  # type: ignore[arg-type]


# --- failures


@pytest.mark.parametrize("is_stream", [False, True])
@pytest.mark.parametrize(
    ("model", "status"), [("fail-429", 429), ("fail-502-html", 502), ("html", 502), ("error_first", 429)]
)
def test_a_failure_before_the_first_byte(client: Sync, model: str, status: int, is_stream: bool) -> None:
    outcomes: list[Outcome] = []
    with pytest.raises(openai.APIStatusError) as raised:
        client.responses(model=model, stream=is_stream, options={"on_outcome": outcomes.append}, **ASK)
    assert raised.value.status_code == status and raised.value.body is not None
    assert raised.value.response.headers["content-type"] == "application/json"
    [outcome] = outcomes
    assert outcome["status"] == "failed" and outcome["failure"] and outcome["failure"]["status"] == status
    if model == "fail-429":
        assert raised.value.response.headers["retry-after"] == "7"
        assert raised.value.code == "rate_limit_exceeded"


@pytest.mark.parametrize("model", ["error_after_text", "truncated", "truncated_call_stays_open"])
def test_a_failure_after_it(server: ChatServer, model: str) -> None:
    lenient = Sync(server.base_url, "ChatBackendTransport")
    events = lenient.responses(model=model, stream=True, **ASK)
    assert events[-1].type == "response.failed" and events[-1].response.error.message


@pytest.mark.parametrize("is_stream", [False, True])
def test_a_rejection(client: Sync, is_stream: bool) -> None:
    inner = Recorded()
    with pytest.raises(openai.BadRequestError) as raised:
        client.responses(inner=inner, model="text", conversation="conv_1", stream=is_stream, **ASK)
    assert (raised.value.param, inner.sent) == ("conversation", [])


def test_a_cut_is_a_failure() -> None:
    stream = Bytes(*CHAT[:2], httpx.ReadError("connection reset"))
    with httpx.Client(transport=ChatBackendTransport(mocked(stream))) as http:
        reported = http.post("http://test/v1/responses", json={"model": "m", "stream": True, **ASK})
    assert reported.status_code == 200 and "upstream_truncated" in reported.text and stream.is_closed
    assert not [found for found in lint(reported.content, "codex_cli") if found.severity == "error"]


# --- a client that goes away


@pytest.mark.parametrize("kind", [Sync, Sync2])
def test_a_client_that_goes_away(kind: type[Sync]) -> None:
    transport = kind.ours.ChatBackendTransport()
    with Lingering(CHAT[0] + CHAT[1]) as upstream, kind.http.Client(transport=transport) as http:
        client: Any = openai.OpenAI(http_client=http, base_url=upstream.url, **KEY)
        stream = client.responses.create(model="m", stream=True, **ASK)
        assert next(stream).type == "response.created"
        stream.close()
        assert upstream.is_left.wait(5)


@pytest.mark.parametrize("kind", [Sync, Sync2])
def test_a_task_that_is_cancelled(kind: type[Sync]) -> None:
    async def read(url: str, has_begun: asyncio.Event) -> None:
        async with kind.http.AsyncClient(transport=kind.ours.AsyncChatBackendTransport()) as http:
            client: Any = openai.AsyncOpenAI(http_client=http, base_url=url, **KEY)
            async for _ in await client.responses.create(model="m", stream=True, **ASK):
                has_begun.set()

    async def run(url: str) -> None:
        has_begun = asyncio.Event()
        task = asyncio.create_task(read(url, has_begun))
        await asyncio.wait_for(has_begun.wait(), 30)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with Lingering(CHAT[0] + CHAT[1]) as upstream:
        asyncio.run(run(upstream.url))
        assert upstream.is_left.wait(5)


# --- types

EVENT: Any = TypeAdapter(ResponseStreamEvent)


@pytest.mark.parametrize("case", discover("respond"), ids=str)
def test_the_sdk_s_types_accept_every_event(case: Case) -> None:
    if reason := TYPED_OTHERWISE.get(str(case)):
        pytest.skip(reason)
    if case.json("options.json").get("framing"):
        frames = [json.loads(line) for line in case.lines("output.sse")]
    else:
        frames = [
            json.loads(event.data)
            for event in SseParser().feed(case.bytes("output.sse"))
            if event.data != "[DONE]"
        ]
    for event in frames:
        EVENT.validate_python(event)
    Response.model_validate(case.json("response.json"))
