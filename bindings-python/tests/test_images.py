"""Where images go: directories, callables, and what happens when either fails."""

from __future__ import annotations

import asyncio
import base64
import gc
import hashlib
import json
import os
import tracemalloc
import weakref
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cases import FIXTURES, Case, caught, discover
from recorder import Recorder, extract
from sluicegate import (
    Error,
    Extracted,
    ImageEvent,
    ImageExtractor,
    aimages,
    collect,
    images,
    images_api,
    images_request,
)
from streams import COMPLETED, CREATED, Cut, Source, image, sse

Extract = Callable[..., Extracted]
GIF = b"GIF89a" + bytes(range(99))  # no padding: decoded at once
FIRST, SECOND = sse(image("ig_1", 0, GIF)), sse(image("ig_2", 1, GIF[:-3]))
TWO = [CREATED, FIRST, SECOND, COMPLETED]
KINDS = ["begin", "write", "finish"]


def aimages_in_a_loop(*args: Any, **options: Any) -> Extracted:
    return asyncio.run(aimages(*args, **options))


@pytest.fixture(params=[images, aimages_in_a_loop], ids=["sync", "async"])
def run(request: pytest.FixtureRequest) -> Extract:
    run: Extract = request.param
    return run


def names(directory: Path) -> list[str]:
    """Hidden ones, too."""
    return sorted(os.listdir(directory))


def lost(extracted: Extracted) -> list[tuple[str, str | None]]:
    return [(error["code"], error["item_id"]) for error in extracted.outcome["errors"]]


# --- directories


@pytest.mark.parametrize("case", [case for case in discover("images") if case.has("input.sse")], ids=str)
def test_files_are_the_images(case: Case, tmp_path: Path, run: Extract) -> None:
    body, options = case.bytes(), case.json("options.json")
    expected, outcome = extract([body], options)
    extracted = run(Source([body[at : at + 100] for at in range(0, len(body), 100)]), tmp_path, **options)
    assert extracted.outcome == json.loads(outcome)
    assert extracted.error is None
    assert [hashlib.sha256(file.path.read_bytes()).hexdigest() for file in extracted.written] == [
        image["sha256"] for image in expected
    ]
    assert [file[1:] for file in extracted.written] == [
        tuple(image["meta"][member] for member in ("mime", "bytes", "item_id", "partial"))
        for image in expected
    ]
    assert names(tmp_path) == sorted(file.path.name for file in extracted.written)


def test_files_are_there_before_the_end(tmp_path: Path) -> None:
    extractor = ImageExtractor(tmp_path)
    extractor.feed(FIRST[:-20])
    assert extractor.written == []
    [hidden] = names(tmp_path)
    assert hidden.startswith(".")
    extractor.feed(FIRST[-20:])
    assert extractor.written == [(tmp_path / "ig_1.gif", "image/gif", len(GIF), "ig_1", False)]
    assert names(tmp_path) == ["ig_1.gif"]
    extractor.feed_event(json.dumps(image("ig_2", 1, GIF)))
    assert [file.item_id for file in extractor.written] == ["ig_1", "ig_2"]
    assert (extractor.outcome, extractor.outcome_json) == (None, None)
    extractor.finish()
    assert extractor.outcome and extractor.outcome == json.loads(extractor.outcome_json or "")
    assert len(extractor.written) == len(extractor.outcome["images"]) == 2


@pytest.mark.parametrize("kind", [str, Path, os.fspath])
def test_a_directory_is_a_path_and_made_if_need_be(kind: Callable[[Path], Any], tmp_path: Path) -> None:
    directory = tmp_path / "a" / "ü"
    [first, _] = images(TWO, kind(directory)).written
    assert isinstance(first.path, Path)
    assert first.path == directory / "ig_1.gif"


@pytest.mark.parametrize("bad", ["/dev/null/no", "\0"], ids=repr)
def test_a_bad_directory_is_an_error(bad: str, run: Extract) -> None:
    for make in (ImageExtractor, lambda path: run(Source([]), path)):
        with pytest.raises(Error, match="cannot write image") as caught:
            make(bad)
        assert (caught.value.code, caught.value.offset, caught.value.path) == ("sink", None, None)


@pytest.mark.parametrize("sink", [None, 1, b"directory", []], ids=repr)
def test_anything_else_is_no_sink(sink: Any) -> None:
    with pytest.raises(TypeError, match=f"sink must be .*, not {type(sink).__name__}"):
        ImageExtractor(sink)


