"""What destroys or stops is done only if that is meant."""

import json
import re

import pytest
from google.protobuf.message import Message
from outreach.automation.v1.decision_service_pb2 import GetDecisionResponse
from outreach.campaign.v1 import campaign_pb2
from outreach.campaign.v1 import campaign_service_pb2 as pb
from outreach.common.v1 import audited_pb2
from outreach.identity.v1 import organization_service_pb2
from outreach.linkedin.v1 import (
    account_service_pb2,
    hold_pb2,
    pace_service_pb2,
    suppression_service_pb2,
)
from outreach.webhook.v1 import webhook_service_pb2
from outreach_client.cli import app
from outreach_client.formats.enums import enum_names
from servicekit.rehearsals.rehearsal import only_asks
from typer.testing import CliRunner

from tests.rehearsals import takes_validate_only
from tests.unit.outreach_client.conftest import Server, every_method
from tests.unit.outreach_client.test_cli import COMMANDS
from tests.unit.outreach_client.test_hostile import every_command

CAREFUL = {
    "campaigns stop": "camp_1",
    "campaigns delete": "camp_1",
    "leads stop": "camp_1 lead_1",
    "leads remove": "camp_1 lead_1",
    "leads move": "camp_1 lead_1 --to acct_2",
    "leads skip-step": "camp_1 lead_1 invite",
    "campaigns replace-sender": "camp_1 acct_1 --with acct_2",
    "imports cancel": "camp_1 imp_1",
    "actions cancel": "r1",
    "accounts end-cool-down": "acct_1 invitation",
    "holds put": "everything --reason r",
    "suppressions remove": "sup_1",
    "suppressions allow": "ada-example",
    "webhooks disable": "ep_1",
    "webhooks delete": "ep_1",
    "webhooks cancel-replay": "rpl_1",
    "internal record-replies": "camp_1/lead_1 --at 2026-03-02T09:00Z",
    "internal end-lead": "camp_1 lead_1",
    "internal confirm-clock": "",
    "lists delete": "list_1",
    "accounts disconnect": "acct_1",
    "keys revoke": "key_1",
    "members disable": "mem_1",
    "organizations disable": "org_1",
    "workflows cancel": "lead/camp_1/lead_1 --reason r",
    "workflows terminate": "lead/camp_1/lead_1 --reason r",
    "programs mode": "prog_1 autopilot",
    "programs backfill": "prog_1 --days 3",
    "programs delete": "prog_1",
    "runs cancel": "run_1",
    "decisions approve": "dec_1 dec_2 --program prog_1",
    "decisions reject": "dec_1",
    "decisions revert": "dec_1",
    "config delete": "default",
}
READS = ("Get", "List", "Count", "Explain", "Check")
UNASKED = {
    **dict.fromkeys(("Create", "Register", "Duplicate", "Upload"), "makes what can be ended"),
    **dict.fromkeys(("Add", "Import"), "takes in what can be taken out"),
    **dict.fromkeys(("Resume", "Enable", "Undelete", "Lift"), "undoes what was asked about"),
    **dict.fromkeys(("Retry", "Restart", "Resend", "Replay"), "tries again what was wanted"),
    **dict.fromkeys(("Send", "Publish", "Report", "Perform"), "is the one thing that was typed"),
    **dict.fromkeys(("Connect", "Solve"), "is a part of signing in, which is typed"),
    "Release": "is taken back until they are admitted",
    "Withdraw": "is the brake; they keep their place, and are released again",
    "Trigger": "is the one thing that was typed",
    "Generate": "is counted from what is there, as often as it is asked for",
    "Update": "another edit undoes it",
    "Rollback": "another sequence, or model, undoes it",
    "Promote": "is taken back by a rollback",
    "Train": "is the one thing that was typed",
    "Rotate": "what was before goes on for a while",
    "Start": "was drawn to be started, and can be paused",
    "Pause": "is the brake; leads keep their place, and are resumed",
}
"""With what a method begins that changes something and need not ask, and why not.

Whatever begins otherwise asks: `Delete`, `Stop`, `Move`, and all that nobody has thought of yet.
"""
CHANGES = (audited_pb2.AUDITED_CHANGE, audited_pb2.AUDITED_OWN_ROW)


