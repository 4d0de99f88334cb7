"""The conversations of the fixtures over memory, and what stores may rely on."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import inspect
import json
import threading
from pathlib import Path
from typing import Any

import pytest
from cases import RECORDINGS, Case, caught, discover
from sluicegate import Continuation, Error, Expanded, MemoryStore, Record
from turns import CONTINUED, FIRST, HELLO, NEXT, answered, normalized, turns

CASES = discover("continuation")
TENANT = Continuation("tenant-1")


class Plain:
    """A host's own store, as the Protocol says: two methods."""

    def __init__(self) -> None:
        self.records: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        return self.records.get(key)

    def put(self, key: str, value: bytes, ttl_s: int) -> None:
        assert type(value) is bytes and ttl_s == 3600
        self.records[key] = value


class Awaited(Plain):
    async def get(self, key: str) -> bytes | None:  # type: ignore[override]
        return super().get(key)

    async def put(self, key: str, value: bytes, ttl_s: int) -> None:  # type: ignore[override]
        super().put(key, value, ttl_s)


def test_there_are_cases() -> None:
    assert len(CASES) > 20


@pytest.mark.parametrize("case", CASES, ids=str)
def test_fixture(case: Case) -> None:
    store = MemoryStore()
    for turn in turns(case):
        turn.replay(store, now_ms=turn.now_ms)


@pytest.mark.skipif(RECORDINGS is None, reason="no recordings")
def test_recording_of_a_tool_loop() -> None:
    folder, store, tenant = Path(str(RECORDINGS)), MemoryStore(), Continuation("r", record_unstored=True)
    own: list[Any] = [{"role": "user", "content": "(12 + 7) * 3 * 10?"}]
    request: dict[str, Any] = {"model": "gpt-5.1-codex-max", "store": False}
    history: list[Any] = []
    for nth in range(1, 5):
        history += own
        expanded = tenant.resolve(store, request | {"input": own}, now_ms=nth)
        sent = normalized(expanded, "codex/account-1")
        assert json.loads(expanded.body)["input"] == sent.json()["input"] == history
        upstream = (folder / f"reasoning-encrypted-{nth}.sse").read_bytes()
        response = answered(sent, expanded, upstream)
        assert tenant.remember(store, expanded, response, origin="codex/account-1", now_ms=nth) is None
        parsed = json.loads(response)
        history += parsed["output"]
        request["previous_response_id"] = parsed["id"]
        calls = [item["call_id"] for item in parsed["output"] if "call_id" in item]
        own = [{"type": "function_call_output", "call_id": call, "output": "19"} for call in calls]
    assert (len(history), sum(item.get("type") == "reasoning" for item in history)) == (9, 1)


def test_a_key_is_the_digest_of_scope_and_id() -> None:
    digest = hashlib.sha256(b"\x08\0\0\0tenant-1resp_1").hexdigest()
    assert TENANT.key("resp_1") == f"sluicegate:1:{digest}" == TENANT.lookup(NEXT)
    assert Continuation(b"tenant-1").key("resp_1") == TENANT.key("resp_1")
    assert TENANT.lookup({"input": "Hi"}) is None
    assert Continuation(b"\xff").ttl_s == 3600
    assert Continuation(bytearray(b"a"), ttl_s=7, record_unstored=None).ttl_s == 7


@pytest.mark.parametrize("scope", ["", b"", "\ud800"])
def test_a_scope_must_be_named(scope: Any) -> None:
    error = caught(lambda: Continuation(scope))
    assert (error.code, error.path) == ("invalid_option", "scope")


@pytest.mark.parametrize("options", [{"ttl": 1}, {"ttl_s": -1}, {"record_unstored": 1}])
def test_a_wrong_option(options: Any) -> None:
    error = caught(lambda: Continuation("a", **options))
    assert (error.code, [error.path]) == ("invalid_option", list(options))


def test_wrong_types() -> None:
    wrong: Any = 1
    for call in [
        lambda: Continuation(wrong),
        lambda: TENANT.expand(NEXT, wrong),
        lambda: TENANT.key(wrong),
        lambda: TENANT.record(FIRST, wrong),
    ]:
        with pytest.raises(TypeError):
            call()
    with pytest.raises(AttributeError):
        TENANT.record(wrong, HELLO)


