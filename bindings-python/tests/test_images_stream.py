"""Streams of the Images API, answers of the legacy Completions API: golden cases, the official client."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest
from cases import Case, compact, cuttings, discover
from sluicegate import (
    ChatTranscoder,
    Collector,
    Error,
    ImagesTranscoder,
    Transcoder,
    aimages_sse,
    images_api,
    images_request,
    images_sse,
    transcode,
)

STREAMS = discover("images_stream")
TEXTS = discover("text_completion")


# --- the Images API


@pytest.mark.parametrize("case", STREAMS, ids=str)
def test_images_stream(case: Case) -> None:
    options = case.json("options.json")
    expected = case.bytes("output.sse"), case.text("outcome.json")
    if case.has("frames.jsonl"):
        transcoder = ImagesTranscoder(**options)
        out = b"".join(map(transcoder.feed_event, case.lines("frames.jsonl"))) + transcoder.finish()
        assert (out, transcoder.outcome_json) == expected
        return
    for pieces in cuttings(case.bytes(), str(case)):
        transcoder = ImagesTranscoder(**options)
        out = b"".join(map(transcoder.feed, pieces)) + transcoder.finish()
        assert (out, transcoder.outcome_json) == expected, [len(piece) for piece in pieces]
        assert transcoder.has_output == (not out.startswith(b"event: error"))
    assert b"".join(images_sse([case.bytes()], **options)) == expected[0]
    given: Any = {"client": "images", "upstream": "responses"} | options
    assert b"".join(transcode([case.bytes()], **given)) == expected[0]


async def aread(case: Case) -> bytes:
    async def source() -> Any:
        yield case.bytes()

    return b"".join([piece async for piece in aimages_sse(source(), **case.json("options.json"))])


def test_objects_and_frames() -> None:
    case = next(case for case in STREAMS if str(case) == "partials_and_final")
    objects = [event for given in images_sse([case.bytes()], objects=True) for event in given]
    assert [event["type"] for event in objects] == [
        *["image_generation.partial_image"] * 2,
        "image_generation.completed",
    ]
    frames = [frame for given in images_sse([case.bytes()], frames=True) for frame in given]
    assert len(frames) == 3 and b"".join(frames) == case.bytes("output.sse")


def test_asynchronously() -> None:
    case = next(case for case in STREAMS if str(case) == "partials_and_final")
    assert asyncio.run(aread(case)) == case.bytes("output.sse")


def test_wrong_options() -> None:
    wrong: list[dict[str, Any]] = [{"include_usage": True}, {"image_edits": 1}, {"no_such": True}]
    for options in wrong:
        with pytest.raises(Error) as raised:
            ImagesTranscoder(**options)
        assert raised.value.code == "invalid_option"
    given: Any = {"client": "images", "upstream": "chat"}
    with pytest.raises(Error) as raised:
        Transcoder(**given)
    assert (raised.value.code, raised.value.path) == ("invalid_option", "upstream")


class Fake:
    """An official client whose server streams this."""

    def __init__(self, body: bytes, content_type: str = "text/event-stream") -> None:
        headers = {"content-type": content_type}
        self.sent: list[Any] = []

        def answer(request: httpx.Request) -> httpx.Response:
            self.sent.append(json.loads(request.content))
            return httpx.Response(200, headers=headers, content=body)

        http: Any = httpx.Client(transport=httpx.MockTransport(answer))  # openai 3 types name its fork
        self.client = openai.OpenAI(api_key="sk", base_url="http://test/v1", http_client=http, max_retries=0)


@pytest.mark.parametrize("case", [case for case in STREAMS if "edits" not in str(case)], ids=str)
def test_the_official_client_reads_the_stream(case: Case) -> None:
    outcome = json.loads(case.text("outcome.json"))
    stream = Fake(case.bytes("output.sse")).client.images.generate(prompt="A cat", stream=True)
    seen: list[Any] = []
    try:
        for event in stream:
            seen.append(event)
    except openai.APIError as failure:
        error: Any = failure.body
        assert outcome["failure"] and error["message"] == outcome["error"]["message"]
        assert failure.code == outcome["error"]["code"]
    else:
        assert outcome["failure"] is None and seen[-1].type == "image_generation.completed"
    for event in seen:
        assert event.b64_json and event.size and event.quality and event.background and event.output_format
        known = type(event).model_fields.keys()
        unknown = event.model_dump(exclude_unset=True).keys() - known
        assert unknown <= {"revised_prompt"}
    finished = [event for event in seen if event.type == "image_generation.completed"]
    totals = [event.usage.total_tokens for event in finished if getattr(event, "usage", None)]
    assert len(totals) <= 1


def test_the_official_client_asks_for_a_stream() -> None:
    fake = Fake(b"")
    list(fake.client.images.generate(prompt="A cat", stream=True, partial_images=2, size="1024x1024"))
    request = json.loads(images_request(fake.sent[0], "gpt-5.5"))
    assert request["stream"] is True
    assert request["tools"] == [{"type": "image_generation", "size": "1024x1024", "partial_images": 2}]


def test_one_image_is_the_same_whole_and_streamed() -> None:
    case = next(case for case in STREAMS if str(case) == "body")
    streamed = json.loads(case.bytes("output.sse").split(b"\ndata: ")[1])
    whole = json.loads(images_api(case.bytes()))
    assert whole["data"] == [{name: streamed[name] for name in ("b64_json", "revised_prompt")}]
    assert (whole["usage"], whole["created"]) == (streamed["usage"], streamed["created_at"])


# --- the legacy Completions API


def setup(case: Case) -> tuple[Any, dict[str, Any]]:
    given = case.json("options.json")
    return given.get("upstream", "responses"), given["options"]


@pytest.mark.parametrize("case", TEXTS, ids=str)
def test_text_completion(case: Case) -> None:
    upstream, options = setup(case)
    expected = case.bytes("output.sse"), case.text("outcome.json")
    for pieces in cuttings(case.bytes(), str(case)):
        transcoder = Transcoder(client="chat", upstream=upstream, **options)
        out = b"".join(map(transcoder.feed, pieces)) + transcoder.finish()
        assert (out, transcoder.outcome_json) == expected, [len(piece) for piece in pieces]
    collector = Collector(upstream=upstream, **options)
    collector.feed(case.bytes())
    collector.finish()
    assert collector.final_completion() == case.text("completion.json").encode()


def chunks_of(case: Case) -> Iterator[Any]:
    yield from Fake(case.bytes("output.sse")).client.completions.create(model="m", prompt="Once", stream=True)


@pytest.mark.parametrize("case", TEXTS, ids=str)
def test_the_official_client_reads_the_completion(case: Case) -> None:
    if reason := case.json("meta.json").get("skip_client"):
        pytest.skip(reason)
    completion = case.json("completion.json")
    if "error" in completion:
        with pytest.raises(openai.APIError):
            list(chunks_of(case))
        return
    chunks = list(chunks_of(case))
    choices = [choice for chunk in chunks for choice in chunk.choices]
    [whole] = completion["choices"]
    assert "".join(choice.text for choice in choices) == whole["text"]
    assert choices[-1].finish_reason == whole["finish_reason"]
    offsets = [
        offset for choice in choices if choice.logprobs for offset in choice.logprobs.text_offset or []
    ]
    assert offsets == ((whole["logprobs"] or {}).get("text_offset") or [])
    assert {chunk.object for chunk in chunks} == {"text_completion"}
    read = Fake(compact(completion), "application/json").client.completions.create(model="m", prompt="Once")
    assert read.model_dump(exclude_unset=True) == completion


def test_a_chat_transcoder_writes_it() -> None:
    case = next(case for case in TEXTS if str(case) == "text")
    transcoder = ChatTranscoder(legacy_completions=True)
    assert transcoder.feed(case.bytes()) + transcoder.finish() == case.bytes("output.sse")
