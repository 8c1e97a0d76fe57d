"""Whether the status, the simulator's journal and the webhooks are consistent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from outreach.campaign.v1 import campaign_pb2, lead_pb2, lead_service_pb2, sequence_pb2

from devstack.demo.journal import CapUse, Write, repeated_contacts, targets
from devstack.stack.receiver import Received, count_types

LeadWithSteps = lead_service_pb2.LeadWithSteps
People = Mapping[str, Sequence[LeadWithSteps]]
"""The leads of each person; two of one are a list's doubles."""

_JOURNAL_KIND_BY_FUNNEL: Mapping[str, str] = {
    "visited": "visit",
    "reacted": "reaction",
    "commented": "comment",
    "invited": "invite",
    "messaged": "message",
    "inmailed": "inmail",
    "withdrawn": "withdraw",
}
_FUNNEL_BY_STEP: Mapping[sequence_pb2.StepKind.ValueType, str] = {
    sequence_pb2.STEP_KIND_PROFILE_VISIT: "visited",
    sequence_pb2.STEP_KIND_LIKE_POST: "reacted",
    sequence_pb2.STEP_KIND_COMMENT_POST: "commented",
    sequence_pb2.STEP_KIND_SEND_CONNECTION_REQUEST: "invited",
    sequence_pb2.STEP_KIND_SEND_FOLLOWUP: "messaged",
    sequence_pb2.STEP_KIND_SEND_INMAIL: "inmailed",
    sequence_pb2.STEP_KIND_WITHDRAW_REQUEST: "withdrawn",
}
_PARTING = (sequence_pb2.STEP_KIND_CONDITION, sequence_pb2.STEP_KIND_SPLIT)
_ONCE_A_LEAD = ("invitation.accepted", "reply.received")
_SEVERAL = ("reaction", "comment")
_OUTCOME_UNKNOWN = "OUTCOME_UNKNOWN"
_ALREADY_SO = "ALREADY_SO"
_SENT_AS_MESSAGE = "SENT_AS_MESSAGE"


@dataclass(frozen=True, kw_only=True)
class Check:
    """One claim, and whether it holds."""

    claim: str
    holds: bool
    detail: str = ""


def consistency_checks(
    *,
    status: campaign_pb2.CampaignStatus,
    leads: Sequence[LeadWithSteps],
    made: Sequence[Write],
    uses: Sequence[CapUse],
    events: Sequence[Received],
    unverified: int,
    known_as: Mapping[str, str] | None = None,
) -> list[Check]:
    """Everything that must be true of a campaign that has ended.

    `known_as` is what the journal calls whom the list calls so, if it calls them otherwise.
    """
    return [
        *journal_checks(status=status, leads=leads, made=made, uses=uses, known_as=known_as),
        none_of("The webhooks agree with the status", _webhook_differences(status, leads, events)),
        none_of(
            "Every webhook's signature is right",
            [f"{unverified} arrived with a wrong signature"] if unverified else [],
        ),
    ]


def journal_checks(
    *,
    status: campaign_pb2.CampaignStatus,
    leads: Sequence[LeadWithSteps],
    made: Sequence[Write],
    uses: Sequence[CapUse],
    known_as: Mapping[str, str] | None = None,
) -> list[Check]:
    """What must be true of a campaign and the journal, with `known_as` as above."""
    people = _by_person(leads, known_as or {})
    return [
        none_of("No rolling window holds more than its cap", _broken_caps(uses)),
        none_of("Nobody received the same thing twice", repeated_contacts(made)),
        none_of("The journal agrees with the funnel", _funnel_differences(status, people, made)),
        none_of("The journal agrees with every lead's steps", _step_differences(people, made)),
        none_of(
            "The exits counted are those that the leads took", _exit_differences(status, leads)
        ),
    ]


def expected_events(status: campaign_pb2.CampaignStatus, *, never_began: int = 0) -> Counter[str]:
    """How many webhooks of each type a campaign with this status has caused.

    `never_began` counts the leads that were held back until it was over.
    """
    done = sum(step.done + step.skipped for step in status.steps)
    ended = status.completed + status.replied + status.failed + status.stopped
    expected = {
        "campaign.started": 1,
        "campaign.completed": int(status.state == campaign_pb2.CAMPAIGN_STATE_COMPLETED),
        "lead.started": ended - never_began,
        "lead.completed": ended - status.failed,
        "lead.failed": status.failed,
        "step.completed": done,
        "step.failed": sum(step.failed for step in status.steps),
        "invitation.accepted": status.funnel.accepted,
        "reply.received": status.funnel.replied,
        "sequence.webhook": sum(
            step.done for step in status.steps if step.kind == sequence_pb2.STEP_KIND_WEBHOOK
        ),
    }
    return Counter({name: count for name, count in expected.items() if count})


def never_began(leads: Iterable[LeadWithSteps]) -> int:
    """How many leads were held back until the campaign was over."""
    failed = (each.lead for each in leads if each.lead.state == lead_pb2.LEAD_STATE_FAILED)
    return sum(not lead.HasField("start_time") for lead in failed)


