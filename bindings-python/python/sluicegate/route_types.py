"""The values of routes and WebSocket frames that cross the border."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypedDict

__all__ = ["ClientFrame", "Recovery", "Route", "RouteOptions"]

ClientFrame = Literal["create"] | Literal["warm_up"] | Literal["append"] | Literal["processed"]
"""What a client's frame asks for.

`create`: a request; `warm_up`: nothing but a response id to go on from; `append`: further input after the
last response, which no upstream takes; `processed`: nothing, the client has read a response.
"""

Recovery = Literal["retry_http_full"] | Literal["retry_ws_full"] | Literal["surface"]
"""What to do about a request that failed. A retry always sends the whole request."""


class RouteOptions(TypedDict, total=False):
    """What decides a route, beside the model; `None` is as if left out."""

    downstream: Literal["http", "ws", "websocket"] | None
    """How the client speaks to the gateway. Default `http`."""
    auth_ws: bool | None
    """Whether the upstream credentials work over a WebSocket. Default: they do."""
    tools: Sequence[str] | None
    """The types of the request's tools. Default: none."""
    body_bytes: int | None
    """Length of the request's body."""
    http_latched: bool | None
    """A WebSocket to this upstream was refused before (status 426). Default off."""


class Route(TypedDict):
    """How a request goes upstream."""

    transport: Literal["http", "websocket"]
    endpoint: Literal["responses", "chat", "images"]
    model: str
    """The model to ask for: without a provider's prefix and an effort, where it is a known one."""
    effort: str | None
    """The effort that its name ended in."""
    reason: Literal[
        "http_latched",
        "body_too_large",
        "image_tool",
        "endpoint_is_http",
        "auth_is_http",
        "downstream_websocket",
        "prefers_websocket",
        "default",
    ]
    """Why; docs/codes.md says more."""