def test_a_file_that_cannot_be_written_costs_one_image(tmp_path: Path, run: Extract) -> None:
    (tmp_path / "ig_1.gif").mkdir()  # in its way
    extracted = run(Source(TWO), tmp_path)
    assert isinstance(extracted.error, Error)
    assert extracted.error.code == "sink"
    assert lost(extracted) == [("sink", "ig_1")]
    assert [file.item_id for file in extracted.written] == ["ig_2"]
    assert names(tmp_path) == ["ig_1.gif", "ig_2.gif"]


def test_incomplete_files_go_with_their_extractor(tmp_path: Path) -> None:
    extractor = ImageExtractor(tmp_path)
    extractor.feed(FIRST[:-20])
    assert len(names(tmp_path)) == 1
    del extractor
    assert names(tmp_path) == []


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_stopping_leaves_no_incomplete_file(run: Extract, stop: type[BaseException], tmp_path: Path) -> None:
    source = Source([CREATED, FIRST[:-20]], stop())
    with pytest.raises(stop) as caught:
        run(source, tmp_path)
    assert caught.tb is not None  # it holds every frame
    assert (names(tmp_path), source.closed) == ([], 1)


def test_cancelling_leaves_no_incomplete_file(tmp_path: Path) -> None:
    async def scenario() -> None:
        closed, begun = asyncio.Event(), asyncio.Event()

        async def source() -> AsyncIterator[bytes]:
            try:
                yield FIRST[:-20]
                begun.set()
                await asyncio.sleep(60)
            finally:
                closed.set()

        task = asyncio.create_task(aimages(source(), tmp_path))
        await begun.wait()
        assert len(names(tmp_path)) == 1
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert closed.is_set()
        assert names(tmp_path) == []

    asyncio.run(scenario())


# --- callables


def test_a_callable_gets_everything(run: Extract) -> None:
    events: list[ImageEvent] = []
    extracted = run(Source([FIRST, COMPLETED]), events.append)
    assert [event.kind for event in events] == KINDS
    assert {event.key for event in events} == {0}
    assert [event.data for event in events] == [None, GIF, None]
    assert [event.meta for event in events] == [None, None, extracted.outcome["images"][0]]
    assert (extracted.written, extracted.error) == ([], None)


def failing(at: int, exception: BaseException) -> tuple[Recorder, Callable[[ImageEvent], None]]:
    """Raises at the n-th call."""
    recorder = Recorder()
    calls = iter(range(1000))

    def sink(event: ImageEvent) -> None:
        if next(calls) == at:
            raise exception
        recorder(event)

    return recorder, sink


class Full(Exception):
    """As a caller's storage may raise."""


