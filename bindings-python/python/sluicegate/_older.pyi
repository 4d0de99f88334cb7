from collections.abc import AsyncGenerator, AsyncIterable, Callable, Generator, Iterable, Mapping
from typing import Literal, overload

from typing_extensions import Buffer, Self, TypeVar, Unpack

from sluicegate._native import Collector, Profile, Transcoder
from sluicegate._source import Chunk
from sluicegate.chat_types import ChatEvent
from sluicegate.option_types import ChatOptions, RequestOptions, ResponsesOptions
from sluicegate.request_types import ConvertedRequest
from sluicegate.response_event_types import ResponseEvent
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

_Out = TypeVar("_Out", default=bytes)

class ChatTranscoder(Transcoder[_Out]):
    """`Transcoder` for a chat client of a Responses upstream."""

    @overload
    def __new__(
        cls,
        *,
        on_event: OnEvent | None = None,
        frames: Literal[True],
        objects: Literal[False] | None = None,
        **options: Unpack[ChatOptions],
    ) -> ChatTranscoder[list[bytes]]: ...
    @overload
    def __new__(
        cls,
        *,
        on_event: OnEvent | None = None,
        objects: Literal[True],
        frames: bool | None = None,
        **options: Unpack[ChatOptions],
    ) -> ChatTranscoder[list[ChatEvent | None]]: ...
    @overload
    def __new__(
        cls,
        *,
        on_event: OnEvent | None = None,
        frames: Literal[False] | None = None,
        objects: Literal[False] | None = None,
        **options: Unpack[ChatOptions],
    ) -> ChatTranscoder[bytes]: ...

class ResponsesRelay(Transcoder[_Out]):
    """`Transcoder` for a Responses client of a Responses upstream; it ignores options of chat clients."""

    @overload
    def __new__(
        cls,
        *,
        on_event: OnEvent | None = None,
        frames: Literal[True],
        objects: Literal[False] | None = None,
        **options: Unpack[ChatOptions],
    ) -> ResponsesRelay[list[bytes]]: ...
    @overload
    def __new__(
        cls,
        *,
        on_event: OnEvent | None = None,
        objects: Literal[True],
        frames: bool | None = None,
        **options: Unpack[ChatOptions],
    ) -> ResponsesRelay[list[ResponseEvent]]: ...
    @overload
    def __new__(
        cls,
        *,
        on_event: OnEvent | None = None,
        frames: Literal[False] | None = None,
        objects: Literal[False] | None = None,
        **options: Unpack[ChatOptions],
    ) -> ResponsesRelay[bytes]: ...

class ResponsesTranscoder(Transcoder[_Out]):
    """`Transcoder` for a Responses client of a chat upstream."""

    @overload
    def __new__(
        cls,
        *,
        on_event: OnEvent | None = None,
        frames: Literal[True],
        objects: Literal[False] | None = None,
        **options: Unpack[ResponsesOptions],
    ) -> ResponsesTranscoder[list[bytes]]: ...
    @overload
    def __new__(
        cls,
        *,
        on_event: OnEvent | None = None,
        objects: Literal[True],
        frames: bool | None = None,
        **options: Unpack[ResponsesOptions],
    ) -> ResponsesTranscoder[list[ResponseEvent]]: ...
    @overload
    def __new__(
        cls,
        *,
        on_event: OnEvent | None = None,
        frames: Literal[False] | None = None,
        objects: Literal[False] | None = None,
        **options: Unpack[ResponsesOptions],
    ) -> ResponsesTranscoder[bytes]: ...

class ResponseCollector(Collector):
    """`Collector` for a Responses upstream."""

    def __new__(cls, *, on_event: OnEvent | None = None, **options: Unpack[ChatOptions]) -> Self: ...
    def finish(self) -> bytes:  # type: ignore[override]
        """Ends the stream; gives the `final_response`."""

    def chat_completion(self) -> bytes | None:
        """As `final_completion`."""

