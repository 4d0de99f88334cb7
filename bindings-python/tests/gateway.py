"""The gateway of the Node examples as a process, with the strict backend behind it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from backend import running

NODE = Path(__file__).parents[2] / "bindings-node"
EXAMPLE = NODE / "examples/gateway"


def missing() -> str | None:
    """Why there can be no gateway."""
    if shutil.which("node") is None:
        return "no node"
    needed = (NODE / "sluicegate.node", EXAMPLE / "node_modules/hono")
    return next((f"no {path.relative_to(NODE)}: make it" for path in needed if not path.exists()), None)


class Gateway:
    def __init__(self, url: str, process: subprocess.Popen[str]) -> None:
        self.url = url
        self.process = process

    def logged(self) -> dict[str, Any]:
        """The line of the next request to be over."""
        assert self.process.stderr is not None
        entry: dict[str, Any] = json.loads(self.process.stderr.readline())
        return entry


@contextmanager
def gateway(*flags: str) -> Iterator[Gateway]:
    with running() as backend:
        upstream = backend.route.removesuffix("/responses")
        command = ["node", str(EXAMPLE / "gateway.mjs"), "--upstream", upstream, "--port", "0", *flags]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as process:
            assert process.stdout is not None
            try:
                yield Gateway(json.loads(process.stdout.readline())["url"], process)
            finally:
                process.terminate()
