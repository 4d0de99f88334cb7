"""HTTP clients on models that are served over WebSocket alone: the inner transport of a `ResponsesTransport`.

Input: a request as the backend takes it. Output: its answer, as HTTP would have had it: an event stream.
One connection for each request. Needs `websockets` and the extra `httpx2`.

    ResponsesTransport(OverWebSocket(), profile="codex", request={"transport": "websocket"})
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import httpx2
from sluicegate import ResponsesRelay, ws_request
from websockets.sync.client import connect

SCHEMES = {"http": "ws", "https": "wss"}
OF_HTTP = {"host", "connection", "content-length", "content-type", "accept", "accept-encoding", "user-agent"}


class OverWebSocket(httpx2.BaseTransport):
    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        url = request.url.copy_with(scheme=SCHEMES[request.url.scheme])
        headers = [(name, value) for name, value in request.headers.multi_items() if name not in OF_HTTP]
        return httpx2.Response(200, stream=Frames(str(url), headers, ws_request(request.read()).decode()))


class Frames(httpx2.SyncByteStream):
    """The frames of one answer, as events; closing it closes the socket."""

    def __init__(self, url: str, headers: list[tuple[str, str]], frame: str) -> None:
        self.open = ExitStack()
        self.socket = self.open.enter_context(connect(url, additional_headers=headers, max_size=None))
        self.socket.send(frame)

    def __iter__(self) -> Iterator[bytes]:
        relay = ResponsesRelay()  # it knows which frame is the last
        while relay.outcome is None:
            yield relay.feed_event(self.socket.recv())

    def close(self) -> None:
        self.open.close()
