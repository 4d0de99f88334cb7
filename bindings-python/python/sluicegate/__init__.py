"""Turns OpenAI Responses API event streams into what a client asked for. Bytes in, bytes out, no I/O.

| the client asked for         | class               | around a source of chunks         |
|------------------------------|---------------------|-----------------------------------|
| a chat stream                | `ChatTranscoder`    | `chat_sse`, `achat_sse`           |
| a Responses stream           | `ResponsesRelay`    | `responses_sse`, `aresponses_sse` |
| one Response or completion   | `ResponseCollector` | `collect`, `acollect`             |
| events of any kind           | `SseParser`         |                                   |
"""

from sluicegate._native import ChatTranscoder, ResponseCollector, ResponsesRelay, SseParser, __version__
from sluicegate.collect import Collected, acollect, collect
from sluicegate.stream import achat_sse, aresponses_sse, chat_sse, responses_sse
from sluicegate.types import ChatOptions, Error, ErrorBody, Note, Outcome, SseEvent, SseOptions, Usage

__all__ = [
    "ChatOptions",
    "ChatTranscoder",
    "Collected",
    "Error",
    "ErrorBody",
    "Note",
    "Outcome",
    "ResponseCollector",
    "ResponsesRelay",
    "SseEvent",
    "SseOptions",
    "SseParser",
    "Usage",
    "__version__",
    "achat_sse",
    "acollect",
    "aresponses_sse",
    "chat_sse",
    "collect",
    "responses_sse",
]