def test_the_steps_without_a_store() -> None:
    record = TENANT.record(FIRST, HELLO, origin="codex/a")
    assert isinstance(record, Record)
    expanded = TENANT.expand(NEXT, record.value)
    assert expanded == Expanded(CONTINUED, "resp_1", "codex/a")
    assert TENANT.expand(NEXT.decode(), bytearray(record.value)) == expanded
    assert TENANT.expand(json.loads(NEXT), memoryview(record.value)) == expanded
    for missing in [None, b"", record.value[:-1], b"\x02" + record.value[1:]]:
        error = caught(lambda missing=missing: TENANT.expand(NEXT, missing))
        assert (error.code, error.status) == ("previous_response_not_found", 400)
        assert error.envelope is not None and error.envelope["error"]["param"] == "previous_response_id"
    assert TENANT.record(FIRST, {"status": "failed"}) == "not_completed"
    assert caught(lambda: TENANT.record(FIRST, b"{")).code == "invalid_json"


def test_a_store_of_ones_own() -> None:
    store = Plain()
    assert TENANT.remember(store, TENANT.resolve(store, FIRST.body), HELLO) is None
    assert TENANT.resolve(store, NEXT).body == CONTINUED
    assert caught(lambda: Continuation("tenant-2").resolve(store, NEXT)).code == "previous_response_not_found"
    assert TENANT.remember(store, Expanded(b'{"input":"Hi","store":false}'), HELLO) == "unstored"


def test_an_asynchronous_store_of_ones_own() -> None:
    async def talk() -> None:
        store = Awaited()
        assert await TENANT.aremember(store, await TENANT.aresolve(store, FIRST.body), HELLO) is None
        assert (await TENANT.aresolve(store, NEXT)).body == CONTINUED
        assert await TENANT.aremember(store, FIRST, b"{}") == "not_completed"
        wrong: Any = store
        for call in [lambda: TENANT.resolve(wrong, NEXT), lambda: TENANT.remember(wrong, FIRST, HELLO)]:
            with pytest.raises(TypeError, match="use aresolve"):
                call()

    asyncio.run(talk())


OTHER = Expanded(b'{"input":"Other"}')


def test_a_taken_id_is_refused() -> None:
    for store in (Plain(), MemoryStore()):
        assert TENANT.remember(store, FIRST, HELLO) is None
        assert TENANT.remember(store, FIRST, HELLO) is None, "the same again"
        assert TENANT.remember(store, OTHER, HELLO) == "id_taken"
        assert Continuation("tenant-2").remember(store, OTHER, HELLO) is None
        assert TENANT.resolve(store, NEXT).body == CONTINUED

    async def talk() -> None:
        store = Awaited()
        assert await TENANT.aremember(store, FIRST, HELLO) is None
        assert await TENANT.aremember(store, OTHER, HELLO) == "id_taken"
        assert (await TENANT.aresolve(store, NEXT)).body == CONTINUED

    asyncio.run(talk())


def test_a_store_that_is_not_awaited_serves_both() -> None:
    async def talk() -> None:
        store = MemoryStore()
        assert await TENANT.aremember(store, FIRST, HELLO) is None
        assert (await TENANT.aresolve(store, NEXT)).body == CONTINUED

    asyncio.run(talk())


def test_a_store_may_refuse_by_itself() -> None:
    class Own(Plain):
        def put_new(self, key: str, value: bytes, ttl_s: int, tenant: str) -> bool:
            assert (tenant, ttl_s) == (TENANT.tenant, 3600)
            return self.records.setdefault(key, value) == value

        def get(self, key: str) -> bytes | None:
            raise AssertionError("not asked first")

    class AwaitedOwn(Own):
        async def put_new(self, key: str, value: bytes, ttl_s: int, tenant: str) -> bool:  # type: ignore[override]
            return super().put_new(key, value, ttl_s, tenant)

    store = Own()
    assert [TENANT.remember(store, turn, HELLO) for turn in (FIRST, FIRST, OTHER)] == [None, None, "id_taken"]

    async def talk() -> list[object]:
        awaited: Any = AwaitedOwn()
        with pytest.raises(TypeError, match="use aresolve"):
            TENANT.remember(awaited, FIRST, HELLO)
        return [await TENANT.aremember(awaited, turn, HELLO) for turn in (FIRST, FIRST, OTHER)]

    assert asyncio.run(talk()) == [None, None, "id_taken"]


