"""`outreach doctor` names what is wrong, and what to do; `version` and `open` tell the rest."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from outreach.campaign.v1 import workflow_pb2, workflow_service_pb2
from outreach.identity.v1 import token_service_pb2
from outreach.installation.v1 import installation_service_pb2, server_info_pb2
from outreach.linkedin.v1 import account_pb2, account_service_pb2, hold_pb2, hold_service_pb2
from outreach.webhook.v1 import webhook_service_pb2
from outreach_client.cli import app
from outreach_client.commands.installation.findings import (
    Grade,
    of_accounts,
    of_certificate,
    of_endpoints,
)
from outreach_client.services.members import MEMBERS, OF_EACH
from servicekit.errors import PermissionDenied, ServiceError, Unauthenticated
from typer.testing import CliRunner

from tests.unit.outreach_client.conftest import Server

CONNECTED = account_pb2.Account(
    account_id="acct_1", name="Ada", state=account_pb2.ACCOUNT_STATE_CONNECTED
)
AWAY = account_pb2.Account(
    account_id="acct_2", name="Bob", state=account_pb2.ACCOUNT_STATE_DISCONNECTED
)
DISABLED = webhook_service_pb2.Endpoint(
    endpoint_id="ep_1", url="https://a.example", disable_time={"seconds": 1}
)


class Installation(Server):
    """Servers with nothing wrong, but for what a test says."""

    def __init__(self) -> None:
        super().__init__()
        temporal = workflow_pb2.TemporalHealth(
            reachable=True,
            address="temporal:7233",
            namespace="outreach",
            encrypted=True,
            server_version="1.29",
            search_attributes=[{"name": "CampaignId", "registered": True}],
            task_queues=[
                {
                    "name": "leads",
                    "pollers": 2,
                    "workers": [
                        {"service": "outreach-worker", "version": "0.1.0", "replicas": 2},
                        {"service": "webhook-dispatcher", "version": "0.1.0", "replicas": 1},
                    ],
                }
            ],
        )
        self.answers: dict[str, Message] = {
            "WhoAmI": token_service_pb2.WhoAmIResponse(
                subject="mem_1", organization_id="org_1", permissions=["campaigns.read"]
            ),
            "GetTemporalHealth": workflow_service_pb2.GetTemporalHealthResponse(health=temporal),
            "GetServerInfo": installation_service_pb2.GetServerInfoResponse(
                server_info=server_info_pb2.ServerInfo(
                    service="linkedin-gateway",
                    version="0.1.0",
                    schemas=[
                        {
                            "schema": "gateway",
                            "expected_revision": "0034",
                            "found_revision": "0034",
                        }
                    ],
                    database_clock_offset={"nanos": 2_000_000},
                    checks=[{"name": "postgres", "passed": True, "required": True}],
                    temporal={"address": "temporal:7233", "namespace": "outreach"},
                    unipile={
                        "address": "https://api.example:13111",
                        "public_url": "https://hooks.example",
                        "webhook_sources": ["messaging", "users"],
                    },
                )
            ),
            "ListHolds": hold_service_pb2.ListHoldsResponse(),
            "ListAccounts": account_service_pb2.ListAccountsResponse(accounts=[CONNECTED]),
            "ListEndpoints": webhook_service_pb2.ListEndpointsResponse(),
        }
        self.first: dict[str, list[Message]] = {}
        """Pages that are answered before."""
        self.health = health.HealthServicer()

    def _filled(self, answer: Message) -> Message:
        name = type(answer).DESCRIPTOR.name.removesuffix("Response")
        if self.first.get(name):
            return self.first[name].pop(0)
        return self.answers.get(name) or super()._filled(answer)

    @property
    def info(self) -> Any:
        answer: Any = self.answers["GetServerInfo"]
        return answer.server_info

    @property
    def temporal(self) -> Any:
        answer: Any = self.answers["GetTemporalHealth"]
        return answer.health


@pytest.fixture
def installation(server: Server, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Where the environment says servers are, with health and reflection as ours have."""
    del server
    made = Installation()
    running = grpc.server(ThreadPoolExecutor(4), handlers=[made])
    health_pb2_grpc.add_HealthServicer_to_server(made.health, running)
    everybodys = [each for of in OF_EACH.values() for each in of.values()]
    names = [each.descriptor.full_name for each in (*MEMBERS.values(), *everybodys)]
    reflection.enable_server_reflection([*names, reflection.SERVICE_NAME], running)
    port = running.add_insecure_port("127.0.0.1:0")
    running.start()
    for name in ("CAMPAIGN_API", "GATEWAY", "DISPATCHER"):
        monkeypatch.setenv(f"OUTREACH_{name}_ADDRESS", f"127.0.0.1:{port}")
    yield made
    running.stop(None).wait()


