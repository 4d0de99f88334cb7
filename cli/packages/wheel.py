"""The command as a wheel: wheel.py OUT TAG BINARY, TAG such as manylinux_2_28_x86_64. Prints its path.

The library's wheel has no binary, as that would make it more than three times as large; its script
`sluicegate` finds this one by `sluicegate_cli.binary()`. A script of that name here would replace that one.
"""

import base64
import hashlib
import re
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
VERSION = re.search(r'^version = "(.*?)"', (ROOT / "Cargo.toml").read_text(), re.M)[1]
LICENCES = ("LICENSE-MIT", "LICENSE-APACHE")
MODE = {True: 0o100755, False: 0o100644}

MODULE = '''"""The command `sluicegate`, which translates between LLM API dialects and serves them."""

import os
import subprocess
import sys
from pathlib import Path


def binary() -> str:
    return str(Path(__file__).with_name("{binary}"))


def main() -> None:
    if sys.platform == "win32":
        sys.exit(subprocess.run([binary(), *sys.argv[1:]]).returncode)
    os.execv(binary(), [binary(), *sys.argv[1:]])
'''

METADATA = f"""Metadata-Version: 2.4
Name: sluicegate-cli
Version: {VERSION}
Summary: The command of sluicegate: a server for clients of Chat Completions and Responses
License-Expression: MIT OR Apache-2.0
License-File: LICENSE-MIT
License-File: LICENSE-APACHE
Keywords: sse,openai,responses,chat-completions,proxy
Requires-Python: >=3.10
Description-Content-Type: text/markdown

"""


def files(tag: str, binary: Path) -> dict[str, bytes]:
    info = f"sluicegate_cli-{VERSION}.dist-info"
    head = "Wheel-Version: 1.0\nGenerator: sluicegate\nRoot-Is-Purelib: false\n"
    entry_points = "[console_scripts]\nsluicegate-cli = sluicegate_cli:main\n"
    return {
        "sluicegate_cli/__init__.py": MODULE.format(binary=binary.name).encode(),
        "sluicegate_cli/__main__.py": b"from sluicegate_cli import main\n\nmain()\n",
        f"sluicegate_cli/{binary.name}": binary.read_bytes(),
        f"{info}/METADATA": METADATA.encode() + (ROOT / "README.md").read_bytes(),
        f"{info}/WHEEL": f"{head}Tag: py3-none-{tag}\n".encode(),
        f"{info}/entry_points.txt": entry_points.encode(),
        **{f"{info}/licenses/{name}": (ROOT / name).read_bytes() for name in LICENCES},
    }


def main(out: str, tag: str, binary: str) -> None:
    path = Path(out) / f"sluicegate_cli-{VERSION}-py3-none-{tag}.whl"
    contents = files(tag, Path(binary))
    record = f"sluicegate_cli-{VERSION}.dist-info/RECORD"
    lines = [f"{name},sha256={digest(data)},{len(data)}" for name, data in contents.items()]
    contents[record] = "\n".join([*lines, f"{record},,", ""]).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as wheel:
        for name, data in contents.items():
            member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))  # the same bytes each time
            member.external_attr = MODE[name == f"sluicegate_cli/{Path(binary).name}"] << 16
            member.compress_type = zipfile.ZIP_DEFLATED
            wheel.writestr(member, data)
    print(path)


def digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


main(*sys.argv[1:])
