"""What is wrong with a server, judged by what it tells of itself, each with what to do."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from outreach.installation.v1 import server_info_pb2

from outreach_client.commands.installation.findings import (
    Finding,
    Grade,
    of_certificate,
    ok,
    wrong,
)
from outreach_client.formats.durations import duration_text

_CLOCKS_DIFFER = timedelta(seconds=2)
_CLOCKS_ARE_WRONG = timedelta(seconds=30)
"""Tokens are believed or refused by less."""

_PREFIXES = {
    "campaign-api": "CAMPAIGN_API",
    "linkedin-gateway": "LINKEDIN_GATEWAY",
    "webhook-dispatcher": "WEBHOOK_DISPATCHER",
}
_DO = {
    "certificate": "Have it issued anew: docs/security.md",
    "certificate files": "Its files do not belong together; the ones of before are in force",
    "encryption": "Give it a certificate, or say which mesh encrypts: docs/security.md",
    "linkedin-gateway": "Does it serve? Its address: {prefix}_GATEWAY_ADDRESS",
    "postgres": "Is PostgreSQL up, and {prefix}_DATABASE_URL its address?",
    "row security": "Give it the role of docs/security.md in {prefix}_DATABASE_URL",
    "schema": "python -m {module}.migrate",
    "schema identity": "python -m {module}.migrate",
    "temporal": "Is Temporal up, and TEMPORAL_ADDRESS its address? docs/runbook.md",
    "unipile": "UNIPILE_DSN and UNIPILE_ACCESS_TOKEN of linkedin-gateway; Unipile's own status",
    "webhook-dispatcher": "Does it serve? Its address: {prefix}_DISPATCHER_ADDRESS",
    "campaign-api": "Does it serve? Its address: {prefix}_CAMPAIGN_API_ADDRESS",
    "webhooks": "LINKEDIN_GATEWAY_WEBHOOK_PUBLIC_URL: where Unipile reaches the gateway",
    "writes": "docs/runbook.md: a database that refuses to write",
}
"""By what a server looks at; everything else is in its log."""
_ERRORS = frozenset({"unipile", "webhooks", "writes"})
"""What it serves without, and no campaign gets on."""


def of_server(told: server_info_pb2.ServerInfo, moment: datetime) -> Iterator[Finding]:
    """Of one of them."""
    yield from _of_schemas(told)
    yield from _of_clock(told)
    if told.HasField("certificate_expire_time"):
        ends = told.certificate_expire_time.ToDatetime(tzinfo=UTC)
        yield of_certificate(f"certificate of {told.service}", ends, moment)
    failed = [each for each in told.checks if not each.passed]
    for each in failed:
        prefix = _PREFIXES.get(told.service, "")
        do = _DO.get(each.name, "Its log says more").format(
            prefix=prefix, module=prefix.lower() or "SERVICE"
        )
        grade = Grade.ERROR if each.required or each.name in _ERRORS else Grade.WARNING
        yield wrong(f"{each.name} of {told.service}", each.found, do, grade=grade)
    if told.checks and not failed:
        yield ok(f"checks of {told.service}", f"{len(told.checks)} passed")
    if told.HasField("unipile"):
        yield from _of_unipile(told.unipile)


def of_builds(builds: Mapping[str, str]) -> Finding:
    """Of which build each part is."""
    if len({*builds.values()}) <= 1:
        return ok("versions", next(iter(builds.values()), "of nothing"))
    told = ", ".join(f"{part} is {build}" for part, build in builds.items())
    do = "Roll all of them out to one build; while that goes on this is as it should be"
    return wrong("versions", told, do, grade=Grade.WARNING)


def of_contract(server: str, missing: Sequence[str]) -> Finding:
    """Of what the client would call and a server has not."""
    if not missing:
        return ok(f"contract of {server}", "as the client's")
    do = f"Update {server}, or install the client of its version: outreach version"
    return wrong(f"contract of {server}", f"it has no {', '.join(missing[:3])}", do)


def of_namespaces(told: Iterable[server_info_pb2.ServerInfo]) -> Iterator[Finding]:
    """Of where the workflows of several are: in one place, or nobody finds those of another."""
    places = {each.service: each.temporal.namespace for each in told if each.HasField("temporal")}
    if len({*places.values()}) > 1:
        found = ", ".join(f"{service} uses {each}" for service, each in places.items())
        yield wrong("Temporal namespaces", found, "One TEMPORAL_NAMESPACE for all services")


def _of_schemas(told: server_info_pb2.ServerInfo) -> Iterator[Finding]:
    for each in told.schemas:
        check, found, needed = f"schema {each.schema}", each.found_revision, each.expected_revision
        if not found:
            # Who cannot read it says so by a check of its own.
            continue
        if found < needed:
            module = _PREFIXES.get(told.service, "SERVICE").lower()
            do = f"python -m {module}.migrate, with the settings of {told.service}"
            yield wrong(check, f"is at {found}, and {told.service} needs {needed}", do)
        elif found > needed:
            do = f"Roll {told.service} out as well: a newer release has migrated it"
            gone = f"is at {found}, and {told.service} was built for {needed}"
            yield wrong(check, gone, do, grade=Grade.WARNING)
        else:
            yield ok(check, f"at {found}, as {told.service} needs it")


def _of_clock(told: server_info_pb2.ServerInfo) -> Iterator[Finding]:
    if not told.HasField("database_clock_offset"):
        return
    check, offset = f"clock of {told.service}", told.database_clock_offset.ToTimedelta()
    if abs(offset) < _CLOCKS_DIFFER:
        yield ok(check, "as the database's")
        return
    shown = told.database_clock_offset
    way = "ahead" if offset > timedelta() else "behind"
    found = f"the database's is {duration_text(shown).lstrip('-')} {way} of it"
    grade = Grade.ERROR if abs(offset) >= _CLOCKS_ARE_WRONG else Grade.WARNING
    do = "Have NTP set both; if it was the database's: docs/runbook.md, confirm-clock"
    yield wrong(check, found, do, grade=grade)


def _of_unipile(told: server_info_pb2.UnipileInfo) -> Iterator[Finding]:
    if told.webhook_sources:
        yield ok("webhooks of Unipile", f"{', '.join(told.webhook_sources)} are registered")
    if not told.public_url:
        # The gateway's own check says that there is none.
        return
    host = urlsplit(told.public_url).hostname or ""
    if told.simulated:
        yield ok("public URL", f"{told.public_url}, for a simulator")
    elif _is_private(host) or not told.public_url.startswith("https://"):
        do = "LINKEDIN_GATEWAY_WEBHOOK_PUBLIC_URL: an address that the internet has, by https"
        yield wrong("public URL", f"Unipile cannot reach {told.public_url}", do)
    else:
        yield ok("public URL", told.public_url)


def _is_private(host: str) -> bool:
    """Whether the internet does not have it: no name of it, or an address of its own."""
    try:
        return not ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith((".local", ".internal", ".svc"))
