"""Frames, objects and events: as the bytes have them, at any cut of every fixture; what a function raises."""

from __future__ import annotations

import gc
import json
import weakref
from typing import Any

import pytest
from cases import Case, cuttings, discover
from sluicegate import (
    ChatTranscoder,
    Collector,
    Error,
    ResponsesRelay,
    SseParser,
    Tee,
    Transcoder,
    atranscode,
    chat_sse,
    collect,
    transcode,
)

CASES: list[tuple[Case, Any]] = [
    *((case, "responses") for kind in ("chat", "relay", "messages") for case in discover(kind)),
    *((case, "chat") for case in discover("respond")),
    *((case, "messages") for case in discover("messages_upstream")),
]
CASES = [(case, upstream) for case, upstream in CASES if case.has("input.sse")]
CLIENTS: list[Any] = ["chat", "responses", "messages"]
NAMES = {"message", "error", "ping", "response.created", "response.output_text.delta", "content_block_delta"}
DELTA = '{"type":"response.output_text.delta","delta":"Hi"}'
STREAM = [
    b'data: {"type":"response.created","response":{"id":"resp_1"}}\n\n',
    f"data: {DELTA}\n\n".encode(),
    b'data: {"type":"response.completed","response":{"status":"completed"}}\n\n',
]


def setup(case: Case, upstream: Any) -> tuple[Any, dict[str, Any]]:
    options = case.json("options.json")
    return options.get("upstream", upstream), options.get("options", {} if "upstream" in options else options)


def run(client: Any, upstream: Any, pieces: list[bytes], options: dict[str, Any], **host: Any) -> Any:
    """What all calls gave, put together; None where the pair has not all of the options."""
    try:
        transcoder = Transcoder(client=client, upstream=upstream, **options, **host)
    except Error:
        return None
    given = [transcoder.feed(piece) for piece in pieces]
    return joined([*given, transcoder.finish()])


def joined(given: list[Any]) -> Any:
    return [one for each in given for one in each] if isinstance(given[0], list) else b"".join(given)


def objects_of(stream: bytes) -> list[Any]:
    """What a client reads."""
    if stream.startswith(b"{"):
        return [json.loads(line) for line in stream.splitlines()]
    parser = SseParser(dispatch_tail=True)
    events = [*parser.feed(stream), *parser.finish()]
    return [value_of(event.data) for event in events]


def value_of(data: str) -> Any:
    try:
        return None if data == "[DONE]" else json.loads(data)
    except ValueError:
        return data


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(("case", "upstream"), CASES, ids=str)
def test_every_fixture(case: Case, upstream: Any, client: Any) -> None:
    upstream, options = setup(case, upstream)
    whole = run(client, upstream, [case.bytes()], options)
    if whole is None:
        return
    expected: list[Any] = []
    told: list[tuple[str, str]] = []
    run(client, upstream, [case.bytes()], options, on_event=(NAMES, lambda *event: told.append(event)))
    for nth, pieces in enumerate(cuttings(case.bytes(), str(case))):
        if nth > 1 and nth % 40:
            continue
        frames = run(client, upstream, pieces, options, frames=True)
        assert b"".join(frames) == whole
        expected = expected or frames
        assert frames == expected
        objects = run(client, upstream, pieces, options, objects=True)
        assert repr(objects) == repr(objects_of(whole))
        again: list[tuple[str, str]] = []
        run(client, upstream, pieces, options, on_event=(NAMES, lambda *event, to=again: to.append(event)))
        assert again == told


@pytest.mark.parametrize("case", [case for case in discover("chat") if case.has("frames.jsonl")], ids=str)
def test_events_as_mappings(case: Case) -> None:
    options = case.json("options.json")
    by_text, by_mapping = ChatTranscoder(**options), ChatTranscoder(**options)
    for line in case.lines("frames.jsonl"):
        if isinstance(frame := value_of(line), dict):
            assert objects_of(by_mapping.feed_event(frame)) == objects_of(by_text.feed_event(line))


def test_mappings_of_any_values() -> None:
    part = {
        "type": "response.output_text.delta",
        "delta": 'é"\\\n\U0001f600',
        "a": [None, True, 1, -2.5e300, {}],
        "b": {"c": []},
    }
    frame = Transcoder(client="responses", upstream="responses").feed_event(part)
    assert objects_of(frame) == [part]
    for odd in ({"n": 2**80}, {"t": (1, 2)}, {1: 2}, {"s": "\ud800"}):
        assert Transcoder(client="responses", upstream="responses").feed_event(part | odd)  # type: ignore[operator]
    with pytest.raises(TypeError):
        ChatTranscoder().feed_event({"type": object()})
    collector = Collector(upstream="responses")
    collector.feed_event(part)
    collector.finish()
    assert b'\\"' in (collector.final_response() or b"")


def test_an_object_is_what_json_loads_gives() -> None:
    for data in (
        '{"a":1e5,"b":-0,"c":"\\ud83d\\ude00","\\ud800":"\\udc00","d":[[],{}],"e":1e999,"n":'
        + "9" * 40
        + "}",
        "[1]",
        "7",
        '"x"',
    ):
        relay = ResponsesRelay(objects=True)
        assert relay.feed(f"data: {data}\n\n".encode()) == [json.loads(data)]
    assert ResponsesRelay(objects=True).feed(b"data: {} {}\n\ndata: [DONE]\n\n: c\n\n") == ["{} {}"]


