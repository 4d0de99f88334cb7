"""A plain fold of a whole Responses stream into what a chat client must end up with.

Written from the specification, on purpose without the transcoder's ideas: no increments, no offsets, only
dictionaries. Terminal output if it has items, else finished items, else deltas.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

TRUNCATED = "upstream stream truncated before a terminal event"
TERMINAL = {
    "response.completed": "completed",
    "response.done": "completed",
    "response.incomplete": "incomplete",
    "response.failed": "failed",
}


@dataclass
class Folded:
    content: str = ""
    refusal: str = ""
    reasoning: str = ""
    calls: list[tuple[str, str, str]] = field(default_factory=list)
    """Id, name, arguments."""
    images: list[str] = field(default_factory=list)
    annotations: list[dict[str, Any]] = field(default_factory=list)
    finish: str | None = None
    usage: dict[str, Any] | None = None
    failed: bool = False
    message: str | None = None
    """Of the error; None where the upstream gave none."""


def fold_sse(body: bytes, options: dict[str, Any]) -> Folded:
    """A stream, or a whole Response as JSON."""
    try:
        document = json.loads(body.decode("utf-8", "replace"))
        status = "failed" if document.get("error") and "output" in document else document["status"]
        return fold([(json.dumps({"type": "response." + status, "response": document}), "")], options)
    except (ValueError, KeyError):
        pass
    text = body.decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    frames = []
    for block in text.split("\n\n"):
        data, name = [], ""
        for line in block.split("\n"):
            key, _, value = line.partition(":")
            if key == "data":
                data.append(value.removeprefix(" "))
            elif key == "event":
                name = value.removeprefix(" ")
        if data:
            frames.append(("\n".join(data), name))
    return fold(frames, options)


def fold_frames(frames: list[str], options: dict[str, Any]) -> Folded:
    return fold([(frame, "") for frame in frames], options)


def fold(frames: list[tuple[str, str]], options: dict[str, Any]) -> Folded:
    items = Items()
    for data, name in frames:
        if data.strip() == "[DONE]" and options.get("done_is_complete"):
            return completed(items.output(), "completed", {}, options, items)
        try:
            event = json.loads(data)
        except ValueError:
            continue
        if not isinstance(event, dict):
            continue
        kind = event.get("type") or name
        if kind == "error":
            error = event.get("error")
            return failed(error if isinstance(error, dict) else event)
        if kind not in TERMINAL:
            items.take(kind, event)
            continue
        response = event.get("response") or {}
        status = response.get("status")
        if status not in ("completed", "incomplete", "failed", "cancelled"):
            status = "failed" if response.get("error") else TERMINAL[kind]
        if status in ("failed", "cancelled"):
            return failed(response.get("error") or {})
        return completed(response.get("output") or items.output(), status, response, options, items)
    return failed({"message": TRUNCATED})


def failed(error: dict[str, Any]) -> Folded:
    return Folded(failed=True, message=error.get("message"))


def completed(
    output: list[dict[str, Any]], status: str, response: dict[str, Any], options: dict[str, Any], items: Items
) -> Folded:
    content = ""
    separator = options.get("message_separator", "\n\n")
    context = Context(options.get("context") or {})
    refusals, thoughts, calls, annotations = [], [], [], []
    images = list(items.partials) if options.get("partial_images") else []
    for item in output:
        if item["type"] == "message":
            refusals += texts(item, "content", "refusal", "refusal")
            parts = texts(item, "content", "output_text", "text")
            if item.get("phase") == "commentary" and options.get("commentary") == "reasoning":
                thoughts += parts
                continue
            content += separator if content and parts else ""
            for part in item.get("content") or []:
                annotations += citations(part, len(content))
                content += part.get("text") or "" if part["type"] == "output_text" else ""
        elif item["type"] == "image_generation_call" and item.get("result"):
            images.append(data_url(item, "result"))
        elif item["type"] == "reasoning":
            summary = texts(item, "summary", "summary_text", "text")
            raw = texts(item, "content", "reasoning_text", "text")
            thoughts += raw if items.raw_first(item) or not summary else summary
        elif item["type"] == "function_call":
            calls.append((*context.known(item), item.get("arguments") or ""))
        elif item["type"] == "custom_tool_call":
            text = item.get("input") or ""
            call_id, name = context.known(item)
            if context.custom_tools and name not in context.custom_tools:
                continue  # a tool of the upstream's own
            form = options.get("custom_tools") or ("custom" if context.custom_tools else "function")
            wrapped = json.dumps({"input": text}, ensure_ascii=False, separators=(",", ":"))
            calls.append((call_id, name, wrapped if form == "function" else text))
    if options.get("images") == "markdown":
        for url in images:
            content += (separator if content else "") + f"![image]({url})"
    reason = (response.get("incomplete_details") or {}).get("reason")
    if status == "incomplete":
        finish = {"content_filter": "content_filter", "steered": "stop", "interrupted": "stop"}.get(
            reason, "length"
        )
    else:
        finish = "tool_calls" if calls else "stop"
    return Folded(
        content=content,
        refusal="".join(refusals),
        reasoning="" if options.get("reasoning") == "off" else "\n\n".join(thoughts),
        calls=calls,
        images=images if options.get("images", "data_url") == "data_url" else [],
        annotations=annotations,
        finish=finish,
        usage=usage(response.get("usage")),
    )


class Context:
    """What the request was given instead of the client's own names and ids."""

    def __init__(self, context: dict[str, Any]) -> None:
        self.names, self.call_ids = context.get("names") or {}, context.get("call_ids") or {}
        self.custom_tools = context.get("custom_tools") or []

    def known(self, item: dict[str, Any]) -> tuple[str, str]:
        """Call id and name, as the client knows them."""
        call_id, name = item.get("call_id") or item["id"], item["name"]
        return self.call_ids.get(call_id, call_id), self.names.get(name, name)


