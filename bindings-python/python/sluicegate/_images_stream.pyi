from collections.abc import AsyncGenerator, AsyncIterable, Callable, Generator, Iterable
from typing import Literal, overload

from typing_extensions import TypeVar, Unpack

from sluicegate._native import Transcoder
from sluicegate._source import Chunk
from sluicegate.image_types import ImagesEvent
from sluicegate.option_types import TranscoderOptions
from sluicegate.types import OnEvent, Outcome

__all__ = ["ImagesTranscoder", "aimages_sse", "images_sse"]

_Out = TypeVar("_Out", default=bytes)

class ImagesTranscoder(Transcoder[_Out]):
    """`Transcoder` for a client of the Images API that asked for a stream, of a Responses upstream.

    Each partial image is an event as it comes, each finished one when it is known whether it is the last:
    that one has the usage. An answer without an image is a failure, with the reason for its code. Options are
    those of the Responses reader and the Images writer.
    """

    @overload
    def __new__(
        cls,
        *,
        on_event: OnEvent | None = None,
        frames: Literal[True],
        objects: Literal[False] | None = None,
        **options: Unpack[TranscoderOptions],
    ) -> ImagesTranscoder[list[bytes]]: ...
    @overload
    def __new__(
        cls,
        *,
        on_event: OnEvent | None = None,
        objects: Literal[True],
        frames: bool | None = None,
        **options: Unpack[TranscoderOptions],
    ) -> ImagesTranscoder[list[ImagesEvent]]: ...
    @overload
    def __new__(
        cls,
        *,
        on_event: OnEvent | None = None,
        frames: Literal[False] | None = None,
        objects: Literal[False] | None = None,
        **options: Unpack[TranscoderOptions],
    ) -> ImagesTranscoder[bytes]: ...

@overload
def images_sse(
    chunks: Iterable[Chunk],
    *,
    on_outcome: Callable[[Outcome], object] | None = None,
    on_event: OnEvent | None = None,
    frames: Literal[True],
    objects: Literal[False] | None = None,
    **options: Unpack[TranscoderOptions],
) -> Generator[list[bytes]]: ...
@overload
def images_sse(
    chunks: Iterable[Chunk],
    *,
    on_outcome: Callable[[Outcome], object] | None = None,
    on_event: OnEvent | None = None,
    objects: Literal[True],
    frames: bool | None = None,
    **options: Unpack[TranscoderOptions],
) -> Generator[list[ImagesEvent]]: ...
@overload
def images_sse(
    chunks: Iterable[Chunk],
    *,
    on_outcome: Callable[[Outcome], object] | None = None,
    on_event: OnEvent | None = None,
    frames: Literal[False] | None = None,
    objects: Literal[False] | None = None,
    **options: Unpack[TranscoderOptions],
) -> Generator[bytes]: ...
@overload
def aimages_sse(
    chunks: AsyncIterable[Chunk],
    *,
    on_outcome: Callable[[Outcome], object] | None = None,
    on_event: OnEvent | None = None,
    frames: Literal[True],
    objects: Literal[False] | None = None,
    **options: Unpack[TranscoderOptions],
) -> AsyncGenerator[list[bytes]]: ...
@overload
def aimages_sse(
    chunks: AsyncIterable[Chunk],
    *,
    on_outcome: Callable[[Outcome], object] | None = None,
    on_event: OnEvent | None = None,
    objects: Literal[True],
    frames: bool | None = None,
    **options: Unpack[TranscoderOptions],
) -> AsyncGenerator[list[ImagesEvent]]: ...
@overload
def aimages_sse(
    chunks: AsyncIterable[Chunk],
    *,
    on_outcome: Callable[[Outcome], object] | None = None,
    on_event: OnEvent | None = None,
    frames: Literal[False] | None = None,
    objects: Literal[False] | None = None,
    **options: Unpack[TranscoderOptions],
) -> AsyncGenerator[bytes]: ...
