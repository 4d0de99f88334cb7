from typing import final

from typing_extensions import Buffer, Unpack

from sluicegate.types import ChatOptions, Outcome, SseEvent, SseOptions

__all__ = ["ChatTranscoder", "SseParser", "__version__"]

__version__: str

@final
class SseParser:
    """Incremental SSE parser: one per stream, any chunking, no I/O."""

    def __new__(cls, **options: Unpack[SseOptions]) -> SseParser:
        """Raises `Error` (`invalid_option`) for an unknown option or a wrong type."""

    def feed(self, chunk: Buffer) -> list[SseEvent]:
        """The events that `chunk` completes.

        All of the chunk is parsed even when `Error` is raised: its `events` are all events of the chunk, its
        `further` the errors after the first. Go on with the next chunk, or stop.
        """

    def finish(self) -> list[SseEvent]:
        """Ends the stream; the event of an unterminated block under `dispatch_tail`, else none."""

    @property
    def retry(self) -> int | None:
        """The last valid `retry` value, in milliseconds."""

    @property
    def last_event_id(self) -> str:
        """The last `id` that a dispatched block set."""

    @property
    def bytes_touched(self) -> int:
        """Bytes scanned plus bytes copied; at most twice the bytes fed."""

@final
class ChatTranscoder:
    """Turns one Responses stream into one chat completion stream, the same bytes for any chunking.

    One transcoder per stream: calling it from two threads at once raises `RuntimeError`.
    """

    def __new__(cls, **options: Unpack[ChatOptions]) -> ChatTranscoder:
        """Raises `Error` (`invalid_option`) for an unknown option or a wrong type."""

    def feed(self, chunk: Buffer) -> bytes:
        """Takes the next bytes of the upstream body; what the client must be sent now, possibly nothing."""

    def feed_event(self, frame: str | Buffer) -> bytes:
        """Takes one event as JSON without SSE framing: a WebSocket text frame."""

    def finish(self) -> bytes:
        """Ends the stream; without a terminal event that is the error frame and `[DONE]`."""

    @property
    def outcome(self) -> Outcome | None:
        """What the stream turned out to be; None before a terminal event or `finish`."""

    @property
    def outcome_json(self) -> str | None:
        """`outcome` as the exact JSON text that all three languages give."""

    @property
    def committed(self) -> bool:
        """Whether anything but an error frame was emitted; before, the HTTP status can still be chosen."""

    @staticmethod
    def heartbeat(block: bool = False) -> bytes:
        """A comment to send while the upstream is silent, between any two results.

        The line form is the one that every official client survives; `block` adds the blank line that some
        proxies wait for.
        """
