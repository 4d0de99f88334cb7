"""Messages beside the other dialects: what the classes give, and the transports, for either side."""

from __future__ import annotations

import json
import re
from typing import Any

import anthropic
import httpx2
import openai
import pytest
import sluicegate
from cases import caught
from sluicegate import Collector, Transcoder, error_envelope
from sluicegate.httpx2 import SluicegateTransport
from streams import CHAT, FAILED, MESSAGES, TEXT

STREAMS: dict[str, list[bytes]] = {"chat": CHAT, "responses": TEXT, "messages": MESSAGES}
PATHS = {"chat": "/chat/completions", "responses": "/responses", "messages": "/messages"}
HI: list[Any] = [{"role": "user", "content": "Hi"}]
ASKED: dict[str, dict[str, Any]] = {
    "chat": {"model": "m", "messages": HI},
    "responses": {"model": "m", "input": "Hi"},
    "messages": {"model": "m", "max_tokens": 64, "messages": HI},
}
PAIRS = [("messages", "responses"), ("messages", "chat"), ("chat", "messages"), ("responses", "messages")]


# --- classes


@pytest.mark.parametrize("upstream", STREAMS)
def test_a_message_of_any_upstream(upstream: Any) -> None:
    collector = Collector(upstream=upstream)
    assert collector.final_message() is None
    collector.feed(b"".join(STREAMS[upstream]))
    collector.finish()
    message = json.loads(collector.final_message() or b"")
    assert (message["type"], message["role"], message["stop_reason"]) == ("message", "assistant", "end_turn")
    assert message["content"][0]["text"] == "Hi"
    cut = Collector(upstream=upstream)
    cut.finish()
    assert json.loads(cut.final_message() or b"")["type"] == "error"


def test_a_ping_is_an_event_once_the_message_began() -> None:
    transcoder = Transcoder(client="messages", upstream="responses", input_tokens=9)
    assert transcoder.ping() == transcoder.heartbeat() == b": ping\n"
    assert transcoder.ping(block=True) == b": ping\n\n"
    assert b'"input_tokens":9' in transcoder.feed(b"".join(TEXT[:2]))
    assert transcoder.ping() == transcoder.ping(True) == b'event: ping\ndata: {"type": "ping"}\n\n'
    other = Transcoder(client="chat", upstream="responses")
    assert other.feed(b"".join(TEXT[:2])) and other.ping() == b": ping\n"


def test_findings_in_a_stream_of_messages() -> None:
    stream = b"".join(MESSAGES)
    assert [finding for finding in sluicegate.lint(stream, "messages") if finding.severity == "error"] == []
    rules = [finding.rule for finding in sluicegate.lint(stream.replace(b"event: ", b": "), "claude_code")]
    assert "event_line" in rules


SLOW = b'{"detail":"Slow down."}'


def test_an_envelope_for_a_client_of_messages() -> None:
    known: dict[str, Any] = {"status": 429, "headers": {"retry-after": "2"}}
    plain, ours = (error_envelope(SLOW, **known, dialect=name) for name in ("chat", "messages"))
    assert plain == error_envelope(SLOW, **known)
    error = {"type": "rate_limit_error", "message": "Slow down."}
    assert ours == {**plain, "body": {"type": "error", "error": error}}
    named = error_envelope(SLOW, **known, dialect="messages", request_id="req_1")
    assert named["body"].get("request_id") == "req_1"
    wrong: Any = "pigeon"
    assert caught(lambda: error_envelope(dialect=wrong)).path == "dialect"


def test_an_envelope_of_an_outcome() -> None:
    transcoder = Transcoder(client="messages", upstream="responses")
    transcoder.feed(FAILED)
    outcome = transcoder.outcome
    assert outcome and outcome["failure"] and not transcoder.has_output
    body: Any = {"error": outcome["error"]}
    made = error_envelope(body, status=outcome["failure"]["status"], dialect="messages")
    assert made["body"]["error"] == {"type": "api_error", "message": "Slow down"}
    assert {name: made[name] for name in outcome["failure"]} == outcome["failure"]  # type: ignore[literal-required]


