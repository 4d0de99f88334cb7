"""Profiles in every form that Python has for them."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import Any

import pytest
from cases import FIXTURES, caught
from sluicegate import Profile, chat_fields, chat_to_responses, convert_request, normalize_request

ASK: dict[str, Any] = {"model": "gpt-5.5", "input": [{"role": "user", "content": "Hi"}], "user": "me"}
CHAT: dict[str, Any] = {"model": "gpt-5.5", "messages": [{"role": "user", "content": "Hi"}]}


@pytest.mark.parametrize("name", ["codex", "codex_v1", "openai"])
def test_a_profile_in_every_form(name: str) -> None:
    compiled = Profile(name)
    assert compiled.json()["name"] == name
    forms: list[Any] = [name, compiled, Profile(compiled), compiled.json(), MappingProxyType(compiled.json())]
    expected = normalize_request(ASK, name)
    for form in forms:
        assert normalize_request(ASK, form) == expected
        assert normalize_request(ASK, profile=form) == expected
        assert Profile(form).json() == compiled.json()


def test_the_default_is_codex() -> None:
    assert normalize_request(ASK) == normalize_request(ASK, "codex") != normalize_request(ASK, "openai")
    assert chat_to_responses(CHAT) == chat_to_responses(CHAT, "codex") != chat_to_responses(CHAT, "openai")


def test_a_profile_of_one_s_own() -> None:
    rules = {
        "name": "mine",
        "extends": "codex",
        "fields": {"user": {"rule": "pass"}},
        "instructions": "Grüße",
    }
    normalized = normalize_request(ASK, rules)
    assert (normalized.json()["user"], normalized.json()["instructions"]) == ("me", "Grüße")
    own = Profile(rules).json()
    assert (own["name"], own["system"]) == ("mine", "hoist_system")  # what it inherited is there
    assert own["fields"] == Profile("codex").json()["fields"] | rules["fields"]
    assert Profile({"name": "none"}).headers() == {}


WRONG = [json.loads(line) for line in (FIXTURES / "profile" / "cases.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case["name"])
def test_a_wrong_profile_is_told_what_is_allowed(case: dict[str, Any]) -> None:
    for call in (lambda: Profile(case["profile"]), lambda: normalize_request(ASK, case["profile"])):
        error = caught(call)
        assert (error.code, error.path, error.envelope) == ("invalid_option", case["path"], None)
        assert str(error) == case["message"]


@pytest.mark.parametrize("profile", ["", "\ud800"], ids=repr)
def test_a_name_that_no_profile_has(profile: str) -> None:
    for call in (lambda: Profile(profile), lambda: normalize_request(ASK, profile)):
        error = caught(call)
        assert (error.code, error.path, error.envelope) == ("invalid_option", "profile", None)


def test_no_profile_is_the_upstream_s() -> None:
    assert Profile.of_upstream("responses").json() == Profile("codex").json()
    assert Profile.of_upstream("chat").json() == Profile("chat").json()
    assert convert_request(ASK, upstream="responses") == normalize_request(ASK)
    with pytest.raises(TypeError):
        Profile(None)  # type: ignore[arg-type]


@pytest.mark.parametrize("profile", [1, b"codex", ["codex"]], ids=repr)
def test_anything_else_is_no_profile(profile: Any) -> None:
    for call in (lambda: Profile(profile), lambda: normalize_request(ASK, profile)):
        with pytest.raises(TypeError, match=f"profile must be .*, not {type(profile).__name__}"):
            call()


def test_headers() -> None:
    codex = Profile("codex")
    assert codex.headers() == codex.headers("http") == codex.json()["headers"]["http"]
    assert codex.headers(transport="websocket") == codex.json()["headers"]["websocket"] != codex.headers()
    wrong: Any = "smoke"
    assert caught(lambda: codex.headers(wrong)).path == "transport"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/backend-api/codex/responses", "codex"),
        ("/responses?a=b", "codex"),
        ("/v1/responses", "codex_v1"),
        ("/v2/responses", None),
        ("\ud800", None),
    ],
)
def test_for_path(path: str, name: str | None) -> None:
    assert Profile.for_path(path) == name
    none: Any = None
    with pytest.raises(TypeError):
        Profile.for_path(none)


def test_chat_fields_are_data_of_one_s_own() -> None:
    chat_fields().clear()
    assert chat_fields()["stop"]["class"] == "removed"
