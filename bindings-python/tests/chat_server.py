"""A server that speaks only chat, on loopback; a model is a case of `fixtures/respond`, or a script."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from cases import FIXTURES
from chat_fold import fold_chat
from fold import Folded
from streams import chunk, sse

TEXT = "Hello from the chat server."
THOUGHT = "Let me think."
KNOWN = {
    *("model", "messages", "tools", "tool_choice", "parallel_tool_calls", "stream", "stream_options"),
    *("max_tokens", "temperature", "response_format", "reasoning_effort"),
}
HTML = b"<html><head><title>502 Bad Gateway</title></head></html>"
ERROR = {
    "error": {
        "message": "Slow down.",
        "type": "rate_limit_error",
        "param": None,
        "code": "rate_limit_exceeded",
    }
}
OVERFLOW = {
    "error": {
        "message": "This model's maximum context length is 200000 tokens. "
        "However, your messages resulted in 210000 tokens.",
        "type": "invalid_request_error",
        "param": "messages",
        "code": "context_length_exceeded",
    }
}
PIECE = 97  # bytes written at once: no event is whole


class ChatServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.base_url = f"http://127.0.0.1:{self.server_address[1]}/v1"
        self.asked: list[dict[str, Any]] = []

    @property
    def environment(self) -> dict[str, str]:
        """By which the official clients find it."""
        own = {"OPENAI_BASE_URL": self.base_url, "OPENAI_API_KEY": "sk-test"}
        root = self.base_url.removesuffix("/v1")
        return own | {"ANTHROPIC_BASE_URL": root, "ANTHROPIC_API_KEY": "sk-test"}


class Handler(BaseHTTPRequestHandler):
    server: ChatServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.path.partition("?")[0] != "/v1/chat/completions":
            return self.answer(404, b'{"detail":"Not Found"}')
        if unknown := body.keys() - KNOWN:
            return self.answer(400, json.dumps({"error": {"message": f"unknown: {unknown}"}}).encode())
        self.server.asked.append(body)
        self.answer(*scripted(body))

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", "application/json" if body[:1] == b"{" else "text/event-stream")
        if status == 429:
            self.send_header("retry-after", "7")
        self.end_headers()
        for at in range(0, len(body), PIECE):
            self.wfile.write(body[at : at + PIECE])

    def log_message(self, format: str, *args: Any) -> None:
        pass


def scripted(body: dict[str, Any]) -> tuple[int, bytes]:
    model = body["model"]
    if model == "fail-429":
        return 429, json.dumps(ERROR).encode()
    if model == "fail-too-long":
        return 400, json.dumps(OVERFLOW).encode()
    if model == "fail-502-html":
        return 502, HTML
    if model == "html":
        return 200, HTML
    case = FIXTURES / "respond" / model / "input.sse"
    stream = case.read_bytes() if case.exists() else agent(body)
    if body.get("stream") and model != "only-whole":
        return 200, stream
    whole = completion(stream)
    return 200, whole[: len(whole) // 2] if model == "truncated" else whole


def agent(body: dict[str, Any]) -> bytes:
    """Calls every tool once, then answers with a text."""
    tools = [] if body["messages"][-1]["role"] == "tool" else body.get("tools", [])
    calls = [
        {"index": nth, "id": f"call_{nth}", "type": "function", "function": tool["function"] | ARGUMENTS}
        for nth, tool in enumerate(tools)
    ]
    text = '{"ok":true}' if body.get("response_format", {}).get("type") == "json_schema" else TEXT
    got = {"role": "assistant", **({"tool_calls": calls} if calls else {"content": text})}
    if body["model"] == "thinks":
        got["reasoning_content"] = THOUGHT
    usage = {"prompt_tokens": 12, "completion_tokens": 7, "total_tokens": 19}
    end = {"id": "chatcmpl-1", "choices": [], "usage": usage}
    return sse(chunk(got), chunk({}, "tool_calls" if calls else "stop"), end) + b"data: [DONE]\n\n"


ARGUMENTS = {"arguments": json.dumps({"input": "*** Begin Patch\n+a\n"})}


def completion(stream: bytes) -> bytes:
    """What the same server answers to `stream: false`."""
    seen = fold_chat(stream)
    if seen.failed:
        return next(line for line in stream.split(b"data: ") if b'"error"' in line)
    message = {"role": "assistant", "content": seen.content or None, "refusal": seen.refusal or None}
    if THOUGHT.encode() in stream:
        message["reasoning_content"] = THOUGHT
    choice = {"index": 0, "message": message | calls_of(seen), "finish_reason": seen.finish}
    whole = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m"}
    return json.dumps(whole | {"choices": [choice], "usage": seen.usage}).encode()


def calls_of(seen: Folded) -> dict[str, Any]:
    calls = [
        {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}
        for call_id, name, arguments in seen.calls
    ]
    return {"tool_calls": calls} if calls else {}


@contextmanager
def serving() -> Iterator[ChatServer]:
    with ChatServer() as server:
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()
