"""The official clients through our transport, against the strict backend, which only speaks `/responses`."""

from __future__ import annotations

import gzip
import json
from typing import Any

import httpx
import openai
import pytest
from drop_in import ASK, CREATED, DELTA, DONE, HI, KEY, TEXT, Bytes, Recorded, Sync, mocked, package, text_of
from sluicegate import Continuation, Error, MemoryStore, Normalized, Outcome
from sluicegate.httpx import AsyncResponsesTransport, AsyncSluicegateTransport, ResponsesTransport

SCHEMA = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}


def tool(name: str) -> dict[str, Any]:
    return {
        "type": "function",
        "function": {"name": name, "parameters": {"type": "object", "properties": {}}},
    }


def test_without_the_transport(base_url: str) -> None:
    with httpx.Client(trust_env=False) as http:
        plain = openai.OpenAI(http_client=http, base_url=base_url, **KEY)
        with pytest.raises(openai.NotFoundError):
            plain.chat.completions.create(**ASK)
        for is_stream in (False, True):
            with pytest.raises(openai.BadRequestError):
                plain.responses.create(model="gpt-5.5", input="Hi", stream=is_stream)


def test_chat_stream(client: Sync) -> None:
    inner = Recorded()
    chunks = client.chat(inner=inner, stream=True, stream_options={"include_usage": True}, **ASK)
    assert text_of(chunks) == TEXT
    assert chunks[-1].usage.total_tokens == 19 and chunks[-1].usage.prompt_tokens_details.cached_tokens == 4
    assert {chunk.model for chunk in chunks} == {"gpt-5.5"}
    [sent] = inner.sent
    assert sent.url.path == "/backend-api/codex/responses"
    assert sent.headers["authorization"] == "Bearer sk-test"
    assert sent.headers.get_list("accept") == ["text/event-stream"]
    assert sent.headers["originator"] == "codex_cli_rs"
    assert json.loads(sent.content)["stream"] is True
    assert inner.responses[0].is_closed


def test_chat(client: Sync) -> None:
    completion = client.chat(**ASK)
    assert completion.choices[0].message.content == TEXT
    assert (completion.object, completion.choices[0].finish_reason) == ("chat.completion", "stop")
    assert completion.usage.completion_tokens == 7


def test_chat_stream_helper(client: Sync) -> None:
    completion = client.helper(**ASK)
    assert completion.choices[0].message.content == TEXT


@pytest.mark.parametrize("is_stream", [False, True])
def test_responses(client: Sync, is_stream: bool) -> None:
    answer = client.responses(model="gpt-5.5", input="Hi", stream=is_stream, max_output_tokens=8192)
    response = answer[-1].response if is_stream else answer
    assert (response.status, response.output_text, response.usage.total_tokens) == ("completed", TEXT, 19)


@pytest.mark.parametrize("method", ["chat", "helper"])
def test_two_tool_calls_and_a_second_turn(client: Sync, method: str) -> None:
    names = ["a_tool_with_a_name_that_is_longer_than_any_backend_takes_" + end * 20 for end in "ab"]
    asked = ASK | {"tools": [tool(name) for name in names]}
    asked["messages"] = [{"role": "user", "content": "Use the tools."}]
    message = getattr(client, method)(**asked).choices[0].message
    calls = message.tool_calls
    assert [(call.function.name, call.function.arguments) for call in calls] == [
        (names[0], '{"q":1}'),
        (names[1], '{"q":2}'),
    ]
    results = [{"role": "tool", "tool_call_id": call.id, "content": "42"} for call in calls]
    got = {
        "role": "assistant",
        "tool_calls": [call.model_dump(exclude={"parsed_arguments"}) for call in calls],
    }
    for call in got["tool_calls"]:
        call["function"].pop("parsed_arguments", None)
    again = client.chat(**asked | {"messages": [*asked["messages"], got, *results]})
    assert again.choices[0].message.content == TEXT


