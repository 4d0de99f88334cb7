"""The examples, run as their users run them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from drop_in import TEXT

AGENT = Path(__file__).parents[1] / "examples/agent.py"
BACKEND = Path(__file__).with_name("backend.py")


def test_the_agent(tmp_path: Path) -> None:
    file = tmp_path / "cat.png"
    command = [sys.executable, str(BACKEND), sys.executable, str(AGENT), "--image", str(file)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    calls = ['square({"q":1}) = 1', 'square({"q":2}) = 4']
    assert run.stdout.splitlines() == [*calls, TEXT, f"saved {file}"]
    assert file.read_bytes().startswith(b"\x89PNG")


def test_the_agent_s_upstream_is_the_user_s_choice(base_url: str, tmp_path: Path) -> None:
    given = ["--base-url", base_url, "--model", "fail-429", "--image", str(tmp_path / "cat.png")]
    environment = {"OPENAI_API_KEY": "sk-test", "OPENAI_BASE_URL": "http://127.0.0.1:9"}
    run = subprocess.run(
        [sys.executable, str(AGENT), *given], capture_output=True, text=True, env=environment
    )
    assert run.returncode == 1 and "RateLimitError" in run.stderr and not list(tmp_path.iterdir())
