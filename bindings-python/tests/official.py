"""The official client, reading bytes that a test serves instead of a network."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import httpx
import openai


class Official:
    body: Iterable[bytes]
    """What the next request is answered with."""

    def __init__(self) -> None:
        http: Any = httpx.Client(transport=httpx.MockTransport(self._answer))  # openai 3 types name its fork
        self.openai = openai.OpenAI(
            api_key="none", base_url="http://gateway.test/v1", max_retries=0, http_client=http
        )

    def _answer(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=self.body)