def diagnosis(runner: CliRunner) -> tuple[int, list[dict[str, str]]]:
    result = runner.invoke(app, ["doctor", "--json"])
    return result.exit_code, json.loads(result.stdout)


def test_nothing_is_wrong(installation: Installation, runner: CliRunner) -> None:
    """Every check says ok, and the exit code is 0."""
    del installation
    code, rows = diagnosis(runner)

    assert code == 0
    assert {row["state"] for row in rows} == {"ok"}
    assert {"campaign-api", "linkedin-gateway", "webhook-dispatcher"} <= {r["check"] for r in rows}


def _no_pollers(made: Installation) -> None:
    made.temporal.task_queues[0].pollers = 0


def _no_attribute(made: Installation) -> None:
    made.temporal.search_attributes[0].registered = False


def _no_temporal(made: Installation) -> None:
    made.answers["GetTemporalHealth"] = workflow_service_pb2.GetTemporalHealthResponse(
        health=workflow_pb2.TemporalHealth(address="temporal:7233", why_unreachable="refused")
    )


def _not_encrypted(made: Installation) -> None:
    made.temporal.encrypted = False


def _not_serving(made: Installation) -> None:
    made.health.set("", health_pb2.HealthCheckResponse.NOT_SERVING)


def _wrong_key(made: Installation) -> None:
    made.refusal = Unauthenticated()


def _other_organization(made: Installation) -> None:
    made.answers["WhoAmI"].organization_id = "org_2"  # type: ignore[attr-defined]


def _no_role(made: Installation) -> None:
    made.answers["WhoAmI"].ClearField("permissions")


def _no_writes(made: Installation) -> None:
    made.answers["ListHolds"] = hold_service_pb2.ListHoldsResponse(
        write_refusal="Its clock was set forward."
    )


def _all_held(made: Installation) -> None:
    hold = hold_pb2.Hold(scope=hold_pb2.HOLD_SCOPE_EVERYTHING, reason="a try")
    made.answers["ListHolds"] = hold_service_pb2.ListHoldsResponse(holds=[hold])


def _accounts(*accounts: account_pb2.Account) -> Callable[[Installation], None]:
    def seeded(made: Installation) -> None:
        made.answers["ListAccounts"] = account_service_pb2.ListAccountsResponse(accounts=accounts)

    return seeded


def _failed(name: str, *, required: bool = False) -> Callable[[Installation], None]:
    def seeded(made: Installation) -> None:
        made.info.checks.add(name=name, found="It is away.", required=required)

    return seeded


def _other_build(made: Installation) -> None:
    made.temporal.task_queues[0].workers[0].revision = "4f2a91c"


def _schema_at(revision: str) -> Callable[[Installation], None]:
    def seeded(made: Installation) -> None:
        made.info.schemas[0].found_revision = revision

    return seeded


def _clock_off_by(seconds: int) -> Callable[[Installation], None]:
    def seeded(made: Installation) -> None:
        made.info.database_clock_offset.FromSeconds(seconds)

    return seeded


def _expired(made: Installation) -> None:
    made.info.certificate_expire_time.FromJsonString("2020-01-01T00:00:00Z")


def _public_url(url: str) -> Callable[[Installation], None]:
    def seeded(made: Installation) -> None:
        made.info.unipile.public_url = url

    return seeded


def _disabled(made: Installation) -> None:
    made.answers["ListEndpoints"] = webhook_service_pb2.ListEndpointsResponse(endpoints=[DISABLED])


