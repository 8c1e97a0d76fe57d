"""Why a lead or a campaign is not moving, and when it will (pure)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from campaigns.admission import opens_at
from campaigns.models import (
    Campaign,
    CampaignState,
    ConnectionState,
    Lead,
    LeadState,
    SendingWindow,
    StepExecution,
    StepState,
)
from campaigns.sequences.sequence import Sequence as StepSequence
from campaigns.sequences.sequence import Step, StepKind, StepOutcome, Turn, next_turn, turn_of
from campaigns.status import StatusCounts

from campaign_api.clients.linkedin_gateway import Hold, Obstacle, SendingAccount, Waiting
from campaign_api.queries.queue_explanations import about_queue

_ENDED = (CampaignState.STOPPED, CampaignState.COMPLETED)


@dataclass(frozen=True, kw_only=True)
class Wait:
    """Something that stands between a lead and its next step."""

    reason: str
    description: str
    until: datetime | None = None


def lead_waits(
    campaign: Campaign,
    lead: Lead,
    history: Sequence[StepExecution],
    sequence: StepSequence,
    *,
    obstacles: Sequence[Obstacle] | None,
    now: datetime,
) -> list[Wait]:
    """What a lead waits for.

    `obstacles` is what the gateway says of the lead's open action, None if no
    action is open: then the lead waits for a delay or an answer, or for nothing.
    """
    if lead.state is LeadState.HELD_BACK:
        return [Wait(reason=lead.reason, description=lead.detail)]
    if lead.state is LeadState.READY:
        return [_admission_wait(campaign, now)]
    if lead.state is not LeadState.RUNNING:
        return []
    waits = []
    if campaign.state is CampaignState.PAUSED:
        waits.append(Wait(reason="HELD", description="The campaign is paused."))
    if obstacles is None:
        waits += _own_waits(lead, history, sequence, now)
    else:
        known = {wait.reason for wait in waits}
        waits += [
            Wait(
                reason=obstacle.reason,
                description=obstacle.description,
                until=obstacle.free_at,
            )
            for obstacle in obstacles
            if obstacle.reason not in known
        ]
    return waits


def _admission_wait(campaign: Campaign, now: datetime) -> Wait:
    match campaign.state:
        case CampaignState.DRAFT:
            return Wait(reason="NOT_STARTED", description="The campaign has not been started.")
        case CampaignState.PAUSED:
            return Wait(reason="HELD", description="The campaign is paused.")
        case CampaignState.RUNNING:
            return Wait(
                reason="ADMISSION",
                description="Leads enter the sequence in the order of the list, at most"
                f" {campaign.settings.max_concurrent_leads} at the same time.",
                until=opens_at(campaign.settings, now, started_today=0),
            )
        case _:
            return Wait(
                reason="CAMPAIGN_ENDING", description="The campaign admits no lead any more."
            )


def _own_waits(
    lead: Lead, history: Sequence[StepExecution], sequence: StepSequence, now: datetime
) -> Iterator[Wait]:
    if not history:
        if lead.started_at is None:
            yield Wait(
                reason="ADMISSION",
                description="The lead is admitted; leads begin one after the other.",
            )
        return
    last = history[-1]
    step = _step(sequence, last)
    if step is None:
        return
    if last.state is StepState.WAITING:
        turn = _turn_of_waiting(history, sequence, lead)
    elif _awaits_answer(step, last, lead):
        yield Wait(
            reason="ACCEPTANCE",
            description="The person has not answered the invitation yet.",
            until=last.ended_at + step.accept_within if last.ended_at else None,
        )
        return
    else:
        turn = _turn_after(step, last, lead, sequence)
    if turn is not None and turn.not_before > now:
        yield Wait(
            reason="DELAY",
            description="The delay before the next step is not over.",
            until=turn.not_before,
        )
    elif last.state is StepState.WAITING and step.kind is StepKind.CONDITION:
        yield Wait(
            reason="ANSWER",
            description="A condition is being answered; what must be read at LinkedIn for it"
            " waits for the account's hours and its budget of reads.",
        )


def _awaits_answer(step: Step, execution: StepExecution, lead: Lead) -> bool:
    return (
        step.waits_for_acceptance
        and execution.state is StepState.DONE
        and lead.connection is ConnectionState.INVITED
    )


def _turn_of_waiting(
    history: Sequence[StepExecution], sequence: StepSequence, lead: Lead
) -> Turn | None:
    """When the step that waits may be performed, from the one before it if there is one."""
    first, *later = history
    step = _step(sequence, first)
    if not later and step is not None and first.started_at is not None:
        return turn_of(step, since=first.started_at)
    for before, waiting in pairwise(history):
        step = _step(sequence, before)
        if waiting is not history[-1] or step is None:
            continue
        if step.waits_for_acceptance and waiting.started_at is not None:
            # The answer, not the invitation, is what the delay counts from.
            return _turn_after(step, before, lead, sequence, at=waiting.started_at)
        return _turn_after(step, before, lead, sequence)
    return None


def _turn_after(
    step: Step,
    execution: StepExecution,
    lead: Lead,
    sequence: StepSequence,
    *,
    at: datetime | None = None,
) -> Turn | None:
    at = at or execution.ended_at
    if at is None or (step.exits and not execution.exit_name):
        return None
    outcome = _outcome(step, execution, lead)
    return next_turn(sequence, step, outcome, at=at, exit_name=execution.exit_name)


def _outcome(step: Step, execution: StepExecution, lead: Lead) -> StepOutcome:
    if execution.state is StepState.DONE and step.waits_for_acceptance:
        connected = lead.connection is ConnectionState.CONNECTED
        return StepOutcome.ACCEPTED if connected else StepOutcome.NOT_ACCEPTED
    return StepOutcome(execution.state.value)


def _step(sequence: StepSequence, execution: StepExecution) -> Step | None:
    return next((step for step in sequence.steps if step.step_id == execution.step_id), None)


def campaign_explanations(
    campaign: Campaign,
    counts: StatusCounts,
    *,
    accounts: Sequence[SendingAccount],
    holds: Sequence[Hold],
    waiting: Sequence[Waiting] = (),
    now: datetime,
) -> list[str]:
    """In plain words, why nothing or not everything is moving."""
    if campaign.state in _ENDED:
        return []
    held_back = list(_about_held_back(counts))
    if campaign.state is CampaignState.DRAFT:
        told = ["The campaign has not been started.", *held_back]
        return told if counts.total else [*told, "It has no leads yet."]
    return [
        *held_back,
        *_about_state(campaign, counts, now),
        *_about_accounts(accounts),
        *_about_holds(campaign, holds),
        *about_queue(campaign, waiting=waiting, accounts=accounts, now=now),
    ]


def _about_state(campaign: Campaign, counts: StatusCounts, now: datetime) -> Iterator[str]:
    if campaign.state is CampaignState.PAUSED:
        yield "The campaign is paused; nothing is sent until it is resumed."
        return
    if campaign.state is CampaignState.STOPPING:
        yield "The campaign is being stopped; no lead is admitted any more."
    else:
        yield from _about_admission(campaign, counts, now)
    window = campaign.settings.sending_window
    if window is not None and counts.leads.get(LeadState.RUNNING):
        begins_at = window_opens_at(window, now)
        if begins_at is not None:
            yield f"The sending window is closed; it opens on {_moment(begins_at, window)}."


def _about_admission(campaign: Campaign, counts: StatusCounts, now: datetime) -> Iterator[str]:
    ready = counts.leads.get(LeadState.READY, 0)
    if not ready:
        return
    settings = campaign.settings
    leads = "1 lead waits" if ready == 1 else f"{ready} leads wait"
    begins_at = opens_at(settings, now, started_today=0)
    if begins_at is not None:
        yield f"{leads} to be admitted; none is before {_moment(begins_at)}."
    elif counts.leads.get(LeadState.RUNNING, 0) >= settings.max_concurrent_leads:
        most = settings.max_concurrent_leads
        yield f"{leads} for room: at most {most} are in the sequence at the same time."
    elif settings.leads_per_day:
        yield f"{leads} to be admitted: at most {settings.leads_per_day} are started in a day."


def _about_held_back(counts: StatusCounts) -> Iterator[str]:
    held_back = counts.leads.get(LeadState.HELD_BACK, 0)
    if held_back:
        leads = "1 lead is" if held_back == 1 else f"{held_back} leads are"
        yield (
            f"{leads} held back, because a text of the sequence cannot be said to them;"
            " each lead tells what it lacks, and a further import completes it."
        )


def _about_accounts(accounts: Sequence[SendingAccount]) -> Iterator[str]:
    for account in accounts:
        if not account.connected:
            why = f" ({account.state_reason})" if account.state_reason else ""
            name = f"{account.name} ({account.id})" if account.name else account.id
            yield (
                f"The account {name} is {account.state}{why};"
                " its leads wait until it is connected again."
            )


def _about_holds(campaign: Campaign, holds: Sequence[Hold]) -> Iterator[str]:
    subjects = {
        "account": campaign.account_ids,
        "organization": (campaign.organization_id,),
        # A paused campaign is held by its pause, which has been told.
        "campaign": () if campaign.state is CampaignState.PAUSED else (campaign.id,),
    }
    for hold in holds:
        if hold.scope == "everything":
            yield f"Everything is on hold: {hold.reason}"
        elif hold.subject_id in subjects.get(hold.scope, ()):
            yield f"The {hold.scope} {hold.subject_id} is on hold: {hold.reason}"


def window_opens_at(window: SendingWindow, now: datetime) -> datetime | None:
    """When a closed window opens next; None while it is open."""
    zone = ZoneInfo(window.time_zone)
    today = now.astimezone(zone).date()
    for offset in range(-1, 9):
        day = today + timedelta(days=offset)
        if day.isoweekday() not in window.weekdays:
            continue
        overnight = timedelta(days=1 if window.closes <= window.opens else 0)
        opens = datetime.combine(day, window.opens, zone)
        closes = datetime.combine(day + overnight, window.closes, zone)
        if now < opens:
            return opens
        if now < closes:
            return None
    return None


def estimated_end(campaign: Campaign, counts: StatusCounts, now: datetime) -> datetime | None:
    """When the last lead will have ended at the rate so far; None where nobody can tell."""
    moving = (CampaignState.RUNNING, CampaignState.STOPPING)
    if campaign.state not in moving or campaign.started_at is None:
        return None
    left = counts.leads.get(LeadState.RUNNING, 0)
    ended = counts.total - left - counts.leads.get(LeadState.READY, 0)
    if campaign.state is CampaignState.RUNNING:
        left += counts.leads.get(LeadState.READY, 0)
    if not ended:
        return None
    try:
        return now + (now - campaign.started_at) / ended * left
    except OverflowError:
        return None


def _moment(at: datetime, window: SendingWindow | None = None) -> str:
    shown = at.astimezone(ZoneInfo(window.time_zone)) if window else at
    return shown.strftime("%Y-%m-%d %H:%M %Z")
