"""What one process of a session makes of a module is what pytest looks for in another."""

import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from _pytest.assertion import rewrite

from tests import rewriting


@pytest.mark.skipif(sys.dont_write_bytecode, reason="nothing is kept")
def test_it_is_kept_where_pytest_looks() -> None:
    """This module itself was loaded from there."""
    assert rewriting.kept(Path(__file__)).exists()


@pytest.mark.skipif(sys.dont_write_bytecode, reason="nothing is kept")
def test_pytest_takes_what_was_made(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    """Each module is made once, whichever process comes first, and anew once it is another."""
    module = tmp_path / "test_made.py"
    module.write_text("def test_it():\n    assert 1 == 1\n")
    config: Any = SimpleNamespace(
        args=[str(tmp_path)],
        rootpath=tmp_path,
        stash=pytestconfig.stash,
        getini=pytestconfig.getini,
    )

    rewriting.share(config, process=0, processes=2)
    made = rewriting.kept(module).stat()
    rewriting.share(config, process=1, processes=2)

    code = rewrite._read_pyc(module, rewriting.kept(module))
    assert code is not None
    assert "@pytest_ar" in code.co_names
    assert rewriting.kept(module).stat() == made

    module.write_text("def test_it():\n    assert 2 == 2, 'another'\n")
    os.utime(module, (made.st_mtime + 1, made.st_mtime + 1))
    rewriting.share(config, process=1, processes=2)
    assert rewrite._read_pyc(module, rewriting.kept(module)) is not None
