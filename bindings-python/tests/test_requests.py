"""What only the Python package decides of requests and failures: types, options, exceptions, threads."""

from __future__ import annotations

import array
import asyncio
import collections
import copy
import dataclasses
import json
import pickle
import threading
import time
from collections.abc import AsyncIterator, Callable
from functools import partial
from types import MappingProxyType
from typing import Any

import pytest
from cases import caught, compact
from sluicegate import (
    Change,
    ChatTranscoder,
    Normalized,
    Profile,
    ResponseCollector,
    ResponsesRelay,
    ResponsesTranscoder,
    achat_sse,
    acollect,
    aresponses_sse,
    chat_sse,
    chat_to_responses,
    collect,
    normalize_request,
    respond_sse,
    responses_sse,
    responses_to_chat,
)
from streams import COMPLETED, CREATED, chunk, sse

Verb = Callable[..., Normalized]
ASK: dict[str, Any] = {"model": "gpt-5.5", "input": [{"role": "user", "content": "Grüße 😀"}], "user": "me"}
CHAT: dict[str, Any] = {"model": "gpt-5.5", "messages": [{"role": "user", "content": "Hi"}]}
VERBS = pytest.mark.parametrize("verb", [normalize_request, chat_to_responses, responses_to_chat])


# --- bodies


@pytest.mark.parametrize(
    "form",
    [
        bytes,
        bytearray,
        memoryview,
        lambda body: array.array("B", body),
        bytes.decode,
        json.loads,
        lambda body: MappingProxyType(json.loads(body)),
        lambda body: collections.ChainMap(json.loads(body)),
        lambda body: collections.OrderedDict(json.loads(body)),
    ],
    ids=["bytes", "bytearray", "memoryview", "array", "str", "dict", "proxy", "chain", "ordered"],
)
@VERBS
def test_any_form_of_a_body(verb: Verb, form: Callable[[bytes], Any]) -> None:
    assert verb(form(compact(ASK))) == verb(compact(ASK))


def test_a_mapping_is_compact_json_of_few_escapes() -> None:
    assert normalize_request(ASK, "openai", strict=True).body == compact(ASK)
    assert "😀".encode() in compact(ASK)


@pytest.mark.parametrize(
    "body", [None, 1, 1.5, True, object(), [1], [("model", "m")], {1}, iter([])], ids=repr
)
@VERBS
def test_anything_else_is_a_type_error(verb: Verb, body: Any) -> None:
    with pytest.raises(TypeError):
        verb(body)


@pytest.mark.parametrize("value", [object(), {1}, b"bytes"], ids=type)
def test_what_json_has_not_is_a_type_error(value: Any) -> None:
    with pytest.raises(TypeError):
        normalize_request({"model": value})


def test_a_mapping_that_holds_itself_is_refused() -> None:
    body: dict[str, Any] = {}
    body["input"] = body
    with pytest.raises(ValueError, match="Circular"):
        normalize_request(body)


def test_lone_surrogates_become_escapes() -> None:
    body = {"model": "m", "input": "a\ud800b", "\udfff": "\ud83d\ude00", "key": "é\udc80"}
    for form in (body, json.dumps(body), json.dumps(body, ensure_ascii=False)):
        normalized = normalize_request(form)
        assert rb'"text":"a\ud800b"' in normalized.body
        assert normalized.json()["key"] == "é\udc80"
        assert (normalized.context["unknown_fields"][1:], normalized.changes[0].path) == (["key"], "stream")
    assert caught(lambda: normalize_request("\ud800")).code == "invalid_json"


def test_a_mapping_s_numbers_that_json_has_not_are_rejected() -> None:
    for number in (float("nan"), float("inf")):
        error = caught(partial(normalize_request, {"temperature": number}))
        assert (error.code, error.status) == ("invalid_json", 400)


def test_the_body_is_not_held() -> None:
    buffer = bytearray(compact(ASK))
    normalized = normalize_request(buffer)
    buffer.clear()  # it is not exported any more
    assert normalized == normalize_request(ASK)


# --- what comes back


def test_normalized_is_plain_data() -> None:
    normalized = normalize_request(ASK)
    assert normalized.changes[0] == Change("removed", "user", "unsupported by the backend")
    assert [type(change) for change in normalized.changes] == [Change] * len(normalized.changes)
    assert type(normalized.body) is bytes
    assert normalized.json() == json.loads(normalized.body)
    assert normalized.context == {
        "dialect": "responses",
        "model": "gpt-5.5",
        "stream": False,
        "include_usage": False,
        "names": {},
        "call_ids": {},
        "custom_tools": [],
        "unknown_fields": [],
        "request": '{"user":"me"}',
    }
    with pytest.raises(dataclasses.FrozenInstanceError):
        normalized.body = b""  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(normalized)) == copy.deepcopy(normalized) == normalized


def test_a_request_in_either_dialect_on_either_route() -> None:
    for verb in (normalize_request, chat_to_responses):
        assert verb(ASK).context["dialect"] == "responses"
        assert verb(CHAT).context["dialect"] == "chat"
        assert "messages" not in verb(CHAT).json()


