"""The values of routes and WebSocket frames that cross the border."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, TypedDict

__all__ = ["CatalogDiff", "ClientFrame", "Recovery", "Route", "RoutedRequest"]

ClientFrame = (
    Literal["create"]
    | Literal["warm_up"]
    | Literal["append"]
    | Literal["processed"]
    | Literal["steer"]
    | Literal["interrupt"]
)
"""What a client's frame asks for.

`create`: a request; `warm_up`: nothing but a response id to go on from; `append`: further input after the
last response, which no upstream takes; `processed`: nothing, the client has read a response; `steer`,
`interrupt`: more input for the response that comes, or its end, to be sent on as they are.
"""

Recovery = Literal["retry_http_full"] | Literal["retry_ws_full"] | Literal["surface"]
"""What to do about a request that failed. A retry always sends the whole request."""


class CatalogDiff(TypedDict):
    """What a live document of models has otherwise than a catalog."""

    added: list[str]
    """Models that the catalog does not know."""
    dropped: list[str]
    """Models of the catalog that the document does not have."""
    changed: list[dict[str, Any]]
    """Members that differ: `model`, `member`, `was`, `is`. Of those that the catalog has, or a rule reads."""


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
        "tools_need_responses",
        "endpoint_is_http",
        "auth_is_http",
        "downstream_websocket",
        "prefers_websocket",
        "default",
    ]
    """Why; more in docs/reference/codes.md."""


class RoutedRequest(NamedTuple):
    """What `Catalog.route_request` gives."""

    route: Route
    """How the request goes upstream."""
    model: str
    """The model that the client asked for; empty where the body names none."""
    body: bytes
    """The body with the model and the effort that the route has.

    An effort that the client gave itself counts. Every other byte stays.
    """
