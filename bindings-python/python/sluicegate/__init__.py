"""Turns OpenAI Responses API event streams into chat completion streams. Bytes in, bytes out, no I/O.

`SseParser`: bytes to events. `ChatTranscoder`: Responses events to chat SSE; `chat_sse` and `achat_sse` wrap
it around a source of chunks.
"""

from sluicegate._native import ChatTranscoder, SseParser, __version__
from sluicegate.stream import achat_sse, chat_sse
from sluicegate.types import ChatOptions, Error, ErrorBody, Note, Outcome, SseEvent, SseOptions, Usage

__all__ = [
    "ChatOptions",
    "ChatTranscoder",
    "Error",
    "ErrorBody",
    "Note",
    "Outcome",
    "SseEvent",
    "SseOptions",
    "SseParser",
    "Usage",
    "__version__",
    "achat_sse",
    "chat_sse",
]
