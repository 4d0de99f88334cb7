"""Generated streams whose fold is known, written by the Rust suite: the same here. `make` makes the file."""

from __future__ import annotations

import json
import random
from hashlib import sha256
from typing import Any

from cases import FIXTURES, consume

GENERATED = FIXTURES.parent / "target/generated.jsonl"


def test_generated() -> None:
    assert GENERATED.exists(), "make target/generated.jsonl"
    lines = GENERATED.read_bytes().decode().split("\n")[:-1]
    assert len(lines) >= 200
    for nth, line in enumerate(lines):
        check(json.loads(line), random.Random(nth))


def check(case: dict[str, Any], seeded: random.Random) -> None:
    data = case["input"].encode()
    cuts = sorted(seeded.choices(range(len(data) + 1), k=20))
    for pieces in [data], [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]:
        seen = consume(pieces, {})
        digests = {
            "chat": sha256(seen.chat).hexdigest(),
            "relayed": sha256(seen.relayed).hexdigest(),
            "response": sha256(seen.response).hexdigest(),
            "completion": sha256(seen.completion or b"").hexdigest(),
        }
        assert digests == case["sha256"]
        choice = json.loads(seen.completion or b"")["choices"][0]
        assert choice["finish_reason"] == case["finish_reason"]
        for member, got in case["message"].items():
            assert (choice["message"].get(member) or None) == got, member
        assert json.loads(seen.response)["output"] == case["output"]