@pytest.mark.parametrize("exception", [Full(), OSError(28, "full"), KeyboardInterrupt()], ids=repr)
@pytest.mark.parametrize("at", range(7))
def test_an_exception_is_raised_as_it_is_and_costs_one_image(at: int, exception: BaseException) -> None:
    recorder, sink = failing(at, exception)
    extractor = ImageExtractor(sink)
    if at < 6:
        with pytest.raises(type(exception)) as caught:
            extractor.feed(b"".join(TWO))
        assert caught.value is exception
    else:
        extractor.feed(b"".join(TWO))
    extractor.finish()
    assert extractor.outcome is not None
    given_up = [error["item_id"] for error in extractor.outcome["errors"]]
    assert given_up == [["ig_1"], ["ig_2"], []][at // 3]
    assert extractor.outcome["status"] == "completed"  # all of the input was read
    assert len(recorder.images) == 2 - len(given_up)


def test_the_first_exception_is_the_one_raised() -> None:
    raised: list[Full] = []

    def sink(event: ImageEvent) -> None:
        raised.append(Full(event.kind))
        raise raised[-1]

    extractor = ImageExtractor(sink)
    with pytest.raises(Full) as caught:
        extractor.feed(b"".join(TWO))
    assert len(raised) == 2  # an image that never began is not aborted
    assert caught.value is raised[0]
    extractor.finish()


def test_an_exception_of_the_sink_ends_nothing(run: Extract) -> None:
    full = Full()
    recorder, sink = failing(1, full)
    source = Source(TWO, Cut("peer hung up"))
    extracted = run(source, sink)
    assert (extracted.error, source.closed) == (full, 1)
    assert lost(extracted) == [("sink", "ig_1")]
    assert len(recorder.images) == 1
    assert recorder.images[0]["meta"]["item_id"] == "ig_2"


def test_stopping_in_the_sink_is_raised_at_once(run: Extract) -> None:
    recorder, sink = failing(2, KeyboardInterrupt())
    source = Source(TWO)
    with pytest.raises(KeyboardInterrupt):
        run(source, sink)
    assert (recorder.images, source.closed) == ([], 1)


def test_a_sink_must_not_use_its_extractor() -> None:
    def sink(event: ImageEvent) -> None:
        extractor.feed(b"")

    extractor = ImageExtractor(sink)
    with pytest.raises(RuntimeError):
        extractor.feed(FIRST)
    extractor.feed(COMPLETED)  # and is unharmed


def test_a_sink_may_own_its_extractor() -> None:
    class Owner:
        def __init__(self) -> None:
            self.extractor = ImageExtractor(self.take)

        def take(self, event: ImageEvent) -> None: ...

    owner = weakref.ref(Owner())
    gc.collect()
    assert owner() is None


def test_a_large_image_comes_in_pieces(run: Extract) -> None:
    block = bytes(range(256)) * 192  # 48 KiB, so no padding inside
    blocks = 427  # more than 20 MiB

    def chunks() -> Iterator[bytes]:
        head, tail = sse(image("ig_1", 0, b"|")).split(base64.b64encode(b"|"))
        yield head
        for _ in range(blocks):
            yield base64.b64encode(block)
        yield tail + COMPLETED

    class Chunks:  # of both kinds
        def __iter__(self) -> Iterator[bytes]:
            return chunks()

        async def __aiter__(self) -> AsyncIterator[bytes]:
            for chunk in chunks():
                yield chunk

    recorder = Recorder()
    tracemalloc.start()
    try:
        extracted = run(Chunks(), recorder)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    expected = hashlib.sha256(block * blocks).hexdigest()
    assert [image["sha256"] for image in recorder.images] == [expected]
    assert extracted.outcome["images"][0]["bytes"] == len(block) * blocks > 20 << 20
    assert recorder.largest <= 64 << 10
    assert peak < 1 << 20

    whole = Recorder()
    images([b"".join(chunks())], whole)
    assert whole.images == recorder.images
    assert whole.largest <= 64 << 10


# --- sources


@pytest.mark.parametrize("failure", [None, Cut("peer hung up")], ids=["end", "failure"])
def test_a_cut_stream_is_not_raised(run: Extract, failure: Exception | None, tmp_path: Path) -> None:
    source = Source([CREATED, FIRST, SECOND[:-20]], failure)
    extracted = run(source, tmp_path)
    assert (extracted.outcome["status"], extracted.error, source.closed) == ("truncated", failure, 1)
    assert names(tmp_path) == ["ig_1.gif"]


def test_nothing_at_all_has_a_reason(run: Extract, tmp_path: Path) -> None:
    extracted = run(Source([CREATED]), tmp_path)
    assert (extracted.outcome["no_image"], extracted.written, names(tmp_path)) == ("truncated", [], [])
    assert extracted.envelope is not None
    assert (extracted.envelope["status"], extracted.envelope["body"]["error"]["code"]) == (502, "truncated")


def test_a_chunk_of_the_wrong_type_is_the_callers_bug(run: Extract) -> None:
    source = Source([7])
    with pytest.raises(TypeError):
        run(source, print)
    assert source.closed == 1


def test_options_reach_the_extractor(run: Extract, tmp_path: Path) -> None:
    with pytest.raises(Error, match="nonsense"):
        run(Source([]), tmp_path / "not made", nonsense=1)
    assert names(tmp_path) == []
    extracted = run(Source(TWO), tmp_path, max_image_bytes=len(GIF) - 1)
    assert lost(extracted) == [("image_too_large", "ig_1")]
    assert names(tmp_path) == ["ig_2.gif"]


# --- the Images API


def test_a_collected_response_folds_into_an_images_api_response() -> None:
    folded = json.loads(images_api(collect(TWO).response))
    assert [base64.b64decode(image["b64_json"]) for image in folded["data"]] == [GIF, GIF[:-3]]
    assert images_api(bytearray(b"{}")) == b'{"created":0,"data":[]}'
    with pytest.raises(Error) as caught:
        images_api(b"{,}")
    assert (caught.value.code, caught.value.offset) == ("invalid_json", 1)
    with pytest.raises(TypeError):
        images_api(1)  # type: ignore[arg-type]


@pytest.mark.parametrize("line", (FIXTURES / "images/requests.jsonl").read_text().splitlines())
def test_images_request(line: str) -> None:
    case = json.loads(line)
    for body in [case["request"], case["request"].encode()]:
        if "sent" in case:
            assert images_request(body, case["host_model"]).decode() == case["sent"]
        else:
            error = caught(lambda body=body: images_request(body, case["host_model"]))
            assert (error.envelope, error.status) == (case["rejected"], 400)


def test_an_image_has_no_envelope() -> None:
    extractor = ImageExtractor(lambda event: None)
    assert extractor.envelope is None
    for chunk in TWO:
        extractor.feed(chunk)
    extractor.finish()
    assert extractor.envelope is None
