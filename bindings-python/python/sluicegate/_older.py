"""The names of 0.1.0, each for one client and one upstream: `Transcoder`, `Collector`, `transcode` and
`convert_request` say the same for all.

Input, output and state are theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sluicegate._native import Collector, Transcoder, convert_request, pair_options
from sluicegate._stream import adrive, drive

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable, Callable, Generator, Iterable, Mapping

    from typing_extensions import Buffer, Self, Unpack

    from sluicegate._native import Profile
    from sluicegate._source import Chunk
    from sluicegate.option_types import RequestOptions
    from sluicegate.request_types import ConvertedRequest
    from sluicegate.types import OnEvent, Outcome

__all__ = [
    "ChatTranscoder",
    "ResponseCollector",
    "ResponsesRelay",
    "ResponsesTranscoder",
    "achat_sse",
    "arespond_sse",
    "aresponses_sse",
    "chat_sse",
    "chat_to_responses",
    "normalize_request",
    "respond_sse",
    "responses_sse",
    "responses_to_chat",
]


class ChatTranscoder(Transcoder):
    """`Transcoder` for a chat client of a Responses upstream."""

    def __new__(cls, **options: Any) -> Self:
        return super().__new__(cls, client="chat", upstream="responses", **options)


class ResponsesRelay(Transcoder):
    """`Transcoder` for a Responses client of a Responses upstream; it ignores options of chat clients."""

    def __new__(
        cls,
        *,
        on_event: OnEvent | None = None,
        frames: bool | None = None,
        objects: bool | None = None,
        **options: Any,
    ) -> Self:
        own: dict[str, Any] = {**pair_options("responses", "responses", options)}
        own |= {"on_event": on_event, "frames": frames, "objects": objects}
        return super().__new__(cls, client="responses", upstream="responses", **own)


class ResponsesTranscoder(Transcoder):
    """`Transcoder` for a Responses client of a chat upstream."""

    def __new__(cls, **options: Any) -> Self:
        return super().__new__(cls, client="responses", upstream="chat", **options)


class ResponseCollector(Collector):
    """`Collector` for a Responses upstream."""

    def __new__(cls, **options: Any) -> Self:
        return super().__new__(cls, upstream="responses", **options)

    def finish(self) -> bytes:  # type: ignore[override]
        """Ends the stream; gives the `final_response`."""
        super().finish()
        return self.final_response() or b""

    def chat_completion(self) -> bytes | None:
        """As `final_completion`."""
        return self.final_completion()


def chat_sse(
    chunks: Iterable[Chunk],
    *,
    on_outcome: Callable[[Outcome], object] | None = None,
    **options: Any,
) -> Generator[Any, None, None]:
    """`transcode` for a chat client of a Responses upstream."""
    return drive(chunks, ChatTranscoder, on_outcome, **options)


def achat_sse(
    chunks: AsyncIterable[Chunk],
    *,
    on_outcome: Callable[[Outcome], object] | None = None,
    **options: Any,
) -> AsyncGenerator[Any, None]:
    """`atranscode` for a chat client of a Responses upstream."""
    return adrive(chunks, ChatTranscoder, on_outcome, **options)


def responses_sse(
    chunks: Iterable[Chunk],
    *,
    on_outcome: Callable[[Outcome], object] | None = None,
    **options: Any,
) -> Generator[Any, None, None]:
    """`transcode` for a Responses client of a Responses upstream."""
    return drive(chunks, ResponsesRelay, on_outcome, **options)


def aresponses_sse(
    chunks: AsyncIterable[Chunk],
    *,
    on_outcome: Callable[[Outcome], object] | None = None,
    **options: Any,
) -> AsyncGenerator[Any, None]:
    """`atranscode` for a Responses client of a Responses upstream."""
    return adrive(chunks, ResponsesRelay, on_outcome, **options)


def respond_sse(
    chunks: Iterable[Chunk],
    *,
    on_outcome: Callable[[Outcome], object] | None = None,
    **options: Any,
) -> Generator[Any, None, None]:
    """`transcode` for a Responses client of a chat upstream."""
    return drive(chunks, ResponsesTranscoder, on_outcome, **options)


def arespond_sse(
    chunks: AsyncIterable[Chunk],
    *,
    on_outcome: Callable[[Outcome], object] | None = None,
    **options: Any,
) -> AsyncGenerator[Any, None]:
    """`atranscode` for a Responses client of a chat upstream."""
    return adrive(chunks, ResponsesTranscoder, on_outcome, **options)


def normalize_request(
    body: str | Buffer | Mapping[str, object],
    profile: str | Mapping[str, object] | Profile = "codex",
    **options: Unpack[RequestOptions],
) -> ConvertedRequest:
    """`convert_request` for Responses clients of a Responses upstream."""
    return convert_request(body, "responses", upstream="responses", profile=profile, **options)


def chat_to_responses(
    body: str | Buffer | Mapping[str, object],
    profile: str | Mapping[str, object] | Profile = "codex",
    **options: Unpack[RequestOptions],
) -> ConvertedRequest:
    """`convert_request` for chat clients of a Responses upstream."""
    return convert_request(body, "chat", upstream="responses", profile=profile, **options)


def responses_to_chat(
    body: str | Buffer | Mapping[str, object],
    profile: str | Mapping[str, object] | Profile = "chat",
    **options: Unpack[RequestOptions],
) -> ConvertedRequest:
    """`convert_request` for Responses clients of a chat upstream."""
    return convert_request(body, "responses", upstream="chat", profile=profile, **options)
