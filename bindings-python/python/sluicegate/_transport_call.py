"""One request through a transport, without the I/O, which is `_transport`'s.

Input: a client's request; chunks of the upstream's answer. Output: what to send; the client's answer.
State: the head of the answer while its status is open; its reader.

1. `TransportConfig.path` matches the path. 2. `TransportConfig.call` converts the request. 3. Send it.
4. An error status: `refused`.
5. Else `peek` at chunks until the status is decided (or `end` at the end of the stream), then `answer`.
6. A stream goes on with `feed` and `end`.

`record` comes before the bytes go to the client, whose next turn may follow at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sluicegate._answers import Answer, envelope
from sluicegate._continuation import Continuation
from sluicegate._dialects import match_path, options_by_client, own_facts, reader_of, with_key
from sluicegate._native import (
    MAX_HEAD_BYTES,
    Profile,
    content_type,
    convert_request,
    error_envelope,
)
from sluicegate._source import Reading
from sluicegate.continuation_types import Record
from sluicegate.types import Error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sluicegate._dialects import RouteMatch
    from sluicegate.continuation_types import Expanded
    from sluicegate.option_types import RequestOptions
    from sluicegate.request_types import ConvertedRequest
    from sluicegate.transport_types import TransportOptions
    from sluicegate.types import Dialect, Envelope, Outcome, Verdict

__all__ = ["TransportCall", "TransportConfig", "configure"]

OF_ONE_CALL = {"context", "previous_response_id", "framing", "frames", "objects", "on_event"}


@dataclass(frozen=True)
class TransportConfig:
    """What all calls of one transport have in common."""

    upstream: Dialect
    profile: Profile
    request: RequestOptions
    answer: Mapping[Dialect, dict[str, Any]]
    """The options of what reads an answer, by client."""
    tenant: Continuation | None
    on_request: Callable[[ConvertedRequest], object] | None
    on_outcome: Callable[[Outcome], object] | None

    def path(self, method: str, raw_path: bytes) -> RouteMatch | None:
        """None for what passes through untouched."""
        path, mark, query = raw_path.partition(b"?")
        known = match_path(self.upstream, path) if method == "POST" else None
        return known and known._replace(upstream=known.upstream + mark + query)

    def tenant_of(self, path: RouteMatch) -> Continuation | None:
        """Other requests have the whole conversation in them."""
        return self.tenant if path.client == "responses" else None

    def call(self, path: RouteMatch, body: bytes, turn: Expanded | None) -> TransportCall:
        """Raises `Error` for a request that must not be sent."""
        options = self.request.copy()
        if turn is not None:
            body, options["history_origin"] = turn.body, turn.origin
        request = convert_request(body, path.client, upstream=self.upstream, profile=self.profile, **options)
        if self.on_request is not None:
            self.on_request(request)
        return TransportCall(self, path, request, turn)


def configure(upstream: Dialect, options: TransportOptions, has_store: bool) -> TransportConfig:
    """Raises `Error` (`invalid_option`)."""
    known: dict[str, Any] = {**options}
    profile, given = known.pop("profile", None), known.pop("request", None)
    request: RequestOptions = {} if given is None else given
    tenant = known.pop("continuation", None)
    on_request, on_outcome = known.pop("on_request", None), known.pop("on_outcome", None)
    _check(request, tenant, on_request=on_request, on_outcome=on_outcome)
    if (tenant is None) == has_store:
        raise TypeError("continuation and store go together")
    if taken := OF_ONE_CALL & known.keys():
        raise TypeError(f"{taken.pop()} is no option of a transport")
    answer = options_by_client(upstream, known)
    profile = Profile.of_upstream(upstream) if profile is None else Profile(profile)
    _try_out(upstream, profile, request)
    return TransportConfig(upstream, profile, request, answer, tenant, on_request, on_outcome)


def _check(request: object, tenant: object, **hooks: Any) -> None:
    if not isinstance(request, dict):
        raise TypeError(f"request must be a dict of options, not {type(request).__name__}")
    if tenant is not None and not isinstance(tenant, Continuation):
        raise TypeError(f"continuation must be a Continuation, not {type(tenant).__name__}")
    for name, hook in hooks.items():
        if hook is not None and not callable(hook):
            raise TypeError(f"{name} must be callable, not {type(hook).__name__}")


def _try_out(upstream: Dialect, profile: Profile, request: RequestOptions) -> None:
    """An empty conversation shows what is wrong with profile or options, but may itself be refused."""
    try:
        convert_request({"input": []}, "responses", upstream=upstream, profile=profile, **request)
    except Error as error:
        if error.envelope is None:
            raise


class TransportCall:
    """One request, and its answer."""

    def __init__(
        self, config: TransportConfig, path: RouteMatch, request: ConvertedRequest, turn: Expanded | None
    ) -> None:
        self.path, self.body = path, request.body
        self._config, self._turn = config, turn
        options = own_facts(path.client, config.upstream, turn is not None) | config.answer[path.client]
        options["context"] = request.context
        options["previous_response_id"] = turn.previous_response_id if turn else None
        self._is_stream = request.context["stream"]
        self._reader = reader_of(path.client, config.upstream, self._is_stream, options)
        self._head = bytearray()
        self._reading = Reading(self._reader)
        self._refusal: Envelope | None = None
        self._is_ended = self._is_reported = False

    def headers(self, sent: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """The client's, and what the backend expects; never credentials."""
        transport = self._config.request.get("transport") or "http"
        added = {"content-type": content_type(False)} | self._config.profile.headers(transport)
        replaced = {"content-length", "transfer-encoding", *added}
        kept = [(name, value) for name, value in sent if name.lower() not in replaced]
        return [*with_key(self.path.client, self._config.upstream, kept), *added.items()]

    def peek(self, chunk: bytes) -> bool:
        """Takes a chunk while the status is open; whether it is settled now."""
        self._head += self.feed(chunk)
        if self._reader.has_output or len(self._head) >= MAX_HEAD_BYTES:
            return True
        if self._reader.outcome is None and not self._reading.is_over:
            return False
        self.end(is_peeking=True)  # all is known, and an upstream may stay open after that
        return True

    def feed(self, chunk: bytes) -> bytes:
        """What the client must be sent now."""
        self._reading.take(chunk)
        return self._reader.feed(chunk)

    @property
    def is_over(self) -> bool:
        """Whether the upstream goes on and on after its end."""
        return self._reading.is_over

    def end(self, is_peeking: bool = False) -> bytes:
        """The last of the client's answer, however the upstream's ended."""
        self._is_ended = True
        rest = self._reader.finish()
        self._head += rest if is_peeking else b""
        return rest

    def answer(self, headers: Mapping[str, str], now_ms: int) -> Answer:
        """What the client gets; `headers`: the upstream's."""
        outcome = self._reader.outcome
        failure = outcome and outcome["failure"]
        if failure and (page := self._failure_page()) is not None:
            return self.refused(0, headers, page, now_ms)
        if outcome and failure and not self._reader.has_output:
            assert outcome["error"] is not None  # a failure has one
            return envelope(self.path.client, failure, {"error": outcome["error"]})
        kind = content_type(self._is_stream)
        return Answer(200, {"content-type": kind}, bytes(self._head), self._is_ended)

    def _failure_page(self) -> bytes | None:
        """What came in place of an answer, as far as that can be read."""
        if (
            (page := self._reading.page) is None
            or page.kind is None
            or (page.kind == "document" and page.is_cut)
        ):
            return None
        return page.bytes()

    def refused(self, status: int, headers: Mapping[str, str], body: bytes, now_ms: int) -> Answer:
        """The answer where the upstream's is no stream."""
        if not self._is_ended:
            self.end()  # to have an outcome
        self._refusal = error_envelope(body, status=status, headers=headers, now_ms=now_ms)
        return envelope(self.path.client, self._refusal, self._refusal["body"])

    def record(self) -> tuple[Continuation, Record] | None:
        """What to put into the store, and whose it is, once it is known; the second time there is nothing."""
        turn, tenant = self._turn, self._config.tenant
        if turn is None or tenant is None:
            return None
        if (response := self._reader.response()) is None:
            return None
        self._turn = None
        record = tenant.record(turn, response, origin=self._config.request.get("origin"))
        return (tenant, record) if isinstance(record, Record) else None

    def _outcome(self) -> Outcome | None:
        outcome, refusal = self._reader.outcome, self._refusal
        if outcome is None or refusal is None:
            return outcome
        status, kind, after = refusal["status"], refusal["class"], refusal["retry_after_ms"]
        failure: Verdict = {"status": status, "class": kind, "retry_after_ms": after}
        return {**outcome, "status": "failed", "error": refusal["body"]["error"], "failure": failure}

    def report_outcome(self) -> None:
        """Gives the host the outcome, once, if there is one."""
        on_outcome, outcome = self._config.on_outcome, self._outcome()
        if on_outcome is not None and outcome is not None and not self._is_reported:
            self._is_reported = True
            on_outcome(outcome)