def texts(item: dict[str, Any], member: str, kind: str, key: str) -> list[str]:
    return [part[key] for part in item.get(member) or [] if part.get("type") == kind and part.get(key)]


def citations(part: dict[str, Any], offset: int) -> list[dict[str, Any]]:
    """In the nested chat form, offsets in the whole content, the same one once."""
    found: list[dict[str, Any]] = []
    for given in part.get("annotations") or []:
        if given.get("type") == "url_citation":
            cited = {key: given[key] for key in ("url", "title") if key in given}
            cited |= {key: given[key] + offset for key in ("start_index", "end_index")}
            nested = {"type": "url_citation", "url_citation": cited}
            found += [nested] if nested not in found else []
    return found


def data_url(item: dict[str, Any], member: str) -> str:
    magic = {"iVBORw0KGgo": "png", "/9j/": "jpeg", "R0lGOD": "gif", "UklGR": "webp"}
    seen = [kind for start, kind in magic.items() if item[member].startswith(start)]
    kind = seen[0] if seen else item.get("output_format") or "png"
    return f"data:image/{kind};base64,{item[member]}"


MEDIA = ("text_tokens", "image_tokens")


def usage(given: dict[str, Any] | None) -> dict[str, Any] | None:
    if not given:
        return None
    prompt, completion = given.get("input_tokens", 0), given.get("output_tokens", 0)
    folded = {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": given.get("total_tokens", prompt + completion),
    }
    for source, target, names in [
        ("input_tokens_details", "prompt_tokens_details", ("cached_tokens", "cache_write_tokens", *MEDIA)),
        ("output_tokens_details", "completion_tokens_details", ("reasoning_tokens", *MEDIA)),
    ]:
        details = given.get(source) or {}
        if kept := {name: details[name] for name in names if details.get(name) is not None}:
            folded[target] = kept
    return folded


class Items:
    """What the stream had of each item, in order of appearance; a finished item replaces its deltas."""

    def __init__(self) -> None:
        self.keys: dict[str, Any] = {}
        self.items: dict[Any, dict[str, Any]] = {}
        self.raw: dict[Any, bool] = {}
        self.partials: list[str] = []

    def take(self, kind: str, event: dict[str, Any]) -> None:
        if kind in ("response.output_item.added", "response.output_item.done"):
            item = dict(event["item"])
            self.items[self.key(item.get("id"), event)] = item
            return
        for prefix, (item_type, member, part_type, text) in PARTS.items():
            if kind in (prefix + ".delta", prefix + ".done"):
                key = self.key(event.get("item_id"), event)
                self.raw.setdefault(key, member == "content" and item_type == "reasoning")
                item = self.items.setdefault(key, {"type": item_type})
                nth = event.get("summary_index" if member == "summary" else "content_index", 0)
                parts = item.setdefault(member, [])
                parts += [{"type": part_type, text: ""} for _ in range(nth + 1 - len(parts))]
                got = parts[nth].get(text, "") + event["delta"] if "delta" in event else event[text]
                parts[nth] = parts[nth] | {"type": part_type, text: got}
        if kind == "response.image_generation_call.partial_image":
            self.partials.append(data_url(event, "partial_image_b64"))
        if kind == "response.output_text.annotation.added":
            item = self.items[self.key(event.get("item_id"), event)]
            item["content"][event["content_index"]].setdefault("annotations", []).append(event["annotation"])
        for prefix, (item_type, member) in STRINGS.items():
            if kind in (prefix + ".delta", prefix + ".done"):
                key = self.key(event.get("item_id"), event)
                item = self.items.setdefault(key, {"type": item_type})
                got = (item.get(member) or "") + event["delta"] if "delta" in event else event[member]
                item[member] = got
                item |= {name: event[name] for name in ("call_id", "name") if event.get(name)}

    def key(self, item_id: str | None, event: dict[str, Any]) -> Any:
        key = self.keys.get(item_id or "", event.get("output_index", item_id))
        if item_id:
            self.keys[item_id] = key
        return key

    def output(self) -> list[dict[str, Any]]:
        return list(self.items.values())

    def raw_first(self, item: dict[str, Any]) -> bool:
        return self.raw.get(self.keys.get(item.get("id") or ""), False)


PARTS = {
    "response.output_text": ("message", "content", "output_text", "text"),
    "response.refusal": ("message", "content", "refusal", "refusal"),
    "response.reasoning_summary_text": ("reasoning", "summary", "summary_text", "text"),
    "response.reasoning_text": ("reasoning", "content", "reasoning_text", "text"),
    "response.reasoning": ("reasoning", "content", "reasoning_text", "text"),
}
STRINGS = {
    "response.function_call_arguments": ("function_call", "arguments"),
    "response.custom_tool_call_input": ("custom_tool_call", "input"),
}
