"""Conversations through a transport whose upstream gives every answer the same id."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from sluicegate import Continuation, MemoryStore
from sluicegate.httpx import AsyncSluicegateTransport, SluicegateTransport
from streams import CHAT

ITEM = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": []}
RESPONSE = {"id": "resp_1", "object": "response", "status": "completed", "output": [ITEM]}
EVENT = {"type": "response.completed", "sequence_number": 0, "response": RESPONSE}
STREAMS = {"chat": b"".join(CHAT), "responses": b"data: %b\n\n" % json.dumps(EVENT).encode()}


class Upstream:
    """Keeps what it was sent."""

    def __init__(self, dialect: str) -> None:
        self.dialect = dialect
        self.sent: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request.content.decode())
        return httpx.Response(200, content=STREAMS[self.dialect])

    def options(self, **more: Any) -> dict[str, Any]:
        own = {"inner": httpx.MockTransport(self), "upstream": self.dialect, "store": MemoryStore()}
        return own | {"continuation": Continuation("tenant")} | more


def asked(text: str, previous: str | None, is_stream: bool) -> dict[str, Any]:
    return {"model": "m", "stream": is_stream, "previous_response_id": previous, "input": text}


def id_of(text: str) -> str:
    response = json.loads(text.strip().split("data: ")[-1])
    return str(response.get("response", response)["id"])


@pytest.mark.parametrize("dialect", ["chat", "responses"])
@pytest.mark.parametrize("is_stream", [True, False])
def test_conversations_do_not_mix(dialect: str, is_stream: bool) -> None:
    upstream = Upstream(dialect)
    last: dict[str, str | None] = {"red": None, "blue": None}
    seen = set()
    with httpx.Client(transport=SluicegateTransport(**upstream.options())) as http:
        for nth in range(3):
            for color, other in (("red", "blue"), ("blue", "red")):
                given = http.post(
                    "http://test/v1/responses", json=asked(f"{color} {nth}", last[color], is_stream)
                )
                last[color] = id_of(given.text)
                seen.add(last[color])
                assert all(f"{color} {turn}" in upstream.sent[-1] for turn in range(nth + 1))
                assert other not in upstream.sent[-1]
    assert len(seen) == 6 and {len(str(each)) for each in seen} == {len("resp_") + 32}


def test_asynchronous_conversations_do_not_mix() -> None:
    upstream = Upstream("responses")

    async def talk(color: str, http: httpx.AsyncClient) -> None:
        previous = None
        for nth in range(3):
            given = await http.post("http://test/v1/responses", json=asked(f"{color} {nth}", previous, True))
            previous = id_of(given.text)

    async def all_of_them() -> None:
        transport = AsyncSluicegateTransport(**upstream.options())
        async with httpx.AsyncClient(transport=transport) as http:
            await asyncio.gather(*(talk(color, http) for color in ("red", "blue")))

    asyncio.run(all_of_them())
    assert len(upstream.sent) == 6
    assert not any("red" in sent and "blue" in sent for sent in upstream.sent)


def test_an_id_that_is_taken_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """Only where the host gives an id that repeats."""
    with httpx.Client(transport=SluicegateTransport(**Upstream("responses").options(id="resp_own"))) as http:
        for text in ("one", "two"):
            assert (
                id_of(http.post("http://test/v1/responses", json=asked(text, None, True)).text) == "resp_own"
            )
    assert [record.getMessage() for record in caplog.records] == ["an answer was not recorded: id_taken"]


def test_without_a_store_ids_stay_as_they_were_sent() -> None:
    plain = SluicegateTransport(httpx.MockTransport(Upstream("responses")), upstream="responses")
    with httpx.Client(transport=plain) as http:
        assert id_of(http.post("http://test/v1/responses", json=asked("one", None, True)).text) == "resp_1"
