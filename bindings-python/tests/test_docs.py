"""The pages in docs/: their Python programs run, their links lead somewhere, the names they use are there."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sluicegate
from backend import Backend, running
from backend import serving as serving_script
from chat_server import ChatServer, serving

ROOT = Path(__file__).parents[2]
DOCS = ROOT.joinpath("docs")
PAGES = sorted(DOCS.rglob("*.md"))
INDEX = DOCS.joinpath("README.md").read_text()


def test_the_options_are_those_of_the_table() -> None:
    """Python's types, Node's and docs/reference/options.md."""
    run = subprocess.run([sys.executable, ROOT / ".ci/options"], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


def programs() -> list[Any]:
    found = [
        pytest.param(program, id=f"{page.stem}-{nth}")
        for page in PAGES
        for nth, program in enumerate(re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL))
    ]
    assert len(found) >= 6
    return found


@pytest.fixture(scope="module")
def backend() -> Any:
    with running() as backend:
        yield backend


@pytest.fixture(scope="module")
def chat_server() -> Any:
    with serving() as server:
        yield server


@pytest.fixture(scope="module")
def environments(backend: Backend, chat_server: ChatServer) -> Any:
    """Of pages, where their programs find an upstream; "" for the others."""
    with serving_script("messages-server.mjs") as url:
        claude = {"OPENAI_BASE_URL": url + "/v1", "OPENAI_API_KEY": "sk-test"}
        chat = dict.fromkeys(("chat-only-servers", "messages"), chat_server.environment)
        yield {"": backend.environment, "openai-sdks-on-claude": claude} | chat


@pytest.mark.parametrize("program", programs())
def test_a_program_runs(program: str, environments: dict[str, dict[str, str]], tmp_path: Path) -> None:
    page = next(page.stem for page in PAGES if program in page.read_text())
    own = environments.get(page, environments[""])
    environment = os.environ | own | {"PYTHONPATH": str(ROOT / "bindings-python/examples")}
    command = [sys.executable, "-c", program]
    run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() or list(tmp_path.glob("*.png"))


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)", page.read_text()):
        assert page.parent.joinpath(link).exists(), link


def test_the_index_has_every_page() -> None:
    names = [page.relative_to(DOCS).as_posix() for page in PAGES]
    assert [name for name in names if name != "README.md" and f"]({name})" not in INDEX] == []


def test_the_index_names_what_is_there() -> None:
    cells = [row.split("|")[3].strip(" `") for row in INDEX.splitlines() if row.startswith("| ")][1:]
    assert len(cells) > 10
    for cell in cells:
        found: Any = sluicegate
        for name in re.sub(r"\(.*?\)", "", cell).split("."):
            found = importlib.import_module("sluicegate.httpx2") if name == "httpx2" else getattr(found, name)
        assert callable(found)
