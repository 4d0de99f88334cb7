"""What only the Python package decides: argument types, exceptions, attributes, threads."""

from __future__ import annotations

import array
import importlib.metadata
import json
import pickle
import re
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
import sluicegate
from cases import caught, transcode
from chat_client import ChatClient
from drop_in import TEXT as TEXT_OF_BACKEND
from fold import fold_sse
from sluicegate import (
    ChatTranscoder,
    Collector,
    Error,
    ImageExtractor,
    MadeFailure,
    ResponseCollector,
    ResponsesRelay,
    ResponsesTranscoder,
    SseEvent,
    SseParser,
    Transcoder,
    collect,
)
from streams import CHAT, CHAT_DELTA, COMPLETED, FAILED, TEXT, delta, sse

CONSUMERS: list[Any] = [
    *(ChatTranscoder, ResponseCollector, ResponsesRelay, ResponsesTranscoder),
    partial(ImageExtractor, print),
]
EVENT = b"id: 7\nretry: 250\nevent: ping\ndata: one\n\n"


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(Error) as caught:
        call()
    return caught.value.code


def test_version_is_the_distribution_s() -> None:
    assert sluicegate.__version__ == importlib.metadata.version("sluicegate")


def test_all_names_exist() -> None:
    assert [name for name in sluicegate.__all__ if not hasattr(sluicegate, name)] == []