@overload
def chat_sse(
    chunks: Iterable[Chunk],
    *,
    on_outcome: Callable[[Outcome], object] | None = None,
    on_event: OnEvent | None = None,
    frames: Literal[True],
    objects: Literal[False] | None = None,
    **options: Unpack[ChatOptions],
) -> Generator[list[bytes]]: ...
@overload
def chat_sse(
    chunks: Iterable[Chunk],
    *,
    on_outcome: Callable[[Outcome], object] | None = None,
    on_event: OnEvent | None = None,
    objects: Literal[True],
    frames: bool | None = None,
    **options: Unpack[ChatOptions],
) -> Generator[list[ChatEvent | None]]: ...
@overload
def chat_sse(
    chunks: Iterable[Chunk],
    *,
    on_outcome: Callable[[Outcome], object] | None = None,
    on_event: OnEvent | None = None,
    frames: Literal[False] | None = None,
    objects: Literal[False] | None = None,
    **options: Unpack[ChatOptions],
) -> Generator[bytes]: ...
@overload
def achat_sse(
    chunks: AsyncIterable[Chunk],
    *,
    on_outcome: Callable[[Outcome], object] | None = None,
    on_event: OnEvent | None = None,
    frames: Literal[True],
    objects: Literal[False] | None = None,
    **options: Unpack[ChatOptions],
) -> AsyncGenerator[list[bytes]]: ...
@overload
def achat_sse(
    chunks: AsyncIterable[Chunk],
    *,
    on_outcome: Callable[[Outcome], object] | None = None,
    on_event: OnEvent | None = None,
    objects: Literal[True],
    frames: bool | None = None,
    **options: Unpack[ChatOptions],
) -> AsyncGenerator[list[ChatEvent | None]]: ...
@overload
def achat_sse(
    chunks: AsyncIterable[Chunk],
    *,
    on_outcome: Callable[[Outcome], object] | None = None,
    on_event: OnEvent | None = None,
    frames: Literal[False] | None = None,
    objects: Literal[False] | None = None,
    **options: Unpack[ChatOptions],
) -> AsyncGenerator[bytes]: ...
@overload
def responses_sse(
    chunks: Iterable[Chunk],
    *,
    on_outcome: Callable[[Outcome], object] | None = None,
    on_event: OnEvent | None = None,
    frames: Literal[True],
    objects: Literal[False] | None = None,
    **options: Unpack[ChatOptions],
) -> Generator[list[bytes]]: ...
@overload
def responses_sse(
    chunks: Iterable[Chunk],
    *,
    on_outcome: Callable[[Outcome], object] | None = None,
    on_event: OnEvent | None = None,
    objects: Literal[True],
    frames: bool | None = None,
    **options: Unpack[ChatOptions],
) -> Generator[list[ResponseEvent]]: ...
@overload
def responses_sse(
    chunks: Iterable[Chunk],
    *,
    on_outcome: Callable[[Outcome], object] | None = None,
    on_event: OnEvent | None = None,
    frames: Literal[False] | None = None,
    objects: Literal[False] | None = None,
    **options: Unpack[ChatOptions],
) -> Generator[bytes]: ...
@overload
def aresponses_sse(
    chunks: AsyncIterable[Chunk],
    *,
    on_outcome: Callable[[Outcome], object] | None = None,
    on_event: OnEvent | None = None,
    frames: Literal[True],
    objects: Literal[False] | None = None,
    **options: Unpack[ChatOptions],
) -> AsyncGenerator[list[bytes]]: ...
@overload
def aresponses_sse(
    chunks: AsyncIterable[Chunk],
    *,
    on_outcome: Callable[[Outcome], object] | None = None,
    on_event: OnEvent | None = None,
    objects: Literal[True],
    frames: bool | None = None,
    **options: Unpack[ChatOptions],
) -> AsyncGenerator[list[ResponseEvent]]: ...
@overload
def aresponses_sse(
    chunks: AsyncIterable[Chunk],
    *,
    on_outcome: Callable[[Outcome], object] | None = None,
    on_event: OnEvent | None = None,
    frames: Literal[False] | None = None,
    objects: Literal[False] | None = None,
    **options: Unpack[ChatOptions],
) -> AsyncGenerator[bytes]: ...
@overload
def respond_sse(
    chunks: Iterable[Chunk],
    *,
    on_outcome: Callable[[Outcome], object] | None = None,
    on_event: OnEvent | None = None,
    frames: Literal[True],
    objects: Literal[False] | None = None,
    **options: Unpack[ResponsesOptions],
) -> Generator[list[bytes]]: ...
@overload
def respond_sse(
    chunks: Iterable[Chunk],
    *,
    on_outcome: Callable[[Outcome], object] | None = None,
    on_event: OnEvent | None = None,
    objects: Literal[True],
    frames: bool | None = None,
    **options: Unpack[ResponsesOptions],
) -> Generator[list[ResponseEvent]]: ...
@overload
def respond_sse(
    chunks: Iterable[Chunk],
    *,
    on_outcome: Callable[[Outcome], object] | None = None,
    on_event: OnEvent | None = None,
    frames: Literal[False] | None = None,
    objects: Literal[False] | None = None,
    **options: Unpack[ResponsesOptions],
) -> Generator[bytes]: ...
@overload
def arespond_sse(
    chunks: AsyncIterable[Chunk],
    *,
    on_outcome: Callable[[Outcome], object] | None = None,
    on_event: OnEvent | None = None,
    frames: Literal[True],
    objects: Literal[False] | None = None,
    **options: Unpack[ResponsesOptions],
) -> AsyncGenerator[list[bytes]]: ...
@overload
def arespond_sse(
    chunks: AsyncIterable[Chunk],
    *,
    on_outcome: Callable[[Outcome], object] | None = None,
    on_event: OnEvent | None = None,
    objects: Literal[True],
    frames: bool | None = None,
    **options: Unpack[ResponsesOptions],
) -> AsyncGenerator[list[ResponseEvent]]: ...
@overload
def arespond_sse(
    chunks: AsyncIterable[Chunk],
    *,
    on_outcome: Callable[[Outcome], object] | None = None,
    on_event: OnEvent | None = None,
    frames: Literal[False] | None = None,
    objects: Literal[False] | None = None,
    **options: Unpack[ResponsesOptions],
) -> AsyncGenerator[bytes]: ...
def normalize_request(
    body: str | Buffer | Mapping[str, object],
    profile: str | Mapping[str, object] | Profile = "codex",
    **options: Unpack[RequestOptions],
) -> ConvertedRequest: ...
def chat_to_responses(
    body: str | Buffer | Mapping[str, object],
    profile: str | Mapping[str, object] | Profile = "codex",
    **options: Unpack[RequestOptions],
) -> ConvertedRequest: ...
def responses_to_chat(
    body: str | Buffer | Mapping[str, object],
    profile: str | Mapping[str, object] | Profile = "chat",
    **options: Unpack[RequestOptions],
) -> ConvertedRequest: ...