def test_what_a_function_raises_costs_no_bytes() -> None:
    def fail(name: str, data: str) -> None:
        raise ValueError(name)

    plain = run("chat", "responses", STREAM, {})
    for host in ({}, {"frames": True}, {"objects": True}):
        transcoder = ChatTranscoder(
            on_event=(["response.output_text.delta", "response.completed"], fail), **host
        )  # type: ignore[call-overload]
        given = [transcoder.feed(STREAM[0])]
        for chunk in STREAM[1:]:
            with pytest.raises(ValueError, match=r"response\."):
                transcoder.feed(chunk)
        given.append(transcoder.finish())
        assert [*map(len, given)] == [0, len(given[1])]
        assert given[1] == (run("chat", "responses", STREAM, {}, **host) if host else plain)
        with pytest.raises(Error, match="finish"):
            transcoder.finish()


def test_what_comes_at_the_end_is_told_too() -> None:
    def fail(name: str, data: str) -> None:
        raise ValueError(data)

    transcoder = ChatTranscoder(on_event=({"response.output_text.delta"}, fail))
    transcoder.feed(STREAM[1].rstrip())
    with pytest.raises(ValueError, match="Hi"):
        transcoder.finish()
    assert b"[DONE]" in transcoder.finish()


def test_a_function_may_use_the_object() -> None:
    seen: list[Any] = []
    transcoder: ChatTranscoder = ChatTranscoder(
        on_event=({"response.completed"}, lambda *_: seen.append(transcoder.outcome))
    )
    for chunk in STREAM:
        transcoder.feed(chunk)
    assert seen[0]["status"] == "completed"


def test_the_first_exception_comes_when_all_were_told() -> None:
    told: list[str] = []

    def fail(name: str, data: str) -> None:
        told.append(name)
        raise ValueError(name)

    collector = Collector(upstream="responses", on_event=({"response.created", "response.completed"}, fail))
    with pytest.raises(ValueError, match=r"response\.created"):
        collector.feed(b"".join(STREAM))
    assert told == ["response.created", "response.completed"]
    collector.finish()
    assert collector.outcome is not None and collector.outcome["status"] == "completed"


def test_streams_go_on() -> None:
    told: list[str] = []

    def fail(name: str, data: str) -> None:
        told.append(data)
        raise ValueError(name)

    given: list[bytes] = []
    with pytest.raises(ValueError, match="response"):
        given.extend(chat_sse(STREAM, on_event=(["response.output_text.delta", "response.created"], fail)))
    assert b"".join(given) == run("chat", "responses", STREAM, {})
    assert len(told) == 2
    roles: Any = {"client": "chat", "upstream": "responses"}
    assert [one for each in transcode(STREAM, **roles, objects=True) for one in each][-1] is None
    assert collect(STREAM, on_event=(["response.created"], lambda *_: told.append("collect"))).error is None
    assert told[-1] == "collect"


def test_asynchronous_streams_too() -> None:
    import asyncio

    async def source() -> Any:
        for chunk in STREAM:
            yield chunk

    async def read() -> list[Any]:
        roles: Any = {"client": "chat", "upstream": "responses"}
        return [frame async for each in atranscode(source(), **roles, frames=True) for frame in each]

    assert asyncio.run(read()) == run("chat", "responses", STREAM, {}, frames=True)


def test_tee_gives_what_each_gives() -> None:
    for host in ({}, {"frames": True}, {"objects": True}):
        told: list[str] = []
        tee = Tee(
            chat=True,
            relay=True,
            collect=True,
            on_event=({"response.created"}, lambda _, data, to=told: to.append(data)),
            **host,
        )  # type: ignore[call-overload]
        outputs = [*map(tee.feed, STREAM), tee.finish()]
        assert joined([output.chat for output in outputs]) == run("chat", "responses", STREAM, {}, **host)
        relayed = run("responses", "responses", STREAM, {}, **host)
        assert joined([output.responses for output in outputs]) == relayed
        assert len(told) == 1
        collected = collect(STREAM)
        assert (tee.final_response(), tee.final_completion()) == (collected.response, collected.completion)
        assert tee.outcome == collected.outcome
    assert Tee(chat=True).feed_event(json.loads(DELTA)).responses == b""
    with pytest.raises(Error, match="nonsense"):
        Tee(nonsense=True)  # type: ignore[call-overload]


def test_wrong_pairs_are_type_errors() -> None:
    wrong: list[Any] = [1, ("a", print), (["a"], 1), ([1], print), (["a"],), [["a"], print, 1]]
    for given in wrong:
        for make in (ChatTranscoder, ResponsesRelay, Tee):
            with pytest.raises(TypeError, match="on_event"):
                make(on_event=given)  # type: ignore[operator]
    ChatTranscoder(on_event=(set(), print)).feed(STREAM[0])
    ChatTranscoder(on_event=None, frames=None, objects=None).feed(STREAM[0])


def test_circles_through_a_function_are_collected() -> None:
    class Host:
        def told(self, *_: str) -> None: ...

    for make in (
        lambda call: ChatTranscoder(on_event=call),
        lambda call: Tee(on_event=call),
        lambda call: Collector(upstream="chat", on_event=call),
    ):
        host: Any = Host()
        host.consumer = make(({"a"}, host.told))
        gone = weakref.ref(host)
        del host
        gc.collect()
        assert gone() is None
