"""Lists of leads and workflows, as somebody types it who has just started the stack."""

import asyncio
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from devstack.demo.demo import shell_environment
from devstack.demo.drawings import Node, draw
from devstack.demo.driver import Driver
from devstack.stack.stack import Stack
from outreach_client.exit_codes import ExitCode

pytestmark = pytest.mark.asyncio(loop_scope="session")

WIDTH = 80
COMMAND = Path(sys.executable).with_name("outreach")
# The second step is further away than any test lasts.
SLOW = draw((Node(type="profile_visit"), Node(type="send_connection_request", after="300d")))


class Shell:
    """A terminal of eighty columns."""

    def __init__(self, stack: Stack, organization_id: str) -> None:
        self._environment = {
            **os.environ,
            **shell_environment(stack),
            "OUTREACH_ORGANIZATION": organization_id,
            "COLUMNS": str(WIDTH),
            # As on a terminal, but for colours.
            "FORCE_COLOR": "1",
            "TERM": "dumb",
        }

    async def __call__(self, *typed: str, ends: ExitCode | None = None) -> str:
        """What a command prints; every line of it fits, but for what has no place to break."""
        process = await asyncio.create_subprocess_exec(
            COMMAND,
            *typed,
            env=self._environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        told = re.sub(r"\x1b\[[0-9;]*m", "", output.decode())
        sys.stdout.write(f"$ outreach {' '.join(typed)}\n{told}")
        assert process.returncode == (0 if ends is None else ends), told
        lines = [line.rstrip() for line in told.splitlines()]
        assert [line for line in lines if len(line) > WIDTH and " " in line.strip()] == []
        return " ".join(told.split())


@pytest.fixture
def shell(stack: Stack, driver: Driver) -> Shell:
    return Shell(stack, driver.organization_id)


@pytest.fixture
def sequence(tmp_path: Path) -> str:
    file = tmp_path / "sequence.json"
    file.write_text(SLOW)
    return str(file)


def found(kind: str, told: str) -> str:
    """The first id of a kind."""
    match = re.search(rf"\b{kind}_[0-9a-z]+", told)
    assert match is not None, told
    return match[0]


async def new_campaign(shell: Shell, driver: Driver, sequence: str, name: str) -> str:
    account = driver.accounts[0].account_id
    told = await shell("campaigns", "create", name, "--sequence", sequence, "--account", account)
    return found("camp", told)


async def test_a_list_from_its_first_name_to_its_end(
    shell: Shell, driver: Driver, sequence: str, write_leads: Callable[..., Path]
) -> None:
    """Made, filled, copied into two campaigns, renamed, and deleted once that is meant."""
    leads = str(write_leads("typed1", "typed2", "typed3"))
    lists = "lists"
    list_id = found("list", await shell(lists, "create", "Fair in spring"))

    assert "3 of 3 rows would be imported" in await shell(
        lists, "import", list_id, leads, "--validate-only"
    )
    assert "3 of 3 rows imported, 0 there already, 0 rejected" in await shell(
        lists, "import", list_id, leads
    )
    assert "typed2" in await shell(lists, "entries", list_id)
    first, second = [
        await new_campaign(shell, driver, sequence, name) for name in ("Typed one", "Typed two")
    ]
    for campaign_id in (first, second):
        assert "3 of 3 added, 0 there already" in await shell(lists, "add", list_id, campaign_id)
    assert "0 of 3 would be added, 3 there already" in await shell(
        lists, "add", list_id, first, "--validate-only"
    )
    assert "Fair in autumn" in await shell(lists, "rename", list_id, "--name", "Fair in autumn")
    assert list_id in await shell(lists, "list")
    await shell("campaigns", "start", first)

    refused = await shell(lists, "delete", list_id, "--yes", ends=ExitCode.NOT_IN_THIS_STATE)
    assert "LEAD_LIST_IN_USE" in refused
    assert first in refused
    assert f"{list_id} is deleted" in await shell(lists, "delete", list_id, "--force", "--yes")
    assert "LEAD_LIST_NOT_FOUND" in await shell(lists, "get", list_id, ends=ExitCode.NO_SUCH_THING)
    assert "typed2" in await shell("leads", "list", second)
    await shell("campaigns", "stop", first, "--yes")


async def test_workflows_from_the_list_to_their_end(
    shell: Shell, driver: Driver, sequence: str, write_leads: Callable[..., Path]
) -> None:
    """Listed, shown, told without names, asked to end, ended, refused a retry; and Temporal's."""
    campaign_id = await new_campaign(shell, driver, sequence, "Typed workflows")
    await shell("campaigns", "import-leads", campaign_id, str(write_leads("typed4", "typed5")))
    await shell("campaigns", "start", campaign_id)
    campaign, filter_ = f"campaign/{campaign_id}", f"campaign_id = {campaign_id}"
    async with asyncio.timeout(60):
        listed = ""
        while listed.count(f"lead/{campaign_id}/") < 2:
            listed = await shell("workflows", "list", "--filter", filter_)
    lead = f"lead/{campaign_id}/{found('lead', listed)}"

    assert campaign in listed
    assert "running" in await shell("workflows", "show", campaign)
    history = await shell("workflows", "history", lead)
    assert "is masked" in history
    assert "typed" not in history
    why = ("--reason", "the wrong person", "--yes")
    assert campaign_id in await shell("workflows", "cancel", lead, *why)
    async with asyncio.timeout(60):
        while "stopped" not in await shell("leads", "list", campaign_id):
            continue
    assert "terminated" in await shell("workflows", "terminate", campaign, *why)
    other = next(
        each for each in re.findall(rf"lead/{campaign_id}/lead_\w+", listed) if each != lead
    )
    assert "WORKFLOW_NOT_FAILING" in await shell(
        "workflows", "retry", other, ends=ExitCode.NOT_IN_THIS_STATE
    )
    health = await shell("workflows", "health")
    assert "answers in" in health
    assert "outreach workflow" in health
    await shell("campaigns", "stop", campaign_id, "--yes")
