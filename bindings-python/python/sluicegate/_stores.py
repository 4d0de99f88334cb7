"""Stores of conversations in Redis.

Input: a host's own Redis client. Output: records in Redis. State: the client.

Connections, time limits and retries are the client's: give it `socket_timeout`, `socket_connect_timeout` and
a `retry` that fits, or a Redis that is lost may keep a request waiting for long. However it fails, that is an
`Error` with the code `store`, its cause chained.

Values are prompts in plain text. `encrypt` and `decrypt` are called with each value on its way in and out;
`decrypt` may return None for what it cannot read: a miss. A store that encrypts must decrypt, too.
"""

from __future__ import annotations

import inspect
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sluicegate.types import Error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["AsyncRedisStore", "RedisStore"]


class _Redis:
    _is_async: bool

    def __init__(
        self,
        client: Any,
        encrypt: Callable[[bytes], bytes] | None = None,
        decrypt: Callable[[bytes], bytes | None] | None = None,
    ) -> None:
        if inspect.iscoroutinefunction(getattr(client, "execute_command", None)) != self._is_async:
            raise TypeError("RedisStore takes a client of redis, AsyncRedisStore one of redis.asyncio")
        if (encrypt is None) != (decrypt is None):
            raise TypeError("encrypt and decrypt go together")
        if getattr(client.get_encoder(), "decode_responses", False):
            message = "records are bytes: the client must have decode_responses=False"
            raise Error(message, "invalid_option", path="client")
        self._client = client
        self._encrypt = encrypt or _same
        self._decrypt = decrypt or _same


class RedisStore(_Redis):
    """A `Store` in Redis or Valkey, through a client of redis-py: `GET`, and `SET` with `EX`.

    Redis keeps the time. As many threads as the client lets.
    """

    _is_async = False

    def get(self, key: str) -> bytes | None:
        """The value, while it lives."""
        with _failing():
            value = self._client.get(key)
            return None if value is None else self._decrypt(value)

    def put(self, key: str, value: bytes, ttl_s: int) -> None:
        """Keeps the value for `ttl_s` seconds, in place of an earlier one."""
        with _failing():
            if ttl_s > 0:
                self._client.set(key, self._encrypt(value), ex=ttl_s)
            else:
                self._client.delete(key)


class AsyncRedisStore(_Redis):
    """`RedisStore` through a client of redis.asyncio, for `aresolve` and `aremember`."""

    _is_async = True

    async def get(self, key: str) -> bytes | None:
        """The value, while it lives."""
        with _failing():
            value = await self._client.get(key)
            return None if value is None else self._decrypt(value)

    async def put(self, key: str, value: bytes, ttl_s: int) -> None:
        """Keeps the value for `ttl_s` seconds, in place of an earlier one."""
        with _failing():
            if ttl_s > 0:
                await self._client.set(key, self._encrypt(value), ex=ttl_s)
            else:
                await self._client.delete(key)


def _same(value: bytes) -> bytes:
    return value


@contextmanager
def _failing() -> Iterator[None]:
    """Cancellation is no failure of the store."""
    try:
        yield
    except Exception as cause:
        raise Error(f"cannot use the store: {cause}", "store") from cause
