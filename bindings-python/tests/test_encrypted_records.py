"""The recipe of docs/guides/encrypted-records.md, as it stands there: it opens nothing but its own record."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from cases import caught
from sluicegate import Continuation, Expanded, RedisStore
from turns import CONTINUED, FIRST, HELLO, NEXT

PAGE = Path(__file__).parents[2].joinpath("docs/guides/encrypted-records.md").read_text()
TENANT = Continuation("tenant-1")
SEALED = "07000102030405060708090a0b2622a669aa88b26f886f28c09b347386162929244c4227a1"


class Redis:
    """As much of a client as the store asks for."""

    def __init__(self) -> None:
        self.values: dict[str, bytes] = {}

    def execute_command(self) -> None:
        """Tells that it is not asynchronous."""

    def get_encoder(self) -> None:
        """Without `decode_responses`."""

    def get(self, key: str) -> bytes | None:
        return self.values.get(key)

    def set(self, key: str, value: bytes, ex: int, nx: bool = False) -> bool | None:
        assert ex == 3600
        if nx and key in self.values:
            return None
        self.values[key] = value
        return True


@pytest.fixture
def recipe() -> dict[str, Any]:
    """What the page's program defines."""
    program = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[0]
    defined: dict[str, Any] = {}
    exec(program, defined)
    return defined


def sealing(recipe: dict[str, Any]) -> tuple[RedisStore, dict[str, bytes]]:
    client = Redis()
    return RedisStore(client, recipe["encrypt"], recipe["decrypt"]), client.values


def test_a_conversation_goes_on(recipe: dict[str, Any]) -> None:
    store, values = sealing(recipe)
    assert TENANT.remember(store, FIRST, HELLO) is None
    [value] = values.values()
    assert b"Hi" not in value and b"input" not in value
    assert TENANT.resolve(store, NEXT).body == CONTINUED
    assert TENANT.remember(store, FIRST, HELLO) is None, "the same again, sealed with another nonce"
    assert TENANT.remember(store, Expanded(b'{"input":"Other"}'), HELLO) == "id_taken"


def test_a_record_opens_only_where_it_was_put(recipe: dict[str, Any]) -> None:
    store, values = sealing(recipe)
    other = Continuation("tenant-2")
    TENANT.remember(store, FIRST, HELLO)
    value = values.pop(TENANT.key("resp_1"))
    forged = [value[:at] + bytes([value[at] ^ 1]) + value[at + 1 :] for at in range(len(value))]
    for key, put in [
        (TENANT.key("resp_2"), value),
        (other.key("resp_1"), value),
        *(
            (TENANT.key("resp_1"), each)
            for each in [*forged, b"", b"\2", value[:13], value[:-1], value + b"\0"]
        ),
    ]:
        values.clear()
        values[key] = put
        assert store.get(key) is None
    assert caught(lambda: TENANT.resolve(store, NEXT)).code == "previous_response_not_found"


def test_keys_change(recipe: dict[str, Any]) -> None:
    store, values = sealing(recipe)
    keys, old = recipe["KEYS"], dict(recipe["KEYS"])
    TENANT.remember(store, FIRST, HELLO)
    assert next(iter(values.values()))[0] == 2
    keys.clear()
    keys.update({3: bytes(32), 2: old[2]})
    assert TENANT.resolve(store, NEXT).body == CONTINUED, "of the key before"
    assert TENANT.remember(store, FIRST, HELLO.replace(b"resp_1", b"resp_2")) is None
    assert [value[0] for value in values.values()] == [2, 3]
    del keys[2]
    assert caught(lambda: TENANT.resolve(store, NEXT)).code == "previous_response_not_found"


def test_both_languages_seal_alike(recipe: dict[str, Any]) -> None:
    """The same value is in Node's `encrypted-records.test.mjs`."""
    recipe["KEYS"].clear()
    recipe["KEYS"][7] = bytes(range(32))
    assert recipe["decrypt"](bytes.fromhex(SEALED), "a key") == b"a prompt"


def test_a_hook_that_takes_no_key_gets_none() -> None:
    """So it was before hooks were given keys; a further argument with a default is not the key."""
    for hook in (lambda value: value[::-1], lambda value, ttl=None: value[::-1] if ttl is None else b""):
        client = Redis()
        store = RedisStore(client, hook, hook)
        store.put("a", b"12", 3600)
        assert (client.values["a"], store.get("a")) == (b"21", b"12")
