"""Every field of both request types of the official client has a rule; none passes for being forgotten."""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, TypedDict, Union, get_args, get_origin

import pytest
from openai.types.chat import completion_create_params as chat
from openai.types.responses import response_create_params as responses
from openai.types.responses import response_input_item_param as items
from sluicegate import Profile, chat_fields, chat_to_responses, messages_fields, normalize_request
from typing_extensions import NotRequired, Required, get_type_hints

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


def test_every_field_of_a_messages_request_has_a_class_and_a_rule() -> None:
    pytest.importorskip("anthropic")
    from anthropic.types import message_count_tokens_params as count
    from anthropic.types import message_create_params as create
    from anthropic.types.beta import message_count_tokens_params as beta_count
    from anthropic.types.beta import message_create_params as beta

    params: list[Any] = [
        create.MessageCreateParamsBase,
        create.MessageCreateParamsNonStreaming,
        create.MessageCreateParamsStreaming,
        count.MessageCountTokensParams,
        beta.MessageCreateParamsBase,
        beta.MessageCreateParamsNonStreaming,
        beta.MessageCreateParamsStreaming,
        beta_count.MessageCountTokensParams,
    ]
    assert forgotten(messages_fields(), params) == set()
    assert forgotten(Profile("anthropic").json()["fields"], params) == set()


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


INPUT_TYPES = Path(__file__).parents[2] / "fixtures" / "sdk" / "input_types.json"
PARTS = ("input_text", "input_image", "input_file", "output_text", "refusal")


def plain(hint: Any) -> Any:
    while get_origin(hint) in (Required, NotRequired, Annotated):
        hint = get_args(hint)[0]
    return hint


def inside(hint: Any) -> Iterator[Any]:
    """Every TypedDict that a value of this type may hold, itself included, without going into its members."""
    hint = plain(hint)
    if hasattr(hint, "__required_keys__"):
        yield hint
    elif get_origin(hint) is not Literal:
        for inner in get_args(hint):
            yield from inside(inner)


def hints(kind: Any) -> dict[str, Any]:
    return {name: plain(hint) for name, hint in get_type_hints(kind, include_extras=True).items()}


def names(hint: Any) -> Iterator[str]:
    """The literals of a `type`."""
    if get_origin(hint) is Literal:
        yield from get_args(hint)
    elif get_origin(hint) in (Union, types.UnionType):
        for inner in get_args(hint):
            yield from names(plain(inner))


def sdk_input_types() -> dict[str, dict[str, list[str]]]:
    """Item and part types of `input` in the official client, each with its members."""
    found: dict[str, dict[str, set[str]]] = {"items": {}, "parts": {}}
    for item in inside(items.ResponseInputItemParam):
        for name in names(hints(item)["type"]):
            found["items"].setdefault(name, set()).update(hints(item))
        for part in (
            part for key in ("content", "output") if key in hints(item) for part in inside(hints(item)[key])
        ):
            for name in names(hints(part).get("type")):
                if name in PARTS:
                    found["parts"].setdefault(name, set()).update(hints(part))
    return {
        group: {name: sorted(members) for name, members in sorted(kinds.items())}
        for group, kinds in found.items()
    }


def test_the_list_of_input_types_is_that_of_the_client() -> None:
    """`core/tests/request_types.rs` walks this list against the table of input shapes."""
    known = json.loads(INPUT_TYPES.read_text())
    for group, kinds in sdk_input_types().items():
        for name, members in kinds.items():
            assert set(members) <= set(known[group].get(name, [])), (
                f"{group} {name}: add it to {INPUT_TYPES.name}"
            )
