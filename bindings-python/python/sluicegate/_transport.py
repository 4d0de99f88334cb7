"""All the I/O of the transports of httpx and httpx2.

Input: what the transport is called with. Output: what it answers with.
State: the upstream's response, while its answer is read.

The two packages name the same things: hence `Any`, wherever it is one of theirs.
"""

from __future__ import annotations

import logging
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, ClassVar

from sluicegate._answers import rejection
from sluicegate._continuation import asave, save
from sluicegate._http_messages import adecoded, decoded, is_redirect, now_ms, redirected, response, sent
from sluicegate._native import Page
from sluicegate._source import AsyncSource, Source
from sluicegate._transport_call import configure
from sluicegate.types import Error

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from typing_extensions import Self

    from sluicegate._answers import Answer
    from sluicegate._dialects import RouteMatch
    from sluicegate._transport_call import TransportCall
    from sluicegate.continuation_types import AsyncStore, Expanded, Store, Unrecorded
    from sluicegate.transport_types import TransportOptions
    from sluicegate.types import Dialect

__all__ = ["AsyncTransport", "SyncTransport"]

LOG = logging.getLogger("sluicegate")


def _warn_of(unrecorded: Unrecorded | None) -> None:
    if unrecorded is not None:
        LOG.warning("an answer was not recorded: %s", unrecorded)


class SyncTransport:
    """What `SluicegateTransport` does."""

    package: ClassVar[Any]
    _body: ClassVar[type[Body]]

    def __init_subclass__(cls, package: Any = None, **given: Any) -> None:
        """`package`: httpx or httpx2; it takes only bodies of its own class."""
        super().__init_subclass__(**given)
        if package is not None:
            cls.package = package
            cls._body = type("_Body", (Body, package.SyncByteStream), {})

    def __init__(self, upstream: Dialect, inner: Any, store: Store | None, options: TransportOptions) -> None:
        self._config = configure(upstream, options, store is not None)
        self._store = store
        self._inner = inner or self.package.HTTPTransport()

    def handle_request(self, request: Any) -> Any:
        path = redirected(request) or self._config.path(request.method, request.url.raw_path)
        if path is None:
            return self._inner.handle_request(request)
        try:
            call = self._call(path, request.read())
        except Error as error:
            return response(self.package.Response, rejection(path.client, error))
        upstream = self._inner.handle_request(sent(request, call))
        if is_redirect(request, path, upstream):
            return upstream
        body = self._body(call, upstream, self)
        try:
            answer = body.begin()
        except BaseException:
            body.close()
            raise
        if answer.is_whole:
            body.close()
        return response(self.package.Response, answer, upstream, None if answer.is_whole else body)

    def _call(self, path: RouteMatch, body: bytes) -> TransportCall:
        turn: Expanded | None = None
        if self._store is not None and (tenant := self._config.tenant_of(path)):
            turn = tenant.resolve(self._store, body)
        return self._config.call(path, body, turn)

    def remember(self, call: TransportCall) -> None:
        try:
            if self._store is not None and (recorded := call.record()) is not None:
                _warn_of(save(recorded[0], self._store, recorded[1]))
        except Exception:
            LOG.warning("an answer was not recorded", exc_info=True)

    def close(self) -> None:
        self._inner.close()

    def __enter__(self) -> Self:
        self._inner.__enter__()
        return self

    def __exit__(self, *failure: Any) -> None:
        self._inner.__exit__(*failure)


class Body:
    """The client's answer, of which no more is read of the upstream than the client reads."""

    def __init__(self, call: TransportCall, upstream: Any, transport: SyncTransport) -> None:
        self._call, self._upstream, self._transport = call, upstream, transport
        self._source = Source(decoded(transport.package, upstream))
        self._head = b""

    def begin(self) -> Answer:
        """Reads until the status is settled."""
        headers = self._upstream.headers
        if not self._upstream.is_success:
            page = Page()
            for chunk in self._source:
                page.feed(chunk)
                if page.is_full:
                    break
            return self._call.refused(self._upstream.status_code, headers, page.bytes(), now_ms())
        for chunk in self._source:
            if self._call.peek(bytes(chunk)):
                break
        else:
            self._call.end(is_peeking=True)
        self._transport.remember(self._call)
        self._head = (answer := self._call.answer(headers, now_ms())).body
        return answer

    def __iter__(self) -> Iterator[bytes]:
        yield self._head
        for chunk in self._source:
            out = self._call.feed(bytes(chunk))
            self._transport.remember(self._call)
            if out:
                yield out
            if self._call.is_over:
                break
        out = self._call.end()
        self._transport.remember(self._call)
        if out:
            yield out

    def close(self) -> None:
        self._upstream.close()
        self._call.report_outcome()


