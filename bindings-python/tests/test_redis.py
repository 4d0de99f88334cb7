"""Conversations over a real Redis, at `SLUICEGATE_REDIS` (`make test-redis`); and over a lost one."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
import redis
import redis.asyncio
import redis.asyncio.retry
import redis.backoff
import redis.retry
from cases import Case, caught, discover
from sluicegate import AsyncRedisStore, Continuation, Error, Expanded, RedisStore
from turns import CONTINUED, FIRST, HELLO, NEXT, is_timed, turns

URL = os.environ.get("SLUICEGATE_REDIS")
TIMEOUT_S = 0.3
CASES = [case for case in discover("continuation") if not is_timed(case)]
TENANT = Continuation("tenant-1")
real = pytest.mark.skipif(URL is None, reason="no SLUICEGATE_REDIS")


def connect(url: str, timeout_s: float = 10, **options: Any) -> redis.Redis:
    once = redis.retry.Retry(redis.backoff.NoBackoff(), 0)
    limits = {"socket_timeout": timeout_s, "socket_connect_timeout": timeout_s, "retry": once}
    return redis.Redis.from_url(url, **limits, **options)


def aconnect(url: str, timeout_s: float = 10, **options: Any) -> redis.asyncio.Redis:
    once = redis.asyncio.retry.Retry(redis.backoff.NoBackoff(), 0)
    limits = {"socket_timeout": timeout_s, "socket_connect_timeout": timeout_s, "retry": once}
    return redis.asyncio.Redis.from_url(url, **limits, **options)


@pytest.fixture
def client() -> Iterator[redis.Redis]:
    with connect(str(URL)) as client:
        client.flushdb()
        yield client
        client.flushdb()


@real
@pytest.mark.parametrize("case", CASES, ids=str)
def test_redis_fixture(case: Case, client: redis.Redis) -> None:
    for turn in turns(case):
        turn.replay(RedisStore(client))


@real
@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.usefixtures("client")
def test_aredis_fixture(case: Case) -> None:
    async def talk() -> None:
        async with aconnect(str(URL)) as client:
            for turn in turns(case):
                await turn.areplay(AsyncRedisStore(client))

    asyncio.run(talk())


@real
def test_redis_keeps_the_time(client: redis.Redis) -> None:
    store, key = RedisStore(client), TENANT.key("resp_1")
    assert TENANT.remember(store, FIRST, HELLO) is None
    assert 3590 <= client.ttl(key) <= 3600
    store.put(key, b"", 0)
    assert store.get(key) is None
    error = caught(lambda: store.put(key, b"1", (1 << 64) - 1))
    assert error.code == "store" and isinstance(error.__cause__, redis.ResponseError)
    assert store.get(key) is None, "and goes on"


@real
def test_a_damaged_value_in_redis_is_a_miss(client: redis.Redis) -> None:
    store, key = RedisStore(client), TENANT.key("resp_1")
    client.set(key, b"\x01\xff\0damaged")
    assert caught(lambda: TENANT.resolve(store, NEXT)).code == "previous_response_not_found"
    client.delete(key)
    client.lpush(key, "x")
    assert caught(lambda: TENANT.resolve(store, NEXT)).code == "store", "no string"


@real
def test_redis_has_only_what_was_encrypted(client: redis.Redis) -> None:
    def turned(value: bytes) -> bytes:
        return bytes(byte ^ 0x55 for byte in value)

    store = RedisStore(client, turned, turned)
    assert TENANT.remember(store, FIRST, HELLO) is None
    assert b"Hi" not in client.get(TENANT.key("resp_1"))
    assert TENANT.resolve(store, NEXT).body == CONTINUED
    for other in [RedisStore(client), RedisStore(client, turned, lambda value: None)]:
        assert caught(lambda other=other: TENANT.resolve(other, NEXT)).code == "previous_response_not_found"
    broken = RedisStore(client, turned, lambda value: bytes(1 // 0))
    assert isinstance(caught(lambda: TENANT.resolve(broken, NEXT)).__cause__, ZeroDivisionError)


@real
def test_a_taken_id_in_redis_is_refused(client: redis.Redis) -> None:
    store, other = RedisStore(client), Expanded(b'{"input":"Other"}')
    given = [TENANT.remember(store, turn, HELLO) for turn in (FIRST, FIRST, other)]
    assert given == [None, None, "id_taken"] and 3590 <= client.ttl(TENANT.key("resp_1")) <= 3600

    async def talk() -> list[object]:
        async with aconnect(str(URL)) as aclient:
            store = AsyncRedisStore(aclient)
            await aclient.flushdb()
            return [await TENANT.aremember(store, turn, HELLO) for turn in (FIRST, FIRST, other)]

    assert asyncio.run(talk()) == given
    assert TENANT.resolve(store, NEXT).body == CONTINUED
    assert store.put_new("other", b"1", 0, "tenant") is True and store.get("other") is None


@real
def test_two_processes_share_a_conversation_by_redis(client: redis.Redis) -> None:
    script = """