def test_records_are_authenticated_with_keys() -> None:
    def keyed(*keys: int) -> Continuation:
        return Continuation("tenant-1", mac_keys=[bytes([key] * 32).hex() for key in keys])

    def made(tenant: Continuation) -> bytes:
        record = tenant.record(FIRST, HELLO)
        assert isinstance(record, Record)
        return record.value

    value = made(keyed(1))
    scope = b"\x08\0\0\0tenant-1"
    assert value[:33] == b"\2" + hmac.digest(b"\1" * 32, scope + value[33:], "sha256")
    forged = b"\1" + hashlib.sha256(scope + value[33:]).digest() + value[33:]
    assert TENANT.expand(NEXT, forged).body == CONTINUED, "without keys anybody can"
    for tenant, record in [(keyed(1), forged), (keyed(1), made(keyed(2))), (TENANT, value)]:
        assert caught(lambda t=tenant, r=record: t.expand(NEXT, r)).code == "previous_response_not_found"
    for record in (value, made(keyed(2))):
        assert keyed(2, 1).expand(NEXT, record).body == CONTINUED
    for wrong in (["1" * 62], ["x" * 64], "1" * 64, [1]):
        error = caught(lambda wrong=wrong: Continuation("tenant-1", mac_keys=wrong))
        assert (error.code, error.path) == ("invalid_option", "mac_keys")


def test_what_a_store_raises_comes_through() -> None:
    class Lost(Plain):
        def get(self, key: str) -> bytes | None:
            raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        TENANT.resolve(Lost(), NEXT)
    assert TENANT.resolve(Lost(), FIRST.body) == FIRST, "nothing to look up"


# --- memory


def test_a_record_lives_for_its_time() -> None:
    store = MemoryStore()
    store.put("a", b"1", 2, now_ms=1000)
    assert store.get("a", now_ms=2999) == b"1"
    assert store.get("a", now_ms=3000) is None
    store.put("a", bytearray(b"2"), 3600)
    assert store.get("a") == b"2", "by the system's clock"
    assert store.get("a", now_ms=1 << 62) is None


def test_the_least_used_goes_first() -> None:
    store = MemoryStore(max_entries=2, max_bytes=10)
    for key in "ab":
        store.put(key, b"1", 60, now_ms=0)
    assert store.get("a", now_ms=0)
    store.put("c", b"1", 60, now_ms=0)
    assert [store.get(key, now_ms=0) for key in "abc"] == [b"1", None, b"1"]
    store.put("d", b"x" * 9, 60, now_ms=0)
    assert [store.get(key, now_ms=0) for key in "acd"] == [None, None, b"x" * 9]


def test_the_default_limits() -> None:
    """Those of the core, which the signature repeats."""
    store = MemoryStore()
    for nth in range(1025):
        store.put(str(nth), b"", 60, now_ms=0)
    assert (store.get("0", now_ms=0), store.get("1", now_ms=0)) == (None, b"")
    store = MemoryStore()
    for key in "abcdefgh":
        store.put(key, bytes((8 << 20) - 1), 60, now_ms=0)
    assert store.get("a", now_ms=0) is not None, "with their keys exactly 64 MiB"
    store.put("i", b"", 60, now_ms=0)
    assert store.get("b", now_ms=0) is None
    assert {p.default for p in inspect.signature(MemoryStore).parameters.values()} == {1024, 64 << 20}


def test_a_tenant_that_floods_memory_loses_its_own() -> None:
    store, quiet, loud = MemoryStore(max_entries=10, max_bytes=1 << 20), "quiet", "loud"
    for nth in range(5):
        assert store.put_new(f"{quiet}{nth}", b"1", 60, quiet, now_ms=0) is True
    for nth in range(1000):
        store.put_new(f"{loud}{nth}", b"1", 60, loud, now_ms=0)
    assert all(store.get(f"{quiet}{nth}", now_ms=0) for nth in range(5))
    assert sum(store.get(f"{loud}{nth}", now_ms=0) is not None for nth in range(1000)) == 5
    assert store.put_new(f"{quiet}0", b"2", 60, quiet, now_ms=0) is False
    assert store.put_new("by the clock", b"1", 60, quiet) is True


def test_threads_share_a_store() -> None:
    """Large enough to let go of the interpreter, too."""
    store, start, failures = MemoryStore(), threading.Barrier(16), []

    def work(nth: int) -> None:
        start.wait()
        own, large = Continuation(f"tenant-{nth}"), Expanded(b'{"input":"%b"}' % (b"x" * (nth << 14)))
        try:
            for _ in range(10):
                assert own.remember(store, large, HELLO) is None
                assert large.body[10:-2] in own.resolve(store, NEXT).body
        except (AssertionError, Error) as failure:
            failures.append(failure)

    workers = [threading.Thread(target=work, args=(nth,)) for nth in range(16)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not failures
