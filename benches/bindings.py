"""What crossing the border costs: the transcoders in Python beside what Python programs do today.

Input: a stream of text deltas, and beside whom: `sdk` (the SSE decoder of the official SDK, `json`) or
`litellm` (its bridge from Responses to chat); `events`: as `sdk`, but an event a chunk, as a model sends
them; or a stream of a chat server, and `respond`: the other direction, again beside that decoder and `json`.
Output: one row of the table as JSON. Both must give the same before either is timed.
"""

import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from sluicegate import ChatTranscoder, ResponsesTranscoder

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


def nanoseconds(run: Transcode, chunks: list[bytes], repeats: int) -> float:
    start = time.thread_time_ns()
    for _ in range(repeats):
        for _ in run(chunks):
            pass
    return (time.thread_time_ns() - start) / repeats


def main(path: str, beside: str) -> None:
    stream = Path(path).read_bytes()
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
    print(json.dumps({"thing": race.thing, "unit": "event", "ns": ns, "others": [other]}))


if __name__ == "__main__":
    main(*sys.argv[1:])