import redis, sys
from sluicegate import Continuation, Expanded, RedisStore
_, url, body, response = sys.argv
store = RedisStore(redis.Redis.from_url(url))
assert Continuation("tenant-1").remember(store, Expanded(body.encode()), response) is None
"""
    given = [str(URL), FIRST.body.decode(), HELLO.decode()]
    subprocess.run([sys.executable, "-c", script, *given], check=True)
    store = RedisStore(client)
    assert TENANT.resolve(store, NEXT).body == CONTINUED
    assert caught(lambda: Continuation("tenant-2").resolve(store, NEXT)).code == "previous_response_not_found"


@real
def test_a_redis_that_stops_answering(client: redis.Redis) -> None:
    with connect(str(URL), TIMEOUT_S) as own:
        store = RedisStore(own)
        store.put("a", b"1", 60)
        client.client_pause(1000, all=False)
        assert_in_time(lambda: caught(lambda: store.put("a", b"2", 60)))
        client.client_unpause()
        assert store.get("a") is not None


# --- lost; these need no server


@pytest.fixture(params=["not there", "never answers"])
def lost(request: pytest.FixtureRequest) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}"
        if request.param == "not there":
            silent.close()
        yield url


def test_a_lost_redis_is_an_error_in_time(lost: str) -> None:
    with connect(lost, TIMEOUT_S) as client:
        store = RedisStore(client)
        for call in [lambda: TENANT.resolve(store, NEXT), lambda: TENANT.remember(store, FIRST, HELLO)]:
            assert_lost(assert_in_time(lambda call=call: caught(call)))


def test_a_lost_aredis_is_an_error_in_time(lost: str) -> None:
    async def talk() -> list[Error]:
        errors = []
        async with aconnect(lost, TIMEOUT_S) as client:
            store = AsyncRedisStore(client)
            for call in [TENANT.aresolve(store, NEXT), TENANT.aremember(store, FIRST, HELLO)]:
                with pytest.raises(Error) as raised:
                    await call
                errors.append(raised.value)
        return errors

    for error in assert_in_time(lambda: asyncio.run(talk())):
        assert_lost(error)


def test_cancelling_is_no_failure_of_redis() -> None:
    async def talk() -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            async with aconnect(f"redis://127.0.0.1:{silent.getsockname()[1]}") as client:
                with pytest.raises(asyncio.TimeoutError):
                    await asyncio.wait_for(TENANT.aresolve(AsyncRedisStore(client), NEXT), 0.1)

    asyncio.run(talk())


def assert_lost(error: Error) -> None:
    assert error.code == "store" and error.envelope is None
    assert isinstance(error.__cause__, redis.ConnectionError | redis.TimeoutError)
    assert str(error).startswith("cannot use the store: ")


def assert_in_time(call: Any) -> Any:
    began = time.monotonic()
    result = call()
    assert time.monotonic() - began < 10 * TIMEOUT_S
    return result


# --- wrong clients of redis


@pytest.mark.parametrize(("connected", "store"), [(connect, RedisStore), (aconnect, AsyncRedisStore)])
def test_redis_must_give_bytes(connected: Any, store: Any) -> None:
    client = connected("redis://127.0.0.1", decode_responses=True)
    error = caught(lambda: store(client))
    assert (error.code, error.path) == ("invalid_option", "client")
    assert "decode_responses" in str(error)


@pytest.mark.parametrize(("connected", "store"), [(aconnect, RedisStore), (connect, AsyncRedisStore)])
def test_redis_of_the_other_kind(connected: Any, store: Any) -> None:
    with pytest.raises(TypeError, match=r"redis\.asyncio"):
        store(connected("redis://127.0.0.1"))


def test_redis_encrypts_both_ways() -> None:
    with pytest.raises(TypeError, match="go together"):
        RedisStore(connect("redis://127.0.0.1"), encrypt=bytes)