def changed(server: Server) -> list[str]:
    """What was asked to be done, and not only what that would do."""
    names = (
        path.rpartition("/")[2]
        for path, requests in server.asked
        if not any(map(only_asks, requests))
    )
    return [name for name in names if not name.startswith(READS)]


def test_these_are_all() -> None:
    """Whatever can be confirmed stands in the table above."""
    asking = {
        " ".join(words)
        for words, command in every_command()
        if any(param.name == "yes" for param in command.params)
    }

    assert asking - {"campaigns launch"} == set(CAREFUL)


def test_what_cannot_be_undone_asks() -> None:
    """By the contract: a method that is added asks, unless its verb says why it need not."""
    commands = {" ".join(words): command for words, command in every_command()}
    unasked = set()
    for path, line, _ in COMMANDS:
        method = every_method()[path]
        verb = re.match("[A-Z][a-z]+", method.name)
        assert verb is not None
        if method.GetOptions().Extensions[audited_pb2.audited] not in CHANGES:
            continue
        words = line.split()
        command = commands.get(" ".join(words[:2])) or commands[words[0]]
        asks = any(param.name == "yes" for param in command.params)
        if not asks and verb[0] not in UNASKED:
            unasked.add(method.name)

    assert unasked == set()


@pytest.mark.parametrize("command", CAREFUL)
def test_nothing_is_done_unasked(server: Server, runner: CliRunner, command: str) -> None:
    """Without a terminal it is refused with exit code 2, and the way is told."""
    if command == "config delete":
        runner.invoke(app, ["config", "set", "timeout", "60"])
    server.one_page = True
    line = [*command.split(), *CAREFUL[command].split()]

    result = runner.invoke(app, line)

    assert result.exit_code == 2, result.output
    assert "--yes" in result.stderr
    assert changed(server) == []


@pytest.mark.parametrize("command", sorted(CAREFUL.keys() - {"config delete"}))
def test_a_dry_run_says_what_would_happen(server: Server, runner: CliRunner, command: str) -> None:
    """In numbers, and does nothing, also where it is confirmed as well."""
    server.one_page = True
    line = [*command.split(), *CAREFUL[command].split(), "--dry-run", "--yes"]

    result = runner.invoke(app, line)
    told = runner.invoke(app, [*line, "--json"])

    assert result.exit_code == told.exit_code == 0, result.output
    assert "Nothing was done" in result.stdout
    assert json.loads(told.stdout)["dryRun"] is True
    assert changed(server) == []


def test_every_method_that_can_only_be_asked_has_its_option() -> None:
    """`--dry-run`; where the answer says more than the deed's, `--validate-only`."""
    commands = {" ".join(words): command for words, command in every_command()}
    without = set()
    for path, line, _ in COMMANDS:
        command = commands.get(" ".join(line.split()[:2]))
        options = {param.name for param in command.params} if command is not None else set()
        if takes_validate_only(every_method()[path]) and not options & {"dry_run", "validate_only"}:
            without.add(line)

    assert without == set()


@pytest.mark.parametrize(
    ("scope", "page", "told"),
    [
        (
            "account acct_1",
            pace_service_pb2.GetQueueResponse(waiting=41),
            "41 actions that wait stand still",
        ),
        (
            "organization org_1",
            account_service_pb2.ListAccountsResponse(accounts=[{}, {}]),
            "2 accounts of it do nothing",
        ),
        (
            "everything",
            organization_service_pb2.ListOrganizationsResponse(
                organizations=[{}], next_page_token="more"
            ),
            "no account of 1 or more organizations",
        ),
    ],
)
def test_what_a_hold_stops_is_counted(
    server: Server, runner: CliRunner, scope: str, page: Message, told: str
) -> None:
    """Of an account, an organization, and everything; with --yes nothing is counted."""
    server.pages = [page]

    asked = runner.invoke(app, ["holds", "put", *scope.split(), "--reason", "r", "--dry-run"])
    server.asked.clear()
    done = runner.invoke(app, ["holds", "put", *scope.split(), "--reason", "r", "--yes"])

    assert told in " ".join(asked.stdout.split())
    assert done.exit_code == 0
    assert [path.rpartition("/")[2] for path, _ in server.asked] == ["PutHold"]


