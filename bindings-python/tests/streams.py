"""Small upstream streams, where a fixture would be more than the test needs."""

from __future__ import annotations

import json
from typing import Any


def sse(*events: dict[str, Any]) -> bytes:
    return b"".join(b"data: %s\n\n" % json.dumps(event).encode() for event in events)


def delta(text: str) -> dict[str, Any]:
    return {"type": "response.output_text.delta", "item_id": "msg_1", "output_index": 0, "delta": text}


CREATED = sse({"type": "response.created", "response": {"id": "resp_1", "model": "served"}})
USAGE = {"input_tokens": 3, "output_tokens": 1, "input_tokens_details": {"cached_tokens": 2}}
COMPLETED = sse({"type": "response.completed", "response": {"status": "completed", "usage": USAGE}})
FAILED = sse({"type": "response.failed", "response": {"status": "failed", "error": {"message": "Slow down"}}})
TEXT = [CREATED, sse(delta("Hi")), COMPLETED]
