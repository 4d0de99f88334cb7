"""Every field of both request types of the official client has a rule; none passes for being forgotten."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, TypedDict, get_type_hints

import pytest
from openai.types.chat import completion_create_params as chat
from openai.types.responses import response_create_params as responses
from sluicegate import Profile, chat_fields, chat_to_responses, normalize_request

CHAT: list[Any] = [
    chat.CompletionCreateParamsBase,
    chat.CompletionCreateParamsNonStreaming,
    chat.CompletionCreateParamsStreaming,
]
RESPONSES: list[Any] = [
    responses.ResponseCreateParamsBase,
    responses.ResponseCreateParamsNonStreaming,
    responses.ResponseCreateParamsStreaming,
]
BUILT_IN = ["codex", "codex_v1", "openai"]


def forgotten(fields: Collection[str], params: list[Any]) -> set[str]:
    known = {name for kind in params for name in get_type_hints(kind)}
    assert len(known) > 20, "these are not the params"
    return known - set(fields)


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_field_of_a_responses_request_has_a_rule(name: str) -> None:
    assert forgotten(Profile(name).json()["fields"], RESPONSES) == set()


def test_every_field_of_a_chat_request_has_a_class() -> None:
    assert forgotten(chat_fields(), CHAT) == set()


@pytest.mark.parametrize("name", BUILT_IN)
def test_what_chat_fields_become_has_a_rule(name: str) -> None:
    """A chat field that is passed, or mapped, ends up in the profile's table."""
    targets = {
        field.get("to", member).split(".")[0].removesuffix("[]")
        for member, field in chat_fields().items()
        if field["class"] in ("passed", "mapped")
    }
    assert targets - set(Profile(name).json()["fields"]) == set()


def test_a_made_up_field_is_found() -> None:
    class Params(TypedDict, total=False):
        model: str
        made_up: str

    assert forgotten(Profile("codex").json()["fields"], [*RESPONSES, Params]) == {"made_up"}
    assert forgotten(chat_fields(), [*CHAT, Params]) == {"made_up"}


@pytest.mark.parametrize("verb", [normalize_request, chat_to_responses])
def test_a_made_up_field_is_passed_on_and_reported(verb: Callable[..., Any]) -> None:
    key = "input" if verb is normalize_request else "messages"
    normalized = verb({"model": "m", key: [], "made_up": 1})
    assert normalized.json()["made_up"] == 1
    assert normalized.context["unknown_fields"] == ["made_up"]