def test_an_image(client: Sync) -> None:
    asked = {"model": "gpt-5.5", "input": "An image of a cat", "tools": [{"type": "image_generation"}]}
    [item] = client.responses(**asked).output
    assert item.type == "image_generation_call" and item.result.startswith("iVBOR")
    message = client.responses(**asked, stream=True)[-1].response.output[0]
    assert message.result == item.result
    asked["messages"] = [{"role": "user", "content": asked.pop("input")}]
    [shown] = client.chat(**asked).choices[0].message.images
    [streamed] = [
        image
        for chunk in client.chat(**asked, stream=True)
        for choice in chunk.choices
        for image in getattr(choice.delta, "images", [])
    ]
    assert shown["image_url"] == streamed["image_url"] == {"url": f"data:image/png;base64,{item.result}"}


def test_json_schema(client: Sync) -> None:
    form: dict[str, Any] = {"type": "json_schema", "json_schema": {"name": "answer", "schema": SCHEMA}}
    assert json.loads(client.chat(response_format=form, **ASK).choices[0].message.content) == {"ok": True}
    text = {"format": {"type": "json_schema", **form["json_schema"]}}
    assert client.responses(model="gpt-5.5", input="Hi", text=text).output_text == '{"ok":true}'


def test_the_hooks_get_request_and_outcome(client: Sync) -> None:
    requests: list[Normalized] = []
    outcomes: list[Outcome] = []
    options = {"on_request": requests.append, "on_outcome": outcomes.append, "request": {"strict": False}}
    client.chat(options=options, stop="x", **ASK)
    client.chat(options=options, stream=True, **ASK)
    assert "stop" in [change.path for change in requests[0].changes]
    assert [outcome["status"] for outcome in outcomes] == ["completed", "completed"]
    with pytest.raises(openai.BadRequestError, match="stop"):
        client.chat(options={"request": {"strict": True}}, stop="x", **ASK)


@pytest.mark.parametrize("is_stream", [False, True])
def test_continuation(client: Sync, is_stream: bool) -> None:
    inner = Recorded()
    options = {"continuation": Continuation("tenant", record_unstored=True), "store": MemoryStore()}
    asked = {"model": "gpt-5.5", "stream": is_stream, "options": options}
    first = client.responses(input="Hi", **asked)
    known = first[-1].response.id if is_stream else first.id
    second = client.responses(inner=inner, input="And?", previous_response_id=known, **asked)
    response = second[-1].response if is_stream else second
    assert response.previous_response_id == known
    assert len(json.loads(inner.sent[0].content)["input"]) == 3
    with pytest.raises(openai.BadRequestError, match="resp_unknown"):
        client.responses(input="And?", previous_response_id="resp_unknown", **asked)


@pytest.mark.parametrize("is_stream", [False, True])
def test_the_answer_is_in_the_dialect_of_the_path(is_stream: bool) -> None:
    got = mocked(Bytes(CREATED, DELTA, DONE))
    shapes: list[dict[str, Any]] = [{"messages": HI}, {"input": "Hi"}]
    for path, mark in (("chat/completions", "chat.completion"), ("responses", '"resp_1"')):
        for shape in shapes:
            with httpx.Client(transport=ResponsesTransport(got)) as http:
                body = shape | {"model": "gpt-5.5", "stream": is_stream}
                response = http.post(f"http://test/v1/{path}", json=body)
            assert response.status_code == 200 and mark in response.text


@pytest.mark.parametrize("is_stream", [False, True])
def test_an_upstream_that_does_not_stream(client: Sync, is_stream: bool) -> None:
    part = {"type": "output_text", "text": TEXT, "annotations": []}
    item = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [part]}
    whole = json.dumps({"id": "resp_1", "object": "response", "status": "completed", "output": [item]})
    body = [whole[:9].encode(), whole[9:].encode()]
    answer = client.chat(inner=mocked(Bytes(*body)), stream=is_stream, **ASK)
    assert (text_of(answer) if is_stream else answer.choices[0].message.content) == TEXT
    answer = client.responses(inner=mocked(Bytes(*body)), model="gpt-5.5", input="Hi", stream=is_stream)
    assert (answer[-1].response if is_stream else answer).output_text == TEXT


def test_other_paths_pass_through() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"data": []}, headers={"x-own": "1"})

    transport = ResponsesTransport(httpx.MockTransport(answer))
    with httpx.Client(transport=transport, base_url="http://test/v1") as http:
        given = [http.get("/models"), http.post("/embeddings", content=b"{ }"), http.get("/responses/resp_1")]
    assert [response.json() for response in given] == [{"data": []}] * 3
    assert seen[1].content == b"{ }" and "originator" not in seen[1].headers


