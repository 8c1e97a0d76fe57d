"""`outreach doctor`: look at everything that commands and campaigns need, and say what to do."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import typer

from outreach_client.commands.groups import group
from outreach_client.commands.installation.findings import (
    Finding,
    Grade,
    of_accounts,
    of_caller,
    of_certificate,
    of_endpoints,
    of_file_mode,
    of_holds,
    of_temporal,
    ok,
    wrong,
)
from outreach_client.commands.installation.server_findings import (
    of_builds,
    of_contract,
    of_namespaces,
    of_server,
)
from outreach_client.commands.installation.servers import (
    WITHIN,
    builds_of,
    missing_methods,
    workers_of,
)
from outreach_client.exit_codes import ExitCode
from outreach_client.formats.facts import print_facts
from outreach_client.formats.output import console
from outreach_client.formats.shown import shown
from outreach_client.profiles.profiles import key_file, profiles_file, read_profiles
from outreach_client.profiles.used import used_profile
from outreach_client.session import AsJson, end_as

if TYPE_CHECKING:
    from outreach_client.client import OutreachClient
    from outreach_client.services.members import Server
    from outreach_client.settings import Settings

app = group()

_WITHIN = 5.0
"""Seconds for one look."""
_MOST = 10_000
"""Accounts, and endpoints, that are judged; where there are more, that is told."""
_COLUMN = 8


@app.command()
def doctor(*, as_json: AsJson = False) -> None:
    """Look at all that commands and campaigns need; exit code 5 where something is wrong."""
    import asyncio  # noqa: PLC0415 - only for who makes a call

    del as_json
    findings = asyncio.run(_looked())
    if shown().format.for_programs:
        rows = [
            {"check": each.check, "state": each.grade.value, "found": each.found, "do": each.do}
            for each in findings
        ]
        print_facts(rows, name="check")
    else:
        _print(findings)
    if any(each.grade is Grade.ERROR for each in findings):
        end_as(ExitCode.NOT_IN_THIS_STATE)


def _print(findings: Iterable[Finding]) -> None:
    """A line for what was found, and one below it for what to do."""
    out = console()
    for each in findings:
        out.print(f"{each.grade:<{_COLUMN}}{each.check}: {each.found}", soft_wrap=False)
        if each.do:
            out.print(f"{'':<{_COLUMN}}-> {each.do}", soft_wrap=False)


async def _looked() -> list[Finding]:
    found = [*_files()]
    try:
        from outreach_client.conversation import read_settings  # noqa: PLC0415 - as in `session`

        settings = read_settings()
    except typer.TyperException as error:
        return [*found, wrong("settings", error.format_message(), "outreach config show")]
    found += _certificates(settings)
    found += [each async for each in _servers()]
    found += [each async for each in _inside()]
    return found


def _files() -> Iterable[Finding]:
    for name, path in (("profiles", profiles_file()), ("API key", key_file(used_profile()))):
        if path.exists() and os.name == "posix":
            yield of_file_mode(name, str(path), path.stat().st_mode & 0o777)


def _certificates(settings: "Settings") -> Iterable[Finding]:
    from servicekit.credentials.certificates import now, read_certificate  # noqa: PLC0415

    for name in ("tls_authorities_file", "tls_certificate_file"):
        path = getattr(settings, name)
        if path is None:
            continue
        check = f"OUTREACH_{name}".upper()
        try:
            yield of_certificate(check, read_certificate(path).not_after, now())
        except (ValueError, OSError) as error:
            yield wrong(check, str(error), "Name a file with certificates in PEM")


async def _servers() -> AsyncIterator[Finding]:
    """Whether each answers, and has what is called; that takes no key."""
    from outreach_client.conversation import entered  # noqa: PLC0415 - as in `session`
    from outreach_client.services.members import Server  # noqa: PLC0415

    try:
        async with entered(signs_in=False) as client:
            for server in Server:
                health = await _server(client, server)
                yield health
                if health.grade is Grade.OK:
                    yield await _contract(client, server)
    except (typer.TyperException, ValueError, OSError) as error:
        yield wrong("settings", _said(error), "outreach config show")


async def _server(client: "OutreachClient", server: Any) -> Finding:
    import grpc  # noqa: PLC0415 - only for who makes a call
    from grpc_health.v1 import health_pb2, health_pb2_grpc  # noqa: PLC0415
    from servicekit.errors import ServiceError  # noqa: PLC0415

    stub: Any = health_pb2_grpc.HealthStub(client.channel_to(server))
    do = "Is it started? Its address: outreach config show; its log, and its /readyz"
    try:
        answer = await stub.Check(health_pb2.HealthCheckRequest(), timeout=_WITHIN)
    except grpc.aio.AioRpcError as error:
        return wrong(server.value, f"does not answer: {error.details()}", do)
    except ServiceError as error:
        return wrong(server.value, f"does not answer: {_said(error)}", do)
    if answer.status != health_pb2.HealthCheckResponse.SERVING:
        status = health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)
        return wrong(server.value, f"is {status}", "Its /readyz says what it waits for")
    return ok(server.value, "serves")


async def _contract(client: "OutreachClient", server: "Server") -> Finding:
    import grpc  # noqa: PLC0415 - only for who makes a call

    try:
        return of_contract(server.value, await missing_methods(client, server))
    except grpc.aio.AioRpcError as error:
        told, do = f"not told: {error.details()}", "Its log says more"
        return wrong(f"contract of {server.value}", told, do, grade=Grade.WARNING)


async def _inside() -> AsyncIterator[Finding]:
    """What services tell to who has a key."""
    from servicekit.errors import ServiceError  # noqa: PLC0415 - only for who makes a call

    from outreach_client.conversation import entered  # noqa: PLC0415 - as in `session`

    async with AsyncExitStack() as stack:
        try:
            client = await stack.enter_async_context(entered(signs_in=True))
            caller = await client.tokens.who_am_i()
        except (ServiceError, typer.TyperException, ValueError, OSError) as error:
            yield wrong("who calls", _said(error), "outreach login, or OUTREACH_API_KEY_FILE")
            return
        asked = os.environ.get("OUTREACH_ORGANIZATION", "")
        asked = asked or read_profiles().of(used_profile()).get("organization", "")
        yield of_caller(caller, asked)
        organization = asked or caller.organization_id
        looks: tuple[tuple[str, Callable[[], Awaitable[Iterable[Finding]]]], ...] = (
            ("servers", lambda: _installation(client)),
            ("Temporal", lambda: _temporal(client)),
            ("holds", lambda: _holds(client)),
            ("accounts", lambda: _accounts(client, organization)),
            ("webhooks", lambda: _endpoints(client, organization)),
        )
        for name, look in looks:
            for each in await _tried(name, look):
                yield each


async def _tried(name: str, look: Callable[[], Awaitable[Iterable[Finding]]]) -> Iterable[Finding]:
    from servicekit.errors import PermissionDenied, ServiceError  # noqa: PLC0415

    try:
        return await look()
    except PermissionDenied as error:
        do = "Whoever may, sees it: docs/security.md"
        return [wrong(name, f"not shown to you: {error.message}", do, grade=Grade.WARNING)]
    except ServiceError as error:
        return [wrong(name, _said(error), "docs/runbook.md")]


async def _installation(client: "OutreachClient") -> Iterable[Finding]:
    """Of each server that answers what it tells of itself; who does not has been named before."""
    from servicekit.credentials.certificates import now  # noqa: PLC0415 - as above
    from servicekit.errors import PermissionDenied, ServiceError  # noqa: PLC0415

    told, found = {}, []
    for server, service in client.installations.items():
        try:
            told[server] = (await service.get_server_info(timeout=WITHIN)).server_info
        except PermissionDenied:
            raise
        except ServiceError as error:
            do = f"Its log says more; outreach server-info {server.value}"
            found.append(
                wrong(f"info of {server.value}", _said(error), do, grade=Grade.WARNING),
            )
    for each in told.values():
        found += of_server(each, now())
    health = (await client.workflows.get_temporal_health()).health
    found.append(of_builds(builds_of(told, workers_of(health))))
    return [*found, *of_namespaces(told.values())]


async def _temporal(client: "OutreachClient") -> Iterable[Finding]:
    return of_temporal((await client.workflows.get_temporal_health()).health)


async def _holds(client: "OutreachClient") -> Iterable[Finding]:
    return of_holds(await client.holds.list())


async def _accounts(client: "OutreachClient", organization: str) -> Iterable[Finding]:
    answer = await client.accounts.list(organization_id=organization).gathered(_MOST)
    return of_accounts(answer.accounts, more=bool(answer.next_page_token))


async def _endpoints(client: "OutreachClient", organization: str) -> Iterable[Finding]:
    answer = await client.webhooks.list_endpoints(organization_id=organization).gathered(_MOST)
    return of_endpoints(answer.endpoints, more=bool(answer.next_page_token))


def _said(error: Exception) -> str:
    from servicekit.errors import ServiceError  # noqa: PLC0415 - only for who makes a call

    if isinstance(error, ServiceError):
        return f"{error.message} [{error.reason}]"
    if isinstance(error, typer.TyperException):
        return error.format_message()
    return str(error) or type(error).__name__
