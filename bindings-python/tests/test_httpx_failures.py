"""What the official clients see of failures, through our transport."""

from __future__ import annotations

from typing import Any

import httpx
import openai
import pytest
from drop_in import ASK, CREATED, DELTA, HI, TEXT, Bytes, Recorded, Sync, mocked
from sluicegate import Continuation, Outcome
from sluicegate.httpx import ResponsesTransport
from streams import sse

OVERLOADED = "Our servers are currently overloaded. Please try again later."


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


@pytest.mark.parametrize(
    ("model", "reported"),
    [
        ("fail-429", (429, "quota", "The usage limit has been reached")),
        ("fail-500-html", (500, "retryable", "500 Internal Server Error")),
        ("fail-stream-first", (503, "overloaded", OVERLOADED)),
    ],
)
@pytest.mark.parametrize("is_stream", [False, True])
def test_the_host_gets_the_outcome(
    client: Sync, model: str, reported: tuple[int, str, str], is_stream: bool
) -> None:
    outcomes: list[Outcome] = []
    with pytest.raises(openai.APIStatusError):
        client.chat(options={"on_outcome": outcomes.append}, model=model, messages=HI, stream=is_stream)
    [outcome] = outcomes
    failure, error = outcome["failure"], outcome["error"]
    assert failure is not None and error is not None
    assert (outcome["status"], failure["status"], failure["class"], error["message"]) == ("failed", *reported)
    assert set(failure) == {"status", "class", "retry_after_ms"}


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


def test_a_failure_in_the_chunk_of_the_first_byte(client: Sync) -> None:
    failed = {"status": "failed", "error": {"code": "server_error", "message": "Sorry"}}
    stream = Bytes(CREATED + DELTA + sse({"type": "response.failed", "response": failed}))
    with pytest.raises(openai.APIError, match="Sorry") as raised:
        client.chat(inner=mocked(stream), stream=True, **ASK)
    assert type(raised.value) is openai.APIError


def test_an_interrupt_is_raised() -> None:
    stream = Bytes(CREATED, KeyboardInterrupt())
    with httpx.Client(transport=ResponsesTransport(mocked(stream))) as http, pytest.raises(KeyboardInterrupt):
        http.post("http://test/chat/completions", json=ASK)
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