# --- transports


class Server:
    """Answers each request with the same, and keeps what was sent."""

    def __init__(self, *chunks: bytes, status: int = 200, headers: Any = None) -> None:
        self.sent: list[Any] = []
        self.answer = lambda: httpx2.Response(status, content=b"".join(chunks), headers=headers)

    def __call__(self, request: Any) -> Any:
        self.sent.append(request)
        return self.answer()

    def http(self, upstream: Any, **options: Any) -> httpx2.Client:
        inner = httpx2.MockTransport(self)
        return httpx2.Client(transport=SluicegateTransport(inner, upstream=upstream, **options))


@pytest.mark.parametrize(("client", "upstream"), PAIRS)
def test_a_pair_over_a_transport(client: str, upstream: str) -> None:
    server = Server(*STREAMS[upstream])
    url = f"http://test/v1{PATHS[client]}?beta=true"
    with server.http(upstream) as http:
        streamed = http.post(url, json=ASKED[client] | {"stream": True})
        whole = http.post(url, json=ASKED[client]).json()
    assert [str(sent.url) for sent in server.sent] == [f"http://test/v1{PATHS[upstream]}?beta=true"] * 2
    roles: Any = {"client": client, "upstream": upstream}
    assert streamed.headers["content-type"] == "text/event-stream"
    assert caught_text(client, streamed.content) == "Hi"
    text = {
        "chat": lambda: whole["choices"][0]["message"]["content"],
        "responses": lambda: whole["output"][0]["content"][0]["text"],
        "messages": lambda: whole["content"][0]["text"],
    }
    assert text[client]() == "Hi", roles


def caught_text(client: Any, stream: bytes) -> str:
    collector = Collector(upstream=client)
    collector.feed(stream)
    collector.finish()
    assert collector.outcome and collector.outcome["status"] == "completed"
    text: str = json.loads(collector.final_completion() or b"")["choices"][0]["message"]["content"]
    return text


def test_what_an_upstream_takes_as_it_is_passes_through() -> None:
    for upstream in ("chat", "messages"):
        server = Server(*STREAMS[upstream])
        with server.http(upstream) as http:
            answer = http.post(f"http://test/v1{PATHS[upstream]}", content=b"{")
            http.post("http://test/v1/messages/count_tokens", content=b"{}")
        assert answer.content == b"".join(STREAMS[upstream])
        assert server.sent[0].content == b"{" and server.sent[1].url.path == "/v1/messages/count_tokens"


def test_each_message_of_a_chat_server_has_an_id_of_its_own() -> None:
    server, url = Server(*CHAT), "http://test/v1/messages"
    with server.http("chat") as http:
        whole = [http.post(url, json=ASKED["messages"]).json()["id"] for _ in range(2)]
        stream = http.post(url, json=ASKED["messages"] | {"stream": True}).text
    streamed = re.findall(r'"id":"(msg_[0-9a-f]{32})"', stream)
    assert len({*whole, *streamed}) == 3 and all(re.fullmatch("msg_[0-9a-f]{32}", own) for own in whole)


@pytest.mark.parametrize(
    ("client", "upstream", "given", "expected"),
    [
        ("messages", "responses", {"x-api-key": "k"}, {"authorization": "Bearer k"}),
        ("messages", "chat", {"Authorization": "Bearer k"}, {"authorization": "Bearer k"}),
        ("chat", "messages", {"Authorization": "bearer k"}, {"x-api-key": "k"}),
        ("responses", "messages", {"authorization": "Basic k"}, {"authorization": "Basic k"}),
        ("chat", "responses", {"x-api-key": "k"}, {"x-api-key": "k"}),
        (
            "chat",
            "messages",
            {"x-api-key": "a", "authorization": "Bearer b"},
            {"x-api-key": "a", "authorization": "Bearer b"},
        ),
    ],
    ids=str,
)
def test_a_key_goes_where_the_upstream_reads_it(
    client: str, upstream: str, given: Any, expected: Any
) -> None:
    server = Server(*STREAMS[upstream])
    with server.http(upstream) as http:
        http.post(f"http://test{PATHS[client]}", json=ASKED[client], headers=given)
    sent = server.sent[0].headers
    assert {name: sent[name] for name in ("x-api-key", "authorization") if name in sent} == expected


