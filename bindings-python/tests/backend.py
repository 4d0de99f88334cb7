"""The strict Codex backend that the Node suite keeps, as a process, and what talks to it.

As a command it runs another one with the backend as `OPENAI_BASE_URL`, and ends with it:

    python bindings-python/tests/backend.py python bindings-python/examples/agent.py
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from sluicegate import Profile
from websockets.sync.client import ClientConnection, connect

SERVERS = Path(__file__).parents[2] / "bindings-node/test"
ENDS = ("response.completed", "response.failed", "response.incomplete", "error")
CODEX = Profile("codex")


class Backend:
    def __init__(self, url: str, http: httpx.Client) -> None:
        self.http = http
        self.base_url = url + "/backend-api/codex"
        self.route = self.base_url + "/responses"

    def post(self, body: bytes | dict[str, Any]) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.http.post(self.route, content=content, headers=CODEX.headers())

    def accepts(self, body: bytes | dict[str, Any]) -> bool:
        response = self.post(body)
        assert response.status_code in (200, 400), response.text
        return response.status_code == 200

    @property
    def environment(self) -> dict[str, str]:
        """By which clients of the OpenAI API find it."""
        return {"OPENAI_BASE_URL": self.base_url, "OPENAI_API_KEY": "sk-test"}

    @contextmanager
    def socket(self) -> Iterator[Socket]:
        headers = CODEX.headers("websocket")
        with connect(self.route.replace("http", "ws", 1), additional_headers=headers, proxy=None) as socket:
            yield Socket(socket)


class Socket:
    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    def ask(self, frame: bytes | dict[str, Any]) -> list[str]:
        """The frames that answer one."""
        self.socket.send(frame.decode() if isinstance(frame, bytes) else json.dumps(frame))
        frames: list[str] = []
        while not frames or json.loads(frames[-1])["type"] not in ENDS:
            frames.append(str(self.socket.recv()))
        return frames

    def accepts(self, frame: bytes | dict[str, Any]) -> bool:
        return bool(json.loads(self.ask(frame)[-1])["type"] == "response.completed")


@contextmanager
def serving(script: str) -> Iterator[str]:
    """The URL of a server of the Node suite. It ends when its stdin closes."""
    pipe = subprocess.PIPE
    with subprocess.Popen(["node", str(SERVERS / script)], stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["url"]


@contextmanager
def running() -> Iterator[Backend]:
    with serving("strict-backend.mjs") as url, httpx.Client(trust_env=False) as http:
        yield Backend(url, http)


if __name__ == "__main__":
    with running() as backend:
        sys.exit(subprocess.call(sys.argv[1:], env=os.environ | backend.environment))
