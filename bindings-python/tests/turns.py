"""One turn of a conversation as a gateway takes it: resolve, normalize, answer, remember."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cases import Case, compact
from sluicegate import (
    Continuation,
    Error,
    Expanded,
    Normalized,
    Record,
    ResponseCollector,
    ResponsesRelay,
    normalize_request,
)

NEXT = b'{"previous_response_id":"resp_1"}'
HELLO = b'{"id":"resp_1","status":"completed","output":[{"type":"message"}]}'
FIRST = Expanded(b'{"input":"Hi"}')
CONTINUED = (
    b'{"input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"Hi"}]},'
    b'{"type":"message"}]}'
)


@dataclass(frozen=True)
class Turn:
    """What a case has of one turn."""

    case: Case
    nth: int

    def __post_init__(self) -> None:
        assert self.case.has(self.name("request.json"))

    def name(self, file: str) -> str:
        return f"{self.nth}.{file}"

    @property
    def known(self) -> dict[str, Any]:
        return self.case.json(self.name("turn.json"))

    @property
    def request(self) -> bytes:
        return self.case.bytes(self.name("request.json"))

    @property
    def now_ms(self) -> int:
        return int(self.known.get("now_ms", self.nth * 1000))

    @property
    def tenant(self) -> Continuation:
        options = {"scope": "tenant-1"} | self.case.json("options.json")
        return Continuation(**options | ({"scope": self.known["scope"]} if "scope" in self.known else {}))

    def check_rejected(self, error: Error) -> None:
        assert compact(error.envelope) + b"\n" == self.case.bytes(self.name("rejected.json"))
        assert error.status == 400

    def answer(self, expanded: Expanded) -> bytes | None:
        """The Response that the client gets; None where the case goes no further."""
        assert expanded.body == self.case.bytes(self.name("expanded.json"))
        sent = normalized(expanded, self.known.get("origin"))
        assert sent.body == self.case.bytes(self.name("normalized.json"))
        if not self.case.has(self.name("input.sse")):
            return None
        response = answered(sent, expanded, self.case.bytes(self.name("input.sse")))
        assert response + b"\n" == self.case.bytes(self.name("response.json"))
        return response

    def check_recorded(self, expanded: Expanded, response: bytes, remembered: object) -> None:
        recorded = self.tenant.record(expanded, response, origin=self.known.get("origin"))
        if remembered == "id_taken":
            reported = {"unrecorded": remembered}
        elif isinstance(recorded, Record):
            reported = {"key": recorded.key, "sha256": hashlib.sha256(recorded.value).hexdigest()}
            assert remembered is None
        else:
            reported = {"unrecorded": recorded}
            assert remembered == recorded
        assert reported == self.case.json(self.name("recorded.json"))

    def replay(self, store: Any, **clock: int) -> None:
        try:
            expanded = self.tenant.resolve(store, self.request, **clock)
        except Error as error:
            return self.check_rejected(error)
        if (response := self.answer(expanded)) is not None:
            origin = self.known.get("origin")
            remembered = self.tenant.remember(store, expanded, response, origin=origin, **clock)
            self.check_recorded(expanded, response, remembered)

    async def areplay(self, store: Any) -> None:
        try:
            expanded = await self.tenant.aresolve(store, self.request)
        except Error as error:
            return self.check_rejected(error)
        if (response := self.answer(expanded)) is not None:
            origin = self.known.get("origin")
            remembered = await self.tenant.aremember(store, expanded, response, origin=origin)
            self.check_recorded(expanded, response, remembered)


def turns(case: Case) -> Iterator[Turn]:
    nth = 1
    while case.has(f"{nth}.request.json"):
        yield Turn(case, nth)
        nth += 1


def is_timed(case: Case) -> bool:
    """Only a store with our clock knows of time."""
    return "now_ms" in case.json("2.turn.json")


def normalized(expanded: Expanded, origin: str | None) -> Normalized:
    sent = normalize_request(expanded.body, origin=origin, history_origin=expanded.origin)
    assert not normalize_request(sent.body).changes
    return sent


def answered(sent: Normalized, expanded: Expanded, upstream: bytes) -> bytes:
    options: dict[str, Any] = {"context": sent.context, "previous_response_id": expanded.previous_response_id}
    collector, relay = ResponseCollector(**options), ResponsesRelay(**options)
    collector.feed(upstream)
    relayed = relay.feed(upstream) + relay.finish()
    response = collector.finish()
    if collector.outcome is not None and collector.outcome["status"] == "completed":
        assert said_previous(relayed) == json.loads(response).get("previous_response_id")
    return response


def said_previous(relayed: bytes) -> object:
    data = [line for line in relayed.splitlines() if line.startswith(b"data: {")][-1]
    return json.loads(data[6:])["response"].get("previous_response_id")
