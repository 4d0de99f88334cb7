"""A plain fold of a whole chat stream: what a Responses client must end up with.

Only for streams without the oddities of real servers: calls by their index, members by their name.
"""

from __future__ import annotations

import json
from typing import Any

from cases import compact
from fold import Folded


def fold_chat(body: bytes) -> Folded:
    seen, calls = Folded(), dict[int, list[str]]()
    for block in body.decode().replace("\r\n", "\n").split("\n\n"):
        data = block.removeprefix("data:").strip()
        if not data or data == "[DONE]":
            continue
        chunk = json.loads(data)
        if "error" in chunk:
            return Folded(failed=True, message=chunk["error"]["message"])
        seen.usage = chunk.get("usage") or seen.usage
        for choice in chunk["choices"]:
            take(seen, calls, choice["delta"])
            seen.finish = choice.get("finish_reason") or seen.finish
    seen.calls = [(call_id, name, arguments or "{}") for call_id, name, arguments in calls.values()]
    if seen.finish not in ("length", "content_filter"):
        seen.finish = "tool_calls" if seen.calls else "stop"
    return seen


def fold_completion(body: dict[str, Any]) -> Folded:
    """A chat.completion, or an error envelope."""
    if "error" in body:
        return Folded(failed=True, message=body["error"]["message"])
    [choice] = body["choices"]
    message = choice["message"]
    inner = [(call["id"], call.get("function") or call["custom"]) for call in message.get("tool_calls") or []]
    return Folded(
        content=message["content"] or "",
        refusal=message["refusal"] or "",
        reasoning=message.get("reasoning_content") or message.get("reasoning") or "",
        calls=[
            (call_id, own["name"], own.get("arguments") or own.get("input", "")) for call_id, own in inner
        ],
        images=[image["image_url"]["url"] for image in message.get("images") or []],
        annotations=message.get("annotations") or [],
        finish=choice["finish_reason"],
        usage=body.get("usage"),
    )


def take(seen: Folded, calls: dict[int, list[str]], delta: dict[str, Any]) -> None:
    seen.content += text(delta.get("content"))
    seen.refusal += delta.get("refusal") or ""
    for call in delta.get("tool_calls") or []:
        known = calls.setdefault(call["index"], ["", "", ""])
        known[0] = known[0] or call.get("id") or ""
        function = call.get("function") or call.get("custom") or {}
        known[1] = known[1] or function.get("name") or ""
        arguments = function.get("arguments") or function.get("input") or ""
        known[2] += arguments if isinstance(arguments, str) else compact(arguments).decode()


def text(content: Any) -> str:
    """A string, or parts."""
    if not isinstance(content, list):
        return content or ""
    return "".join(part["text"] for part in content if part["type"] == "text")


def billed(usage: dict[str, Any] | None) -> dict[str, Any] | None:
    """The three totals, and the details that Responses have, too."""
    if usage is None:
        return None
    prompt, completion = (
        usage.get(name) or {} for name in ("prompt_tokens_details", "completion_tokens_details")
    )
    return {name: usage[name] for name in ("prompt_tokens", "completion_tokens", "total_tokens")} | {
        "cached_tokens": prompt.get("cached_tokens") or 0,
        "reasoning_tokens": completion.get("reasoning_tokens") or 0,
    }
