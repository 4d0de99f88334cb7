"""Every chat fixture through the package that is installed: python smoke.py FIXTURES, from a folder of its own."""

import json
import sys
import sysconfig
from pathlib import Path

from sluicegate import ChatTranscoder, __file__

count = 0
for case in sorted(Path(sys.argv[1], "chat").iterdir()):
    if not (case / "input.sse").exists():
        continue
    options = case / "options.json"
    transcoder = ChatTranscoder(**json.loads(options.read_bytes()) if options.exists() else {})
    out = transcoder.feed((case / "input.sse").read_bytes()) + transcoder.finish()
    assert out == (case / "output.sse").read_bytes(), case.name
    count += 1
assert count > 100, f"{count} cases"
if sysconfig.get_config_var("Py_GIL_DISABLED"):
    assert not sys._is_gil_enabled(), "the module has switched the GIL on"
print(f"{count} passed, 0 failed: Python {sys.version.split()[0]}, {__file__}")
