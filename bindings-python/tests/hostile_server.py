"""An upstream that means harm, on a loopback socket."""

from __future__ import annotations

import itertools
import socket
import time
from collections.abc import Callable, Iterator
from threading import Event, Thread

MOST = 96 << 20
"""No attack sends more, whoever still reads."""
UNREAD = 12 << 20
"""What may have been sent to somebody who read 1 MiB and left: the buffers of two sockets."""

SSE = "content-type: text/event-stream"


def forever(chunk: bytes, first: bytes = b"") -> Callable[[], Iterator[bytes]]:
    return lambda: itertools.chain([first], itertools.repeat(chunk))


class HostileServer:
    """Answers each request with a head and `chunks`; knows how much it sent, and when its client left."""

    def __init__(
        self,
        chunks: Callable[[], Iterator[bytes]],
        *headers: str,
        status: int = 200,
        pause: float = 0,
        stays: bool = False,
    ) -> None:
        self.chunks, self.pause, self.stays = chunks, pause, stays
        self.head = "\r\n".join([f"HTTP/1.1 {status} So", *headers, "connection: close", "", ""]).encode()
        self.sent = 0
        self.is_asked, self.is_left = Event(), Event()
        self.server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.server.getsockname()[1]}/v1"
        self.thread = Thread(target=self.accept, daemon=True)

    def accept(self) -> None:
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(20)
                self.answer(connection)

    def answer(self, connection: socket.socket) -> None:
        try:
            connection.recv(1 << 20)
            self.is_asked.set()
            connection.sendall(self.head)
            for chunk in self.chunks():
                connection.sendall(chunk)
                self.sent += len(chunk)
                if self.sent > MOST:
                    return
                time.sleep(self.pause)
            connection.shutdown(socket.SHUT_WR)
            while self.stays and connection.recv(1 << 16):
                pass
        except OSError:
            pass
        finally:
            self.is_left.set()

    def __enter__(self) -> HostileServer:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.close()
