"""The stub says what the module does, and what callers write type-checks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    "arguments",
    [
        ["mypy.stubtest", "sluicegate", "--allowlist", "stubtest.allowlist"],
        [
            "mypy",
            "--strict",
            "tests/typing_sample.py",
            "tests/typing_answers.py",
            "examples/agent.py",
            "examples/over_websocket.py",
        ],
    ],
    ids=["stubtest", "sample"],
)
def test_types(arguments: list[str]) -> None:
    run = subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
