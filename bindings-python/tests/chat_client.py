"""The official client as a reader of chat streams: what it ends up with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import openai
from fold import Folded
from official import Official

ASK: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "?"}]}


class ChatClient(Official):
    def by_chunks(self, body: Iterable[bytes]) -> Folded:
        """`create(stream=True)`, folded by hand."""
        self.body = body
        seen = Folded()
        calls: list[list[str]] = []
        roles = []
        try:
            for chunk in self.openai.chat.completions.create(stream=True, **ASK):
                assert seen.usage is None, "the usage chunk is the last one"
                seen.usage = dump(chunk.usage)
                for choice in chunk.choices:
                    assert seen.finish is None, "the finish chunk is the last one with a choice"
                    seen.finish = choice.finish_reason
                    delta = choice.delta
                    roles += [delta.role] if delta.role else []
                    seen.content += delta.content or ""
                    seen.refusal += delta.refusal or ""
                    seen.reasoning += reasoning(delta)
                    take_lists(seen, delta)
                    for call in delta.tool_calls or []:
                        if call.index == len(calls):
                            calls.append([call.id or "", "", ""])
                        for at, text in enumerate(function(call), 1):
                            calls[call.index][at] += text
            assert roles == ["assistant"]
        except openai.APIError as error:
            return refused(error)
        seen.calls = [(call_id, name, arguments) for call_id, name, arguments in calls]
        return seen

    def by_snapshot(self, body: Iterable[bytes]) -> Folded:
        """The `stream()` helper. Its final getter refuses length and content_filter, so: the snapshot."""
        self.body = body
        try:
            with self.openai.chat.completions.stream(**ASK) as stream:
                for _ in stream:
                    pass
                snapshot = stream.current_completion_snapshot
        except openai.APIError as error:
            return refused(error)
        [choice] = snapshot.choices
        assert choice.message.role == "assistant"
        seen = Folded(
            content=choice.message.content or "",
            refusal=choice.message.refusal or "",
            reasoning=reasoning(choice.message),
            calls=[(call.id, *function(call)) for call in choice.message.tool_calls or []],
            finish=choice.finish_reason,
            usage=dump(snapshot.usage),
        )
        take_lists(seen, choice.message)
        return seen


def refused(error: openai.APIError) -> Folded:
    assert type(error) is openai.APIError, error  # not a connection or decoding problem
    return Folded(failed=True, message=error.message)


def reasoning(delta: Any) -> str:
    extra = delta.model_extra or {}
    return extra.get("reasoning_content") or extra.get("reasoning") or ""


def take_lists(seen: Folded, message: Any) -> None:
    members = message.model_dump(exclude_unset=True)
    seen.annotations += members.get("annotations") or []
    for image in members.get("images") or []:
        assert image["index"] == len(seen.images)
        seen.images.append(image["image_url"]["url"])


def function(call: Any) -> tuple[str, str]:
    """Name and text of a function call, or of a custom one, which this client does not know in streams."""
    if call.function is not None:
        return call.function.name or "", call.function.arguments or ""
    custom = call.model_extra["custom"]
    return custom.get("name") or "", custom.get("input") or ""


def dump(usage: Any) -> dict[str, Any] | None:
    return None if usage is None else dict(usage.model_dump(exclude_unset=True))
