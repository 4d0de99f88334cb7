"""Stores of conversations in Redis.

Input: a host's own Redis client. Output: records in Redis. State: the client.

Connections, time limits and retries are the client's: give it `socket_timeout`, `socket_connect_timeout` and
a `retry` that fits, or a Redis that is lost may keep a request waiting for long. However it fails, that is an
`Error` with the code `store`, its cause chained.

Values are prompts in plain text. `encrypt` and `decrypt` are called with each value on its way in and out,
and with its key where they take a second argument that has no default: what is sealed for one key must not
open for another. `decrypt` may return None for what it cannot read: a miss. A store that encrypts must
decrypt, too. docs/guides/encrypted-records.md has both.
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
        encrypt: Callable[[bytes], bytes] | Callable[[bytes, str], bytes] | None = None,
        decrypt: Callable[[bytes], bytes | None] | Callable[[bytes, str], bytes | None] | None = None,
    ) -> None:
        if inspect.iscoroutinefunction(getattr(client, "execute_command", None)) != self._is_async:
            raise TypeError("RedisStore takes a client of redis, AsyncRedisStore one of redis.asyncio")
        if (encrypt is None) != (decrypt is None):
            raise TypeError("encrypt and decrypt go together")
        if getattr(client.get_encoder(), "decode_responses", False):
            message = "records are bytes: the client must have decode_responses=False"
            raise Error(message, "invalid_option", path="client")
        self._client = client
        self._encrypt = _hook(encrypt)
        self._decrypt = _hook(decrypt)


class RedisStore(_Redis):
    """A `Store` in Redis or Valkey, through a client of redis-py: `GET`, and `SET` with `EX` and `NX`.

    Redis keeps the time. As many threads as the client lets.
    """

    _is_async = False

    def get(self, key: str) -> bytes | None:
        """The value, while it lives."""
        with _failing():
            value = self._client.get(key)
            return None if value is None else self._decrypt(value, key)

    def put(self, key: str, value: bytes, ttl_s: int) -> None:
        """Keeps the value for `ttl_s` seconds, in place of an earlier one."""
        with _failing():
            if ttl_s > 0:
                self._client.set(key, self._encrypt(value, key), ex=ttl_s)
            else:
                self._client.delete(key)

    def put_new(self, key: str, value: bytes, ttl_s: int, tenant: str) -> bool:
        """Keeps the value unless there is another one under the key, which stays: False."""
        del tenant  # Redis counts for itself
        with _failing():
            is_new = ttl_s <= 0 or self._client.set(key, self._encrypt(value, key), ex=ttl_s, nx=True)
        return bool(is_new) or self.get(key) == value


class AsyncRedisStore(_Redis):
    """`RedisStore` through a client of redis.asyncio, for `aresolve` and `aremember`."""

    _is_async = True

    async def get(self, key: str) -> bytes | None:
        """The value, while it lives."""
        with _failing():
            value = await self._client.get(key)
            return None if value is None else self._decrypt(value, key)

    async def put(self, key: str, value: bytes, ttl_s: int) -> None:
        """Keeps the value for `ttl_s` seconds, in place of an earlier one."""
        with _failing():
            if ttl_s > 0:
                await self._client.set(key, self._encrypt(value, key), ex=ttl_s)
            else:
                await self._client.delete(key)

    async def put_new(self, key: str, value: bytes, ttl_s: int, tenant: str) -> bool:
        """Keeps the value unless there is another one under the key, which stays: False."""
        del tenant  # Redis counts for itself
        with _failing():
            is_new = ttl_s <= 0 or await self._client.set(key, self._encrypt(value, key), ex=ttl_s, nx=True)
        return bool(is_new) or await self.get(key) == value


def _hook(given: Any) -> Callable[[Any, str], Any]:
    """The caller's, with the key for one that asks for it."""
    if given is None:
        return lambda value, key: value
    return given if _takes_key(given) else lambda value, key: given(value)


def _takes_key(hook: Any) -> bool:
    """Only where it must be given: other functions have further arguments, such as the `ttl` of Fernet."""
    try:
        parameters = inspect.signature(hook).parameters.values()
    except ValueError:  # of some builtins
        return False
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(each.kind in positional and each.default is each.empty for each in parameters) == 2


@contextmanager
def _failing() -> Iterator[None]:
    """Cancellation is no failure of the store."""
    try:
        yield
    except Exception as cause:
        raise Error(f"cannot use the store: {cause}", "store") from cause
