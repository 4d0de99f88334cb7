"""Client and upstream are values: what the older names give, and what only a pair can be asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import httpx2
import pytest
import sluicegate.httpx
import sluicegate.httpx2
from cases import Case, caught, discover
from drop_in import Bytes, mocked
from sluicegate import (
    ChatTranscoder,
    Collector,
    ResponseCollector,
    ResponsesRelay,
    ResponsesTranscoder,
    Transcoder,
    atranscode,
    chat_to_responses,
    collect,
    convert_request,
    normalize_request,
    responses_to_chat,
    transcode,
)
from streams import CHAT

OLDER: dict[type[Transcoder], tuple[Any, Any]] = {
    ChatTranscoder: ("chat", "responses"),
    ResponsesRelay: ("responses", "responses"),
    ResponsesTranscoder: ("responses", "chat"),
}
CASES = [(kind, case) for kind in ("chat", "respond") for case in discover(kind) if case.has("input.sse")]


def read_by(transcoder: Transcoder, body: bytes) -> tuple[Any, ...]:
    out = transcoder.feed(body) + transcoder.finish()
    return out, transcoder.outcome_json, transcoder.has_output, transcoder.committed, transcoder.response()


@pytest.mark.parametrize(("kind", "case"), CASES, ids=str)
def test_older_names_are_pairs(kind: str, case: Case) -> None:
    options, body = case.json("options.json"), case.bytes()
    for older, (client, upstream) in OLDER.items():
        if (upstream == "responses") != (kind == "chat"):
            continue
        seen = read_by(older(**options), body)
        own = options if client == "chat" or kind == "respond" else shared(options)
        assert read_by(Transcoder(client=client, upstream=upstream, **own), body) == seen
        assert b"".join(transcode([body], client=client, upstream=upstream, **own)) == seen[0]


def shared(options: dict[str, Any]) -> dict[str, Any]:
    """Without those of chat clients."""
    chat = {"include_usage", "reasoning_details", "custom_tools", "images", "partial_images"}
    chat |= {"commentary", "message_separator", "hosted_calls", "include_role_chunk", "usage_in_finish"}
    return {name: value for name, value in options.items() if name not in chat}


@pytest.mark.parametrize("case", discover("respond"), ids=str)
def test_a_collector_of_a_chat_stream_gives_either_body(case: Case) -> None:
    collector = Collector(upstream="chat", **case.json("options.json"))
    assert collector.final_response() is collector.final_completion() is None
    collector.feed(case.bytes())
    assert collector.finish() is None  # type: ignore[func-returns-value]
    assert collector.final_response() == case.text("response.json").encode()
    assert collector.outcome_json == case.text("outcome.json")
    completion = json.loads(collector.final_completion() or b"")
    assert ("error" in completion) == (json.loads(case.text("response.json"))["status"] == "failed")


def test_collect_reads_any_upstream() -> None:
    seen = collect(CHAT, upstream="chat")
    assert json.loads(seen.response)["output"][0]["content"][0]["text"]
    assert json.loads(seen.completion)["choices"][0]["message"]["content"]
    older = ResponseCollector()
    assert older.finish() == older.final_response()


def test_asynchronously() -> None:
    async def run() -> bytes:
        async def source() -> AsyncIterator[bytes]:
            for chunk in CHAT:
                yield chunk

        return b"".join([out async for out in atranscode(source(), client="responses", upstream="chat")])

    assert asyncio.run(run()) == b"".join(transcode(CHAT, client="responses", upstream="chat"))


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"client": "chat", "upstream": "pigeon"}, "upstream"),
        ({"client": "nobody", "upstream": "chat"}, "client"),
        ({"client": "responses", "upstream": "responses", "include_usage": True}, "include_usage"),
        ({"client": "chat", "upstream": "responses", "think_tags": True}, "think_tags"),
        ({"client": "chat", "upstream": "chat", "framing": "sse"}, "framing"),
        ({"client": "responses", "upstream": "chat", "fc_ids": True}, "fc_ids"),
    ],
    ids=str,
)
def test_what_neither_side_has_is_named(given: dict[str, Any], path: str) -> None:
    error = caught(lambda: Transcoder(**given))
    assert (error.code, error.path) == ("invalid_option", path)


def test_options_of_a_collector_are_those_of_all_clients() -> None:
    assert Collector(upstream="chat", include_usage=True, done_sentinel=True, think_tags="open")
    assert caught(lambda: Collector(upstream="chat", fc_ids=True)).path == "fc_ids"


def test_requests_by_role() -> None:
    chat = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
    responses = {"model": "m", "input": "Hi"}
    assert convert_request(chat, upstream="responses") == chat_to_responses(chat)
    assert convert_request(responses, upstream="responses") == normalize_request(responses)
    assert convert_request(responses, upstream="chat") == responses_to_chat(responses)
    assert convert_request(chat, "chat", upstream="chat").json() == chat
    openai = convert_request(chat, client="chat", upstream="responses", profile="openai", strict=True)
    assert openai.context["dialect"] == "chat"
    wrong: Any = "pigeon"
    assert caught(lambda: convert_request(chat, wrong, upstream="chat")).path == "client"


ASK = {"model": "m", "input": "Hi", "stream": True}


@pytest.mark.parametrize("kind", [sluicegate.httpx, sluicegate.httpx2], ids=lambda kind: kind.__name__)
def test_each_answer_of_a_chat_server_has_an_id_of_its_own(kind: Any) -> None:
    package: Any = {"sluicegate.httpx": httpx, "sluicegate.httpx2": httpx2}[kind.__name__]

    def answer(request: Any) -> Any:
        return package.Response(200, content=b"".join(CHAT))

    def ids(**options: Any) -> set[str]:
        transport = kind.SluicegateTransport(package.MockTransport(answer), upstream="chat", **options)
        found = set()
        with package.Client(transport=transport) as http:
            for is_stream in (True, True, False):
                text = http.post("http://test/v1/responses", json=ASK | {"stream": is_stream}).text
                response = json.loads(text.split("data: ")[-1]) if is_stream else json.loads(text)
                found.add(response.get("response", response)["id"])
        return found

    own = ids()
    assert len(own) == 3 and {len(own_id) for own_id in own} == {len("resp_") + 32}
    assert ids(id="resp_mine") == {"resp_mine"}


def test_a_transport_takes_the_options_of_all_its_clients() -> None:
    inner = mocked(Bytes())
    sluicegate.httpx.SluicegateTransport(inner, upstream="responses", include_usage=True, done_sentinel=True)
    for wrong in ({"think_tags": True}, {"nonsense": 1}):
        error = caught(
            lambda wrong=wrong: sluicegate.httpx.SluicegateTransport(inner, upstream="responses", **wrong)
        )
        assert error.path == next(iter(wrong))
    only_for_chat: Any = {"upstream": "chat", "include_usage": True}
    error = caught(lambda: sluicegate.httpx.SluicegateTransport(inner, **only_for_chat))
    assert error.path == "include_usage"
    unknown: Any = "pigeon"
    assert caught(lambda: sluicegate.httpx.SluicegateTransport(inner, upstream=unknown)).path == "upstream"
