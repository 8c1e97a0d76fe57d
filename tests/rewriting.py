"""What pytest makes of each test module's assertions, made once for all processes of a session.

pytest keeps it beside the module, and a later session finds it there. In the first one all
processes collect the same modules at the same moment, and each would make all of it.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.assertion import rewrite


def share(config: pytest.Config, *, process: int, processes: int) -> None:
    """Make what is missing, beginning at this process's part of the modules.

    From there it goes on into the parts of the others, and finds what they have made meanwhile.
    """
    if sys.dont_write_bytecode:
        return
    modules = sorted(_modules(config))
    begin = len(modules) * process // processes
    for module in (*modules[begin:], *modules[:begin]):
        if not _is_fresh(kept(module), module):
            _make(module, config)


def kept(module: Path) -> Path:
    """Where pytest keeps it."""
    return rewrite.get_cache_dir(module) / f"{module.stem}{rewrite.PYC_TAIL}"


def _modules(config: pytest.Config) -> Iterator[Path]:
    for argument in config.args:
        named = config.rootpath / argument.partition("::")[0]
        if named.is_dir():
            yield from named.rglob("test_*.py")


def _is_fresh(made: Path, module: Path) -> bool:
    """Whether it is there and no older; pytest itself compares what it was made of."""
    try:
        return made.stat().st_mtime >= module.stat().st_mtime
    except FileNotFoundError:
        return False


def _make(module: Path, config: pytest.Config) -> None:
    source_hash, code = rewrite._rewrite_test(module, config)
    made = kept(module)
    made.parent.mkdir(parents=True, exist_ok=True)
    rewrite._write_pyc(config.stash[rewrite.assertstate_key], code, source_hash, made)
