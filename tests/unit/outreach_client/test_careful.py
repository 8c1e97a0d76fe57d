"""What destroys or stops is done only if that is meant."""

import json

import pytest
from outreach.campaign.v1 import campaign_pb2
from outreach.campaign.v1 import campaign_service_pb2 as pb
from outreach_client.cli import app
from typer.testing import CliRunner

from tests.unit.outreach_client.conftest import Server
from tests.unit.outreach_client.test_hostile import every_command

CAREFUL = {
    "campaigns stop": "camp_1",
    "campaigns delete": "camp_1",
    "leads stop": "camp_1 lead_1",
    "leads remove": "camp_1 lead_1",
    "lists delete": "list_1",
    "accounts disconnect": "acct_1",
    "keys revoke": "key_1",
    "members disable": "mem_1",
    "organizations disable": "org_1",
    "workflows cancel": "lead/camp_1/lead_1 --reason r",
    "workflows terminate": "lead/camp_1/lead_1 --reason r",
    "config delete": "default",
}
READS = ("Get", "List", "Count")


def changed(server: Server) -> list[str]:
    names = (path.rpartition("/")[2] for path, _ in server.asked)
    return [name for name in names if not name.startswith(READS)]


def test_these_are_all() -> None:
    """Whatever can be confirmed stands in the table above."""
    asking = {
        " ".join(words)
        for words, command in every_command()
        if any(param.name == "yes" for param in command.params)
    }

    assert asking - {"campaigns launch"} == set(CAREFUL)


@pytest.mark.parametrize("command", CAREFUL)
def test_nothing_is_done_unasked(server: Server, runner: CliRunner, command: str) -> None:
    """Without a terminal it is refused with exit code 2, and the way is told."""
    if command == "config delete":
        runner.invoke(app, ["config", "set", "timeout", "60"])
    line = [*command.split(), *CAREFUL[command].split()]

    result = runner.invoke(app, line)

    assert result.exit_code == 2, result.output
    assert "--yes" in result.stderr
    assert changed(server) == []


@pytest.mark.parametrize("command", sorted(CAREFUL.keys() - {"config delete"}))
def test_a_dry_run_says_what_would_happen(server: Server, runner: CliRunner, command: str) -> None:
    """In numbers, and does nothing, also where it is confirmed as well."""
    line = [*command.split(), *CAREFUL[command].split(), "--dry-run", "--yes"]

    result = runner.invoke(app, line)
    told = runner.invoke(app, [*line, "--json"])

    assert result.exit_code == told.exit_code == 0, result.output
    assert "Nothing was done" in result.stdout
    assert json.loads(told.stdout)["dryRun"] is True
    assert changed(server) == []


def test_what_a_stop_ends_is_counted(server: Server, runner: CliRunner) -> None:
    """Who is in the sequence, who waits, who is over."""
    campaign = campaign_pb2.Campaign(
        campaign_id="camp_1", name="Spring", state=campaign_pb2.CAMPAIGN_STATE_RUNNING
    )
    status = campaign_pb2.CampaignStatus(running=41, ready=300, held_back=7, replied=12, failed=3)
    server.pages = [
        pb.GetCampaignStatusResponse(status=status),
        pb.GetCampaignResponse(campaign=campaign),
    ]

    result = runner.invoke(app, ["campaigns", "stop", "camp_1", "--dry-run"])

    told = " ".join(result.stdout.split())
    assert "'Spring' (camp_1, running)" in told
    assert "41 leads in the sequence are ended where they stand" in told
    assert "307 that wait never begin, 15 are over already" in told
