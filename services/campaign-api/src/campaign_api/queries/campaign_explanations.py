"""Why a campaign is not moving, and when it will. Pure."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

from campaigns.admission import Line, opening, stays_open
from campaigns.models import Campaign, CampaignState, LeadState, SendingWindow
from campaigns.sending_hours import can_send, off_until
from campaigns.sequences.kinds.registry import KINDS
from campaigns.sequences.sequence import Sequence as StepSequence
from campaigns.status_counts import StatusCounts

from campaign_api.clients.gateway_answers import Hold, HoldScope, SendingAccount, Waiting
from campaign_api.queries.admission_rules import admission_rule
from campaign_api.queries.hold_explanations import writes_refused
from campaign_api.queries.lead_explanations import account_removed
from campaign_api.queries.queue_explanations import about_queue

_RESTART_TOLD_FOR = timedelta(days=1)
_ENDED = (CampaignState.STOPPED, CampaignState.COMPLETED)
_LEAD_ENDED = (LeadState.COMPLETED, LeadState.REPLIED, LeadState.FAILED, LeadState.STOPPED)


def campaign_explanations(
    campaign: Campaign,
    counts: StatusCounts,
    *,
    line: Line | None = None,
    accounts: Sequence[SendingAccount],
    holds: Sequence[Hold],
    waiting: Sequence[Waiting] = (),
    sequence: StepSequence | None = None,
    now: datetime,
) -> list[str]:
    """In plain words, why nothing or not everything is moving.

    `line` is where the list of a campaign that runs stands, `sequence` what its leads come to.
    """
    if campaign.state in _ENDED:
        return []
    held_back = list(_about_held_back(counts))
    if campaign.state is CampaignState.DRAFT:
        sentences = ["The campaign has not been started.", *held_back]
        return sentences if counts.total else [*sentences, "It has no leads yet."]
    refused = writes_refused(holds)
    return [
        *([refused] if refused else []),
        *held_back,
        *_about_faults(campaign, counts),
        *_about_restart(counts, now),
        *_about_state(campaign, counts, line, now, admits=not refused),
        *_about_accounts(accounts),
        *_about_hours(campaign, accounts, now),
        *_about_holds(campaign, holds, _kinds_of(sequence, waiting), accounts),
        *about_queue(campaign, waiting=waiting, accounts=accounts, holds=holds, now=now),
    ]


def _about_state(
    campaign: Campaign, counts: StatusCounts, line: Line | None, now: datetime, *, admits: bool
) -> Iterator[str]:
    if campaign.state is CampaignState.PAUSED:
        yield "The campaign is paused; nothing is sent until it is resumed."
        return
    if campaign.state is CampaignState.STOPPING:
        yield "The campaign is being stopped; no lead is admitted any more."
    elif not counts.left and stays_open(campaign.settings, now):
        which = "Every other lead" if counts.leads.get(LeadState.HELD_BACK) else "Every lead"
        yield f"{which} has ended; the campaign is kept open, and waits for more."
    elif line is not None:
        yield from _about_admission(campaign, counts, line, now, admits=admits)
    window = campaign.settings.sending_window
    if window is not None and counts.leads.get(LeadState.RUNNING):
        begins_at = window_opens_at(window, now)
        if begins_at is not None:
            yield f"The sending window is closed; it opens on {_moment(begins_at, window)}."


def _about_admission(
    campaign: Campaign, counts: StatusCounts, line: Line, now: datetime, *, admits: bool
) -> Iterator[str]:
    unreleased = unreleased_leads(campaign, counts)
    if unreleased:
        leads = "1 lead waits" if unreleased == 1 else f"{unreleased} leads wait"
        yield f"{leads} to be released; nobody is admitted who was not."
    opened = opening(campaign.settings, line, now)
    kept = counts.leads.get(LeadState.READY, 0) - unreleased - opened.room
    if kept <= 0:
        return
    leads = "1 lead waits" if kept == 1 else f"{kept} leads wait"
    when = f"; the next is admitted at {_moment(opened.until)}" if opened.until and admits else ""
    yield f"{leads} to be admitted{when}. {admission_rule(campaign, opened.rule)}"


def unreleased_leads(campaign: Campaign, counts: StatusCounts) -> int:
    """How many of those that are ready wait to be released."""
    if not campaign.settings.admission.released_only:
        return 0
    return counts.leads.get(LeadState.READY, 0) - counts.released


def _about_held_back(counts: StatusCounts) -> Iterator[str]:
    held_back = counts.leads.get(LeadState.HELD_BACK, 0)
    if held_back:
        leads = "1 lead is" if held_back == 1 else f"{held_back} leads are"
        yield (
            f"{leads} held back, because a text of the sequence cannot be said to them;"
            " each lead tells what it lacks, and a further import completes it."
        )


def _about_faults(campaign: Campaign, counts: StatusCounts) -> Iterator[str]:
    """What of it a fault of ours keeps from moving; none of this is the customer's."""
    stall = counts.stall
    if stall is not None:
        yield (
            f"A fault of ours in {stall.activity} keeps the campaign's own workflow from going on"
            f" (since {_moment(stall.at)}, trace {stall.trace_id}); it is tried again every minute"
            " and goes on by itself once that is mended."
        )
    parked = counts.leads.get(LeadState.PARKED, 0)
    if parked:
        one = parked == 1
        leads, keep = (
            ("1 lead is", "keeps its place")
            if one
            else (
                f"{parked} leads are",
                "keep their places",
            )
        )
        yield (
            f"{leads} parked because of a fault of ours, and {keep} in the sequence;"
            f" `outreach leads list {campaign.id} --state parked` names each with its reason."
        )