SEEDED: dict[str, tuple[Callable[[Installation], None], str, str]] = {
    "no pollers": (_no_pollers, "pollers", "outreach-worker"),
    "a search attribute is missing": (_no_attribute, "search attributes", "search-attribute"),
    "Temporal is away": (_no_temporal, "Temporal", "TEMPORAL_ADDRESS"),
    "payloads are not encrypted": (_not_encrypted, "payloads", "security.md"),
    "a server does not serve": (_not_serving, "campaign-api", "/readyz"),
    "the key opens nothing": (_wrong_key, "who calls", "outreach login"),
    "another organization": (_other_organization, "who calls", "config set organization org_2"),
    "no role": (_no_role, "who calls", "members update"),
    "the database does not write": (_no_writes, "gateway's database", "confirm-clock"),
    "the key opens nothing at Unipile": (
        _failed("unipile"),
        "unipile of linkedin-gateway",
        "UNIPILE_ACCESS_TOKEN",
    ),
    "webhooks are not registered": (
        _failed("webhooks"),
        "webhooks of linkedin-gateway",
        "LINKEDIN_GATEWAY_WEBHOOK_PUBLIC_URL",
    ),
    "a service does not find another": (
        _failed("campaign-api"),
        "campaign-api of linkedin-gateway",
        "LINKEDIN_GATEWAY_CAMPAIGN_API_ADDRESS",
    ),
    "the database is away": (
        _failed("postgres", required=True),
        "postgres of linkedin-gateway",
        "LINKEDIN_GATEWAY_DATABASE_URL",
    ),
    "one part is of another build": (_other_build, "versions", "Roll all of them out"),
    "a schema is behind": (_schema_at("0031"), "schema gateway", "linkedin_gateway.migrate"),
    "a schema is ahead": (_schema_at("0035"), "schema gateway", "Roll linkedin-gateway out"),
    "clocks differ": (_clock_off_by(-5), "clock of linkedin-gateway", "NTP"),
    "the clock is wrong": (_clock_off_by(900), "clock of linkedin-gateway", "confirm-clock"),
    "a server's certificate has ended": (
        _expired,
        "certificate of linkedin-gateway",
        "issued anew",
    ),
    "the public URL is none": (_public_url("https://10.0.0.7:8080"), "public URL", "https"),
    "the public URL is a name of ours": (_public_url("https://gateway"), "public URL", "https"),
    "the public URL is plain": (_public_url("http://hooks.example"), "public URL", "https"),
    "everything is held": (_all_held, "holds", "holds lift everything"),
    "no account": (_accounts(), "accounts", "connect-link"),
    "no account is connected": (_accounts(AWAY), "accounts", "UNIPILE_ACCESS_TOKEN"),
    "an account is away": (_accounts(CONNECTED, AWAY), "account Bob", "--account acct_2"),
    "an endpoint is disabled": (_disabled, "webhook", "webhooks enable ep_1"),
}


@pytest.mark.parametrize("seeded", SEEDED)
def test_what_is_wrong_is_named(installation: Installation, runner: CliRunner, seeded: str) -> None:
    """The check that it is, what to do about it, and no other error."""
    seed, check, do = SEEDED[seeded]
    seed(installation)

    code, rows = diagnosis(runner)

    wrong = [row for row in rows if row["state"] != "ok"]
    named = next(row for row in wrong if row["check"] == check)
    assert do in named["do"]
    assert named["found"]
    assert code == (5 if any(row["state"] == "ERROR" for row in wrong) else 0)
    assert len(wrong) <= 3


def test_every_page_is_judged(installation: Installation, runner: CliRunner) -> None:
    """What is wrong on the second one is named as on the first."""
    installation.first = {
        "ListAccounts": [
            account_service_pb2.ListAccountsResponse(accounts=[CONNECTED], next_page_token="2")
        ],
        "ListEndpoints": [
            webhook_service_pb2.ListEndpointsResponse(
                endpoints=[{"endpoint_id": "ep_0"}], next_page_token="2"
            )
        ],
    }
    _accounts(AWAY)(installation)
    _disabled(installation)

    _, rows = diagnosis(runner)

    found = {row["check"]: row["found"] for row in rows}
    assert found["accounts"] == "1 of 2 are connected"
    assert found["account Bob"] == "disconnected"
    assert found["webhook"] == "https://a.example is disabled"


def test_where_more_were_not_looked_at_that_is_told() -> None:
    """Nobody takes the first ones for all."""
    accounts = [each.found for each in of_accounts([CONNECTED, AWAY], more=True)]
    away = [each.found for each in of_accounts([AWAY], more=True)]
    (endpoints,) = of_endpoints([webhook_service_pb2.Endpoint()], more=True)

    assert accounts[0] == "1 of the first 2 are connected"
    assert away[0] == "none of the first 1 is connected"
    assert endpoints.found == "the first 1 are told"


