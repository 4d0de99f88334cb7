"""What crossing the border costs: the transcoders in Python beside what Python programs do today.

Input: a stream of text deltas, and beside whom: `sdk` (the SSE decoder of the official SDK, `json`) or
`litellm` (its bridge from Responses to chat); `events`: as `sdk`, but an event a chunk, as a model sends it;
`objects`: dicts in and out, beside the same by way of `json`, and of `orjson` where it is installed;
`on_event`: what it adds to see every event of a type; or a stream of a chat server, and `respond`: the other
direction, again beside that decoder and `json`. Output: one row of the table as JSON. All must give the same
before any is timed.
"""

import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from sluicegate import ChatTranscoder, ResponsesTranscoder, SseParser

CHUNK = 16 << 10
ROUNDS = 9
REPEATS = 20  # ours is over before the clock ticks twice


def ours(transcoder: ChatTranscoder | ResponsesTranscoder, chunks: list[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        yield transcoder.feed(chunk)
    yield transcoder.finish() if transcoder.outcome is None else b""


def to_chat(chunks: list[bytes]) -> Iterator[bytes]:
    return ours(ChatTranscoder(), chunks)


def to_responses(chunks: list[bytes]) -> Iterator[bytes]:
    return ours(ResponsesTranscoder(), chunks)


def sdk(chunks: list[bytes]) -> Iterator[bytes]:
    from openai._streaming import SSEDecoder

    head: dict[str, object] = {}
    for sse in SSEDecoder().iter_bytes(iter(chunks)):
        event = json.loads(sse.data)
        delta, finish_reason = {}, None
        match event["type"]:
            case "response.created":
                response = event["response"]
                head = {"id": response["id"], "created": response["created_at"], "model": response["model"]}
                delta = {"role": "assistant", "content": ""}
            case "response.output_text.delta":
                delta = {"content": event["delta"]}
            case "response.completed":
                finish_reason = "stop"
            case _:
                continue
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        chunk = {**head, "object": "chat.completion.chunk", "choices": [choice]}
        yield f"data: {json.dumps(chunk)}\n\n".encode()
    yield b"data: [DONE]\n\n"


def sdk_to_responses(chunks: list[bytes]) -> Iterator[bytes]:
    """One message of text, with the members that the official clients read."""
    from openai._streaming import SSEDecoder

    number, texts = -1, []
    response: dict[str, object] = {}
    place = {"output_index": 0, "content_index": 0, "item_id": "msg_0"}

    def event(kind: str, **members: object) -> bytes:
        nonlocal number
        number += 1
        data = json.dumps({"type": kind, "sequence_number": number, **members})
        return f"event: {kind}\ndata: {data}\n\n".encode()

    def message(status: str, *content: object) -> dict[str, object]:
        return {"id": "msg_0", "type": "message", "role": "assistant", "status": status, "content": content}

    def part(text: str) -> dict[str, object]:
        return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}

    for sse in SSEDecoder().iter_bytes(iter(chunks)):
        if sse.data == "[DONE]":
            break
        chunk = json.loads(sse.data)
        if not response:
            response = {"id": chunk["id"], "created_at": chunk["created"], "model": chunk["model"]}
            begun = {**response, "object": "response", "status": "in_progress", "output": []}
            yield event("response.created", response=begun)
            yield event("response.in_progress", response=begun)
            yield event("response.output_item.added", output_index=0, item=message("in_progress"))
            yield event("response.content_part.added", **place, part=part(""))
        for choice in chunk["choices"]:
            if text := choice["delta"].get("content"):
                texts.append(text)
                yield event("response.output_text.delta", **place, delta=text, logprobs=[])
    text = "".join(texts)
    item = message("completed", part(text))
    yield event("response.output_text.done", **place, text=text, logprobs=[])
    yield event("response.content_part.done", **place, part=part(text))
    yield event("response.output_item.done", output_index=0, item=item)
    ended = {**response, "object": "response", "status": "completed", "output": [item]}
    yield event("response.completed", response=ended)


def litellm(chunks: list[bytes]) -> Iterator[bytes]:
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # or it fetches one
    import httpx
    from litellm.completion_extras.litellm_responses_transformation.transformation import (
        OpenAiResponsesToChatCompletionStreamIterator as Bridge,
    )
    from litellm.types.utils import ModelResponseStream

    lines = httpx.Response(200, content=iter(chunks)).iter_lines()
    for chunk in Bridge(lines, sync_stream=True):
        if isinstance(chunk, ModelResponseStream):  # as its proxy writes it
            yield f"data: {chunk.model_dump_json(exclude_none=True, exclude_unset=True)}\n\n".encode()
    yield b"data: [DONE]\n\n"


def content(frames: Iterable[bytes]) -> str:
    """What a chat client reads."""
    *frames, done = b"".join(frames).decode().removesuffix("\n\n").split("\n\n")
    assert done == "data: [DONE]", done
    deltas = (json.loads(frame.removeprefix("data: "))["choices"][0]["delta"] for frame in frames)
    return "".join(delta.get("content") or "" for delta in deltas)


def calls_and_texts(frames: Iterable[bytes]) -> list[tuple[object, ...]]:
    """What a Responses client reads: each event's type, number and text."""
    blocks = b"".join(frames).decode().removesuffix("\n\n").split("\n\n")
    events = (json.loads(block.split("\ndata: ")[1]) for block in blocks)
    return [
        (event["type"], event["sequence_number"], event.get("delta"), event.get("text")) for event in events
    ]


Transcode = Callable[[list[bytes]], Iterator[bytes]]


class Race(NamedTuple):
    thing: str
    mine: Transcode
    package: str
    part: str
    theirs: Transcode
    read: Callable[[Iterable[bytes]], object]
    required: int  # how many times ours must fit in


RACES = {
    "sdk": Race("Python: transcode", to_chat, "openai", "SSEDecoder, json", sdk, content, 100),
    "events": Race(
        "Python: transcode, an event a chunk", to_chat, "openai", "SSEDecoder, json", sdk, content, 45
    ),
    "litellm": Race("Python: transcode, beside LiteLLM", to_chat, "litellm", "bridge", litellm, content, 300),
    "respond": Race(
        "Python: respond", to_responses, "openai", "SSEDecoder, json", sdk_to_responses, calls_and_texts, 100
    ),
}


Dumps = Callable[[object], Any]
Loads = Callable[[bytes], Any]


def by_way_of(dumps: Dumps, loads: Loads, events: list[Any]) -> Iterator[Any]:
    """What a host does whose transcoder takes and gives bytes."""
    transcoder = ChatTranscoder()
    for event in events:
        for frame in transcoder.feed_event(dumps(event)).removesuffix(b"\n\n").split(b"\n\n"):
            if frame.startswith(b"data: {"):
                yield loads(frame[len("data: ") :])


def by_objects(events: list[Any]) -> Iterator[Any]:
    transcoder = ChatTranscoder(objects=True)
    for event in events:
        yield from filter(None, transcoder.feed_event(event))


def json_alone(dumps: Dumps, loads: Loads, ins: list[Any], outs: list[bytes]) -> None:
    """The least that a border of texts costs: `outs` are chunks as JSON."""
    for event in ins:
        dumps(event)
    for chunk in outs:
        loads(chunk)


def objects(stream: bytes) -> dict[str, Any]:
    """Dict to dict. Each chunk is given up at once: keeping them all costs the collector of garbage time."""
    events = [json.loads(data) for block in stream.split(b"\n\n") if (data := block.partition(b"data: ")[2])]
    peers: list[tuple[str, Dumps, Loads]] = [("json, both ways", json.dumps, json.loads)]
    try:
        import orjson

        peers.append((f"orjson {version('orjson')}, both ways", orjson.dumps, orjson.loads))
    except ImportError:
        pass
    expected = list(by_objects(events))
    assert all(list(by_way_of(dumps, loads, events)) == expected for _, dumps, loads in peers)
    mine = [cpu(lambda: exhaust(by_objects(events))) for _ in range(ROUNDS)]
    others = []
    for name, dumps, loads in peers:
        way = partial(by_way_of, dumps, loads, events)
        theirs = [cpu(lambda way=way: exhaust(way())) for _ in range(ROUNDS)]
        ratio = statistics.median(theirs) / statistics.median(mine)
        ns = statistics.median(theirs) / len(events)
        others.append({"role": "peer", "name": name, "ns": ns, "ratio": ratio, "required": 1})
    mine_ns = statistics.median(mine) / len(events)
    name, dumps, loads = peers[-1]
    texts = [json.dumps(chunk, separators=(",", ":")).encode() for chunk in expected]
    alone = [cpu(lambda: json_alone(dumps, loads, events, texts)) for _ in range(ROUNDS)]
    others.append(limit(f"{name.split(',')[0]} alone, without a transcoder", alone, len(events), mine_ns))
    return {"thing": "Python: dict to dict", "unit": "event", "ns": mine_ns, "others": others}


def limit(name: str, times: list[int], units: int, mine_ns: float) -> dict[str, Any]:
    ns = statistics.median(times) / units
    return {"role": "limit", "name": name, "ns": ns, "ratio": ns / mine_ns}


def on_event(stream: bytes) -> dict[str, Any]:
    """What it adds, beside a parser of one's own."""
    chunks = [event + b"\n\n" for event in stream.removesuffix(b"\n\n").split(b"\n\n")]

    def tell(name: str, data: str) -> None:
        """The host's function."""

    def feed(*names: str) -> None:
        transcoder = ChatTranscoder(on_event=(names, tell))
        for chunk in chunks:
            transcoder.feed(chunk)

    def parse() -> None:
        parser = SseParser()
        for chunk in chunks:
            for event in parser.feed(chunk):
                tell(event.event, event.data)

    def call() -> None:
        """What telling costs at least: the data as a string, and the host's function."""
        for chunk in chunks:
            tell("response.output_text.delta", str(chunk, "utf-8"))

    named = [cpu(lambda: feed("response.output_text.delta")) - cpu(feed) for _ in range(ROUNDS)]
    called = [cpu(call) for _ in range(ROUNDS)]
    parsed = [cpu(parse) for _ in range(ROUNDS)]
    ns, theirs = (statistics.median(times) / len(chunks) for times in (named, parsed))
    peer = {"role": "peer", "name": "SseParser beside it", "ns": theirs, "ratio": theirs / ns, "required": 1}
    least = limit("a string and a call, in Python", called, len(chunks), ns)
    return {"thing": "Python: on_event, named", "unit": "event", "ns": ns, "others": [peer, least]}


def exhaust(items: Iterator[object]) -> None:
    for _ in items:
        pass


def cpu(run: Callable[[], object]) -> int:
    start = time.thread_time_ns()
    run()
    return time.thread_time_ns() - start


def nanoseconds(run: Transcode, chunks: list[bytes], repeats: int) -> float:
    start = time.thread_time_ns()
    for _ in range(repeats):
        for _ in run(chunks):
            pass
    return (time.thread_time_ns() - start) / repeats


def crossing(count: int, mine_ns: float) -> dict[str, Any]:
    """What a call costs that has nothing to do."""
    transcoder = ChatTranscoder()

    def feed() -> None:
        for _ in range(count):
            transcoder.feed(b":\n\n")

    times = [cpu(feed) for _ in range(ROUNDS)]
    return limit("the same call with an empty comment", times, count, mine_ns)


def main(path: str, beside: str) -> None:
    stream = Path(path).read_bytes()
    if beside in ("objects", "on_event"):
        print(json.dumps((objects if beside == "objects" else on_event)(stream)))
        return
    chunks = [stream[at : at + CHUNK] for at in range(0, len(stream), CHUNK)]
    if beside == "events":
        chunks = [event + b"\n\n" for event in stream.removesuffix(b"\n\n").split(b"\n\n")]
    race = RACES[beside]
    expected = race.read(race.mine(chunks))
    assert expected
    assert race.read(race.theirs(chunks)) == expected, f"{beside} has another content"
    events = stream.count(b"\n\n")
    times = [
        (nanoseconds(race.mine, chunks, REPEATS), nanoseconds(race.theirs, chunks, 1)) for _ in range(ROUNDS)
    ]
    other = {
        "role": "peer",
        "name": f"{race.package} {version(race.package)} {race.part}",
        "ns": statistics.median(theirs for _, theirs in times) / events,
        "ratio": statistics.median(theirs / mine for mine, theirs in times),
        "required": race.required,
    }
    ns = statistics.median(mine for mine, _ in times) / events
    others = [other, *([crossing(len(chunks), ns)] if beside == "events" else [])]
    print(json.dumps({"thing": race.thing, "unit": "event", "ns": ns, "others": others}))


if __name__ == "__main__":
    main(*sys.argv[1:])