def test_the_readme_s_examples_run(
    base_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", base_url)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    readme = Path(__file__).parents[2].joinpath("README.md").read_text()
    examples = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    assert examples
    for example in examples:
        names: dict[str, Any] = {}
        exec(example, names)
        if "http" in names:
            names["http"].close()
    assert TEXT_OF_BACKEND in capsys.readouterr().out


# --- parser


def test_parser_attributes() -> None:
    parser = SseParser()
    assert (parser.retry, parser.last_event_id, parser.bytes_touched) == (None, "", 0)
    [event] = parser.feed(EVENT)
    assert event == SseEvent("ping", "one", "7")
    assert (event.event, event.data, event.id) == ("ping", "one", "7")
    assert (parser.retry, parser.last_event_id) == (250, "7")
    assert len(EVENT) <= parser.bytes_touched <= 2 * len(EVENT)
    assert parser.finish() == []


@pytest.mark.parametrize(
    "chunk",
    [
        EVENT,
        bytearray(EVENT),
        memoryview(EVENT),
        memoryview(bytes(byte for pair in zip(EVENT, EVENT, strict=True) for byte in pair))[::2],
        array.array("B", EVENT),
    ],
    ids=lambda chunk: type(chunk).__name__,
)
def test_any_buffer_is_a_chunk(chunk: Any) -> None:
    assert SseParser().feed(chunk) == [SseEvent("ping", "one", "7")]
    assert ChatTranscoder().feed(chunk) == b""
    assert ResponsesRelay().feed(chunk) == EVENT
    assert ResponseCollector().feed(chunk) is None  # type: ignore[func-returns-value]


@pytest.mark.parametrize("chunk", [None, 1, [b"x"]], ids=repr)
def test_anything_else_is_a_type_error(chunk: Any) -> None:
    parser = SseParser()
    verbs: list[Any] = [parser, *(consumer() for consumer in CONSUMERS)]
    for verb in verbs:
        with pytest.raises(TypeError):
            verb.feed(chunk)
    assert parser.feed(EVENT)  # and nothing was taken


def test_a_reused_buffer_is_no_trap() -> None:
    parser = SseParser()
    buffer = bytearray(b"data: on")
    assert parser.feed(buffer) == []
    buffer[:] = b"e\n\n"
    assert [event.data for event in parser.feed(buffer)] == ["one"]


def test_an_error_loses_no_event_and_no_error() -> None:
    parser = SseParser(utf8="strict")
    with pytest.raises(Error) as caught:
        parser.feed(b"data: a\n\ndata: \xff\n\ndata: b\n\ndata: \xfe\n\ndata: c\n\ndata: d")
    error = caught.value
    assert (error.code, error.offset, error.path) == ("invalid_utf8", 9, None)
    assert [event.data for event in error.events] == ["a", "b", "c"]
    assert [(other.code, other.offset) for other in error.further] == [("invalid_utf8", 27)]
    assert [event.data for event in parser.feed(b"one\n\n")] == ["done"]


def test_finish_may_give_an_event_or_an_error() -> None:
    parser = SseParser(dispatch_tail=True, utf8="strict")
    parser.feed(b"data: tail")
    assert [event.data for event in parser.finish()] == ["tail"]
    parser = SseParser(dispatch_tail=True, utf8="strict")
    parser.feed(b"data: \xff")
    assert code_of(parser.finish) == "invalid_utf8"


# --- errors and options


def test_after_finish() -> None:
    parser = SseParser()
    parser.finish()
    assert code_of(parser.finish) == "after_finish"
    assert code_of(lambda: parser.feed(b"x")) == "after_finish"


@pytest.mark.parametrize("consumer", CONSUMERS)
def test_a_consumer_after_finish(consumer: Any) -> None:
    finished = consumer()
    finished.finish()
    assert code_of(finished.finish) == "after_finish"
    assert code_of(lambda: finished.feed(b"")) == "after_finish"
    assert code_of(lambda: finished.feed_event("{}")) == "after_finish"
    assert finished.outcome["status"] == "truncated"  # and what was known is known still


def test_a_document_is_the_only_input() -> None:
    for new in (
        lambda: Transcoder(client="chat", upstream="chat"),
        lambda: Collector(upstream="chat"),
        ResponseCollector,
    ):
        given: Any = new()
        given.feed_document({"error": "no"}, 500)
        assert given.failure == {"status": 500, "class": "retryable", "retry_after_ms": None}
        assert code_of(lambda given=given: given.feed_document("{}")) == "document_not_alone"
        assert code_of(lambda given=given: given.feed(b"")) == "document_not_alone"
        assert code_of(lambda given=given: given.feed_event("{}")) == "document_not_alone"
        given.finish()
        assert code_of(lambda given=given: given.feed_document("{}")) == "after_finish"
        fed: Any = new()
        fed.feed(b": ping\n\n")
        assert code_of(lambda fed=fed: fed.feed_document(b"{}", status=200)) == "document_not_alone"
        fed.feed(b": ping\n\n")
        for wrong in (None, 1, [b"{}"]):
            with pytest.raises(TypeError):
                new().feed_document(wrong)  # type: ignore[attr-defined]


def test_a_document_in_frames_and_objects() -> None:
    body = {"object": "response", "id": "resp_1", "status": "completed", "output": []}
    frames = Transcoder(client="chat", upstream="responses", frames=True)
    given = frames.feed_document(body) + frames.finish()
    objects = Transcoder(client="chat", upstream="responses", objects=True)
    read = objects.feed_document(body, None) + objects.finish()
    assert [json.loads(frame[6:]) for frame in given[:-1]] == read[:-1]
    assert (given[-1], read[-1]) == (b"data: [DONE]\n\n", None)


def test_the_failures_that_a_host_may_word_are_those_of_the_types() -> None:
    wrong: Any = {"upstream_cut": {}}
    error = caught(lambda: Collector(upstream="chat", messages=wrong))
    assert (error.code, error.path) == ("invalid_option", "messages")
    assert f"an object of {', '.join(get_args(MadeFailure))}, each" in str(error)
    collector = Collector(upstream="chat", messages={"upstream_truncated": {"message": "Cut."}})
    collector.finish()
    assert collector.outcome is not None
    assert collector.outcome["error"] is not None
    assert collector.outcome["error"]["message"] == "Cut."


@pytest.mark.parametrize("verb", [SseParser, *CONSUMERS])
def test_a_wrong_option_is_named(verb: Any) -> None:
    wrong: list[dict[str, Any]] = [{"nonsense": 1}, {"max_event_bytes": "many"}, {"max_event_bytes": -1}]
    for options in wrong:
        with pytest.raises(Error) as caught:
            verb(**options)
        assert (caught.value.code, caught.value.path) == ("invalid_option", *options)
        assert (caught.value.offset, caught.value.envelope, caught.value.status) == (None, None, None)
    with pytest.raises(TypeError):
        verb({"max_event_bytes": 1})
    verb(max_event_bytes=None)  # as if left out


def test_errors_are_ordinary_exceptions() -> None:
    error = Error("text", "some_code", 3, "path")
    assert (str(error), error.events, error.further) == ("text", [], [])
    assert (error.envelope, error.status) == (None, None)
    assert issubclass(Error, Exception)
    error.events = [SseEvent("a", "b", "c")]
    error.envelope = {"error": {"message": "m", "type": "t", "param": None, "code": None}}
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.__dict__) == (str(error), error.__dict__)


