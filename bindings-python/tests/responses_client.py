"""The official client as a reader of Responses streams: what it ends up with."""

from __future__ import annotations

from typing import Any

from fold import Folded, usage
from official import Official

ASK: dict[str, Any] = {"model": "m", "input": "?"}
ENDS = ["response.completed", "response.incomplete", "response.failed"]


class ResponsesClient(Official):
    def by_events(self, body: bytes) -> Folded:
        """`create(stream=True)`: the response of the terminal event, which must be the only one."""
        self.body = [body]
        return fold_end(list(self.openai.responses.create(stream=True, **ASK)))

    def by_helper(self, body: bytes) -> Folded:
        """The `stream()` helper, which checks the order of events and whose items they belong to."""
        return fold_end(self.read_by_helper(body))

    def read_by_helper(self, body: bytes) -> list[Any]:
        self.body = [body]
        with self.openai.responses.stream(**ASK) as stream:
            return list(stream)


def fold_end(events: list[Any]) -> Folded:
    [end] = [event for event in events if event.type in ENDS]
    return fold_response(end.response, end.type)


def fold_response(response: Any, end: str) -> Folded:
    if end == "response.failed":
        return Folded(failed=True, message=response.error and response.error.message)
    seen = Folded(
        content=response.output_text,
        refusal="".join(part.refusal for part in parts(response) if part.type == "refusal"),
        calls=[call(item) for item in response.output if item.type in ("function_call", "custom_tool_call")],
        usage=usage(response.usage and response.usage.to_dict()),
    )
    if end == "response.incomplete":
        reason = response.incomplete_details and response.incomplete_details.reason
        seen.finish = {"content_filter": "content_filter", "steered": "stop", "interrupted": "stop"}.get(
            reason, "length"
        )
    else:
        seen.finish = "tool_calls" if seen.calls else "stop"
    return seen


def parts(response: Any) -> list[Any]:
    return [part for item in response.output if item.type == "message" for part in item.content or []]


def call(item: Any) -> tuple[str, str, str]:
    return item.call_id, item.name, item.arguments if item.type == "function_call" else item.input