class AsyncTransport:
    """What `AsyncSluicegateTransport` does."""

    package: ClassVar[Any]
    _body: ClassVar[type[AsyncBody]]

    def __init_subclass__(cls, package: Any = None, **given: Any) -> None:
        """`package`: httpx or httpx2; it takes only bodies of its own class."""
        super().__init_subclass__(**given)
        if package is not None:
            cls.package = package
            cls._body = type("_AsyncBody", (AsyncBody, package.AsyncByteStream), {})

    def __init__(
        self, upstream: Dialect, inner: Any, store: AsyncStore | Store | None, options: TransportOptions
    ) -> None:
        self._config = configure(upstream, options, store is not None)
        self._store = store
        self._inner = inner or self.package.AsyncHTTPTransport()

    async def handle_async_request(self, request: Any) -> Any:
        path = redirected(request) or self._config.path(request.method, request.url.raw_path)
        if path is None:
            return await self._inner.handle_async_request(request)
        try:
            call = await self._call(path, await request.aread())
        except Error as error:
            return response(self.package.Response, rejection(path.client, error))
        upstream = await self._inner.handle_async_request(sent(request, call))
        if is_redirect(request, path, upstream):
            return upstream
        body = self._body(call, upstream, self)
        try:
            answer = await body.begin()
        except BaseException:
            await body.aclose()
            raise
        if answer.is_whole:
            await body.aclose()
        return response(self.package.Response, answer, upstream, None if answer.is_whole else body)

    async def _call(self, path: RouteMatch, body: bytes) -> TransportCall:
        turn: Expanded | None = None
        if self._store is not None and (tenant := self._config.tenant_of(path)):
            key = tenant.lookup(body)
            got = None if key is None else self._store.get(key)
            turn = tenant.expand(body, await got if isawaitable(got) else got)
        return self._config.call(path, body, turn)

    async def remember(self, call: TransportCall) -> None:
        try:
            if self._store is not None and (recorded := call.record()) is not None:
                _warn_of(await asave(recorded[0], self._store, recorded[1]))
        except Exception:
            LOG.warning("an answer was not recorded", exc_info=True)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def __aenter__(self) -> Self:
        await self._inner.__aenter__()
        return self

    async def __aexit__(self, *failure: Any) -> None:
        await self._inner.__aexit__(*failure)


class AsyncBody:
    """As `Body`."""

    def __init__(self, call: TransportCall, upstream: Any, transport: AsyncTransport) -> None:
        self._call, self._upstream, self._transport = call, upstream, transport
        self._source = AsyncSource(adecoded(transport.package, upstream))
        self._head = b""

    async def begin(self) -> Answer:
        """Reads until the status is settled."""
        headers = self._upstream.headers
        if not self._upstream.is_success:
            page = Page()
            async for chunk in self._source:
                page.feed(chunk)
                if page.is_full:
                    break
            return self._call.refused(self._upstream.status_code, headers, page.bytes(), now_ms())
        async for chunk in self._source:
            if self._call.peek(bytes(chunk)):
                break
        else:
            self._call.end(is_peeking=True)
        await self._transport.remember(self._call)
        self._head = (answer := self._call.answer(headers, now_ms())).body
        return answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._head
        async for chunk in self._source:
            out = self._call.feed(bytes(chunk))
            await self._transport.remember(self._call)
            if out:
                yield out
            if self._call.is_over:
                break
        out = self._call.end()
        await self._transport.remember(self._call)
        if out:
            yield out

    async def aclose(self) -> None:
        await self._upstream.aclose()
        self._call.report_outcome()
