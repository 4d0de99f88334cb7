"""The script `sluicegate`: where it finds the command, which is a package of its own."""

import sys
from types import SimpleNamespace

import pytest
from sluicegate import __version__, _command


def test_the_command_that_is_installed(monkeypatch):
    monkeypatch.setitem(sys.modules, "sluicegate_cli", SimpleNamespace(binary=lambda: "/bin/it"))
    assert _command.program() == ["/bin/it"]


def test_uv_fetches_the_one_of_this_version(monkeypatch):
    monkeypatch.setitem(sys.modules, "sluicegate_cli", None)
    monkeypatch.setenv("UV", "/bin/uv")
    [uv, *_, source, name] = _command.program()
    assert (uv, source, name) == ("/bin/uv", f"sluicegate-cli=={__version__}", "sluicegate-cli")


def test_without_either_it_is_one_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "sluicegate_cli", None)
    monkeypatch.delenv("UV", raising=False)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SystemExit, match="pip install 'sluicegate-cli==") as stopped:
        _command.program()
    assert "\n" not in str(stopped.value)
