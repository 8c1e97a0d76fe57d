"""A visit: a look at a profile that its owner sees."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from linkedin_gateway.kinds.action_kind import Known, NotFoundMeans, Sending, Sent, Write
from linkedin_gateway.kinds.limits import PerWindow, by_tier
from linkedin_gateway.kinds.reads import PROFILE_READS, read_profile
from linkedin_gateway.kinds.targets import Resolution, Resolved, profile_seen
from linkedin_gateway.models import Kind, Outcome, Target

if TYPE_CHECKING:
    from linkedin_gateway.unipile import Unipile


def _resolve(known: Known) -> Resolution:
    provider_id = known.profile.provider_id if known.profile else ""
    return Resolved(target=Target(provider_id=provider_id))


async def _send(sending: Sending, unipile: Unipile) -> Sent:
    target, action = sending.action.target, sending.action
    seen = await unipile.people.profile(
        sending.account.unipile_account_id,
        target.provider_id or sending.name,
        visit=True,
        kind=Kind.VISIT,
    )
    return Sent(
        outcome=Outcome(provider_id=seen.provider_id),
        profile=profile_seen(action.person_id, seen, read_at=sending.now),
        seen=seen,
        throttled=seen.throttled,
    )


VISIT = Write(
    kind=Kind.VISIT,
    public=True,
    request_field="visit_profile",
    ceiling=100,
    caps=by_tier(PerWindow(hour=15, day=80, week=400)),
    budget=PROFILE_READS,
    priority=2,
    reply_priority=2,
    cool_down=timedelta(hours=2),
    contacts=True,
    looks_for_reply=False,
    makes_message=False,
    longest_text=0,
    longest_subject=0,
    prepared_by=Kind.LOOKUP,
    resolve=_resolve,
    prepare=read_profile,
    send=_send,
    verification=None,
    absent=NotFoundMeans.PERSON,
)
