"""Parts of a request: tools, the choice of one, a conversation, the counts of an answer.

Input: what Python has parsed. Output: the same in another dialect. State: none; every decision is core's.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sluicegate._native import convert_part, usage_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from typing_extensions import Unpack

    from sluicegate._native import Profile
    from sluicegate.option_types import RequestOptions
    from sluicegate.request_types import ConvertedPart
    from sluicegate.types import Dialect

__all__ = ["convert_messages", "convert_tool_choice", "convert_tools", "convert_usage"]


def convert_tools(
    tools: Sequence[object],
    client: Dialect,
    *,
    upstream: Dialect,
    model: str | None = None,
    profile: str | Mapping[str, object] | Profile | None = None,
    **options: Unpack[RequestOptions],
) -> ConvertedPart:
    """Tools of a client's request as the upstream takes them, by the code of `convert_request`.

    `value` is the list; empty where none is left. `model`: its rules count; without one, none do.
    """
    return convert_part("tools", dumps(tools), None, (client, upstream, model), profile, options)


def convert_tool_choice(
    choice: str | Mapping[str, object],
    client: Dialect,
    *,
    upstream: Dialect,
    tools: Sequence[object] | None = None,
    model: str | None = None,
    profile: str | Mapping[str, object] | Profile | None = None,
    **options: Unpack[RequestOptions],
) -> ConvertedPart:
    """The choice of a tool as the upstream takes it; `value` is None where none is sent.

    `tools`: those of the request, in the client's form; without them, those that the choice names count as
    declared. What it says of parallel calls is in `changes`.
    """
    given = None if tools is None else dumps(tools)
    return convert_part("tool_choice", dumps(choice), given, (client, upstream, model), profile, options)


def convert_messages(
    messages: str | Sequence[object],
    client: Dialect,
    *,
    upstream: Dialect,
    model: str | None = None,
    profile: str | Mapping[str, object] | Profile | None = None,
    **options: Unpack[RequestOptions],
) -> ConvertedPart:
    """A conversation as the upstream takes it: the messages, or a Responses client's input.

    `value` has the members that it becomes: `messages`; `input`, `instructions`; `messages`, `system`.
    """
    return convert_part("messages", dumps(messages), None, (client, upstream, model), profile, options)


def convert_usage(
    usage: Mapping[str, object], from_dialect: Dialect, to_dialect: Dialect
) -> dict[str, Any] | None:
    """A `usage` object as another dialect has it; None where nothing was counted.

    Input tokens are with the cached ones in chat and Responses, and without them in Messages.
    """
    return usage_json(dumps(usage), from_dialect, to_dialect)


def dumps(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
