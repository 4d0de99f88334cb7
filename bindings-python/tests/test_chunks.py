"""What a stream may come as: bytes, text, events as mappings; `[DONE]` as an event."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from types import MappingProxyType
from typing import Any, get_args

import pytest
from sluicegate import (
    Collector,
    Dialect,
    ImageExtractor,
    Page,
    SseParser,
    Tee,
    Transcoder,
    acollect,
    aimages,
    atranscode,
    collect,
    images,
    is_sse,
    lint,
    transcode,
)

DIALECTS: tuple[Dialect, ...] = get_args(Dialect)
CHUNK = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
USAGE = {"input_tokens": 1, "output_tokens": 1}
EVENTS: dict[str, list[dict[str, Any]]] = {
    "chat": [
        {**CHUNK, "choices": [{"index": 0, "delta": {"content": "Hé"}, "finish_reason": None}]},
        {**CHUNK, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
    ],
    "responses": [
        {"type": "response.output_text.delta", "delta": "Hé"},
        {"type": "response.completed", "response": {"id": "resp_1", "status": "completed", "model": "m"}},
    ],
    "messages": [
        {"type": "message_start", "message": {"id": "msg_1", "model": "m", "content": [], "usage": USAGE}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hé"}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 1}},
        {"type": "message_stop"},
    ],
}
Make = Callable[[], Any]
CONSUMERS: dict[str, Make] = {
    "transcoder": lambda: Transcoder(client="chat", upstream="responses"),
    "collector": lambda: Collector(upstream="chat"),
    "tee": Tee,
    "images": lambda: ImageExtractor(print),
}


def sse(event: dict[str, Any]) -> str:
    return f"event: {event.get('type', 'message')}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n"


def forms(upstream: str) -> dict[str, list[Any]]:
    """A stream, in everything that it may be."""
    events = EVENTS[upstream]
    text = "".join(map(sse, events))
    body = text.encode()
    return {
        "text": [text],
        "pieces of text": list(text),
        "blocks": [sse(event) for event in events],
        "bytes and text": [body[:90], body[90:].decode()],
        "views": [memoryview(body)],
        "events": events,
        "mappings": [MappingProxyType(event) for event in events],
        "text, then events": [sse(events[0]), *events[1:]],
    }


async def asynchronous(chunks: Iterable[Any]) -> AsyncIterator[Any]:
    for chunk in chunks:
        yield chunk


async def gathered(stream: AsyncIterator[bytes]) -> bytes:
    return b"".join([out async for out in stream])


@pytest.mark.parametrize("upstream", DIALECTS)
def test_a_source_may_be_of_bytes_text_and_events(upstream: Dialect) -> None:
    """For another dialect than its own, which would be passed on byte for byte."""
    client: Dialect = "chat" if upstream == "responses" else "responses"
    roles: Any = {"client": client, "upstream": upstream}
    expected = b"".join(transcode(["".join(map(sse, EVENTS[upstream])).encode()], **roles))
    assert "Hé".encode() in expected
    for form, chunks in forms(upstream).items():
        assert b"".join(transcode(chunks, **roles)) == expected, form
        assert asyncio.run(gathered(atranscode(asynchronous(chunks), **roles))) == expected, form
        for collected in (
            collect(chunks, upstream=upstream),
            asyncio.run(acollect(asynchronous(chunks), upstream=upstream)),
        ):
            answer = json.loads(collected.completion)["choices"][0]["message"]["content"]
            assert (collected.outcome["status"], answer) == ("completed", "Hé"), form
        fed = Transcoder(**roles)
        out = b"".join([(fed.feed_event if is_event(chunk) else fed.feed)(chunk) for chunk in chunks])
        assert out + fed.finish() == expected, form


def is_event(chunk: Any) -> bool:
    return isinstance(chunk, (dict, MappingProxyType))


def test_images_too() -> None:
    item = {"type": "image_generation_call", "id": "ig_1", "status": "completed", "result": "R0lGODlh"}
    events = [
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.completed", "response": {"id": "resp_1", "status": "completed"}},
    ]
    for chunks in (events, [sse(event) for event in events]):
        for extracted in (
            images(chunks, lambda event: None),
            asyncio.run(aimages(asynchronous(chunks), lambda event: None)),
        ):
            assert [image["mime"] for image in extracted.outcome["images"]] == ["image/gif"]


def test_functions_of_a_stream_take_text() -> None:
    text = "".join(map(sse, EVENTS["responses"]))
    assert lint(text) == lint(text.encode())
    assert is_sse(text) is True
    assert [event.data for event in SseParser().feed(text)] == [
        event.data for event in SseParser().feed(text.encode())
    ]
    page = Page()
    page.feed("<html>é")
    assert (page.kind, page.bytes()) == ("page", "<html>é".encode())


@pytest.mark.parametrize("make", CONSUMERS.values(), ids=CONSUMERS)
def test_an_event_in_the_place_of_a_chunk_is_told_where_it_belongs(make: Make) -> None:
    with pytest.raises(TypeError, match="a chunk must be bytes or str, not dict: feed_event takes events"):
        make().feed({})
    with pytest.raises(TypeError, match="a chunk must be bytes or str, not int"):
        make().feed(7)
    with pytest.raises(TypeError, match="an event must be str, bytes or a mapping, not NoneType"):
        make().feed_event(None)


@pytest.mark.parametrize("body", ["data: {}", b"data: {}", {"type": "ping"}], ids=repr)
def test_a_whole_body_is_no_source(body: Any) -> None:
    for read in (
        lambda: transcode(body, client="chat", upstream="responses"),
        lambda: collect(body),
        lambda: images(body, lambda event: None),
    ):
        with pytest.raises(TypeError, match=r"of a whole body, \[body\]"):
            read()


def test_other_chunks_name_what_there_is() -> None:
    for wrong in (7, None, ["data: {}"]):
        with pytest.raises(TypeError, match="a chunk must be bytes, str or a mapping, not"):
            collect([wrong])  # type: ignore[list-item]


def test_a_source_of_events_that_never_ends_is_left() -> None:
    def endless() -> Iterator[dict[str, Any]]:
        yield from EVENTS["responses"]
        for _ in range(1_000):
            yield {"type": "keepalive"}
        pytest.fail("it was read on")

    assert collect(endless()).outcome["status"] == "completed"


@pytest.mark.parametrize("upstream", DIALECTS)
@pytest.mark.parametrize("client", DIALECTS)
def test_done_as_an_event(client: Dialect, upstream: Dialect) -> None:
    """It ends the stream, but of a Responses upstream, whose terminal event alone does."""
    for events in (EVENTS[upstream], EVENTS[upstream][:1]):
        transcoder = Transcoder(client=client, upstream=upstream, objects=True)
        collector = Collector(upstream=upstream)
        for event in events:
            transcoder.feed_event(event)
            collector.feed_event(event)
        out = transcoder.feed_event("[DONE]")
        collector.feed_event(b"[DONE]")
        status = "completed" if len(events) > 1 else "truncated"
        if upstream == "responses" and status == "truncated":
            assert (out, transcoder.outcome, collector.outcome) == ([], None, None)
            continue
        assert transcoder.outcome is not None and collector.outcome is not None
        assert (transcoder.outcome["status"], collector.outcome["status"]) == (status, status)
        assert upstream != "chat" or (out[-1] is None) == (client == "chat")
        assert transcoder.finish() == []


def test_done_as_an_event_of_a_tee_and_of_images() -> None:
    """Both read Responses streams, which end with their terminal event."""
    tee, extractor = Tee(chat=True, relay=True), ImageExtractor(print)
    for event in EVENTS["responses"]:
        tee.feed_event(event)
        extractor.feed_event(event)
    out = tee.feed_event("[DONE]")
    extractor.feed_event("[DONE]")
    assert (out.chat, out.responses) == (b"", b"")
    extractor.finish()
    assert tee.outcome is not None and tee.outcome["status"] == "completed"
    assert extractor.outcome is not None and extractor.outcome["status"] == "completed"
