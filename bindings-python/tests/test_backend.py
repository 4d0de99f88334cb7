"""What real clients send: the strict backend refuses it as it is and takes it normalized."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from backend import Backend, running
from cases import RECORDINGS, compact
from sluicegate import (
    ImageExtractor,
    Normalized,
    chat_sse,
    chat_to_responses,
    collect,
    images,
    normalize_request,
    responses_sse,
)

if TYPE_CHECKING:
    from sluicegate import RequestOptions
    from typing_extensions import Unpack


@pytest.fixture(scope="module")
def backend() -> Iterator[Backend]:
    with running() as backend:
        yield backend


def changes_of(normalized: Normalized) -> list[str]:
    return [f"{change.action} {change.path}" for change in normalized.changes]


def normalize(backend: Backend, body: dict[str, Any]) -> Normalized:
    """Every line that removes a member is needed, and what was normalized is normal."""
    assert not backend.accepts(body)
    normalized = normalize_request(compact(body))
    assert backend.accepts(normalized.body)
    for change in normalized.changes:
        if change.action == "removed" and change.path in body:
            assert not backend.accepts(normalized.json() | {change.path: body[change.path]})
    assert_settled(normalized)
    return normalized


def assert_settled(normalized: Normalized, **options: Unpack[RequestOptions]) -> None:
    again = normalize_request(normalized.body, **options)
    assert (again.body, again.changes) == (normalized.body, [])


def message_of(text: str, role: str = "user") -> dict[str, Any]:
    return {"type": "message", "role": role, "content": [{"type": "input_text", "text": text}]}


HI = message_of("Hi")
LEAST = {"model": "gpt-5.5", "input": [HI], "stream": True, "store": False}
FULL = LEAST | {"instructions": "Be brief.", "include": ["reasoning.encrypted_content"]}
FUNCTION = {"type": "function", "name": "f", "parameters": {"type": "object", "properties": {}}}


def test_openclaw(backend: Backend) -> None:
    body = LEAST | {"max_output_tokens": 8192, "reasoning": {"effort": "none"}}
    normalized = normalize(backend, body)
    assert changes_of(normalized) == ["removed max_output_tokens", "added include", "added instructions"]
    assert normalized.json()["reasoning"] == {"effort": "none"}
    whole = normalize(backend, body | {"input": "Hi"})
    assert changes_of(whole) == [*changes_of(normalized), "replaced input"]
    assert whole.json() == normalized.json()


@pytest.mark.parametrize(
    "content", ["Be kind.", [{"type": "input_text", "text": "Be kind."}]], ids=["string", "parts"]
)
@pytest.mark.parametrize("kind", [{"type": "message"}, {}], ids=["typed", "untyped"])
def test_system_items(backend: Backend, kind: dict[str, Any], content: Any) -> None:
    item = kind | {"role": "system", "content": content}
    normalized = normalize(backend, LEAST | {"input": [item, HI]})
    assert changes_of(normalized) == ["added include", "moved input[0]", "added instructions"]
    assert normalized.json() == FULL | {"instructions": "Be kind."}
    beside = normalize(backend, FULL | {"input": [HI, item]})
    assert changes_of(beside) == ["moved input[1]", "replaced instructions"]
    assert beside.json() == FULL | {"instructions": "Be brief.\n\nBe kind."}
    alone = normalize(backend, FULL | {"input": [item]})
    assert changes_of(alone) == ["replaced input[0].role"]
    assert alone.json() == FULL | {"input": [item | {"role": "developer"}]}


@pytest.mark.parametrize(
    "content", ["Be kind.", [{"type": "input_text", "text": "Be kind."}]], ids=["string", "parts"]
)
@pytest.mark.parametrize("kind", [{"type": "message"}, {}], ids=["typed", "untyped"])
def test_developer_items(backend: Backend, kind: dict[str, Any], content: Any) -> None:
    item = kind | {"role": "developer", "content": content}
    body = LEAST | {"input": [item, HI]}
    assert backend.accepts(body)  # without instructions, as Codex sends them with most models
    normalized = normalize_request(compact(body))
    assert backend.accepts(normalized.body)
    assert changes_of(normalized) == ["added include", "added instructions"]
    assert normalized.json()["input"] == [item, HI]


@pytest.mark.parametrize(
    "choice",
    [
        "image_generation",
        {"type": "image_generation"},
        {"type": "tool", "name": "image_generation"},
        {"type": "function", "function": {"name": "image_generation"}},
    ],
    ids=["word", "hosted", "tool", "function"],
)
def test_a_forced_image(backend: Backend, choice: Any) -> None:
    body = FULL | {
        "input": [message_of("An image of a cat")],
        "tools": [{"type": "image_generation", "output_format": "png"}],
        "tool_choice": choice,
    }
    normalized = normalize(backend, body)
    assert changes_of(normalized) == ["removed tool_choice"]
    [image] = images([backend.post(normalized.body).content], print).outcome["images"]
    assert image["mime"] == "image/png"


def test_droid(backend: Backend) -> None:
    body = FULL | {
        "stream_options": {"include_usage": True},
        "prompt_cache_key": "session-1",
        "prompt_cache_retention": "24h",
        "safety_identifier": "user-1",
    }
    normalized = normalize(backend, body)
    removed = ["stream_options", "prompt_cache_retention", "safety_identifier"]
    assert changes_of(normalized) == [f"removed {name}" for name in removed]
    assert normalized.context["include_usage"]
    assert normalized.json() == FULL | {"prompt_cache_key": "session-1"}


def test_a_frame_with_image_generation(backend: Backend) -> None:
    frame = {
        "type": "response.create",
        "model": "gpt-5.5",
        "input": [message_of("An image of a cat")],
        "tools": [{"type": "image_generation", "output_format": "png"}],
    }
    normalized = normalize_request(frame, transport="websocket")
    assert changes_of(normalized) == ["added stream", "added store", "added include", "added instructions"]
    assert_settled(normalized, transport="websocket")
    with backend.socket() as socket:
        assert not socket.accepts(frame)
        answer = socket.ask(normalized.body)
    extractor = ImageExtractor(print)
    for text in answer:
        extractor.feed_event(text)
    extractor.finish()
    assert extractor.outcome is not None
    assert [image["mime"] for image in extractor.outcome["images"]] == ["image/png"]
    assert changes_of(normalize_request(frame))[0] == "removed type"  # and over HTTP it is no frame


def test_a_frame_after_another(backend: Backend) -> None:
    with backend.socket() as socket:
        first = json.loads(socket.ask(FULL | {"type": "response.create"})[-1])["response"]["id"]
        frame = FULL | {"type": "response.create", "previous_response_id": first, "user": "me"}
        assert not socket.accepts(frame)
        normalized = normalize_request(frame, transport="websocket")
        assert changes_of(normalized) == ["removed user"]
        assert socket.accepts(normalized.body)


def test_responses_lite(backend: Backend) -> None:
    tools = {"type": "additional_tools", "role": "developer", "tools": [FUNCTION]}
    body = LEAST | {
        "input": [tools, message_of("Be brief.", "developer"), HI],
        "tool_choice": {"type": "function", "name": "f"},
        "max_output_tokens": 8192,
    }
    normalized = normalize(backend, body)
    assert changes_of(normalized) == ["removed max_output_tokens", "added include"]
    assert "instructions" not in normalized.json()
    assert normalized.json()["input"] == body["input"]


# --- chat

PREFIX = "mcp__a_server_with_a_long_name__and_a_tool_with_a_long_one__"
LONG = [PREFIX + "a" * 30, PREFIX + "b" * 30]
CALL_IDS = ["toolu_01A", "toolu_" + "x" * 70]
PNG = "data:image/png;base64,iVBORw0KGgo="


def function(name: str) -> dict[str, Any]:
    return {
        "type": "function",
        "function": {"name": name, "parameters": {"type": "object", "properties": {}}},
    }


CHAT = {
    "model": "gpt-5.5",
    "stream": True,
    "stream_options": {"include_usage": True},
    "max_tokens": 100,
    "parallel_tool_calls": True,
    "tool_choice": {"type": "function", "function": {"name": LONG[0]}},
    "tools": [*map(function, LONG), function("short")],
    "messages": [
        {"role": "system", "content": "Be brief."},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "What is this?"},
                {"type": "image_url", "image_url": {"url": PNG}},
            ],
        },
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": call_id, "type": "function", "function": {"name": name, "arguments": '{"q": 1.0}'}}
                for call_id, name in zip(CALL_IDS, LONG, strict=True)
            ],
        },
        {"role": "tool", "tool_call_id": CALL_IDS[0], "content": "a cat"},
        {"role": "tool", "tool_call_id": CALL_IDS[1], "content": [{"type": "text", "text": "a dog"}]},
        {"role": "user", "content": "Use the tool again."},
    ],
}


@pytest.fixture(scope="module")
def chat(backend: Backend) -> tuple[Normalized, bytes]:
    """A chat request and its answer."""
    assert not backend.accepts(CHAT)
    normalized = chat_to_responses(CHAT)
    answer = backend.post(normalized.body)
    assert answer.status_code == 200, answer.text
    return normalized, answer.content


def test_a_chat_request(chat: tuple[Normalized, bytes]) -> None:
    normalized, _ = chat
    assert changes_of(normalized) == [
        "renamed messages",
        "replaced tools[0]",
        "replaced tools[1]",
        "replaced tools[2]",
        "renamed max_tokens",
        "removed stream_options",
        "added store",
        "removed max_output_tokens",
        "added include",
        "moved input[0]",
        "added instructions",
        "replaced tools[0].name",
        "replaced tools[1].name",
        "replaced tool_choice",
        "replaced input[2].name",
        "replaced input[3].name",
        "replaced input[3].call_id",
        "replaced input[5].call_id",
    ]
    assert_settled(normalized)
    sent = normalized.json()
    shorts = list(normalized.context["names"])
    assert [tool["name"] for tool in sent["tools"]] == [*shorts, "short"]
    assert sent["tool_choice"] == {"type": "function", "name": shorts[0]}
    assert [item["name"] for item in sent["input"] if item["type"] == "function_call"] == shorts
    context = normalized.context
    assert (context["dialect"], context["include_usage"], context["stream"]) == ("chat", True, True)
    assert list(context["names"].values()) == LONG
    assert list(context["call_ids"].values()) == [CALL_IDS[1]]


def test_the_names_are_as_long_as_the_profile_wants_them() -> None:
    assert [len(PREFIX), *map(len, LONG)] == [60, 90, 90]
    assert [len(name.encode()) for name in chat_to_responses(CHAT).context["names"]] == [64, 64]


def test_the_names_come_back_in_the_relay(chat: tuple[Normalized, bytes]) -> None:
    relayed = b"".join(responses_sse([chat[1]], context=chat[0].context))
    assert_restored(relayed, chat)


def test_the_names_come_back_in_chunks(chat: tuple[Normalized, bytes]) -> None:
    chunks = b"".join(chat_sse([chat[1]], context=chat[0].context))
    assert_restored(chunks, chat)
    assert b'"usage":{' in chunks  # the context says that it was asked for


def test_the_names_come_back_in_the_whole(chat: tuple[Normalized, bytes]) -> None:
    collected = collect([chat[1]], context=chat[0].context)
    for whole in (collected.response, collected.completion):
        assert_restored(whole, chat)
    assert [item["name"] for item in json.loads(collected.response)["output"]] == LONG


def assert_restored(out: bytes, chat: tuple[Normalized, bytes]) -> None:
    normalized, answer = chat
    shorts = list(normalized.context["names"])
    assert len(shorts) == 2
    for short, name in zip(shorts, LONG, strict=True):
        assert short.encode() in answer
        assert short.encode() not in out
        assert name.encode() in out


# --- recordings

FRAME = FULL | {"type": "response.create"}
BODIES = sorted(Path(RECORDINGS or "/dev/null", "requests").glob("*.json"))


def test_there_are_recordings() -> None:
    assert BODIES or not RECORDINGS


@pytest.mark.parametrize("path", BODIES, ids=lambda path: path.stem)
def test_recording(path: Path, backend: Backend) -> None:
    """The real Codex: nothing is removed, and all that is not in the changes is as it was, byte for byte."""
    body = path.read_bytes()
    if json.loads(body).get("type") != "response.create":
        normalized = normalize_request(body)
        assert backend.accepts(normalized.body)
    else:
        with backend.socket() as socket:
            body = with_known_previous(body, json.loads(socket.ask(FRAME)[-1])["response"]["id"])
            normalized = normalize_request(body, transport="websocket")
            assert socket.accepts(normalized.body)
    assert undone(normalized) == body


def with_known_previous(body: bytes, response_id: str) -> bytes:
    """A backend knows no id of another."""
    previous = json.loads(body).get("previous_response_id")
    return body if previous is None else body.replace(previous.encode(), response_id.encode())


def undone(normalized: Normalized) -> bytes:
    """Without the instructions that were added, and names with the characters that were replaced."""
    body = normalized.body
    for change in normalized.changes:
        if change[:2] == ("added", "instructions"):
            member = b',"instructions":' + compact(normalized.json()["instructions"])
            assert body.count(member) == 1
            body = body.replace(member, b"")
        else:
            assert (change.action, change.path.rpartition(".")[2]) == ("replaced", "name")
    for short, name in normalized.context["names"].items():
        assert not re.fullmatch("[A-Za-z0-9_-]+", name)
        body = body.replace(short.encode(), name.encode())
    return body
