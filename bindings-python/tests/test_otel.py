"""Attributes of OpenTelemetry: what the fixtures have, and what Python adds to them."""

from __future__ import annotations

import json

import pytest
from cases import FIXTURES, caught, compact
from sluicegate import otel_attributes

CASES = (FIXTURES / "otel/cases.jsonl").read_text().splitlines()


@pytest.mark.parametrize("line", CASES)
def test_otel_attributes(line: str) -> None:
    case = json.loads(line)
    attributes = otel_attributes(case["outcome"], **case["options"])
    assert line.encode().endswith(b',"attributes":' + compact(attributes) + b"}")
    assert otel_attributes(json.dumps(case["outcome"]), **case["options"]) == attributes


def test_what_is_no_outcome_or_no_option() -> None:
    assert caught(lambda: otel_attributes({})).path == "status"
    assert caught(lambda: otel_attributes(b"[")).code == "invalid_json"
    error = caught(lambda: otel_attributes({"status": "failed"}, model="m"))  # type: ignore[call-arg]
    assert (error.code, error.path) == ("invalid_option", "model")