@pytest.mark.parametrize(
    ("typed", "source"),
    [
        (sluicegate.Finding, "lint.rs"),
        (sluicegate.ImageMeta, "images/meta.rs"),
        (sluicegate.ImageError, "images/meta.rs"),
        (sluicegate.ImageOutcome, "images/meta.rs"),
        (sluicegate.Outcome, "outcome.rs"),
        (sluicegate.Verdict, "outcome/verdict.rs"),
        (sluicegate.Normalized, "request/pipeline.rs"),
        (sluicegate.RequestContext, "request/context.rs"),
        (sluicegate.ClientTool, "request/context.rs"),
        (sluicegate.Change, "change.rs"),
    ],
    ids=lambda param: getattr(param, "__name__", ""),
)
def test_typed_members_are_the_core_s(typed: Any, source: str) -> None:
    rust = Path(__file__).parents[2].joinpath("core/src", source).read_text()
    [fields] = re.findall(rf"pub struct {typed.__name__} \{{\n(.*?)\n\}}", rust, re.DOTALL)
    members = re.findall(r"pub (\w+):", fields)
    optional = typed.__dict__.get("__optional_keys__", frozenset())
    assert sorted(typed.__annotations__) == sorted(members)
    # Those that may be missing stand in a class of their own, before the others.
    assert [name for name in typed.__annotations__ if name not in optional] == [
        name for name in members if name not in optional
    ]


@pytest.mark.parametrize(
    ("literal", "enum", "source"),
    [
        (sluicegate.Verdict.__annotations__["class"], "ErrorClass", "outcome/verdict.rs"),
        (get_type_hints(sluicegate.Change)["action"], "Action", "change.rs"),
        (get_type_hints(sluicegate.Finding)["severity"], "Severity", "lint/rules.rs"),
    ],
    ids=["class", "action", "severity"],
)
def test_literals_are_the_core_s(literal: Any, enum: str, source: str) -> None:
    rust = Path(__file__).parents[2].joinpath("core/src", source).read_text()
    pattern = rf"{enum};\n(.*?)\n\}}" if "codes! {" in rust else rf"impl {enum} \{{\n(.*?)\n\}}"
    [codes] = re.findall(pattern, rust, re.DOTALL)
    assert list(get_args(literal)) == re.findall(r'=>? "(\w+)",', codes)


# --- transcoder, collector, relay


def test_outcome_and_committed() -> None:
    transcoder = ChatTranscoder(model="asked", include_usage=True)
    assert transcoder.feed(TEXT[0]) == b""
    assert (transcoder.committed, transcoder.outcome, transcoder.outcome_json) == (False, None, None)
    assert transcoder.feed(b"") == b""
    assert b'"content":"Hi"' in transcoder.feed(TEXT[1])
    assert (transcoder.committed, transcoder.outcome) == (True, None)
    assert transcoder.feed(TEXT[2]).endswith(b"data: [DONE]\n\n")
    assert transcoder.finish() == b""
    assert transcoder.outcome == {
        "status": "completed",
        "finish_reason": "stop",
        "usage": {
            "prompt_tokens": 3,
            "completion_tokens": 1,
            "total_tokens": 4,
            "prompt_tokens_details": {"cached_tokens": 2},
        },
        "error": None,
        "failure": None,
        "response_id": "resp_1",
        "model": "served",
        "rate_limits": None,
        "reconstructed": "deltas",
        "notes": [],
    }
    assert transcoder.outcome == json.loads(transcoder.outcome_json or "")


