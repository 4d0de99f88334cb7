"""The official clients through our transport, against the strict backend, which only speaks `/responses`."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import time
from collections.abc import Iterator
from threading import Event, Thread
from typing import Any

import httpx
import openai
import pytest
from backend import running
from drop_in import KEY, Async, Bytes, Recorded, Sync, mocked, text_of
from sluicegate import Continuation, Error, MemoryStore, Normalized, Outcome
from sluicegate.httpx import AsyncResponsesTransport, ResponsesTransport
from streams import sse

TEXT = "Hello from the strict backend."
HI: list[Any] = [{"role": "user", "content": "Hi"}]
ASK: dict[str, Any] = {"model": "gpt-5.5", "messages": HI}
CREATED = sse({"type": "response.created", "response": {"id": "resp_1", "status": "in_progress"}})
DELTA = sse({"type": "response.output_text.delta", "delta": "Hello"})
DONE = sse({"type": "response.completed", "response": {"id": "resp_1", "status": "completed"}})
SCHEMA = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}


def tool(name: str) -> dict[str, Any]:
    return {
        "type": "function",
        "function": {"name": name, "parameters": {"type": "object", "properties": {}}},
    }


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    with running() as backend:
        yield backend.route.removesuffix("/responses")


@pytest.fixture(params=[Sync, Async], ids=["sync", "async"])
def client(request: pytest.FixtureRequest, base_url: str) -> Sync:
    made: Sync = request.param(base_url)
    return made


# --- answers


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
    said = {
        "role": "assistant",
        "tool_calls": [call.model_dump(exclude={"parsed_arguments"}) for call in calls],
    }
    for call in said["tool_calls"]:
        call["function"].pop("parsed_arguments", None)
    again = client.chat(**asked | {"messages": [*asked["messages"], said, *results]})
    assert again.choices[0].message.content == TEXT


def test_an_image(client: Sync) -> None:
    asked = {"model": "gpt-5.5", "input": "An image of a cat", "tools": [{"type": "image_generation"}]}
    [item] = client.responses(**asked).output
    assert item.type == "image_generation_call" and item.result.startswith("iVBOR")
    message = client.responses(**asked, stream=True)[-1].response.output[0]
    assert message.result == item.result


def test_json_schema(client: Sync) -> None:
    form = {"type": "json_schema", "json_schema": {"name": "answer", "schema": SCHEMA}}
    assert json.loads(client.chat(response_format=form, **ASK).choices[0].message.content) == {"ok": True}


def test_the_host_is_told(client: Sync) -> None:
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


# --- failures


@pytest.mark.parametrize("is_stream", [False, True])
@pytest.mark.parametrize(
    ("model", "status"), [("fail-429", 429), ("fail-500-html", 500), ("fail-stream-first", 503)]
)
def test_a_failure_before_the_first_byte(client: Sync, model: str, status: int, is_stream: bool) -> None:
    with pytest.raises(openai.APIStatusError) as raised:
        client.chat(model=model, messages=HI, stream=is_stream)
    assert raised.value.status_code == status
    assert raised.value.response.headers["content-type"] == "application/json"
    assert raised.value.body is not None
    if model == "fail-429":
        assert raised.value.response.headers["x-codex-primary-used-percent"] == "100"
        assert raised.value.type == "usage_limit_reached"


@pytest.mark.parametrize("model", ["fail-stream-late", "cut"])
def test_a_failure_after_it(client: Sync, model: str) -> None:
    with pytest.raises(openai.APIError) as raised:
        client.chat(model=model, messages=HI, stream=True)
    assert type(raised.value) is openai.APIError  # of the stream: neither a status nor the connection
    events = client.responses(model=model, input="Hi", stream=True)
    assert events[-1].type == "response.failed"
    with pytest.raises(openai.InternalServerError):  # nothing was passed on
        client.chat(model=model, messages=HI)
    with pytest.raises(openai.InternalServerError):
        client.responses(model=model, input="Hi")


@pytest.mark.parametrize("is_stream", [False, True])
def test_a_rejection(client: Sync, is_stream: bool) -> None:
    inner = Recorded()
    with pytest.raises(openai.BadRequestError) as raised:
        client.chat(inner=inner, n=2, stream=is_stream, **ASK)
    assert (raised.value.param, inner.sent) == ("n", [])


@pytest.mark.parametrize("is_stream", [False, True])
@pytest.mark.parametrize("chunks", [[], [CREATED], [b"<html>", b"Oops</html>"], [httpx.ReadError("cut")]])
def test_nothing_came(client: Sync, chunks: list[Any], is_stream: bool) -> None:
    stream = Bytes(*chunks)
    with pytest.raises(openai.InternalServerError) as raised:
        client.chat(inner=mocked(stream), stream=is_stream, **ASK)
    assert raised.value.status_code == 502 and stream.is_closed


def test_retry_after(client: Sync) -> None:
    with pytest.raises(openai.RateLimitError) as raised:
        client.chat(inner=mocked(Bytes(b"{}"), 429, **{"retry-after": "1.5", "x-request-id": "r"}), **ASK)
    headers = raised.value.response.headers
    assert (headers["retry-after"], headers["retry-after-ms"], headers["x-request-id"]) == ("2", "1500", "r")


def test_a_read_error_is_a_cut(client: Sync) -> None:
    stream = Bytes(CREATED, DELTA, httpx.ReadError("connection reset"))
    with pytest.raises(openai.APIError, match="truncated"):
        client.chat(inner=mocked(stream), stream=True, **ASK)
    assert stream.is_closed


def test_no_connection_is_raised(client: Sync) -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(openai.APIConnectionError):
        client.chat(inner=httpx.MockTransport(refuse), stream=True, **ASK)


def test_a_store_that_fails_costs_the_record(client: Sync, caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        def get(self, key: str) -> bytes | None:
            return None

        def put(self, key: str, value: bytes, ttl_s: int) -> None:
            raise ConnectionError("no store")

    options = {"continuation": Continuation("tenant", record_unstored=True), "store": Broken()}
    assert client.responses(options=options, model="gpt-5.5", input="Hi").output_text == TEXT
    assert [record.name for record in caplog.records if record.levelname == "WARNING"] == ["sluicegate"]


# --- streams


def test_streams_stream(base_url: str) -> None:
    with httpx.Client(transport=ResponsesTransport()) as http:
        slow = openai.OpenAI(http_client=http, base_url=base_url, **KEY)
        stream = slow.chat.completions.create(model="slow", messages=HI, stream=True)
        seen = [time.monotonic() for _ in stream]
    assert seen[-1] - seen[0] > 0.15


def test_streams_stream_asynchronously(base_url: str) -> None:
    async def run() -> list[float]:
        async with httpx.AsyncClient(transport=AsyncResponsesTransport()) as http:
            slow = openai.AsyncOpenAI(http_client=http, base_url=base_url, **KEY)
            stream = await slow.chat.completions.create(model="slow", messages=HI, stream=True)
            return [time.monotonic() async for _ in stream]

    seen = asyncio.run(run())
    assert seen[-1] - seen[0] > 0.15


def test_closing_closes_the_upstream() -> None:
    upstream = Bytes(CREATED, DELTA, DELTA, DONE)
    with httpx.Client(transport=ResponsesTransport(mocked(upstream)), base_url="http://test") as http:
        with http.stream("POST", "/v1/chat/completions", json=ASK | {"stream": True}) as response:
            assert response.headers["content-type"] == "text/event-stream"
            next(response.iter_raw())
            assert (upstream.read, upstream.is_closed) == (2, False)
        assert (upstream.read, upstream.is_closed) == (2, True)


@pytest.mark.parametrize("is_cancelled", [False, True])
def test_closing_closes_the_upstream_asynchronously(is_cancelled: bool) -> None:
    upstream = Bytes(CREATED, DELTA, DELTA, DONE)

    async def read(http: httpx.AsyncClient) -> None:
        async with http.stream("POST", "/v1/chat/completions", json=ASK | {"stream": True}) as response:
            await anext(response.aiter_raw())
            assert not upstream.is_closed
            if is_cancelled:
                await asyncio.sleep(60)

    async def run() -> None:
        transport = AsyncResponsesTransport(mocked(upstream))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            task = asyncio.create_task(read(http))
            if is_cancelled:
                await asyncio.sleep(0.05)
                task.cancel()
            await asyncio.wait([task])
            assert (upstream.read, upstream.is_closed) == (2, True)

    asyncio.run(run())


def test_cancelling_before_the_first_byte() -> None:
    class Silent(Bytes):
        async def __aiter__(self) -> Any:
            yield CREATED
            await asyncio.sleep(60)

    upstream = Silent()

    async def run() -> None:
        async with httpx.AsyncClient(transport=AsyncResponsesTransport(mocked(upstream))) as http:
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(http.post("http://test/chat/completions", json=ASK), 0.05)
        assert upstream.is_closed

    asyncio.run(run())


class Lingering:
    """An upstream on a socket that says one thing, and when its client went away."""

    def __init__(self) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.server.getsockname()[1]}/v1"
        self.is_left = Event()
        self.thread = Thread(target=self.serve)

    def serve(self) -> None:
        connection, _ = self.server.accept()
        with connection:
            connection.settimeout(10)
            connection.recv(1 << 16)
            connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n" + DELTA)
            while connection.recv(1 << 16):
                pass
            self.is_left.set()

    def __enter__(self) -> Lingering:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.thread.join()
        self.server.close()


def test_a_client_that_goes_away() -> None:
    with Lingering() as upstream, httpx.Client(transport=ResponsesTransport()) as http:
        client = openai.OpenAI(http_client=http, base_url=upstream.url, **KEY)
        stream = client.chat.completions.create(stream=True, **ASK)
        assert next(stream).choices[0].delta.role == "assistant"
        stream.close()
        assert upstream.is_left.wait(1)


def test_a_task_that_is_cancelled() -> None:
    async def read(url: str) -> None:
        async with httpx.AsyncClient(transport=AsyncResponsesTransport()) as http:
            client = openai.AsyncOpenAI(http_client=http, base_url=url, **KEY)
            async for _ in await client.chat.completions.create(stream=True, **ASK):
                pass

    async def run() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(read(upstream.url), 0.5)

    with Lingering() as upstream:
        asyncio.run(run())
        assert upstream.is_left.wait(1)


def test_a_hundred_streams_at_once(base_url: str) -> None:
    async def run() -> list[str]:
        async with httpx.AsyncClient(transport=AsyncResponsesTransport()) as http:
            client = openai.AsyncOpenAI(http_client=http, base_url=base_url, **KEY)

            async def one(model: str) -> str:
                stream = await client.chat.completions.create(model=model, messages=HI, stream=True)
                return text_of([chunk async for chunk in stream])

            return await asyncio.gather(*(one(model) for model in ["slow", "gpt-5.5"] * 50))

    assert asyncio.run(run()) == [TEXT] * 100


# --- around it


@pytest.mark.parametrize("is_stream", [False, True])
def test_the_answer_is_in_the_dialect_of_the_path(is_stream: bool) -> None:
    said = mocked(Bytes(CREATED, DELTA, DONE))
    shapes: list[dict[str, Any]] = [{"messages": HI}, {"input": "Hi"}]
    for path, mark in (("chat/completions", "chat.completion"), ("responses", '"resp_1"')):
        for shape in shapes:
            with httpx.Client(transport=ResponsesTransport(said)) as http:
                body = shape | {"model": "gpt-5.5", "stream": is_stream}
                response = http.post(f"http://test/v1/{path}", json=body)
            assert response.status_code == 200 and mark in response.text


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


@pytest.mark.parametrize("kind", [ResponsesTransport, AsyncResponsesTransport])
def test_wrong_options(kind: Any) -> None:
    for wrong in ({"profile": "nonsense"}, {"nonsense": 1}, {"reasoning": 1}):
        with pytest.raises(Error):
            kind(**wrong)
    for wrong in ({"store": MemoryStore()}, {"continuation": Continuation("t")}, {"context": {}}):
        with pytest.raises(TypeError):
            kind(**wrong)
