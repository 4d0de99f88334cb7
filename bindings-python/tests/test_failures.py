"""Failures in every form that an HTTP client has for them."""

from __future__ import annotations

import email.message
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

import httpx
import pytest
from sluicegate import collect, error_envelope
from streams import sse


def test_an_envelope() -> None:
    assert error_envelope(b'{"detail":"Slow down."}', status=429, headers={"Retry-After": "1.5"}) == {
        "status": 429,
        "body": {
            "error": {"message": "Slow down.", "type": "rate_limit_error", "param": None, "code": None},
        },
        "class": "rate_limited",
        "retry_after_ms": 1500,
        "hint": None,
    }
    assert error_envelope() == error_envelope(None, status=None) == error_envelope(b"", headers=[])
    assert error_envelope()["status"] == 502


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "2"},
        {"retry-after": 2},
        {"RETRY-AFTER": 2.0},
        {"retry-after": b"2", "x-ok": True},
        {b"retry-after": b"2"},
        [("retry-after", "2")],
        [[b"retry-after", b"2"]],
        (pair for pair in [("retry-after", 2)]),
        {"retry-after": "2"}.items(),
        httpx.Headers({"Retry-After": "2"}),
        MappingProxyType({"retry-after": "2", "x-\ud800": "\ud800"}),
    ],
    ids=lambda headers: type(headers).__name__,
)
def test_headers_of_any_kind(headers: Any) -> None:
    assert error_envelope(status=503, headers=headers)["retry_after_ms"] == 2000


def test_headers_of_the_standard_library() -> None:
    message = email.message.Message()
    message["Retry-After"] = "2"
    assert error_envelope(status=503, headers=message)["retry_after_ms"] == 2000


def test_a_whole_httpx_response() -> None:
    response = httpx.Response(
        HTTPStatus.TOO_MANY_REQUESTS, headers={"retry-after-ms": "7"}, json={"detail": "No."}
    )
    seen = error_envelope(response.content, status=response.status_code, headers=response.headers)
    assert (seen["status"], seen["retry_after_ms"], seen["body"]["error"]["message"]) == (429, 7, "No.")
    assert error_envelope(response.json(), status=HTTPStatus.BAD_REQUEST)["status"] == 400
    assert error_envelope(response.text)["body"] == seen["body"] | {
        "error": seen["body"]["error"] | {"type": "server_error"}
    }


def test_a_date_needs_the_time() -> None:
    headers = {"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}
    assert error_envelope(status=503, headers=headers)["retry_after_ms"] is None
    assert error_envelope(status=503, headers=headers, now_ms=1445412479000)["retry_after_ms"] == 1000


@pytest.mark.parametrize("status", [None, 0, 200, -1, 99999, 2**62], ids=repr)
def test_a_status_that_is_none(status: int | None) -> None:
    assert error_envelope("down", status=status)["status"] == 502


@pytest.mark.parametrize(
    "wrong",
    [
        {"body": 1},
        {"body": ["x"]},
        {"status": "429"},
        {"now_ms": "now"},
        {"now_ms": 1.5},
        {"headers": 1},
        {"headers": ["retry-after"]},
        {"headers": [("retry-after",)]},
        {"headers": {"retry-after": None}},
        {"headers": {"retry-after": ["2"]}},
        {"nonsense": 1},
    ],
    ids=str,
)
def test_wrong_arguments_are_type_errors(wrong: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError)):
        error_envelope(**wrong)


def test_an_outcome_has_what_to_do() -> None:
    failed = {"status": "failed", "error": {"code": "usage_limit_reached", "message": "Enough"}}
    outcome = collect([sse({"type": "response.failed", "response": failed})]).outcome
    assert outcome["failure"] == {"status": 429, "class": "quota", "retry_after_ms": None}