@pytest.mark.parametrize("consumer", [ChatTranscoder, ResponsesRelay])
def test_a_failure_first_is_not_committed(consumer: Any) -> None:
    failed = consumer()
    assert b'"Slow down"' in failed.feed(FAILED)
    assert not failed.committed
    assert failed.outcome["status"] == "failed"
    assert failed.outcome["error"]["message"] == "Slow down"
    assert failed.outcome["failure"] == {"status": 502, "class": "retryable", "retry_after_ms": None}


def test_a_collector_answers_at_the_end() -> None:
    collector = ResponseCollector(model="asked")
    for chunk in TEXT[:2]:
        collector.feed(chunk)
    assert (collector.outcome, collector.outcome_json, collector.chat_completion()) == (None, None, None)
    collector.feed(TEXT[2])
    assert collector.outcome and collector.outcome["status"] == "completed"
    assert collector.chat_completion() is None
    response = json.loads(collector.finish())
    assert (response["id"], response["output"][0]["content"][0]["text"]) == ("resp_1", "Hi")
    completion = json.loads(collector.chat_completion() or b"")
    assert (completion["model"], completion["choices"][0]["message"]["content"]) == ("asked", "Hi")
    assert collector.outcome == json.loads(collector.outcome_json or "")
    assert collector.outcome["reconstructed"] == "deltas"


def test_a_relay_repairs_the_end() -> None:
    relay = ResponsesRelay()
    assert relay.feed(TEXT[0]) + relay.feed(TEXT[1]) == TEXT[0] + TEXT[1]
    assert (relay.committed, relay.outcome, relay.outcome_json) == (True, None, None)
    assert b'"text":"Hi"' in relay.feed(TEXT[2])
    assert relay.finish() == b""
    assert relay.outcome == json.loads(relay.outcome_json or "")


def test_a_relay_has_the_final_response() -> None:
    relay = ResponsesRelay()
    for chunk in TEXT:
        assert relay.response() is None
        relay.feed(chunk)
    assert relay.response() == collect(TEXT).response


def test_a_responses_transcoder_answers_at_the_end() -> None:
    transcoder = ResponsesTranscoder(model="asked")
    assert transcoder.feed(CHAT[0]) == b"" and not transcoder.committed
    assert b"response.created" in transcoder.feed(CHAT[1])
    assert b'"delta":"Hi"' in transcoder.feed_event(CHAT_DELTA)
    assert (transcoder.committed, transcoder.outcome, transcoder.response()) == (True, None, None)
    assert b"response.completed" in transcoder.feed(CHAT[2]) + transcoder.finish()
    assert transcoder.outcome == json.loads(transcoder.outcome_json or "")
    response = json.loads(transcoder.response() or b"")
    assert (response["model"], response["output"][0]["content"][0]["text"]) == ("asked", "HiHi")
    failed = ResponsesTranscoder()
    failed.feed(b'data: {"error":{"message":"Slow down"}}\n\n')
    assert not failed.committed
    assert failed.outcome and failed.outcome["error"] and failed.outcome["error"]["message"] == "Slow down"
    assert ResponsesTranscoder.heartbeat(block=True) == ChatTranscoder.heartbeat(block=True)


@pytest.mark.parametrize("kind", [str, str.encode, lambda frame: bytearray(frame.encode())])
def test_frames_are_text_or_bytes(kind: Callable[[str], Any]) -> None:
    frame = kind('{"type":"response.output_text.delta","delta":"é€"}')
    assert '"content":"é€"' in ChatTranscoder().feed_event(frame).decode()
    assert '"delta":"é€"' in ResponsesRelay().feed_event(frame).decode()
    collector = ResponseCollector()
    collector.feed_event(frame)
    assert '"text":"é€"' in collector.finish().decode()


@pytest.mark.parametrize("consumer", CONSUMERS)
def test_bad_frames_do_not_raise(consumer: Any) -> None:
    bad = consumer()
    frames: list[Any] = ['{"type": "\ud800"}', b"\xff", "", "[]"]
    for frame in frames:
        bad.feed_event(frame)
    with pytest.raises(TypeError):
        bad.feed_event(None)
    bad.finish()
    assert bad.outcome["status"] == "truncated"


