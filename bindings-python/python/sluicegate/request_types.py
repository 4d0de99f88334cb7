"""The values of requests that cross the border: what was changed, and the context for the answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypedDict

__all__ = [
    "Change",
    "ChatField",
    "ClientTool",
    "ConvertedPart",
    "ConvertedRequest",
    "Normalized",
    "RequestContext",
]


_Classified = TypedDict("_Classified", {"class": Literal["mapped", "passed", "removed", "rejected"]})


class ChatField(_Classified, total=False):
    """What becomes of a member of a chat or a Messages request."""

    to: str
    """Where in a Responses request it is mapped to."""
    reason: str
    """Why it is lost."""
    default: object
    """The value that asks for nothing."""
    chat: str
    """For a chat server: the member that has its meaning, where Responses has none."""
    messages: str
    """The same for a Messages server."""


class Change(NamedTuple):
    """One change of a request."""

    action: Literal["removed", "renamed", "replaced", "added", "moved", "rejected"]
    path: str
    """To what: a JSON path such as `input[3].id`, in the body as a Responses request."""
    reason: str
    """Why, for people."""


class ClientTool(TypedDict):
    """A tool as the client declared it."""

    kind: str
    """What its calls come back as."""
    name: str
    """The client's name for it."""
    namespace: str | None
    """The one that it was declared in."""


class _Context(TypedDict):
    dialect: Literal["chat", "responses", "messages"]
    """How the body was shaped, whatever route it came by."""
    model: str | None
    """The model asked for."""
    stream: bool
    """Whether the client asked for a stream."""
    include_usage: bool
    """`stream_options.include_usage` of a chat request."""
    names: dict[str, str]
    """Tool names that were shortened: short to original."""
    call_ids: dict[str, str]
    """Call ids that were shortened: short to original."""
    custom_tools: list[str]
    """Tools that a chat client declared as `custom`, by original name."""
    unknown_fields: list[str]
    """Top-level members that the profile has no rule for; they were passed on."""


class RequestContext(_Context, total=False):
    """What a request asked for, as far as the backend's answer does not repeat it.

    Plain data, to be given to what reads the answer: `Transcoder(context=…)`, `Collector(context=…)`. As JSON
    it survives a process.
    """

    reasoning_details: bool
    """Whether a chat client gets reasoning as `reasoning_details`, because it asked or by the profile."""
    values: dict[str, str]
    """Values of members that were shortened: short to original."""
    tools: dict[str, ClientTool]
    """Tools that a chat server knows otherwise than the client declared them, by the name that was sent."""
    request: str
    """What a Response repeats of a Responses request (`instructions`, `tools`, …): a JSON object, as text."""
    legacy_functions: bool
    """The chat client declared `functions`, and no tools: its call comes back as `function_call`."""
    stop: list[str]
    """Stop sequences that the client asked for and the upstream could not be, for `apply_stop`."""
    compacts: bool
    """The answer becomes one compaction item: the request asked to compact the conversation."""
    history_calls: list[int]
    """Hashes of the ids of calls in a Messages client's history, which no call of the answer gets again."""


@dataclass(frozen=True)
class ConvertedRequest:
    """A request that its upstream takes."""

    body: bytes
    """What to send."""
    changes: list[Change]
    """Every difference from what came in; for a chat request the lines that made it a Responses request come
    first, with its own paths.
    """
    context: RequestContext
    """What to give the transcoder or collector that reads the answer."""

    def json(self) -> dict[str, Any]:
        """The body, parsed."""
        return dict(json.loads(self.body))


@dataclass(frozen=True)
class ConvertedPart:
    """A part of a request, as its upstream takes it."""

    value: Any
    """What to send, parsed."""
    changes: list[Change]
    """Every difference from what came in."""
    context: RequestContext
    """What this part adds to the context of the answer: names and ids that come back."""


Normalized = ConvertedRequest
"""The older name."""