def test_queries_stay_and_encodings_are_undone() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        headers = {"content-encoding": "gzip", "content-type": "text/plain"}
        return httpx.Response(200, content=gzip.compress(CREATED + DELTA + DONE), headers=headers)

    transport = ResponsesTransport(httpx.MockTransport(answer), profile="openai")
    with httpx.Client(transport=transport) as http:
        response = http.post("http://test/a%2Fb/chat/completions?api-version=1", json=ASK)
    assert seen[0].url.raw_path == b"/a%2Fb/responses?api-version=1"
    assert response.json()["choices"][0]["message"]["content"] == "Hello"
    assert "content-encoding" not in response.headers


class Moved(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Redirects once, and answers what follows."""

    def __init__(self, status: int, location: str) -> None:
        self.status, self.location = status, location
        self.seen: list[Any] = []

    def handle_request(self, request: Any) -> Any:
        self.seen.append(request)
        response = package(request).Response
        if len(self.seen) == 1:
            return response(self.status, headers={"location": self.location})
        return response(200, content=CREATED + DELTA + DONE)

    async def handle_async_request(self, request: Any) -> Any:
        return self.handle_request(request)


@pytest.mark.parametrize("location", ["/v1/responses/", "https://moved.test/v2/responses?a=b"])
def test_a_redirect_is_followed_and_converted_once(client: Sync, location: str) -> None:
    moved = Moved(307, location)
    answer = client.chat(inner=moved, **ASK)
    assert answer.choices[0].message.content == "Hello"
    first, second = moved.seen
    assert first.content == second.content and b'"input"' in first.content
    assert str(second.url) == str(first.url.join(location))
    assert first.headers["originator"] == second.headers["originator"]


def test_a_request_can_be_sent_again_after_a_redirect() -> None:
    moved = Moved(308, "/v1/responses/")
    with httpx.Client(transport=ResponsesTransport(moved), base_url="http://test/v1") as http:
        request = http.build_request("POST", "/chat/completions", json=ASK)
        assert [http.send(request).status_code for _ in range(2)] == [308, 200]
    assert [sent.url.path for sent in moved.seen] == ["/v1/responses"] * 2


def test_a_redirect_that_would_be_a_get_is_a_failure(client: Sync) -> None:
    with pytest.raises(openai.NotFoundError, match=r"upstream redirects to /login$"):
        client.chat(inner=Moved(302, "/login?next=1"), **ASK)


def test_headers_are_those_of_the_transport() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=CREATED + DELTA + DONE)

    for request in ({}, {"transport": "websocket"}):
        transport = ResponsesTransport(httpx.MockTransport(answer), request=request)  # type: ignore[arg-type]
        with httpx.Client(transport=transport) as http:
            assert http.post("http://test/responses", json=ASK).status_code == 200
    assert ["openai-beta" in request.headers for request in seen] == [False, True]


@pytest.mark.parametrize("kind", [ResponsesTransport, AsyncResponsesTransport])
def test_wrong_options(kind: Any) -> None:
    for wrong in ({"profile": "nonsense"}, {"nonsense": 1}, {"reasoning": 1}):
        with pytest.raises(Error):
            kind(**wrong)
    for unknown in ({"request": {"nonsense": 1}}, {"profile": "codex", "upstream": "chat"}):
        with pytest.raises(Error) as raised:
            AsyncSluicegateTransport(**({"upstream": "responses"} | unknown))
        assert raised.value.code == "invalid_option"
    mixed = {"store": MemoryStore(), "continuation": "t"}
    alone: list[Any] = [{"store": MemoryStore()}, {"continuation": Continuation("t")}, {"context": {}}, mixed]
    hooks: list[Any] = [{"on_request": 5}, {"on_outcome": 5}, {"on_event": (["x"], print)}, {"request": 5}]
    kind(request=None, profile=None, on_request=None)
    for wrong in alone + hooks:
        with pytest.raises(TypeError):
            kind(**wrong)