@pytest.mark.parametrize("block", [False, True])
def test_the_official_client_survives_heartbeats(block: bool) -> None:
    beat = ChatTranscoder.heartbeat(block)
    assert beat == (b": ping\n\n" if block else b": ping\n")
    frames = transcode(TEXT, {"include_usage": True})[0].removesuffix(b"\n\n").split(b"\n\n")
    assert len(frames) == 5  # role, text, finish, usage, [DONE]; what this test is about comes between them
    body = [beat, *(frame + b"\n\n" + beat for frame in frames)]
    expected = fold_sse(b"".join(TEXT), {})
    assert ChatClient().by_chunks(body) == expected
    assert ChatClient().by_snapshot(body) == expected


# --- linter


def test_findings_are_plain_data() -> None:
    [finding] = [finding for finding in sluicegate.lint(TEXT[1] + TEXT[2]) if finding.rule == "created_first"]
    assert (finding.severity, finding.event, finding.offset) == ("error", 0, 0)
    assert sluicegate.lint(TEXT[1] + TEXT[2]) == sluicegate.lint(TEXT[1] + TEXT[2], profile="openai")
    assert pickle.loads(pickle.dumps(finding)) == finding
    assert code_of(lambda: sluicegate.lint(b"", "nonsense")) == "invalid_option"  # type: ignore[arg-type]
    for wrong in (1, None, {}):
        with pytest.raises(TypeError):
            sluicegate.lint(wrong)  # type: ignore[arg-type]


# --- bodies


@pytest.mark.parametrize(
    ("first", "expected"),
    [(b" \r\n", None), (b"", None), (b"da", True), (bytearray(b": hi"), True), (b'{"id"', False)],
)
def test_a_body_is_recognized_by_its_first_bytes(first: Any, expected: bool | None) -> None:
    assert sluicegate.is_sse(first) is expected


def test_a_page_is_what_a_body_begins_with() -> None:
    page = sluicegate.Page()
    page.feed(b" \n")
    assert page.kind is None
    page.feed(b"<html>")
    assert (page.kind, page.is_cut, page.is_full, page.bytes()) == ("page", False, False, b"<html>")
    page.feed(bytes(2 << 20))
    assert (page.is_cut, page.is_full, len(page.bytes())) == (True, True, 1 << 20)


def test_the_headers_of_a_failure() -> None:
    plain = {"content-type": "application/json"}
    assert sluicegate.failure_headers() == sluicegate.failure_headers(None) == plain
    later = {"retry-after": "2", "retry-after-ms": "1001"}
    assert sluicegate.failure_headers(retry_after_ms=1001) == plain | later


def test_the_content_type_is_what_was_asked_for() -> None:
    assert sluicegate.content_type(True) == "text/event-stream"
    assert sluicegate.content_type(is_stream=False) == "application/json"


# --- threads


def test_one_object_in_two_threads_raises() -> None:
    chunk = sse(delta("x" * 1000)) * 20_000  # long enough to be met while it runs
    expected = ChatTranscoder().feed(chunk)
    for _ in range(20):
        transcoder, out = ChatTranscoder(), [b""]
        worker = threading.Thread(target=lambda t=transcoder, o=out: o.append(t.feed(chunk)))
        worker.start()
        met = False
        while worker.is_alive() and not met:
            try:
                transcoder.feed(b"")
            except RuntimeError:
                met = True
        worker.join()
        if met:
            assert out[1] == expected  # and the stream in hand is unharmed
            return
    pytest.fail("two threads never met")


def test_one_object_per_thread_is_fine() -> None:
    stream = sse(delta("é" * 100)) * 1000 + COMPLETED
    expected = transcode([stream], {})
    results: list[tuple[bytes, str]] = []
    pieces = [stream[at : at + 100_000] for at in range(0, len(stream), 100_000)]
    workers = [threading.Thread(target=lambda: results.append(transcode(pieces, {}))) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert results == [expected] * 4
