"""Objects in threads, in numbers, dropped in mid-stream; inputs so large that others must go on meanwhile.

SLUICEGATE_OBJECTS: how many objects of each class come and go (default 200,000).
"""

from __future__ import annotations

import contextlib
import gc
import itertools
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sluicegate import (
    ChatTranscoder,
    Error,
    ImageExtractor,
    ResponseCollector,
    ResponsesRelay,
    ResponsesTranscoder,
    SseParser,
    chat_sse,
    chat_to_responses,
    images_api,
    lint,
    normalize_request,
)
from streams import CREATED, TEXT, delta, image, sse

OBJECTS = int(os.environ.get("SLUICEGATE_OBJECTS", "200000"))
MIB = 1 << 20
LARGE = sse(delta("x" * MIB)) * 64
FRAME = json.dumps(delta("x" * 60 * MIB))
CONSUMERS: list[Callable[[], Any]] = [
    SseParser,
    ChatTranscoder,
    ResponsesRelay,
    ResponseCollector,
    ResponsesTranscoder,
]


def rss() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def longest_wait(work: Callable[[], object]) -> float:
    """How long this thread could not run while another worked, as a share of the work's time."""
    times: list[float] = []

    def timed() -> None:
        times.append(time.perf_counter())
        work()
        times.append(time.perf_counter())

    worker = threading.Thread(target=timed)
    worker.start()
    ticks = [time.perf_counter()]
    while worker.is_alive():
        ticks.append(time.perf_counter())
    start, end = times
    inside = [start, *(tick for tick in ticks if start < tick < end), end]
    return max(b - a for a, b in itertools.pairwise(inside)) / (end - start)


@pytest.mark.parametrize(
    "work",
    [
        lambda: SseParser().feed(LARGE),
        lambda: ChatTranscoder().feed(LARGE),
        lambda: ResponsesRelay().feed(LARGE),
        lambda: ResponseCollector().feed(LARGE),
        lambda: ResponsesTranscoder().feed(LARGE),
        lambda: ChatTranscoder().feed_event(FRAME),
        lambda: lint(LARGE),
        lambda: normalize_request(b'{"model":"m","input":"%s"}' % (b"x" * 60 * MIB)),
        lambda: chat_to_responses(
            b'{"model":"m","messages":[{"role":"user","content":"%s"}]}' % (b"x" * 60 * MIB)
        ),
        lambda: images_api(b'{"output":[%s0]}' % (b"0," * (10 * MIB))),
    ],
    ids=[
        "parser",
        "chat",
        "relay",
        "collector",
        "responder",
        "frame",
        "lint",
        "request",
        "chat_request",
        "images_api",
    ],
)
def test_others_go_on_while_much_is_read(work: Callable[[], object]) -> None:
    def attempt() -> None:
        with contextlib.suppress(Error):  # a bad request took its time, too
            work()

    waits = []
    for _ in range(5):  # the machine may be busy with something else
        waits.append(longest_wait(attempt))
        if waits[-1] < 0.8:
            return
    pytest.fail(f"nothing else ran: {waits}")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("consumer", CONSUMERS, ids=lambda consumer: consumer.__name__)
def test_objects_that_come_and_go_leave_nothing(consumer: Callable[[], Any]) -> None:
    """Each is dropped in the middle of an event."""

    def use(count: int) -> None:
        for _ in range(count):
            consumer().feed(CREATED[:-1])

    use(OBJECTS // 10)
    before = rss()
    use(OBJECTS)
    assert rss() - before < 8 * MIB


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_extractors_and_generators_dropped_in_mid_stream_leave_nothing(tmp_path: Path) -> None:
    half = image("ig_1", 0, b"\x89PNG\r\n\x1a\n" + bytes(1000))

    def use(count: int) -> None:
        for _ in range(count):
            extractor: list[Any] = []
            extractor.append(ImageExtractor(extractor.append))  # a cycle: only the collector frees it
            extractor[0].feed(sse(half)[:-200])
            next(chat_sse(TEXT))

    use(500)
    gc.collect()
    before = rss()
    use(OBJECTS // 40)
    gc.collect()
    assert rss() - before < 8 * MIB
    ImageExtractor(tmp_path).feed(sse(half)[:-200])  # gone at once, its file with it
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("consumer", CONSUMERS[1:], ids=lambda consumer: consumer.__name__)
def test_one_object_in_many_threads_gives_what_it_should_or_raises(consumer: Callable[[], Any]) -> None:
    shared, chunk = consumer(), sse(delta("x" * 100_000))
    done: list[str] = []

    def work() -> None:
        for _ in range(50):
            try:
                shared.feed(chunk)
                done.append("fed")
            except RuntimeError as error:
                assert "borrowed" in str(error)
                done.append("raised")

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(done) == 200
    assert "fed" in done
    shared.finish()
    assert shared.outcome["status"] == "truncated"
    if isinstance(shared, ResponseCollector):
        assert shared.outcome["error"]["code"] == "upstream_truncated"
    with pytest.raises(Error, match="finish"):
        shared.feed(b"")
