"""Who builds the package without Rust, or with an old one, is told what is missing and where to get it."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

BACKEND = Path(__file__).parents[1] / "backend/sluicegate_build.py"
HOOKS = ("prepare_metadata_for_build_wheel", "build_wheel", "build_sdist")


def fails(*_: object) -> str:
    raise SystemExit(1)


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The backend over a maturin whose every hook fails."""
    maturin = ModuleType("maturin")
    maturin.__getattr__ = lambda _: fails  # type: ignore[method-assign]
    monkeypatch.setitem(sys.modules, "maturin", maturin)
    spec = importlib.util.spec_from_file_location("sluicegate_build", BACKEND)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def cargo(folder: Path, script: str) -> None:
    folder.joinpath("cargo").write_text(f"#!/bin/sh\n{script}\n")
    folder.joinpath("cargo").chmod(0o755)


@pytest.mark.skipif(sys.platform == "win32", reason="the cargo here is a shell script")
@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize(
    ("script", "words"),
    [
        (None, "no `cargo` in the PATH"),
        ("exit 1", "does not run"),
        ("echo 'cargo 1.63.0 (fd9c4297c 2022-07-01)'", "is too old: cargo 1.63.0"),
    ],
)
def test_what_is_missing(
    backend: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    hook: str,
    script: str | None,
    words: str,
) -> None:
    if script is not None:
        cargo(tmp_path, script)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit) as raised:
        getattr(backend, hook)("folder")
    message = str(raised.value)
    assert words in message and "https://rustup.rs" in message


@pytest.mark.skipif(sys.platform == "win32", reason="the cargo here is a shell script")
def test_other_failures_stay(backend: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    cargo(tmp_path, "echo 'cargo 99.0.0'")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit) as raised:
        backend.build_wheel("folder")
    assert raised.value.code == 1
