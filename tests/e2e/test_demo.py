"""`make demo`, as a person runs it: beside another stack, on other input."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest
from devstack.stack.stack import Stack

pytestmark = pytest.mark.asyncio(loop_scope="session")

ROOT = Path(__file__).parents[2]


async def demo(directory: Path, **environment: str) -> asyncio.subprocess.Process:
    """Run the demo, with a directory of its own for temporary files and no home to write to."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "devstack.cli",
        "demo",
        cwd=ROOT,
        env={
            **os.environ,
            "HOME": "/dev/null",
            "TMPDIR": str(directory),
            "COLUMNS": "120",
            **environment,
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )


async def test_the_older_dialect_runs_beside_another_stack(stack: Stack, tmp_path: Path) -> None:
    """A drawing of the older builder and a list of one's own: it completes, and leaves nothing."""
    leads = tmp_path / "mine.csv"
    leads.write_text(
        "Full Name\tLinkedIn\tCompany\tRole\n"
        "Ana Exemplo\thttps://pt.linkedin.com/in/ana-exemplo/\tExemplo\tEngineer\n"
        "Rui Exemplo\tlinkedin.com/in/rui-exemplo?x=1\t\t\n"
        "Firma\thttps://www.linkedin.com/company/firma\t\t\n"
    )
    temporary = tmp_path / "t"
    temporary.mkdir()
    flow = ROOT / "examples" / "legacy_sequence.json"

    running = await demo(temporary, DEMO_LEADS=str(leads), DEMO_FLOW=str(flow), DEMO_SPEED="30000")
    output = (await running.communicate())[0].decode()

    assert running.returncode == 0, output
    assert "2 leads" in output
    assert "1 rejected, 1 held back" in output
    assert "needs company" in output
    assert os.listdir(temporary) == []  # noqa: PTH208 - not a path is left
    assert stack.temporal.process.running


async def test_a_sequence_that_cannot_run_is_explained(tmp_path: Path) -> None:
    """The demo starts nothing, shows every violation, ends with another code than a failure."""
    flow = tmp_path / "flow.json"
    flow.write_text('{"nodes": [{"id": "a", "type": "action", "data": {"type": "levitate"}}]}')

    running = await demo(tmp_path, DEMO_FLOW=str(flow))
    output = (await running.communicate())[0].decode()

    assert running.returncode == 2, output
    assert "node type unknown" in output
    assert "Starting" not in output
    assert "nodes[0]" in output


async def test_an_interrupted_demo_leaves_nothing_behind(tmp_path: Path) -> None:
    """Ctrl-C in the middle ends every process and removes the directory."""
    running = await demo(tmp_path)
    assert running.stdout is not None
    async for line in running.stdout:
        if b"Running camp_" in line:
            break

    running.send_signal(signal.SIGINT)
    rest = (await running.communicate())[0].decode()

    assert running.returncode == 130, rest
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - not a path is left


async def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """No stack is started for a list that does not exist."""
    running = await demo(tmp_path, DEMO_LEADS="nowhere.csv")
    output = (await running.communicate())[0].decode()

    assert (running.returncode, output.strip()) == (
        2,
        "DEMO_LEADS: there is no file nowhere.csv",
    )