@pytest.mark.parametrize(
    ("server", "status", "kind", "message"),
    [
        (Server(SLOW, status=429, headers={"retry-after": "2"}), 429, "rate_limit_error", "Slow down."),
        (Server(TEXT[0], FAILED), 502, "api_error", "Slow down"),
        (Server(TEXT[0]), 502, "api_error", "upstream"),
        (Server(b"<html><title>502 Bad Gateway</title>"), 502, "api_error", "502 Bad Gateway"),
        (Server(b'{"error":{"code":"model_not_found","message":"No m."}}'), 404, "not_found_error", "No m."),
        (
            Server(b'{"error":{"message":"Too long","code":"context_length_exceeded"}}', status=400),
            400,
            "invalid_request_error",
            "prompt is too long",
        ),
    ],
    ids=["429", "failed", "cut", "page", "not found", "context"],
)
@pytest.mark.parametrize("stream", [False, True])
def test_failures_are_in_the_client_s_form(
    server: Server, status: int, kind: str, message: str, stream: bool
) -> None:
    outcomes: list[Any] = []
    with server.http("responses", on_outcome=outcomes.append) as http:
        answer = http.post("http://test/v1/messages", json=ASKED["messages"] | {"stream": stream})
    body = answer.json()
    assert (answer.status_code, body["type"], body["error"]["type"]) == (status, "error", kind)
    assert message in body["error"]["message"]
    assert answer.headers.get("retry-after") == ("2" if status == 429 else None)
    assert outcomes[0]["error"].keys() >= {"message", "type", "param", "code"}


def test_a_request_that_must_not_be_sent_is_refused_in_the_client_s_form() -> None:
    server = Server()
    with server.http("responses") as http:
        answer = http.post("http://test/v1/messages", content=b"{")
    error = answer.json()
    assert (answer.status_code, error["type"], error["error"]["type"]) == (
        400,
        "error",
        "invalid_request_error",
    )
    assert not server.sent


# --- official clients


@pytest.mark.parametrize("upstream", ["responses", "chat"])
def test_the_official_client_of_messages(upstream: str) -> None:
    with Server(*STREAMS[upstream]).http(upstream) as http:
        client: Any = anthropic.Anthropic(
            api_key="k", base_url="http://test", http_client=http, max_retries=0
        )
        assert client.messages.create(**ASKED["messages"]).content[0].text == "Hi"
        with client.messages.stream(**ASKED["messages"]) as stream:
            assert "".join(stream.text_stream) == "Hi"
            assert stream.get_final_message().stop_reason == "end_turn"
    with Server(SLOW, status=429).http(upstream) as http:
        client = anthropic.Anthropic(api_key="k", base_url="http://test", http_client=http, max_retries=0)
        with pytest.raises(anthropic.RateLimitError, match="Slow down"):
            client.messages.create(**ASKED["messages"])


def test_the_official_client_of_openai_on_messages() -> None:
    with Server(*MESSAGES).http("messages") as http:
        client: Any = openai.OpenAI(api_key="k", base_url="http://test/v1", http_client=http, max_retries=0)
        assert client.responses.create(**ASKED["responses"]).output_text == "Hi"
        assert client.chat.completions.create(**ASKED["chat"]).choices[0].message.content == "Hi"
        chunks = client.chat.completions.create(**ASKED["chat"], stream=True)
        assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "Hi"
