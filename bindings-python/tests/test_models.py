"""What the collector and the relay make, the official client's models accept, by real validation.

Every chat fixture, and every `*.sse` in $SLUICEGATE_RECORDINGS: as it was sent, with an empty end, with none.
What is in the result exactly as the upstream sent it may lack what the models want: it is the upstream's.
"""

from __future__ import annotations

import json
import re
from typing import Any, get_args

import pytest
from cases import Case, streams
from openai.types.chat import ChatCompletion
from openai.types.responses import Response, ResponseOutputItem
from openai.types.shared import ErrorObject
from pydantic import BaseModel, ValidationError
from sluicegate import collect, responses_sse
from variants import VARIANTS, cut, events

CASES = streams()
ITEMS: dict[str, type[BaseModel]] = {
    kind: model
    for model in get_args(get_args(ResponseOutputItem)[0])
    for kind in get_args(model.model_fields["type"].annotation)
}
# What the input never has, of things that were rebuilt.
NEVER_SAID = {
    "call_without_any_id_is_numbered": {"output.0.call_id"},
    "hosted_call_progress_is_silent": {"output.0.action"},
}
# The model has a list of codes. The real API does not keep to it, see the recording: by these codes clients
# decide, so they get them as they came.
CODED = {
    name: {"error.code"}
    for name in [
        "error_after_text",
        "error_flat",
        "error_nested",
        "failed_with_a_code_alone",
        "failed_with_a_code_beside_its_error",
        "messages_no_details",
        "recording-error-insufficient-quota",
    ]
}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_collected(case: Case) -> None:
    rejected: set[str] = set()
    for variant in VARIANTS:
        body, options = variant(case), case.json("options.json")
        collected = collect([body], **options)
        response, completion = json.loads(collected.response), json.loads(collected.completion)
        rejected |= faults(response, as_known(body, options))
        if collected.outcome["error"]:
            ErrorObject.model_validate(completion["error"], strict=False)
        else:
            ChatCompletion.model_validate(completion, strict=False)
    assert rejected == NEVER_SAID.get(str(case), set()) | CODED.get(str(case), set())


@pytest.mark.parametrize("case", CASES, ids=str)
def test_relayed_failure(case: Case) -> None:
    """The end that a cut stream gets."""
    body, options = cut(case), case.json("options.json")
    if collect([body], **options).outcome["finish_reason"]:
        pytest.skip("it needs no terminal event")
    relayed = [event for _, event in events(b"".join(responses_sse([body], **options)))]
    if str(case) == "error_in_an_untyped_response":
        pytest.skip("its own end has no number")
    [failed] = [event for event in relayed if isinstance(event, dict) and event["type"] == "response.failed"]
    assert isinstance(failed["sequence_number"], int)
    allowed = NEVER_SAID.get(str(case), set()) | CODED.get(str(case), set())
    if any("code" in own for own in options.get("messages", {}).values()):
        allowed |= {"error.code"}  # the host chose it
    assert faults(failed["response"], as_known(body, options)) <= allowed


def as_known(body: bytes, options: Any) -> bytes:
    """With the names and ids that the client knows."""
    context = options.get("context", {})
    if "id" in options:
        body = re.sub(rb'"resp_\w+"', json.dumps(options["id"]).encode(), body)
    for short, original in [*context.get("names", {}).items(), *context.get("call_ids", {}).items()]:
        body = body.replace(short.encode(), original.encode())
    return re.sub(rb'("(?:id|item_id)": ?")call_', rb"\1fc_", body) if options.get("fc_ids") else body


def faults(response: dict[str, Any], body: bytes) -> set[str]:
    """Where the model rejects the response, but for objects that are as the upstream sent them."""
    if "error" in response and "status" not in response:
        ErrorObject.model_validate(response["error"], strict=False)
        return set()
    if not rejected(Response, response):
        return set()
    sent = [unnamed(value) for got in said_by(body) for value in objects(got)]
    at = {path: parent(response, path) for path in rejected(Response, response | {"output": []})}
    for nth, item in enumerate(response["output"]):
        if unnamed(item) not in sent:
            paths = rejected(ITEMS[item["type"]], item)
            at |= {("output", nth, *path): parent(item, path) for path in paths}
    return {".".join(map(str, path)) for path, where in at.items() if unnamed(where) not in sent}


def unnamed(value: Any) -> Any:
    """Without the model, which the caller may choose."""
    return {key: own for key, own in value.items() if key != "model"} if isinstance(value, dict) else value


def said_by(body: bytes) -> list[Any]:
    """What each event contains, or a plain body."""
    try:
        return [json.loads(body.decode("utf-8", "replace"))]
    except ValueError:
        return [event for _, event in events(body)]


def rejected(model: type[BaseModel], made: Any) -> list[tuple[Any, ...]]:
    try:
        model.model_validate(made, strict=False)
    except ValidationError as error:
        paths = [fault["loc"] for fault in error.errors()]
        others = {path[:-1] for path in paths if path[-1] == "type"}  # members of a union that it is not
        return [path for path in paths if not any(path[: len(other)] == other for other in others)]
    return []


def parent(value: Any, path: tuple[Any, ...]) -> Any:
    """The object at fault; names of union members, which pydantic puts into the path, lead nowhere."""
    for key in path[:-1]:
        if isinstance(value, list) or key in value:
            value = value[key]
    return value


def objects(value: Any) -> list[Any]:
    """Every object inside."""
    if isinstance(value, dict):
        return [value, *(found for inner in value.values() for found in objects(inner))]
    if isinstance(value, list):
        return [found for inner in value for found in objects(inner)]
    return []
