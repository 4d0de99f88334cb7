from collections.abc import AsyncGenerator, AsyncIterable, Callable, Generator, Iterable
from typing import Any, Literal, overload

from typing_extensions import Unpack

from sluicegate._native import Transcoder
from sluicegate._source import Chunk
from sluicegate.chat_types import ChatEvent
from sluicegate.message_types import MessageEvent
from sluicegate.option_types import TranscoderOptions
from sluicegate.response_event_types import ResponseEvent
from sluicegate.types import Dialect, OnEvent, Outcome

__all__ = ["adrive", "atranscode", "drive", "transcode"]

def drive(
    chunks: Iterable[Chunk],
    new: Callable[..., Transcoder[Any]],
    on_outcome: Callable[[Outcome], object] | None,
    on_event: OnEvent | None = None,
    **options: Any,
) -> Generator[Any]: ...
def adrive(
    chunks: AsyncIterable[Chunk],
    new: Callable[..., Transcoder[Any]],
    on_outcome: Callable[[Outcome], object] | None,
    on_event: OnEvent | None = None,
    **options: Any,
) -> AsyncGenerator[Any]: ...
@overload
def transcode(
    chunks: Iterable[Chunk],
    *,
    client: Dialect,
    upstream: Dialect,
    on_outcome: Callable[[Outcome], object] | None = None,
    on_event: OnEvent | None = None,
    frames: Literal[True],
    objects: Literal[False] | None = None,
    **options: Unpack[TranscoderOptions],
) -> Generator[list[bytes]]: ...
@overload
def transcode(
    chunks: Iterable[Chunk],
    *,
    client: Literal["chat"],
    upstream: Dialect,
    on_outcome: Callable[[Outcome], object] | None = None,
    on_event: OnEvent | None = None,
    objects: Literal[True],
    frames: bool | None = None,
    **options: Unpack[TranscoderOptions],
) -> Generator[list[ChatEvent | None]]: ...
@overload
def transcode(
    chunks: Iterable[Chunk],
    *,
    client: Literal["responses"],
    upstream: Dialect,
    on_outcome: Callable[[Outcome], object] | None = None,
    on_event: OnEvent | None = None,
    objects: Literal[True],
    frames: bool | None = None,
    **options: Unpack[TranscoderOptions],
) -> Generator[list[ResponseEvent]]: ...
@overload
def transcode(
    chunks: Iterable[Chunk],
    *,
    client: Literal["messages"],
    upstream: Dialect,
    on_outcome: Callable[[Outcome], object] | None = None,
    on_event: OnEvent | None = None,
    objects: Literal[True],
    frames: bool | None = None,
    **options: Unpack[TranscoderOptions],
) -> Generator[list[MessageEvent]]: ...
@overload
def transcode(
    chunks: Iterable[Chunk],
    *,
    client: Dialect,
    upstream: Dialect,
    on_outcome: Callable[[Outcome], object] | None = None,
    on_event: OnEvent | None = None,
    objects: Literal[True],
    frames: bool | None = None,
    **options: Unpack[TranscoderOptions],
) -> Generator[list[Any]]: ...
@overload
def transcode(
    chunks: Iterable[Chunk],
    *,
    client: Dialect,
    upstream: Dialect,
    on_outcome: Callable[[Outcome], object] | None = None,
    on_event: OnEvent | None = None,
    frames: Literal[False] | None = None,
    objects: Literal[False] | None = None,
    **options: Unpack[TranscoderOptions],
) -> Generator[bytes]: ...
@overload
def atranscode(
    chunks: AsyncIterable[Chunk],
    *,
    client: Dialect,
    upstream: Dialect,
    on_outcome: Callable[[Outcome], object] | None = None,
    on_event: OnEvent | None = None,
    frames: Literal[True],
    objects: Literal[False] | None = None,
    **options: Unpack[TranscoderOptions],
) -> AsyncGenerator[list[bytes]]: ...
@overload
def atranscode(
    chunks: AsyncIterable[Chunk],
    *,
    client: Literal["chat"],
    upstream: Dialect,
    on_outcome: Callable[[Outcome], object] | None = None,
    on_event: OnEvent | None = None,
    objects: Literal[True],
    frames: bool | None = None,
    **options: Unpack[TranscoderOptions],
) -> AsyncGenerator[list[ChatEvent | None]]: ...
@overload
def atranscode(
    chunks: AsyncIterable[Chunk],
    *,
    client: Literal["responses"],
    upstream: Dialect,
    on_outcome: Callable[[Outcome], object] | None = None,
    on_event: OnEvent | None = None,
    objects: Literal[True],
    frames: bool | None = None,
    **options: Unpack[TranscoderOptions],
) -> AsyncGenerator[list[ResponseEvent]]: ...
@overload
def atranscode(
    chunks: AsyncIterable[Chunk],
    *,
    client: Literal["messages"],
    upstream: Dialect,
    on_outcome: Callable[[Outcome], object] | None = None,
    on_event: OnEvent | None = None,
    objects: Literal[True],
    frames: bool | None = None,
    **options: Unpack[TranscoderOptions],
) -> AsyncGenerator[list[MessageEvent]]: ...
@overload
def atranscode(
    chunks: AsyncIterable[Chunk],
    *,
    client: Dialect,
    upstream: Dialect,
    on_outcome: Callable[[Outcome], object] | None = None,
    on_event: OnEvent | None = None,
    objects: Literal[True],
    frames: bool | None = None,
    **options: Unpack[TranscoderOptions],
) -> AsyncGenerator[list[Any]]: ...
@overload
def atranscode(
    chunks: AsyncIterable[Chunk],
    *,
    client: Dialect,
    upstream: Dialect,
    on_outcome: Callable[[Outcome], object] | None = None,
    on_event: OnEvent | None = None,
    frames: Literal[False] | None = None,
    objects: Literal[False] | None = None,
    **options: Unpack[TranscoderOptions],
) -> AsyncGenerator[bytes]: ...
