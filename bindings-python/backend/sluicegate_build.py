"""maturin, and words for who has no Rust, or an old one: pip shows them last.

Input: what a front end asks of a build backend (PEP 517). Output: what maturin answers; where it fails for
want of Rust, what is missing and where it is to be had. State: none.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import maturin

WORKSPACE = Path(__file__).parents[2] / "Cargo.toml"  # in a clone and in the sdist
HELP = """
sluicegate is built from source here, which takes Rust {wanted} or later, with cargo.
{missing}
Install it from https://rustup.rs, or from your system's packages where they are as new, and try again.
Or install a wheel, which needs no Rust. There are some for CPython 3.10 and later on Linux (x86-64, aarch64;
glibc 2.28, musl 1.2), macOS and Windows; an old pip may not find them: python -m pip install --upgrade pip"""


def _wanted() -> str:
    found = re.search(r'^rust-version = "([\d.]+)"', WORKSPACE.read_text(encoding="utf-8"), re.MULTILINE)
    assert found is not None
    return found[1]


def _missing() -> str | None:
    """What of Rust is not there, or whether what there is is too old."""
    cargo = shutil.which("cargo")
    if cargo is None:
        return "There is no `cargo` in the PATH, and none could be got for this build alone."
    version = subprocess.run([cargo, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"(\d+)\.(\d+)", version)
    if found is None:
        return f"{cargo} does not run."
    if [int(found[1]), int(found[2])] < [*map(int, _wanted().split("."))]:
        return f"{cargo} is too old: {version.strip()}."
    return None


def _helped(hook: Any) -> Any:
    """The hook; where it fails and Rust is missing, that is what is said."""

    def call(*arguments: Any, **named: Any) -> Any:
        try:
            return hook(*arguments, **named)
        except (Exception, SystemExit) as error:
            missing = _missing()
            if missing is None:
                raise
            raise SystemExit(HELP.format(missing=missing, wanted=_wanted())) from error

    return call


get_requires_for_build_sdist = maturin.get_requires_for_build_sdist
get_requires_for_build_wheel = maturin.get_requires_for_build_wheel
get_requires_for_build_editable = maturin.get_requires_for_build_editable
prepare_metadata_for_build_wheel = _helped(maturin.prepare_metadata_for_build_wheel)
prepare_metadata_for_build_editable = _helped(maturin.prepare_metadata_for_build_editable)
build_wheel = _helped(maturin.build_wheel)
build_editable = _helped(maturin.build_editable)
build_sdist = _helped(maturin.build_sdist)
