"""servicekit.startup.checks: a line for each dependency, and an exit code for all."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest
from servicekit.errors import Unavailable
from servicekit.startup.checks import Dependency, NotAsNeeded, reached


async def found() -> str:
    return "it"


async def away() -> str:
    raise Unavailable("There is no server.") from ConnectionError("refused")


async def wrong() -> str:
    raise NotAsNeeded("the schema is not there")


async def silent() -> str:
    await asyncio.Event().wait()
    return "never"


async def told(capsys: pytest.CaptureFixture[str], *reaches: Any) -> tuple[int, list[Any]]:
    dependencies = [
        Dependency(name=reach.__name__, setting=f"THE_{reach.__name__}", reach=reach)
        for reach in reaches
    ]
    code = await reached("thing", dependencies, within=timedelta(milliseconds=50))
    return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


async def test_all_are_looked_at(capsys: pytest.CaptureFixture[str]) -> None:
    """One that is away keeps no other from being told; the code says that one was."""
    code, lines = await told(capsys, found, away, wrong, silent)

    assert code == 69
    assert [(line["dependency"], line["ok"]) for line in lines] == [
        ("found", True),
        ("away", False),
        ("wrong", False),
        ("silent", False),
    ]
    assert lines[0]["found"] == "it"
    assert lines[1]["problem"] == ("UNAVAILABLE: There is no server. (ConnectionError('refused'))")
    assert lines[2]["problem"] == "NotAsNeeded: the schema is not there"
    assert lines[3]["problem"] == "no answer within 0.05 s"
    assert lines[3]["setting"] == "THE_silent"


async def test_nothing_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    """Then the code is 0."""
    assert (await told(capsys, found))[0] == 0
