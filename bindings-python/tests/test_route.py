"""The table of routes, catalogs, WebSocket frames: what the fixtures say, and what Python adds to them."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from cases import FIXTURES, Case, caught, compact, discover
from sluicegate import (
    Baseline,
    Catalog,
    Continuation,
    MemoryStore,
    after_failure,
    client_frame,
    error_envelope,
    error_frame,
    frame_headers,
    http_body,
    warm_up_frames,
    warm_up_response,
    ws_request,
)

ROUTES = (FIXTURES / "route/cases.jsonl").read_text().splitlines()
REQUESTS = (FIXTURES / "route/requests.jsonl").read_text().splitlines()
HEADERS = (FIXTURES / "websocket/headers.jsonl").read_text().splitlines()
WARM_UPS = (FIXTURES / "websocket/warm_up.jsonl").read_text().splitlines()
FAILURES = (FIXTURES / "websocket/failures.jsonl").read_text().splitlines()
COMPLETED = '{"type":"response.completed","response":{"id":"resp_1"}}'


@pytest.mark.parametrize("line", ROUTES)
def test_route(line: str) -> None:
    case = json.loads(line)
    catalog = Catalog()
    if "live" in case:
        catalog.merge_live(case["live"])
    route = catalog.route(case["model"], **case["options"])
    assert line.encode().endswith(b',"route":' + compact(route) + b"}")
    in_a_tuple = case["options"] | {"tools": tuple(case["options"].get("tools", ()))}
    assert catalog.route(case["model"], **in_a_tuple) == route


@pytest.mark.parametrize("line", REQUESTS)
def test_route_request(line: str) -> None:
    case = json.loads(line)
    for body in [case["body"], case["body"].encode(), bytearray(case["body"].encode())]:
        routed = Catalog().route_request(body, **case["options"])
        assert routed == (case["route"], case["model"], case["sent"].encode())


def test_route_request_of_a_mapping_and_of_much() -> None:
    route, model, body = Catalog().route_request({"model": "gpt-5.5-high", "input": "x" * 100_000})
    assert (route["effort"], model, json.loads(body)["model"]) == ("high", "gpt-5.5-high", "gpt-5.5")
    error = caught(lambda: Catalog().route_request("{}", nonsense=1))  # type: ignore[call-arg]
    assert (error.code, error.path) == ("invalid_option", "nonsense")


def test_a_catalog_is_data() -> None:
    catalog = Catalog()
    live = {"data": [{"id": "x", "created": 7, "note": "é"}, {"id": "gpt-5.4", "context_window": 1}]}
    for form in [live, json.dumps(live), compact(live), bytearray(compact(live))]:
        catalog.merge_live(form)
    assert catalog.model("openai/x-high") == {"slug": "x", "created": 7, "note": "é"}
    assert (catalog.model("gpt-5.4") or {})["context_window"] == 1
    assert catalog.model("unknown") is None
    assert catalog.to_json() == catalog.to_json("codex")
    for shape, members, name in [("codex", "models", "slug"), ("openai", "data", "id")]:
        document = catalog.to_json(shape)  # type: ignore[arg-type]
        assert Catalog(document).to_json(shape) == document  # type: ignore[arg-type]
        assert "x" in [model[name] for model in document[members]]
    assert Catalog({"models": []}).to_json() == {"models": []}


def test_a_wrong_catalog() -> None:
    wrong: Any = "yaml"
    assert caught(lambda: Catalog().to_json(wrong)).path == "shape"
    assert caught(lambda: Catalog("{}")).path == "models"
    assert caught(lambda: Catalog().merge_live(b"[")).code == "invalid_json"
    options: list[dict[str, Any]] = [{"downstream": "smoke"}, {"tools": "x"}, {"nonsense": 1}]
    for given in options:
        error = caught(lambda given=given: Catalog().route("m", **given))
        assert (error.code, [error.path]) == ("invalid_option", list(given))


def test_threads_ask_a_catalog_while_it_is_merged() -> None:
    catalog, live = Catalog(), {"models": [{"slug": f"m{nth}", "note": "x" * 100} for nth in range(2000)]}
    expected, seen = catalog.route("gpt-5.5"), []

    def ask() -> None:
        seen.extend(catalog.route("gpt-5.5") for _ in range(200))

    workers = [threading.Thread(target=ask) for _ in range(8)]
    workers += [threading.Thread(target=catalog.merge_live, args=(live,)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert seen == [expected] * 1600


# --- WebSocket


def baseline(request: Any, frames: list[str]) -> Baseline:
    made = Baseline(request)
    for frame in frames:
        made.frame(frame)
    return made


@pytest.mark.parametrize("case", discover("websocket"), ids=str)
def test_websocket(case: Case) -> None:
    frame = case.bytes("frame.json")
    if case.has("request.json"):
        body, kept = case.bytes("request.json"), None
        if case.has("previous.json"):
            kept = baseline(case.bytes("previous.json"), case.text("frames.jsonl").split("\n"))
        assert ws_request(body, kept) == ws_request(body.decode(), kept) == frame
        assert str(case).startswith("tail") == frame.startswith(b'{"type":"response.create","previous')
    if case.bytes("http.json").startswith(b'{"error":'):
        error = caught(lambda: http_body(frame))
        assert compact(error.envelope) == case.bytes("http.json")
        assert error.status == 400
    else:
        assert http_body(frame) == http_body(memoryview(frame)) == case.bytes("http.json")


@pytest.mark.parametrize("line", FAILURES)
def test_after_failure(line: str) -> None:
    row = json.loads(line)
    envelope = error_envelope(row["body"], status=row["status"])
    for form in [envelope, compact(envelope)]:
        assert after_failure(row["transport"], form, row["committed"]) == row["then"]


@pytest.mark.parametrize("case", discover("envelope"), ids=str)
def test_an_error_frame_has_what_the_envelope_has(case: Case) -> None:
    envelope = case.json("envelope.json")
    again = error_envelope(error_frame(envelope))
    for member in ["status", "body", "class", "retry_after_ms"]:
        assert again[member] == envelope[member]  # type: ignore[literal-required]


def test_an_error_frame_has_the_headers_that_it_is_given() -> None:
    envelope = error_envelope(status=429, headers={"retry-after": 2})
    own = {"retry-after": "2", "retry-after-ms": "2000"}
    for headers in [{"x-codex-plan-type": "plus", "retry-after": 9}, [("x-codex-plan-type", b"plus")]]:
        assert frame_headers(error_frame(envelope, headers)) == {**own, "x-codex-plan-type": "plus"}
    assert frame_headers(error_frame(envelope)) == own


def test_a_wrong_envelope_or_transport() -> None:
    envelope, wrong = error_envelope("", status=426), "smoke"
    assert caught(lambda: after_failure(wrong, envelope, False)).path == "transport"  # type: ignore[arg-type]
    assert caught(lambda: error_frame({**envelope, "class": "x"})).path == "class"
    assert caught(lambda: error_frame({})).path == "status"


def test_client_frames() -> None:
    assert client_frame({}) == "create"
    assert client_frame('{"type":"response.create","generate":false}') == "warm_up"
    assert client_frame(b'{"type":"response.append"}') == "append"
    assert client_frame({"type": "response.processed"}) == "processed"
    assert caught(lambda: client_frame({"type": 7})).code == "unsupported_value"


@pytest.mark.parametrize("line", HEADERS)
def test_frame_headers(line: str) -> None:
    case = json.loads(line)
    assert frame_headers(case["frame"]) == frame_headers(case["frame"].encode()) == case["headers"]


@pytest.mark.parametrize("line", WARM_UPS)
def test_warm_up(line: str) -> None:
    case = json.loads(line)
    assert [frame.decode() for frame in warm_up_frames(case["response_id"])] == case["frames"]
    assert warm_up_response(case["response_id"]).decode() == case["response"]


def test_a_baseline_knows_what_it_is_good_for() -> None:
    first: dict[str, object] = {"model": "m", "input": [{"role": "user", "content": "é"}]}
    kept = Baseline(first)
    assert kept.response_id is None
    kept.frame(COMPLETED.encode())
    assert kept.response_id == "resp_1"
    tail = json.loads(ws_request(first, kept))
    assert (tail["previous_response_id"], tail["input"]) == ("resp_1", [])
    kept.close()
    assert kept.response_id is None
    assert ws_request(first, kept) == ws_request(first)
    assert caught(lambda: Baseline(b"[]")).status == 400


def test_a_large_baseline() -> None:
    """Large enough to let go of the interpreter."""
    items = [{"role": "user", "content": "x" * 100}] * 1000
    done = compact({"type": "response.output_item.done", "item": {"text": "y" * 100_000}}).decode()
    kept = baseline({"input": items}, [done, COMPLETED])
    more = [*items, {"text": "y" * 100_000}, {"role": "user", "content": "z"}]
    assert json.loads(ws_request({"input": more}, kept))["input"] == more[-1:]


def test_a_frame_that_needs_its_history_can_be_expanded() -> None:
    frame = '{"type":"response.create","previous_response_id":"resp_1","input":"Go on"}'
    error = caught(lambda: http_body(frame))
    assert (error.code, error.path, error.status) == ("needs_full_request", "previous_response_id", 400)
    assert error.envelope is not None and error.envelope["error"]["code"] == "needs_full_request"
    store, tenant = MemoryStore(), Continuation("tenant-1")
    turn = tenant.resolve(store, {"input": "Hi"})
    assert tenant.remember(store, turn, {"id": "resp_1", "status": "completed", "output": []}) is None
    body = json.loads(http_body(tenant.resolve(store, frame).body))
    assert len(body["input"]) == 2 and "type" not in body
