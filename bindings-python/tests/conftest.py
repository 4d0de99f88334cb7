"""What several files of tests need: the strict backend, and clients of it through our transport."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from backend import running
from drop_in import Async, Async2, Sync, Sync2


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    with running() as backend:
        yield backend.base_url


@pytest.fixture(params=[Sync, Async, Sync2, Async2], ids=lambda kind: kind.__name__)
def client(request: pytest.FixtureRequest, base_url: str) -> Sync:
    made: Sync = request.param(base_url)
    return made