@pytest.mark.parametrize("scope", enum_names(hold_pb2.HoldScope.DESCRIPTOR))
def test_every_scope_says_what_it_stops(server: Server, runner: CliRunner, scope: str) -> None:
    """A scope that is added fails here until it does."""
    server.one_page = True

    result = runner.invoke(app, ["holds", "put", scope, "x_1", "--reason", "r", "--dry-run"])

    assert result.exit_code == 0, result.output
    assert "until it is lifted" in " ".join(result.stdout.split())


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://a.example", "a.example"),
        ("https://hooks.example:8443/services/T0/B1/s3cret?token=s3cret", "hooks.example"),
        ("mailto:s3cret@mail.example", "mail.example"),
    ],
)
def test_what_an_endpoint_loses_is_counted(
    server: Server, runner: CliRunner, url: str, host: str
) -> None:
    """What waits for it is dropped with it; of its address the host is told, and no secret."""
    server.pages = [
        webhook_service_pb2.DeleteEndpointResponse(),
        webhook_service_pb2.ListDeliveriesResponse(deliveries=[{}, {}, {}]),
        webhook_service_pb2.GetEndpointResponse(endpoint={"url": url}),
    ]

    result = runner.invoke(app, ["webhooks", "delete", "ep_1", "--dry-run"])

    told = " ".join(result.stdout.split())
    assert f"Deletes {host} (ep_1): 3 deliveries to it that wait are dropped" in told
    assert "s3cret" not in result.output


def test_who_disables_an_endpoint_is_shown_no_secret(server: Server, runner: CliRunner) -> None:
    """What is asked names it by its host and its id."""
    server.pages = [
        webhook_service_pb2.ListDeliveriesResponse(),
        webhook_service_pb2.GetEndpointResponse(endpoint={"url": "https://a.example/s3cret"}),
    ]

    result = runner.invoke(app, ["webhooks", "disable", "ep_1"])

    assert "Disables a.example (ep_1): 0 deliveries" in " ".join(result.output.split())
    assert "s3cret" not in result.output
    assert changed(server) == []


def test_who_may_be_contacted_again_is_named(server: Server, runner: CliRunner) -> None:
    """By the list of the organization, as ids say nothing to people."""
    server.pages = [
        suppression_service_pb2.ListSuppressionsResponse(
            suppressions=[
                {"suppression_id": "sup_0", "company": "Other Ltd"},
                {"suppression_id": "sup_1", "email_domain": "example.com"},
            ]
        )
    ]

    result = runner.invoke(app, ["suppressions", "remove", "sup_1", "--dry-run"])

    assert "contact again with example.com" in " ".join(result.stdout.split())


@pytest.mark.parametrize("command", ["approve", "reject", "revert"])
def test_who_answers_is_told_what_is_decided(
    server: Server, runner: CliRunner, command: str
) -> None:
    """In the decision's own sentence, not by its id alone; and nothing is done unasked."""
    told = "Proposed to release 15 of 240 ready leads (rule daily_selection, version 1)."
    server.pages = [GetDecisionResponse(decision={"decision_id": "dec_1", "sentence": told})]

    result = runner.invoke(app, ["decisions", command, "dec_1", "--dry-run"])

    assert result.exit_code == 0, result.output
    assert f"dec_1: {told}" in " ".join(result.stdout.split())
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert changed(server) == []


def test_what_a_stop_ends_is_counted(server: Server, runner: CliRunner) -> None:
    """Who is in the sequence, who waits, who is over."""
    campaign = campaign_pb2.Campaign(
        campaign_id="camp_1", name="Spring", state=campaign_pb2.CAMPAIGN_STATE_RUNNING
    )
    status = campaign_pb2.CampaignStatus(running=41, ready=300, held_back=7, replied=12, failed=3)
    server.pages = [
        pb.StopCampaignResponse(),
        pb.GetCampaignStatusResponse(status=status),
        pb.GetCampaignResponse(campaign=campaign),
    ]

    result = runner.invoke(app, ["campaigns", "stop", "camp_1", "--dry-run"])

    told = " ".join(result.stdout.split())
    assert "'Spring' (camp_1, running)" in told
    assert "41 leads in the sequence are ended where they stand" in told
    assert "307 that wait never begin, 15 are over already" in told
