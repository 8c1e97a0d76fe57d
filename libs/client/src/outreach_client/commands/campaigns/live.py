"""A campaign as it goes, drawn over and over in place: for `campaigns watch` at a terminal."""

import time
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any

from outreach.campaign.v1 import campaign_pb2
from outreach.campaign.v1 import campaign_service_pb2 as pb
from outreach.linkedin.v1 import action_pb2, pace_pb2

from outreach_client.formats.durations import duration_text
from outreach_client.formats.enums import enum_text
from outreach_client.formats.shown import now
from outreach_client.formats.times import instant_text, relative

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table

    from outreach_client.client import OutreachClient

_STATES = campaign_pb2.CampaignState.DESCRIPTOR
_KINDS = action_pb2.ActionKind.DESCRIPTOR
_LOOK_EVERY = 5.0
"""Seconds between two looks at accounts, which no stream tells of."""
_BAR = 24


@dataclass(frozen=True, kw_only=True)
class Sender:
    """An account that sends, and how much of each cap it has used."""

    name: str
    usages: Sequence[pace_pb2.Usage]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What is drawn."""

    answer: pb.WatchCampaignResponse
    name: str = ""
    senders: Sequence[Sender] = ()


async def seen(client: "OutreachClient", request: pb.WatchCampaignRequest) -> AsyncIterator[Seen]:
    """Every change of a campaign, and what its accounts have used, looked at now and then."""
    from servicekit.errors import ServiceError  # noqa: PLC0415 - only for who watches

    campaign_id = request.campaign_id
    campaign = (await client.campaigns.get(campaign_id=campaign_id, show_deleted=True)).campaign
    senders: Sequence[Sender] = ()
    looked_at = -_LOOK_EVERY
    async for answer in client.campaigns.watch(request):
        if time.monotonic() - looked_at > _LOOK_EVERY:
            looked_at = time.monotonic()
            try:
                senders = await _senders(client, campaign.account_ids)
            except ServiceError:
                # Whoever may not see them, or while the gateway is away, sees the rest.
                senders = ()
        yield Seen(answer=answer, name=campaign.name, senders=senders)


async def _senders(client: "OutreachClient", ids: Iterable[str]) -> list[Sender]:
    import asyncio  # noqa: PLC0415 - only for who makes a call

    async def looked(account_id: str) -> Sender:
        found, used = await asyncio.gather(
            client.accounts.get(account_id=account_id),
            client.pace.get_account_usage(account_id=account_id),
        )
        return Sender(name=found.account.name or account_id, usages=used.usages)

    return [*await asyncio.gather(*(looked(each) for each in ids))]


def drawn(view: Seen) -> "Group":
    """All of it; parts with nothing in them are left out."""
    from rich.console import Group  # noqa: PLC0415 - only for who watches
    from rich.text import Text  # noqa: PLC0415

    status = view.answer.status

    def words(told: str) -> Text:
        # The console breaks no line, so that pipes are whole; a screen has an edge.
        return Text(told, no_wrap=False, overflow="fold")

    parts: list[Any] = [words(headline(view)), Text(), _funnel(status.funnel), Text()]
    if status.steps:
        parts += [_steps(status.steps), Text()]
    if view.senders:
        parts += [_caps(view.senders), Text()]
    parts += [words(f"- {each}") for each in status.explanations]
    return Group(*parts)


def headline(view: Seen) -> str:
    """Its name and state, how far it is, and when it will be over."""
    status = view.answer.status
    over = status.completed + status.replied + status.failed + status.stopped
    told = [
        f"{view.name} ({status.campaign_id}): {enum_text(_STATES, status.state)}",
        f"{over} of {status.leads} leads are over",
        f"{status.running} in the sequence, {status.ready + status.held_back} wait to begin",
    ]
    if status.unreleased:
        told.append(f"{status.unreleased} of them to be released")
    if status.parked:
        told.append(f"{status.parked} PARKED")
    if status.HasField("end_time"):
        told.append(f"ended {instant_text(status.end_time)}")
    elif status.HasField("estimated_end_time"):
        at = status.estimated_end_time.ToDatetime(UTC)
        told.append(f"ends about {at.astimezone():%Y-%m-%d %H:%M}, {relative(at, now())}")
    return " · ".join(told)


def _funnel(funnel: campaign_pb2.Funnel) -> "Table":
    from rich.progress_bar import ProgressBar  # noqa: PLC0415 - only for who watches

    counts = {field.name: getattr(funnel, field.name) for field in funnel.DESCRIPTOR.fields}
    most = max(*counts.values(), 1)
    table = _table("", "leads", "")
    for name, count in counts.items():
        if count:
            table.add_row(name, str(count), ProgressBar(most, count, width=_BAR))
    return table


def _steps(steps: Iterable[campaign_pb2.StepCounts]) -> "Table":
    table = _table("step", "waiting", "done", "skipped", "failed")
    for step in steps:
        counts = (step.waiting, step.done, step.skipped, step.failed)
        table.add_row(step.label or step.step_id, *map(str, counts))
        for name, leads in sorted(step.exits.items()):
            table.add_row(f"  by {name}", "", str(leads))
    return table


def _caps(senders: Iterable[Sender]) -> "Table":
    table = _table("account", "may", "used", "of", "free", "per", "more from")
    for sender in senders:
        for usage in sender.usages:
            if not usage.used:
                continue
            full = usage.used >= usage.limit and usage.HasField("free_time")
            table.add_row(
                sender.name,
                enum_text(_KINDS, usage.kind),
                str(usage.used),
                str(usage.limit),
                str(max(usage.limit - usage.used, 0)),
                duration_text(usage.per),
                instant_text(usage.free_time) if full else "now",
            )
    return table


def _table(*columns: str) -> "Table":
    from rich.table import Table  # noqa: PLC0415 - only for who watches

    return Table(*columns, box=None, pad_edge=False, header_style="dim")