def _about_restart(counts: StatusCounts, now: datetime) -> Iterator[str]:
    restart = counts.restart
    if restart is not None and now - restart.at < _RESTART_TOLD_FOR:
        yield (
            f"The campaign's workflow was gone from Temporal ({restart.because}), and was started"
            f" again at {_moment(restart.at)}."
        )


def _about_accounts(accounts: Sequence[SendingAccount]) -> Iterator[str]:
    for account in accounts:
        if account.removed:
            yield account_removed(account)
        elif not account.connected:
            why = f" ({account.state_reason})" if account.state_reason else ""
            name = f"{account.name} ({account.id})" if account.name else account.id
            yield (
                f"The account {name} is {account.state}{why};"
                " its leads wait until it is connected again."
            )


def _about_hours(
    campaign: Campaign, accounts: Sequence[SendingAccount], now: datetime
) -> Iterator[str]:
    window = campaign.settings.sending_window
    for account in accounts:
        name = f"{account.name} ({account.id})" if account.name else account.id
        if not can_send(window, account.hours, now=now):
            off = account.hours is not None and account.hours.days_off
            hours = "working hours, less the days off," if off else "working hours"
            yield (
                f"The {hours} of the account {name} and the sending window never meet:"
                " its leads never go on until one of them is changed."
            )
            continue
        until = off_until(window, account.hours, now=now)
        if until is not None:
            yield (
                f"The account {name} has days off; its leads go on when it works again, on"
                f" {_moment(until, account.hours)}."
            )


def _about_holds(
    campaign: Campaign,
    holds: Sequence[Hold],
    kinds: Collection[str],
    accounts: Sequence[SendingAccount],
) -> Iterator[str]:
    for hold in holds:
        # What the database refuses is told first of all.
        if not hold.by_database and _holds(hold, campaign, kinds):
            what = _what_is_held(hold, accounts)
            yield f"{what} is on hold: {hold.reason}" if hold.reason else f"{what} is on hold."


def _kinds_of(sequence: StepSequence | None, waiting: Sequence[Waiting]) -> frozenset[str]:
    """What is asked of the gateway, now or by a step to come: a hold on that stops who is there."""
    steps = sequence.steps if sequence is not None else ()
    asked = (KINDS[step.kind].action for step in steps)
    coming = (action.name.lower() for action in asked if action is not None)
    return frozenset([*coming, *(each.action for each in waiting)])


def _what_is_held(hold: Hold, accounts: Sequence[SendingAccount]) -> str:
    match hold.scope:
        case HoldScope.EVERYTHING:
            return "Everything"
        case HoldScope.ORGANIZATION:
            return "The organization"
        case HoldScope.ACCOUNT:
            names = {each.id: f"{each.name} ({each.id})" for each in accounts if each.name}
            return f"The account {names.get(hold.subject_id, hold.subject_id)}"
        case HoldScope.CAMPAIGN:
            return "The campaign"
        case HoldScope.KIND:
            return f"Every {hold.subject_id}"
        case _:
            assert_never(hold.scope)


def _holds(hold: Hold, campaign: Campaign, kinds: Collection[str]) -> bool:
    match hold.scope:
        case HoldScope.EVERYTHING:
            return True
        case HoldScope.ORGANIZATION:
            return hold.subject_id == campaign.organization_id
        case HoldScope.ACCOUNT:
            return hold.subject_id in campaign.account_ids
        case HoldScope.CAMPAIGN:
            # A paused campaign is held by its pause, which has been told.
            return hold.subject_id == campaign.id and campaign.state is not CampaignState.PAUSED
        case HoldScope.KIND:
            return hold.subject_id in kinds
        case _:
            assert_never(hold.scope)


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


def estimated_end(
    campaign: Campaign, counts: StatusCounts, now: datetime, *, holds: Sequence[Hold] = ()
) -> datetime | None:
    """When the last lead will have ended at the rate so far; None where nobody can tell.

    Who was stopped has not come to an end, and says nothing of how long the others take. While a
    hold lasts, nobody knows how long, nor when more are released or added. Never after the
    campaign's own end.
    """
    moving = (CampaignState.RUNNING, CampaignState.STOPPING)
    if campaign.state not in moving or campaign.started_at is None:
        return None
    if any(hold.by_database or _holds(hold, campaign, ()) for hold in holds):
        return None
    # Nobody knows when those go on that are parked.
    left = counts.leads.get(LeadState.RUNNING, 0)
    ended = sum(counts.leads.get(state, 0) for state in _LEAD_ENDED)
    if campaign.state is CampaignState.RUNNING:
        left += counts.leads.get(LeadState.READY, 0)
        ended -= counts.leads.get(LeadState.STOPPED, 0)
    end_at = campaign.settings.end_at
    unknown = campaign.settings.keep_open or unreleased_leads(campaign, counts) > 0
    if campaign.state is CampaignState.RUNNING and unknown:
        return end_at
    if not ended:
        return None
    try:
        estimated = now + (now - campaign.started_at) / ended * left
    except OverflowError:
        return end_at
    return estimated if end_at is None else min(estimated, max(end_at, now))


def _moment(at: datetime, window: SendingWindow | None = None) -> str:
    shown = at.astimezone(ZoneInfo(window.time_zone)) if window else at
    return shown.strftime("%Y-%m-%d %H:%M %Z")
