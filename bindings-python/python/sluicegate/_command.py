"""The command: runs the binary of the package sluicegate-cli. Where that is not installed, uv fetches it.

Input: arguments. Output: what the binary does, which takes the place of this process. State: none.
"""

import os
import shutil
import subprocess
import sys

from sluicegate._native import __version__

CLI = "sluicegate-cli"


def program() -> list[str]:
    """The program and its first arguments."""
    try:
        from sluicegate_cli import binary  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        uv = os.environ.get("UV") or shutil.which("uv")
        if uv is None:
            remedy = f"pip install '{CLI}=={__version__}', or run uvx sluicegate"
            sys.exit(f"sluicegate: the command is not installed; {remedy}")
        return [uv, "tool", "run", "--quiet", "--from", f"{CLI}=={__version__}", CLI]
    return [binary()]


def main() -> None:
    command = [*program(), *sys.argv[1:]]
    if sys.platform == "win32":
        sys.exit(subprocess.run(command).returncode)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