def test_a_server_that_is_away_is_named(
    installation: Installation, runner: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are looked at all the same."""
    del installation
    monkeypatch.setenv("OUTREACH_DISPATCHER_ADDRESS", "127.0.0.1:1")
    monkeypatch.setenv("OUTREACH_TIMEOUT", "1")

    code, rows = diagnosis(runner)

    assert code == 5
    by_check = {row["check"]: row for row in rows}
    assert by_check["webhook-dispatcher"]["state"] == "ERROR"
    assert by_check["linkedin-gateway"]["state"] == by_check["Temporal"]["state"] == "ok"


def test_files_and_settings_are_looked_at(
    installation: Installation, runner: CliRunner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A secret that others read, a certificate that is none, a setting that is none."""
    del installation
    (tmp_path / "config").mkdir()
    key = tmp_path / "config" / "api-key"
    key.write_text("a-key\n")
    key.chmod(0o644)
    monkeypatch.setenv("OUTREACH_TLS_AUTHORITIES_FILE", str(key))
    _, rows = diagnosis(runner)
    monkeypatch.setenv("OUTREACH_TIMEOUT", "soon")
    _, unread = diagnosis(runner)

    by_check = {row["check"]: row for row in rows}
    assert by_check["file of API key"]["do"].startswith("chmod 600")
    assert by_check["OUTREACH_TLS_AUTHORITIES_FILE"]["state"] == "ERROR"
    assert "OUTREACH_TIMEOUT" in unread[-1]["found"]


NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("left", "grade"),
    [(timedelta(0), Grade.ERROR), (timedelta(days=3), Grade.WARNING), (timedelta(30), Grade.OK)],
)
def test_a_certificate_is_judged_by_what_is_left_of_it(left: timedelta, grade: Grade) -> None:
    """Expired, soon, or not for a while."""
    assert of_certificate("x", NOON + left, NOON).grade is grade


def test_servers_are_told_to_be_as_the_client(
    installation: Installation, runner: CliRunner
) -> None:
    """By the methods that they have, which they tell to everybody."""
    del installation
    result = runner.invoke(app, ["version", "--json"])

    assert result.exit_code == 0, result.output
    client, *rows = json.loads(result.stdout)
    worker = rows.pop()
    assert client["part"] == "client"
    assert client["version"]
    assert {row["contract"] for row in rows} == {"as the client's"}
    assert {row["version"] for row in rows} == {"0.1.0"}
    assert worker == {"part": "outreach-worker", "version": "0.1.0", "contract": ""}


def test_versions_that_are_not_told_say_why(installation: Installation, runner: CliRunner) -> None:
    """Who may not see them still hears whether servers have what is called."""
    installation.refusal = PermissionDenied()

    result = runner.invoke(app, ["version", "--json"])

    _, *rows = json.loads(result.stdout)
    assert result.exit_code == 0
    assert {row["version"] for row in rows} == {"not told: our own staff may see it"}
    assert [row["contract"] for row in rows] == ["as the client's"] * 3 + [""]


@pytest.mark.usefixtures("server")
def test_addresses_are_printed(runner: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a campaign at Temporal, and of a lead; where nobody said where, that is told."""
    unset = runner.invoke(app, ["open"])
    monkeypatch.setenv("OUTREACH_TEMPORAL_UI_ADDRESS", "http://127.0.0.1:8233/")
    monkeypatch.setenv("OUTREACH_PAGES_ADDRESS", "https://pages.example")

    campaign = runner.invoke(app, ["open", "camp_1", "-q"])
    lead = runner.invoke(app, ["open", "camp_1", "lead_1", "-q"])

    assert unset.exit_code == 2
    assert campaign.stdout.split() == [
        "https://pages.example/campaigns/camp_1",
        "http://127.0.0.1:8233/namespaces/default/workflows/campaign%2Fcamp_1",
    ]
    assert lead.stdout.split()[1].endswith("/lead%2Fcamp_1%2Flead_1")


def test_a_refusal_of_one_look_is_no_end(installation: Installation, runner: CliRunner) -> None:
    """What the caller may not see is said to be so."""
    assert issubclass(Unauthenticated, ServiceError)
    installation.answers["ListAccounts"] = account_service_pb2.ListAccountsResponse()

    code, rows = diagnosis(runner)

    assert code == 5
    assert [row["check"] for row in rows][-1] == "webhooks"
