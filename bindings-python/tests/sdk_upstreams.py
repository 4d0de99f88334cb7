"""A server of each dialect, strict, for the official SDKs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import chat_server
from backend import running, serving
from sdk_clients import Client, Said
from sluicegate import ConvertedRequest, Outcome
from sluicegate.types import Dialect


@dataclass
class Upstream:
    dialect: Dialect
    url: str
    models: dict[str, str]
    """Of each scenario, what makes the upstream play it; `usual` for the others."""
    text: str
    own: dict[str, Any] = field(default_factory=dict)
    """Options of its transport."""
    sent: list[Any] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    def ask(self, client: Client, scenario: str, talk: list[Any], **asked: Any) -> Said:
        model = self.models.get(scenario, self.models["usual"])
        hooks: Any = {"on_request": self.keep, "on_outcome": self.outcomes.append}
        return client.ask(self.url, model, talk, **asked, upstream=self.dialect, **self.own, **hooks)

    def keep(self, request: ConvertedRequest) -> None:
        self.sent.append(json.loads(request.body))


THINKING = {"name": "thinking", "extends": "chat", "chat": {"reasoning": "reasoning_content"}}
RESPONSES = {"usual": "gpt-5.5", "thinking": "thinks", "late": "fail-stream-late", "cut": "cut"}
CHAT = {"usual": "agent", "thinking": "thinks", "late": "error_after_text", "cut": "truncated"}
MESSAGES = {"usual": "claude-sonnet-4-5", "late": "fail-late", "cut": "cut"}
FAILS = {"429": "fail-429", "overflow": "fail-too-long"}


@contextmanager
def serving_all() -> Iterator[dict[str, Upstream]]:
    """By dialect."""
    with running() as backend, chat_server.serving() as chat, serving("messages-server.mjs") as messages:
        models = [own | FAILS for own in (RESPONSES, CHAT, MESSAGES)]
        models[0] |= {"overloaded": "fail-stream-first"}
        models[2] |= {"overloaded": "fail-529", "refused": "fail-400"}
        yield {
            "responses": Upstream("responses", backend.base_url, models[0], "Hello from the strict backend."),
            "chat": Upstream("chat", chat.base_url, models[1], chat_server.TEXT, {"profile": THINKING}),
            "messages": Upstream("messages", messages + "/v1", models[2], "Hello from the Messages server."),
        }
