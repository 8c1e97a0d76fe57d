"""`outreach audit …`: who did what, at all services together."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from outreach.audit.v1 import audit_service_pb2 as pb
from outreach.audit.v1 import record_pb2

from outreach_client.commands.groups import group
from outreach_client.exit_codes import ExitCode
from outreach_client.formats.durations import to_timestamp
from outreach_client.formats.output import console, print_details, print_json, print_rows
from outreach_client.services.members import Server
from outreach_client.session import (
    AsJson,
    ask,
    end_as,
    enum_option,
    follow,
    instant_option,
)

if TYPE_CHECKING:
    from outreach_client.client import OutreachClient

app = group("Audit: who did what, and whether that is all of it.")

_COLUMNS = (
    "record_time",
    "service",
    "rpc",
    "outcome",
    "reason",
    "subject",
    "actors",
    "resource_id",
    "address",
    "trace_id",
)

Services = Annotated[
    list[Server] | None, typer.Option("--service", help="Whose records; repeat for more. All.")
]
Organization = Annotated[str, typer.Option("--organization", "-O", help="Whose things they are.")]
Since = Annotated[datetime | None, instant_option(help="From then on.")]
Until = Annotated[datetime | None, instant_option(help="Up to then, without it.")]
Actor = Annotated[str, typer.Option(help="Who wanted it, or did it for somebody.")]
Resource = Annotated[str, typer.Option(help="The id of what was changed or read.")]
Rpc = Annotated[str, typer.Option(help="For example StartCampaign.")]
OutcomeOption = Annotated[
    int, enum_option(record_pb2.Outcome.DESCRIPTOR, "--outcome", help="What it came to.")
]


@dataclass(frozen=True)
class _Asked:
    services: Sequence[Server]
    filter: pb.RecordFilter


def _asked(
    services: list[Server] | None,
    organization: str,
    since: datetime | None,
    until: datetime | None,
    *,
    actor: str,
    resource: str,
    rpc: str,
    outcome: int,
) -> _Asked:
    return _Asked(
        services or tuple(Server),
        pb.RecordFilter(
            organization_id=organization,
            start_time=to_timestamp(since),
            end_time=to_timestamp(until),
            actor_id=actor,
            resource_id=resource,
            rpc=rpc,
            outcome=record_pb2.Outcome.ValueType(outcome),
        ),
    )


@app.command("list")
def list_(
    service: Services = None,
    organization: Organization = "",
    since: Since = None,
    until: Until = None,
    actor: Actor = "",
    resource: Resource = "",
    rpc: Rpc = "",
    outcome: OutcomeOption = 0,
    rows: Annotated[int, typer.Option(min=1, max=1000, help="So many at most.")] = 100,
    *,
    as_json: AsJson = False,
) -> None:
    """List what was done, newest first."""
    asked = _asked(
        service,
        organization,
        since,
        until,
        actor=actor,
        resource=resource,
        rpc=rpc,
        outcome=outcome,
    )
    records, more = ask(lambda client: _newest(client, asked, rows))
    if as_json:
        print_json(pb.ListRecordsResponse(records=records))
        return
    print_rows(records, *_COLUMNS)
    if more:
        last = records[-1].record_time.ToDatetime(tzinfo=UTC)
        console().print(f"More: --until {last.isoformat()}")


@app.command()
def export(
    service: Services = None,
    organization: Organization = "",
    since: Since = None,
    until: Until = None,
    actor: Actor = "",
    resource: Resource = "",
    rpc: Rpc = "",
    outcome: OutcomeOption = 0,
    *,
    as_json: AsJson = True,
) -> None:
    """Print every record as a line of JSON, those of one service after those of another."""
    asked = _asked(
        service,
        organization,
        since,
        until,
        actor=actor,
        resource=resource,
        rpc=rpc,
        outcome=outcome,
    )
    del as_json
    export = _Export(asked)
    follow(
        export.rest,
        lambda answer: print_json(answer.record, one_line=True),
    )


@app.command()
def verify(service: Services = None, *, as_json: AsJson = False) -> None:
    """Look whether anything was changed, deleted, inserted or put elsewhere; 0 if nothing was.

    Keep the hash of the chain elsewhere: who has it can tell later that nothing was cut off.
    """
    faults = 0

    def show(answer: pb.VerifyRecordsResponse) -> None:
        nonlocal faults
        faults += answer.HasField("fault")
        if answer.HasField("so_far"):
            return
        if as_json:
            print_json(answer, one_line=True)
        else:
            print_details(answer.fault if answer.HasField("fault") else answer.verified)

    follow(_Verification(service or tuple(Server)).rest, show)
    if faults:
        end_as(ExitCode.NOT_IN_THIS_STATE)


async def _newest(
    client: "OutreachClient", asked: _Asked, rows: int
) -> tuple[list[record_pb2.Record], bool]:
    """The newest of all services, and whether there are more."""
    found: list[record_pb2.Record] = []
    more = False
    for service in asked.services:
        request = pb.ListRecordsRequest(filter=asked.filter, page_size=rows)
        answer = await client.audits[service].list_records(request)
        found += answer.records
        more = more or bool(answer.next_page_token)
    found.sort(key=lambda record: (record.record_time.ToNanoseconds(), record.record_id))
    return found[::-1][:rows], more or len(found) > rows


class _Export:
    """All records; asked for again it goes on behind the last one that was told."""

    def __init__(self, asked: _Asked) -> None:
        self._services = list(asked.services)
        self._filter = asked.filter
        self._told: dict[str, int] = {}
        """Of the service that tells: which records, of the youngest instant that is asked for."""

    async def rest(self, client: "OutreachClient") -> AsyncIterator[pb.ExportRecordsResponse]:
        while self._services:
            service = self._services[0]
            async for answer in client.audits[service].export_records(self._request()):
                if answer.record.record_id not in self._told:
                    self._note(answer.record)
                    yield answer
            del self._services[0]
            self._told.clear()

    def _request(self) -> pb.ExportRecordsRequest:
        asked = pb.RecordFilter()
        asked.CopyFrom(self._filter)
        if self._told:
            # The end is not part of what is asked for, and several have one instant.
            asked.end_time.FromMicroseconds(min(self._told.values()) + 1)
        return pb.ExportRecordsRequest(filter=asked)

    def _note(self, record: record_pb2.Record) -> None:
        at = record.record_time.ToMicroseconds()
        self._told = {each: known for each, known in self._told.items() if known == at}
        self._told[record.record_id] = at


class _Verification:
    """Of every service; asked for again it goes on from where it was told last."""

    def __init__(self, services: Sequence[Server]) -> None:
        self._services = list(services)
        self._request = pb.VerifyRecordsRequest()

    async def rest(self, client: "OutreachClient") -> AsyncIterator[pb.VerifyRecordsResponse]:
        while self._services:
            service = self._services[0]
            async for answer in client.audits[service].verify_records(self._request):
                if answer.HasField("so_far"):
                    self._request = pb.VerifyRecordsRequest(after=answer.so_far)
                yield answer
            del self._services[0]
            self._request = pb.VerifyRecordsRequest()
