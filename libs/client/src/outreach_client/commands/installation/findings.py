"""What is wrong with an installation, judged by what it answers, each with what to do."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from outreach.campaign.v1 import workflow_pb2
from outreach.identity.v1 import token_service_pb2
from outreach.linkedin.v1 import account_pb2, hold_pb2, hold_service_pb2
from outreach.webhook.v1 import webhook_service_pb2

from outreach_client.formats.durations import duration_text
from outreach_client.formats.enums import enum_text


class Grade(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "ERROR"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at, and what to do about it."""

    check: str
    grade: Grade
    found: str
    do: str = ""


_EXPIRES_SOON = timedelta(days=7)
_TOLD = 3
_STATES = account_pb2.AccountState.DESCRIPTOR


def ok(check: str, found: str) -> Finding:
    """Nothing is to be done."""
    return Finding(check=check, grade=Grade.OK, found=found)


def wrong(check: str, found: str, do: str, *, grade: Grade = Grade.ERROR) -> Finding:
    """Something is to be done."""
    return Finding(check=check, grade=grade, found=found, do=do)


def of_file_mode(name: str, path: str, mode: int) -> Finding:
    """Of a file with a secret in it."""
    check = f"file of {name}"
    if mode & 0o077:
        return wrong(check, f"{path} can be read by others ({mode:o})", f"chmod 600 {path}")
    return ok(check, f"{path} is read by its owner alone")


def of_certificate(check: str, not_after: datetime, moment: datetime) -> Finding:
    """Of a certificate, whoever shows it."""
    if not_after <= moment:
        do = "Have it issued anew: docs/security.md"
        return wrong(check, f"expired {not_after:%Y-%m-%d %H:%M}Z", do)
    if not_after - moment < _EXPIRES_SOON:
        do = "Renew it; whatever renews certificates here has stopped"
        told = f"expires {not_after:%Y-%m-%d %H:%M}Z"
        return wrong(check, told, do, grade=Grade.WARNING)
    return ok(check, f"until {not_after:%Y-%m-%d}")


def of_caller(answer: token_service_pb2.WhoAmIResponse, organization: str) -> Finding:
    """Of who calls, and for whom commands ask."""
    check = "who calls"
    if organization and answer.organization_id not in ("", organization):
        return wrong(
            check,
            f"{answer.subject} of {answer.organization_id}, but commands ask for {organization}",
            f"outreach config set organization {answer.organization_id}, or unset"
            " OUTREACH_ORGANIZATION",
        )
    if not answer.permissions:
        do = "An administrator gives the member a role: outreach members update"
        return wrong(check, f"{answer.subject} may do nothing", do)
    return ok(check, f"{answer.subject}, {len(answer.permissions)} permissions")


def of_temporal(health: workflow_pb2.TemporalHealth) -> Iterator[Finding]:
    """Of what moves leads: whether it answers, what its namespace knows, who works."""
    if not health.reachable:
        told = f"away: {health.why_unreachable} {health.address}".rstrip()
        yield wrong("Temporal", told, "docs/runbook.md; TEMPORAL_ADDRESS of campaign-api")
        return
    latency = duration_text(health.latency)
    yield ok("Temporal", f"{health.server_version} at {health.address}, answers in {latency}")
    yield ok("Temporal namespace", health.namespace)
    missing = [each.name for each in health.search_attributes if not each.registered]
    if missing:
        do = f"temporal operator search-attribute create --namespace {health.namespace} --name …"
        yield wrong("search attributes", f"missing: {', '.join(missing)}", do)
    else:
        yield ok("search attributes", f"{len(health.search_attributes)} are known")
    idle = sorted({each.name for each in health.task_queues if not each.pollers})
    if idle:
        do = "Start outreach-worker, or see why it does not poll: its log, its /readyz"
        yield wrong("pollers", f"nobody works on {', '.join(idle)}", do)
    else:
        yield ok("pollers", f"{sum(each.pollers for each in health.task_queues)} poll")
    if not health.encrypted:
        do = "What workflows carry is readable at Temporal: docs/security.md"
        yield wrong("payloads", "not encrypted by us", do, grade=Grade.WARNING)


def of_holds(answer: hold_service_pb2.ListHoldsResponse) -> Iterator[Finding]:
    """Of stops, and of a database that refuses to write or whose clock was set."""
    if answer.write_refusal:
        do = "docs/runbook.md; after a clock that was set forward: outreach internal confirm-clock"
        yield wrong("gateway's database", answer.write_refusal, do)
    else:
        yield ok("gateway's database", "writes")
    everything = [each for each in answer.holds if each.scope == hold_pb2.HOLD_SCOPE_EVERYTHING]
    if everything:
        do = "Once its reason is gone: outreach holds lift everything"
        yield wrong("holds", f"everything is held: {everything[0].reason}", do)
    elif answer.holds:
        told = f"{len(answer.holds)} in force"
        yield wrong("holds", told, "outreach holds list", grade=Grade.WARNING)
    else:
        yield ok("holds", "none")


def of_accounts(
    accounts: Iterable[account_pb2.Account], *, more: bool = False
) -> Iterator[Finding]:
    """Of who sends; `more` than these there are, if they are the first ones."""
    known = [each for each in accounts if each.state != account_pb2.ACCOUNT_STATE_REMOVED]
    count = f"{'the first ' if more else ''}{len(known)}"
    if not known and not more:
        do = "outreach accounts connect-link, or outreach accounts register"
        yield wrong("accounts", "there are none: nobody sends", do)
        return
    away = [each for each in known if each.state != account_pb2.ACCOUNT_STATE_CONNECTED]
    if len(away) == len(known):
        do = "If that came at once: UNIPILE_ACCESS_TOKEN and UNIPILE_DSN of linkedin-gateway"
        yield wrong("accounts", f"none of {count} is connected", do)
    else:
        yield ok("accounts", f"{len(known) - len(away)} of {count} are connected")
    for each in away[:_TOLD]:
        state = enum_text(_STATES, each.state)
        do = f"outreach accounts connect-link --account {each.account_id}"
        yield wrong(f"account {each.name or each.account_id}", state, do, grade=Grade.WARNING)


def of_endpoints(
    endpoints: Iterable[webhook_service_pb2.Endpoint], *, more: bool = False
) -> Iterator[Finding]:
    """Of who hears what happens; `more` than these there are, if they are the first ones."""
    known = [*endpoints]
    off = [each for each in known if each.HasField("disable_time")]
    for each in off[:_TOLD]:
        do = f"Mend it, then: outreach webhooks enable {each.endpoint_id}"
        yield wrong("webhook", f"{each.url} is disabled", do, grade=Grade.WARNING)
    if not off:
        yield ok("webhooks", f"{'the first ' if more else ''}{len(known)} are told")
