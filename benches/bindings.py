"""What crossing the border costs: `ChatTranscoder` in Python beside what Python programs do today.

Enters: a stream of text deltas, and beside whom: `sdk` (the SSE decoder of the official SDK, `json`) or
`litellm` (its bridge from Responses to chat). Leaves: one row of the table as JSON. Both must say the same
before either is timed.
"""

import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import version
from pathlib import Path

from sluicegate import ChatTranscoder

CHUNK = 16 << 10
ROUNDS = 9
REPEATS = 20  # ours is over before the clock ticks twice


def ours(chunks: list[bytes]) -> Iterator[bytes]:
    transcoder = ChatTranscoder()
    for chunk in chunks:
        yield transcoder.feed(chunk)
    yield transcoder.finish() if transcoder.outcome is None else b""


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


def said(frames: Iterable[bytes]) -> str:
    """What a chat client reads."""
    *frames, done = b"".join(frames).decode().removesuffix("\n\n").split("\n\n")
    assert done == "data: [DONE]", done
    deltas = (json.loads(frame.removeprefix("data: "))["choices"][0]["delta"] for frame in frames)
    return "".join(delta.get("content") or "" for delta in deltas)


def nanoseconds(run: Callable[[list[bytes]], Iterator[bytes]], chunks: list[bytes], repeats: int) -> float:
    start = time.thread_time_ns()
    for _ in range(repeats):
        for _ in run(chunks):
            pass
    return (time.thread_time_ns() - start) / repeats


PEERS = {  # the package, what of it, and how many times ours must fit in
    "sdk": ("openai", "SSEDecoder, json", sdk, 100),
    "litellm": ("litellm", "bridge", litellm, 300),
}


def main(path: str, beside: str) -> None:
    stream = Path(path).read_bytes()
    chunks = [stream[at : at + CHUNK] for at in range(0, len(stream), CHUNK)]
    package, part, peer, required = PEERS[beside]
    expected = said(ours(chunks))
    assert expected
    assert said(peer(chunks)) == expected, f"{beside} says something else"
    events = stream.count(b"\n\n")
    times = [(nanoseconds(ours, chunks, REPEATS), nanoseconds(peer, chunks, 1)) for _ in range(ROUNDS)]
    other = {
        "role": "peer",
        "name": f"{package} {version(package)} {part}",
        "ns": statistics.median(theirs for _, theirs in times) / events,
        "ratio": statistics.median(theirs / mine for mine, theirs in times),
        "required": required,
    }
    thing = "Python: transcode" + (", beside LiteLLM" if beside == "litellm" else "")
    ns = statistics.median(mine for mine, _ in times) / events
    print(json.dumps({"thing": thing, "unit": "event", "ns": ns, "others": [other]}))


if __name__ == "__main__":
    main(*sys.argv[1:])
