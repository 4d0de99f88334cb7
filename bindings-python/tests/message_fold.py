"""A plain fold of a Messages stream, or of one Message, into what a client must end up with."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Said:
    text: str = ""
    thinking: str = ""
    calls: list[tuple[str, str, object]] = field(default_factory=list)
    """Id, name, input."""
    usage: tuple[int, int] = (0, 0)
    """What was not cached, and the output."""
    stop: str | None = None
    error: str | None = None
    """The type of the failure that ends it."""


def read_events(stream: bytes) -> list[dict[str, Any]]:
    text = stream.decode().replace("\r\n", "\n")
    datas = [
        "\n".join(line[5:].removeprefix(" ") for line in block.split("\n") if line.startswith("data:"))
        for block in text.split("\n\n")
    ]
    return [json.loads(data) for data in datas if data.strip()]


def fold_events(stream: bytes) -> Said:
    message: dict[str, Any] = {"content": [], "usage": {}, "stop_reason": None}
    inputs: dict[int, str] = {}
    for event in read_events(stream):
        kind, at = event["type"], event.get("index", -1)
        if kind == "message_start":
            message |= event["message"]
        elif kind == "content_block_start":
            message["content"].append(event["content_block"])
        elif kind == "content_block_delta":
            add(message["content"][at], event["delta"])
            inputs[at] = inputs.get(at, "") + event["delta"].get("partial_json", "")
        elif kind == "message_delta":
            message |= event["delta"]
            message["usage"] |= {key: count for key, count in event["usage"].items() if count is not None}
        elif kind == "error":
            return Said(error=event["error"]["type"])
    for at, text in inputs.items():
        if text:
            message["content"][at]["input"] = json.loads(text)
    return fold_message(message)


def add(block: dict[str, Any], delta: dict[str, Any]) -> None:
    for member in ("text", "thinking"):
        if member in delta:
            block[member] += delta[member]


def fold_message(message: dict[str, Any]) -> Said:
    if message.get("type") == "error":
        return Said(error=message["error"]["type"])
    blocks = message["content"]
    usage = message["usage"]
    return Said(
        text="".join(block["text"] for block in blocks if block["type"] == "text"),
        thinking="".join(block["thinking"] for block in blocks if block["type"] == "thinking"),
        calls=[
            (block["id"], block["name"], block["input"]) for block in blocks if block["type"] == "tool_use"
        ],
        usage=(usage.get("input_tokens") or 0, usage.get("output_tokens") or 0),
        stop=message["stop_reason"],
    )