def none_of(claim: str, problems: Iterable[str]) -> Check:
    """The claim, which holds where there is no problem."""
    found = list(problems)
    return Check(claim=claim, holds=not found, detail="; ".join(found))


def _by_person(leads: Iterable[LeadWithSteps], known_as: Mapping[str, str]) -> People:
    people: dict[str, list[LeadWithSteps]] = {}
    for each in leads:
        name = each.lead.public_identifier
        people.setdefault(known_as.get(name, name), []).append(each)
    return people


def _broken_caps(uses: Iterable[CapUse]) -> list[str]:
    return [
        f"{use.cap.account_id} made {use.highest} of kind {use.cap.kind} in {use.cap.per}, "
        f"allowed are {use.cap.limit}"
        for use in uses
        if not use.kept
    ]


def _funnel_differences(
    status: campaign_pb2.CampaignStatus, people: People, made: Sequence[Write]
) -> list[str]:
    differences = []
    for name, kind in _JOURNAL_KIND_BY_FUNNEL.items():
        counted: int = getattr(status.funnel, name)
        seen = targets(made, kind) & people.keys()
        # An action whose answer was lost for good may have landed or not; the status says so.
        unknown = _unknown_outcomes(people, name)
        if counted != len(seen - unknown):
            differences.append(f"{name}: the status says {counted}, the journal {len(seen)}")
    strangers = {write.target for write in made} - people.keys()
    if strangers:
        differences.append(f"not on the list, yet contacted: {', '.join(sorted(strangers))}")
    return differences


def _step_differences(people: People, made: Sequence[Write]) -> list[str]:
    """Person by person: as many actions as steps were performed, no more and no fewer."""
    seen = Counter((write.target, write.kind) for write in made)
    differences = []
    for person, leads in people.items():
        for funnel, kind in _JOURNAL_KIND_BY_FUNNEL.items():
            steps = _steps_of(leads, funnel)
            least = sum(_performed(step) for step in steps)
            # One step may react to or comment on several posts.
            most = None if kind in _SEVERAL else least + sum(map(_unknown, steps))
            count = seen[person, kind]
            if count < least or (most is not None and count > most) or (count and not steps):
                differences.append(
                    f"{person}: {least} steps of kind {kind}, {count} in the journal"
                )
    return differences


def _counts_as(step: lead_pb2.StepExecution) -> str | None:
    """What the funnel counts a step as: by what was sent, not by what was drawn."""
    if step.reason == _SENT_AS_MESSAGE:
        return "messaged"
    return _FUNNEL_BY_STEP.get(step.kind)


def _exit_differences(
    status: campaign_pb2.CampaignStatus, leads: Sequence[LeadWithSteps]
) -> list[str]:
    """Every lead at a condition or split took one exit, and the status counts each lead once."""
    ended = (lead_pb2.STEP_STATE_DONE, lead_pb2.STEP_STATE_FAILED)
    taken = Counter(
        (step.step_id, step.exit)
        for lead in leads
        for step in lead.steps
        if step.exit and step.state in ended
    )
    counted = {(step.step_id, name): n for step in status.steps for name, n in step.exits.items()}
    differences = [
        f"{step_id} by {name}: the status says {counted.get((step_id, name), 0)}, the leads "
        f"{taken[step_id, name]}"
        for step_id, name in sorted(counted.keys() | taken.keys())
        if counted.get((step_id, name), 0) != taken[step_id, name]
    ]
    lost = [
        f"{lead.lead.public_identifier} left {step.step_id} by no exit"
        for lead in leads
        for step in lead.steps
        if step.kind in _PARTING and step.state == lead_pb2.STEP_STATE_DONE and not step.exit
    ]
    return differences + lost


def _performed(step: lead_pb2.StepExecution) -> bool:
    return step.state == lead_pb2.STEP_STATE_DONE and step.reason != _ALREADY_SO


def _unknown(step: lead_pb2.StepExecution) -> bool:
    return step.reason == _OUTCOME_UNKNOWN


def _unknown_outcomes(people: People, funnel: str) -> set[str]:
    return {
        person
        for person, leads in people.items()
        if any(map(_unknown, _steps_of(leads, funnel)))
        and not any(map(_performed, _steps_of(leads, funnel)))
    }


def _steps_of(leads: Sequence[LeadWithSteps], funnel: str) -> list[lead_pb2.StepExecution]:
    return [step for lead in leads for step in lead.steps if _counts_as(step) == funnel]


def _lead_of(received: Received) -> str:
    lead = (received.event.get("data") or {}).get("lead") or {}
    return str(lead.get("id") or received.webhook_id)


def _webhook_differences(
    status: campaign_pb2.CampaignStatus,
    leads: Sequence[LeadWithSteps],
    events: Sequence[Received],
) -> list[str]:
    expected = expected_events(status, never_began=never_began(leads))
    arrived = count_types(events)
    for name in _ONCE_A_LEAD:
        # A person may write several times; the status counts people.
        arrived[name] = len({_lead_of(it) for it in events if it.type == name})
    return [
        f"{name}: {expected[name]} expected, {arrived[name]} arrived"
        for name in sorted(expected.keys() | arrived.keys())
        if expected[name] != arrived[name] and not name.startswith("account.")
    ]
