"""Not run: how callers' code must type-check under `mypy --strict`. An unused ignore is an error, too."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import httpx2
import openai
from sluicegate import (
    AsyncRedisStore,
    AsyncStore,
    Baseline,
    Catalog,
    Change,
    ChatOptions,
    ChatTranscoder,
    ClientFrame,
    Collector,
    Continuation,
    Envelope,
    Error,
    Expanded,
    Finding,
    ImageEvent,
    ImageExtractor,
    ImageKey,
    MemoryStore,
    Normalized,
    Note,
    OnEvent,
    OtelAttributes,
    Outcome,
    Page,
    Profile,
    Record,
    Recovery,
    RedisStore,
    RequestContext,
    RequestOptions,
    ResponseCollector,
    ResponsesOptions,
    ResponsesRelay,
    ResponsesTranscoder,
    Route,
    RoutedRequest,
    SseParser,
    Store,
    Tee,
    Transcoder,
    Unrecorded,
    Usage,
    achat_sse,
    acollect,
    after_failure,
    aimages,
    arespond_sse,
    aresponses_sse,
    chat_fields,
    chat_sse,
    chat_to_responses,
    client_frame,
    collect,
    count_tokens,
    error_envelope,
    error_frame,
    frame_headers,
    http_body,
    images,
    images_api,
    images_request,
    is_probe,
    is_sse,
    lint,
    normalize_request,
    otel_attributes,
    respond_sse,
    responses_sse,
    responses_to_chat,
    warm_up_frames,
    warm_up_response,
    ws_request,
)
from sluicegate import httpx2 as for_httpx2
from sluicegate.httpx import (
    AsyncChatBackendTransport,
    AsyncResponsesTransport,
    ChatBackendTransport,
    ResponsesTransport,
)

if TYPE_CHECKING:
    import redis.asyncio
    from typing_extensions import assert_type


def parse(chunk: bytes) -> list[str]:
    parser = SseParser(utf8="strict", max_event_bytes=1 << 20)
    SseParser(utf8="lenient")  # type: ignore[arg-type]
    try:
        events = parser.feed(chunk)
    except Error as error:
        assert_type(error.code, str)
        assert_type(error.offset, "int | None")
        events = error.events
    assert_type(parser.retry, "int | None")
    return [event.data for event in events]


def transcode(chunk: memoryview, options: ChatOptions) -> bytes:
    transcoder = ChatTranscoder(**options)
    ChatTranscoder(modle="gpt")  # type: ignore[call-overload]
    ChatTranscoder(reasoning="loud")  # type: ignore[call-overload]
    transcoder.feed({})  # type: ignore[arg-type]
    out = transcoder.feed(chunk) + transcoder.feed_event("{}") + transcoder.feed_event(b"{}")
    if not transcoder.committed and transcoder.outcome is not None:
        report(transcoder.outcome)
    return out + transcoder.finish() + ChatTranscoder.heartbeat()


def report(outcome: Outcome) -> tuple[str, Usage | None, list[Note]]:
    if outcome["usage"] is not None:
        assert_type(outcome["usage"]["total_tokens"], int)
    if outcome["error"] is not None:
        assert_type(outcome["error"]["code"], "str | None")
    return outcome["status"], outcome["usage"], outcome["notes"]


def answer(body: Iterator[bytes]) -> Iterator[bytes]:
    return chat_sse(body, model="gpt", include_usage=True, on_outcome=report)


def aanswer(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    return achat_sse(body, model="gpt", created=1, on_outcome=lambda outcome: print(outcome["notes"]))


def relay(chunk: bytes, options: ChatOptions) -> bytes:
    verb = ResponsesRelay(**options)
    ResponsesRelay(images="svg")  # type: ignore[call-overload]
    if not verb.committed and verb.outcome is not None:
        report(verb.outcome)
    return verb.feed(chunk) + verb.feed_event("{}") + verb.finish()


def relayed(body: Iterator[bytes]) -> Iterator[bytes]:
    return responses_sse(body, on_outcome=report, done_is_complete=True)


def arelayed(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    return aresponses_sse(body, max_event_bytes=1 << 20)


def whole(body: bytes, status: int) -> Usage | None:
    collector = Collector(upstream="chat", messages={"no_details": {"code": "gone", "message": None}})
    Collector(upstream="chat", messages={"no_words": {}})  # type: ignore[dict-item]
    collector.feed_document(body, status)
    collector.feed_document({"id": 1})
    transcoder = Transcoder(client="chat", upstream="responses", include_role_chunk=False, frames=True)
    assert_type(transcoder.feed_document("{}", status=None), "list[bytes]")
    assert_type(transcoder.response_id, "str | None")
    if collector.failure is not None:
        assert_type(collector.failure["status"], int)
    return collector.usage


def respond(chunk: bytes, options: ResponsesOptions) -> bytes:
    verb = ResponsesTranscoder(**options)
    ResponsesTranscoder(nonsense=True)  # type: ignore[call-overload]
    ResponsesTranscoder(reasoning="loud")  # type: ignore[call-overload]
    assert_type(verb.response(), "bytes | None")
    if not verb.committed and verb.outcome is not None:
        report(verb.outcome)
    return verb.feed(chunk) + verb.feed_event("{}") + verb.finish()


def responded(body: Iterator[bytes], request: bytes) -> Iterator[bytes]:
    context = responses_to_chat(request, strict=True).context
    assert_type(context["tools"]["sent"]["namespace"], "str | None")
    return respond_sse(body, context=context, think_tags=True, on_outcome=report)


def aresponded(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    return arespond_sse(body, model="m", reasoning="text")


def errors(stream: memoryview) -> list[Finding]:
    lint(stream, "codex")  # type: ignore[arg-type]
    return [finding for finding in lint(stream, profile="codex_cli") if finding.severity == "error"]


def rebuild(chunk: bytearray, options: ChatOptions) -> bytes:
    collector = ResponseCollector(**options)
    collector.feed(chunk)
    collector.feed_event(b"{}")
    assert_type(collector.chat_completion(), "bytes | None")
    return collector.finish()


def once(body: Iterator[bytes]) -> bytes:
    collected = collect(body, model="gpt")
    collect(body, on_outcome=report)  # type: ignore[call-arg]
    if collected.error is not None or collected.outcome["status"] == "failed":
        collected.response = b""  # type: ignore[misc]
    return collected.completion


async def aonce(body: AsyncIterator[bytes]) -> bytes:
    return (await acollect(body)).response


class Gallery:
    def __init__(self) -> None:
        self.open: dict[ImageKey, bytes] = {}
        self.extractor = ImageExtractor(self.take, partials=True)
        ImageExtractor(b"directory")  # type: ignore[arg-type]
        ImageExtractor(self.take, partial=True)  # type: ignore[call-arg]

    def take(self, event: ImageEvent) -> None:
        if event.data is not None:
            self.open[event.key] += event.data
        if event.kind == "done":  # type: ignore[comparison-overlap]
            return
        if event.meta is not None:
            assert_type(event.meta["revised_prompt"], "str | None")

    def why_not(self) -> list[str]:
        outcome = self.extractor.outcome
        return [error["code"] for error in outcome["errors"]] if outcome is not None else []


def save(body: Iterator[bytes], directory: Path) -> list[Path]:
    extracted = images(body, directory, max_image_bytes=1 << 20)
    if extracted.outcome["no_image"] == "tool_missing" or extracted.error is not None:
        extracted.written = []  # type: ignore[misc]
    return [image.path for image in extracted.written]


async def asave(body: AsyncIterator[bytes]) -> int:
    return sum(image.bytes for image in (await aimages(body, "directory")).written)


def as_images_api(body: Iterator[bytes]) -> bytes:
    assert_type(is_sse(b""), "bool | None")
    assert_type(Page().is_full, bool)
    return images_api(collect(body).response)


def ask(body: bytes, path: str, options: RequestOptions) -> tuple[bytes, RequestContext]:
    profile = Profile(Profile.for_path(path) or {"name": "mine", "extends": "codex", "tools": ["web_search"]})
    headers: dict[str, str] = profile.headers("websocket")
    profile.headers("smoke")  # type: ignore[arg-type]
    Profile(b"codex")  # type: ignore[arg-type]
    normalized = normalize_request(body, profile, **options)
    assert_type(normalized.changes, list[Change])
    normalized.body = b""  # type: ignore[misc]
    if normalized.changes[0].action == "dropped":  # type: ignore[comparison-overlap]
        return b"", normalized.context
    return normalized.body, normalize_request(headers, "openai", transport="websocket").context


def ask_as_chat(body: dict[str, object]) -> Normalized:
    normalize_request(None)  # type: ignore[arg-type]
    normalize_request(body, strikt=True)  # type: ignore[call-arg]
    normalize_request(body, transport="smoke")  # type: ignore[arg-type]
    assert chat_fields()["stop"]["class"] == "removed"
    count_tokens([body])  # type: ignore[arg-type]
    assert not is_probe(body) or count_tokens(body).bit_length() < 64
    return chat_to_responses(body, profile="codex_v1", strict=True, unresolved_previous="drop")


def asked(body: Iterator[bytes], request: Normalized) -> Iterator[bytes]:
    ChatTranscoder(context={"name": "m"})  # type: ignore[call-overload]
    ResponsesRelay(context=request.context, fc_ids=True)
    return chat_sse(body, context=request.context, fc_ids=None)


def refuse(error: Error) -> tuple[int | None, str | None]:
    return error.status, error.envelope["error"]["param"] if error.envelope is not None else None


def explain(response: httpx.Response, outcome: Outcome) -> Envelope | None:
    if outcome["failure"] is not None and outcome["failure"]["class"] == "quota":
        assert_type(outcome["failure"]["retry_after_ms"], "int | None")
    error_envelope(1)  # type: ignore[call-overload]
    error_envelope("", headers={"retry-after": 1})
    error_envelope({"detail": "No"}, headers=[("retry-after", 1), (b"retry-after", b"1")], now_ms=1)
    envelope = error_envelope(response.content, status=response.status_code, headers=response.headers)
    assert_type(envelope["body"]["error"]["message"], str)
    ours = error_envelope(b"", status=500, dialect="messages", request_id="req_1")
    assert_type(ours["body"]["error"]["type"], str)
    return envelope if envelope["class"] != "retryable" else None


class MyStore:
    def get(self, key: str) -> bytes | None:
        return key.encode()

    def put(self, key: str, value: bytes, ttl_s: int) -> None:
        print(key, value, ttl_s)


def converse(body: bytes, upstream: Iterator[bytes], client: redis.Redis) -> Unrecorded | None:
    tenant = Continuation(b"tenant", record_unstored=True, ttl_s=60)
    Continuation("tenant", ttl=60)  # type: ignore[call-arg]
    Continuation(1)  # type: ignore[arg-type]
    stores: list[Store] = [MemoryStore(max_entries=1), MyStore(), RedisStore(client, bytes, bytes)]
    tenant.resolve(AsyncRedisStore(client), body)  # type: ignore[arg-type]
    turn = tenant.resolve(stores[0], body, now_ms=1)
    assert_type(turn, Expanded)
    turn.body = b""  # type: ignore[misc]
    request = normalize_request(turn.body, origin="a", history_origin=turn.origin)
    answer = collect(upstream, context=request.context, previous_response_id=turn.previous_response_id)
    record = tenant.record(turn, answer.response, origin="a")
    if isinstance(record, Record):
        stores[0].put(record.key, record.value, tenant.ttl_s)
    elif record == "too_big":  # type: ignore[comparison-overlap]
        return None
    return tenant.remember(stores[0], turn, answer.response, origin="a")


async def aconverse(body: dict[str, object], client: redis.asyncio.Redis) -> Unrecorded | None:
    tenant = Continuation("tenant")
    store: AsyncStore = AsyncRedisStore(client)
    await tenant.aresolve(MyStore(), body)
    return await tenant.aremember(store, await tenant.aresolve(store, body), "{}")


def choose(body: bytes) -> Route:
    catalog = Catalog({"models": []})
    catalog.merge_live(body)
    catalog.route("m", downstream="smoke")  # type: ignore[arg-type]
    catalog.to_json("yaml")  # type: ignore[arg-type]
    assert_type(catalog.route("m")["effort"], "str | None")
    return catalog.route("m", downstream="ws", auth_ws=False, tools=("function",), body_bytes=len(body))


def serve(body: bytes, outcome: Outcome) -> OtelAttributes:
    routed = Catalog().route_request(body, http_latched=True)
    assert_type(routed, RoutedRequest)
    Catalog().route_request(body, latched=True)  # type: ignore[call-arg]
    assert_type(frame_headers(body), "dict[str, str]")
    assert_type([*warm_up_frames("resp_1"), warm_up_response("resp_1")], "list[bytes]")
    assert_type(images_request(routed.body, "gpt-5.5"), bytes)
    attributes = otel_attributes(outcome, provider="openai", request_model=routed.model)
    assert_type(attributes["gen_ai.response.finish_reasons"], "list[str]")
    return attributes


def speak(body: bytes, baseline: Baseline | None) -> tuple[str, ClientFrame, Recovery]:
    frame = ws_request(body, baseline).decode()
    kept = Baseline(body)
    kept.frame("{}")
    assert_type(kept.response_id, "str | None")
    failure = error_envelope(http_body(frame), status=426)
    after_failure("ws", failure, False)  # type: ignore[arg-type]
    return (
        error_frame(failure).decode(),
        client_frame(frame),
        after_failure("websocket", failure, committed=True),
    )


def drop_in(inner: httpx.BaseTransport, asyn: httpx.AsyncBaseTransport) -> httpx.Client:
    httpx.AsyncClient(
        transport=AsyncResponsesTransport(asyn, store=MemoryStore(), continuation=Continuation("t"))
    )
    ResponsesTransport(asyn)  # type: ignore[arg-type]
    ResponsesTransport(profile=1)  # type: ignore[arg-type]
    ResponsesTransport(nonsense=1)  # type: ignore[call-arg]
    configured = ResponsesTransport(inner, request={"strict": True}, reasoning="off", on_outcome=print)
    return httpx.Client(transport=configured)


def drop_in_on_chat(inner: httpx.BaseTransport, asyn: httpx.AsyncBaseTransport) -> httpx.Client:
    AsyncChatBackendTransport(asyn, store=MemoryStore(), continuation=Continuation("t"))
    ChatBackendTransport(asyn)  # type: ignore[arg-type]
    ChatBackendTransport(nonsense=True)  # type: ignore[call-arg]
    ChatBackendTransport(reasoning="loud")  # type: ignore[arg-type]
    return httpx.Client(transport=ChatBackendTransport(inner, profile="chat", think_tags=True))


def drop_in2(inner: httpx2.BaseTransport, asyn: httpx.AsyncBaseTransport) -> openai.OpenAI:
    for_httpx2.AsyncResponsesTransport(asyn)  # type: ignore[arg-type]
    httpx2.Client(transport=ResponsesTransport())  # type: ignore[arg-type]
    httpx2.Client(transport=for_httpx2.ChatBackendTransport(inner, on_outcome=print))
    return openai.OpenAI(
        http_client=httpx2.Client(transport=for_httpx2.ResponsesTransport(inner, reasoning="off"))
    )


def shapes(body: Iterator[bytes], on_event: OnEvent) -> None:
    assert_type(ChatTranscoder(frames=True, on_event=on_event).feed(b""), "list[bytes]")
    assert_type(ChatTranscoder(model="m").feed_event({"type": "ping"}), bytes)
    assert_type(Tee(chat=True, frames=True).finish().chat, "list[bytes]")
    assert_type(Tee(relay=True).finish().responses, bytes)
    assert_type(next(chat_sse(body, frames=True)), "list[bytes]")
    assert_type(Collector(upstream="chat", on_event=on_event).snapshot().final_message(), "bytes | None")
    ChatTranscoder(on_event=("a", print, 1))  # type: ignore[arg-type]