# --- options


def test_options_reach_the_core() -> None:
    frame = {"type": "response.create", "model": "m", "previous_response_id": "resp_1", "input": []}
    kept = normalize_request(frame, transport="websocket").json()
    assert (kept["type"], kept["previous_response_id"]) == ("response.create", "resp_1")
    assert caught(lambda: normalize_request(frame)).code == "previous_response_not_found"
    dropped = normalize_request(frame, unresolved_previous="drop")
    assert ("removed", "previous_response_id") in [change[:2] for change in dropped.changes]
    strict = caught(lambda: normalize_request(ASK, strict=True))
    assert (strict.code, strict.path, strict.status) == ("unsupported_parameter", "user", 400)
    reasoning = ASK | {
        "input": [{"type": "reasoning", "summary": [], "encrypted_content": "gAAA"}, *ASK["input"]]
    }
    assert len(normalize_request(reasoning, origin="a", history_origin="a").json()["input"]) == 2
    assert len(normalize_request(reasoning, origin="a", history_origin="b").json()["input"]) == 1
    assert normalize_request(ASK, transport=None, strict=None) == normalize_request(ASK)


@pytest.mark.parametrize(
    "options",
    [{"nonsense": 1}, {"transport": "smoke"}, {"strict": 1}, {"unresolved_previous": ""}, {"origin": 3}],
    ids=str,
)
@VERBS
def test_a_wrong_option_is_named(verb: Verb, options: dict[str, Any]) -> None:
    error = caught(lambda: verb(ASK, **options))
    assert (error.code, error.path, error.envelope, error.status) == ("invalid_option", *options, None, None)


@pytest.mark.parametrize("value", [float("nan"), {"a": [float("inf")]}])
def test_a_number_that_json_has_not_is_a_wrong_option(value: Any) -> None:
    for call in (partial(normalize_request, ASK, origin=value), partial(ChatTranscoder, origin=value)):
        error = caught(call)
        assert (error.code, error.path) == ("invalid_option", "origin")


def test_a_catalog_that_is_none_is_as_if_left_out() -> None:
    body = {"model": "gpt-5.5", "input": "a", "reasoning": {"effort": "minimal"}}
    left, none, off = (
        normalize_request(body, "openai", **options)
        for options in ({}, {"catalog": None}, {"catalog": "none"})
    )
    assert none == left
    assert ["reasoning.effort" in {change.path for change in given.changes} for given in (none, off)] == [
        True,
        False,
    ]


def test_options_have_names() -> None:
    verb: Any = normalize_request
    with pytest.raises(TypeError):
        verb(ASK, "codex", "http")
    with pytest.raises(TypeError):
        verb()


# --- rejections


@VERBS
def test_a_rejected_request_has_its_answer(verb: Verb) -> None:
    error = caught(lambda: verb(b'{"model": "m", "input": 1}'))
    assert (error.code, error.path, error.offset, error.status) == ("invalid_type", "input", 24, 400)
    assert error.envelope == {
        "error": {
            "message": str(error),
            "type": "invalid_request_error",
            "param": "input",
            "code": "invalid_type",
        }
    }
    copied = pickle.loads(pickle.dumps(error))
    assert (str(copied), vars(copied)) == (str(error), vars(error))


@pytest.mark.parametrize(
    ("body", "code", "offset"),
    [
        (b"", "invalid_json", 0),
        (b'{"model": }', "invalid_json", 10),
        (b'{"model": "\xff"}', "invalid_json", 11),
        (b"[]", "invalid_type", 0),
        (b"null", "invalid_type", 0),
        (b'{"a":' * 200 + b"1" + b"}" * 200, "invalid_json", 640),
    ],
    ids=["empty", "no-value", "no-utf-8", "list", "null", "deep"],
)
@VERBS
def test_bad_bodies_are_rejected(verb: Verb, body: bytes, code: str, offset: int) -> None:
    error = caught(lambda: verb(body))
    assert (error.code, error.offset, error.status) == (code, offset, 400)
    assert error.envelope is not None
    assert error.envelope["error"]["code"] == code


# --- the context reaches what reads the answer

LONG = "a_tool_with_a_name_that_no_backend_would_ever_take_" * 2
TOOLS = CHAT | {
    "stream_options": {"include_usage": True},
    "tools": [{"type": "function", "function": {"name": LONG, "parameters": {}}}],
}
CONTEXT = chat_to_responses(TOOLS).context
[SHORT] = CONTEXT["names"]
CALL = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": SHORT, "arguments": "{}"}
ANSWER = [CREATED, sse({"type": "response.output_item.done", "output_index": 0, "item": CALL}), COMPLETED]


def fed(verb: Any) -> Any:
    return b"".join(verb.feed(chunk) or b"" for chunk in ANSWER) + verb.finish()


def drained(generate: Callable[..., AsyncIterator[bytes]], context: Any) -> bytes:
    async def drain() -> bytes:
        return b"".join([out async for out in generate(upstream(), context=context)])

    return asyncio.run(drain())


async def upstream() -> AsyncIterator[bytes]:
    for piece in ANSWER:
        yield piece


@pytest.mark.parametrize("again", [lambda context: context, lambda context: json.loads(json.dumps(context))])
@pytest.mark.parametrize(
    ("give", "is_chat"),
    [
        (lambda context: fed(ChatTranscoder(context=context)), True),
        (lambda context: fed(ResponsesRelay(context=context)), False),
        (lambda context: fed(ResponseCollector(context=context)), False),
        (lambda context: b"".join(chat_sse(ANSWER, context=context)), True),
        (lambda context: b"".join(responses_sse(ANSWER, context=context)), False),
        (lambda context: collect(ANSWER, context=context).response, False),
        (lambda context: collect(ANSWER, context=context).completion, True),
        (lambda context: asyncio.run(acollect(upstream(), context=context)).completion, True),
        (lambda context: drained(achat_sse, context), True),
        (lambda context: drained(aresponses_sse, context), False),
    ],
)
def test_a_context_is_an_option(
    give: Callable[[Any], bytes], is_chat: bool, again: Callable[[Any], Any]
) -> None:
    out = give(again(CONTEXT)).decode()
    assert LONG in out
    assert SHORT not in out
    if is_chat:
        assert '"model":"gpt-5.5"' in out and '"usage":{"prompt_tokens":3' in out
    assert SHORT in give(None).decode()


def test_a_context_gives_a_chat_server_s_calls_back() -> None:
    tool = {"type": "custom", "name": "apply_patch", "description": "Patches."}
    request = responses_to_chat(ASK | {"tools": [{"type": "namespace", "name": "files", "tools": [tool]}]})
    [(sent, declared)] = request.context["tools"].items()
    assert declared == {"kind": "custom", "name": "apply_patch", "namespace": "files"}
    assert request.json()["tools"][0]["function"]["name"] == sent
    call = {"index": 0, "id": "call_1", "function": {"name": sent, "arguments": '{"input":"a\\nb"}'}}
    answer = [sse(chunk({"tool_calls": [call]})), sse(chunk({}, "tool_calls"))]
    transcoder = ResponsesTranscoder(context=request.context)
    out = b"".join(map(transcoder.feed, answer)) + transcoder.finish()
    assert out == b"".join(respond_sse(answer, context=json.loads(json.dumps(request.context))))
    [item] = json.loads(transcoder.response() or b"")["output"]
    assert (item["type"], item["name"], item["namespace"]) == ("custom_tool_call", "apply_patch", "files")
    assert (item["call_id"], item["input"]) == ("call_1", "a\nb")


def test_a_profile_for_chat_is_one_with_chat_rules() -> None:
    error = caught(lambda: responses_to_chat(ASK, "codex"))
    assert (error.code, error.path) == ("invalid_option", "profile.chat")
    kept = responses_to_chat(ASK | {"instructions": "Be brief."}, Profile("chat"))
    assert [message["role"] for message in kept.json()["messages"]] == ["system", "user"]
    assert responses_to_chat(CHAT) == responses_to_chat(compact(CHAT))


def test_a_wrong_context_is_a_wrong_option() -> None:
    wrong: list[Any] = [1, "codex", {"names": []}, {"nonsense": 1}]
    for context in wrong:
        error = caught(partial(ChatTranscoder, context=context))
        assert (error.code, error.path) == ("invalid_option", "context")


# --- threads


def test_threads_normalize_at_once() -> None:
    """One profile and one body for all; large enough to let go of the interpreter."""
    body = compact(ASK | {"input": [{"role": "user", "content": "é" * 100}] * 1000})
    compiled = Profile({"extends": "codex", "name": "mine"})
    expected = normalize_request(body)
    start, seen = threading.Barrier(32), []

    def work() -> None:
        start.wait()
        seen.extend([normalize_request(body), normalize_request(body, compiled), normalize_request(ASK)])

    workers = [threading.Thread(target=work) for _ in range(32)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(seen) == 96
    assert seen.count(expected) == 64
    assert seen.count(normalize_request(ASK)) == 32


def test_other_threads_run_while_a_large_body_is_normalized() -> None:
    body = compact(ASK | {"input": [{"role": "user", "content": "x" * 100}] * 100_000})
    for _ in range(20):
        seen: list[float] = []
        worker = threading.Thread(target=lambda s=seen: s.extend(timed(lambda: normalize_request(body))))
        worker.start()
        ticks = []
        while worker.is_alive():
            ticks.append(time.perf_counter())
        worker.join()
        begun, ended = seen
        if any(begun + (ended - begun) / 4 < tick < ended - (ended - begun) / 4 for tick in ticks):
            return
    pytest.fail("nothing else ever ran")


def timed(work: Callable[[], object]) -> tuple[float, float]:
    begun = time.perf_counter()
    work()
    return begun, time.perf_counter()
