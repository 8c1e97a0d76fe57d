"""Why a lead is not moving, in the words that people read."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from campaign_api.clients.gateway_answers import Hold, HoldScope, Obstacle, database_hold
from campaign_api.queries.lead_explanations import lead_waits
from campaigns.admission import AdmissionRule, Place
from campaigns.answers import OwnerMessages
from campaigns.models import (
    Campaign,
    CampaignSettings,
    CampaignState,
    ConnectionState,
    Lead,
    LeadState,
    Person,
    StepExecution,
    StepState,
)
from campaigns.sequences.sequence import Condition, Exit, Question, Sequence, Step, StepKind

# A Monday.
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

CAMPAIGN = Campaign(
    id="camp_1",
    organization_id="org_north",
    name="Spring",
    state=CampaignState.RUNNING,
    account_ids=("acct_ada",),
    settings=CampaignSettings(max_concurrent_leads=2),
    revision_id="seq_1",
    created_at=NOW - 3 * DAY,
    started_at=NOW - 2 * DAY,
)
LEAD = Lead(
    id="lead_1",
    campaign_id="camp_1",
    person=Person(public_identifier="grace-example"),
    state=LeadState.RUNNING,
    connection=ConnectionState.NONE,
    created_at=NOW - 3 * DAY,
    started_at=NOW - 2 * DAY,
)
SEQUENCE = Sequence(
    steps=(
        Step(
            step_id="visit",
            index=0,
            kind=StepKind.PROFILE_VISIT,
            next_step_id="invite",
            next_delay=DAY,
        ),
        Step(
            step_id="invite",
            index=1,
            kind=StepKind.SEND_CONNECTION_REQUEST,
            waits_for_acceptance=True,
            accept_within=10 * DAY,
            next_step_id="write",
            next_delay=2 * HOUR,
            not_accepted_step_id="withdraw",
        ),
        Step(step_id="write", index=2, kind=StepKind.SEND_FOLLOWUP),
        Step(step_id="withdraw", index=3, kind=StepKind.WITHDRAW_REQUEST),
    )
)


def done(step_id: str, at: datetime) -> StepExecution:
    return StepExecution(step_id=step_id, state=StepState.DONE, started_at=at, ended_at=at)


def waiting(step_id: str, since: datetime) -> StepExecution:
    return StepExecution(step_id=step_id, state=StepState.WAITING, started_at=since)


def waits(
    *history: StepExecution,
    lead: Lead = LEAD,
    campaign: Campaign = CAMPAIGN,
    obstacles: list[Obstacle] | None = None,
) -> list[tuple[str, datetime | None]]:
    told = lead_waits(campaign, lead, history, SEQUENCE, obstacles=obstacles, now=NOW)
    return [(wait.reason, wait.until) for wait in told]


def test_a_delay_runs_from_the_end_of_the_step_before() -> None:
    """Between two steps a lead waits for the delay, whether or not the next one is recorded."""
    visited = done("visit", NOW - HOUR)

    assert waits(visited) == [("DELAY", NOW - HOUR + DAY)]
    assert waits(visited, waiting("invite", NOW - HOUR)) == [("DELAY", NOW - HOUR + DAY)]


def test_a_delay_that_is_over_is_not_told() -> None:
    """A step that is about to be performed waits for nothing that this service knows."""
    assert waits(done("visit", NOW - 2 * DAY)) == [("ASKING", None)]


def test_an_invitation_waits_for_its_answer_until_the_deadline() -> None:
    """The deadline counts from the moment the invitation was sent."""
    lead = replace(LEAD, connection=ConnectionState.INVITED)
    history = (done("visit", NOW - 2 * DAY), done("invite", NOW - DAY))

    assert waits(*history, lead=lead) == [("ACCEPTANCE", NOW + 9 * DAY)]


def test_a_deadline_that_is_over_is_no_moment_to_wait_for() -> None:
    """It was told as if it were still to come."""
    lead = replace(LEAD, connection=ConnectionState.INVITED)
    history = (done("visit", NOW - 20 * DAY), done("invite", NOW - 15 * DAY))

    assert waits(*history, lead=lead) == [("ACCEPTANCE", None)]


def test_after_an_acceptance_the_delay_counts_from_then() -> None:
    """The follow-up of an accepted invitation waits from the answer, not from the invitation."""
    lead = replace(LEAD, connection=ConnectionState.CONNECTED)
    history = (done("invite", NOW - 5 * DAY), waiting("write", NOW - HOUR))

    assert waits(*history, lead=lead) == [("DELAY", NOW + HOUR)]


FORK = Sequence(
    steps=(
        Step(
            step_id="wait",
            index=0,
            kind=StepKind.WAIT,
            wait_for=3 * DAY,
            next_step_id="ask",
            next_delay=HOUR,
        ),
        Step(
            step_id="ask",
            index=1,
            kind=StepKind.CONDITION,
            condition=Condition(question=Question.HAS_POSTS),
            exits=(
                Exit(name="yes", step_id="like", delay=2 * DAY),
                Exit(name="no", step_id="pause", delay=DAY),
            ),
        ),
        Step(step_id="like", index=2, kind=StepKind.LIKE_POST),
        Step(step_id="pause", index=3, kind=StepKind.WAIT, wait_for=5 * DAY),
    )
)


def fork_waits(*history: StepExecution) -> list[tuple[str, datetime | None]]:
    told = lead_waits(CAMPAIGN, LEAD, history, FORK, obstacles=None, now=NOW)
    return [(wait.reason, wait.until) for wait in told]


def test_a_wait_is_told_until_it_is_over() -> None:
    """The wait's own time counts, at the start of a sequence and behind a delay."""
    asked = replace(done("ask", NOW - HOUR), exit_name="no")

    assert fork_waits(waiting("wait", NOW - DAY)) == [("DELAY", NOW + 2 * DAY)]
    assert fork_waits(asked, waiting("pause", NOW - HOUR)) == [("DELAY", NOW - HOUR + 6 * DAY)]


def test_the_delay_of_the_exit_taken_counts() -> None:
    """Behind a condition a lead waits for the delay of the exit it took."""
    asked = replace(done("ask", NOW - HOUR), exit_name="yes")

    assert fork_waits(asked, waiting("like", NOW - HOUR)) == [("DELAY", NOW - HOUR + 2 * DAY)]
    assert fork_waits(asked) == [("DELAY", NOW - HOUR + 2 * DAY)]


def test_a_condition_that_waits_for_its_answer_is_told() -> None:
    """Reads are not in the ledger's queue, so nothing else would say what the lead waits for."""
    history = (done("wait", NOW - DAY), waiting("ask", NOW - DAY))

    assert fork_waits(*history) == [("ANSWER", None)]


def test_what_the_gateway_says_counts_while_an_action_is_open() -> None:
    """Its obstacles are told as they are, in their order."""
    obstacles = [
        Obstacle(reason="WAITING_FOR_CAP", description="20 an hour.", free_at=NOW + HOUR),
        Obstacle(reason="ACCOUNT_PARKED", description="Not connected."),
    ]

    assert waits(waiting("visit", NOW), obstacles=obstacles) == [
        ("WAITING_FOR_CAP", NOW + HOUR),
        ("ACCOUNT_PARKED", None),
    ]
    assert waits(waiting("visit", NOW), obstacles=[]) == [("ASKING", None)]


def test_a_pause_is_told_once() -> None:
    """The gateway's hold of a paused campaign is the pause."""
    paused = replace(CAMPAIGN, state=CampaignState.PAUSED)
    held = [Obstacle(reason="HELD", description="The campaign is on hold.")]

    assert waits(waiting("visit", NOW), campaign=paused, obstacles=held) == [("HELD", None)]


@pytest.mark.parametrize("policy", OwnerMessages)
def test_a_lead_whose_owner_wrote(policy: OwnerMessages) -> None:
    """Where it waits for the answer it says so, once, whatever else it waits for."""
    campaign = replace(CAMPAIGN, settings=replace(CAMPAIGN.settings, owner_messages=policy))
    lead = replace(LEAD, owner_wrote_at=NOW)
    pauses = policy is OwnerMessages.PAUSE_UNTIL_ANSWERED
    told = [Obstacle(reason="OWNER_WROTE", description="By the gateway.")] if pauses else []

    waited = waits(waiting("visit", NOW), campaign=campaign, lead=lead, obstacles=told)
    between = waits(done("visit", NOW - HOUR), campaign=campaign, lead=lead)

    assert waited == [("OWNER_WROTE" if pauses else "ASKING", None)]
    assert (("OWNER_WROTE", None) in between) == pauses


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (CampaignState.DRAFT, "NOT_STARTED"),
        (CampaignState.RUNNING, "ADMISSION"),
        (CampaignState.PAUSED, "HELD"),
        (CampaignState.STOPPING, "CAMPAIGN_ENDING"),
    ],
)
def test_a_lead_that_is_not_admitted(state: CampaignState, reason: str) -> None:
    """It waits for its campaign."""
    lead = replace(LEAD, state=LeadState.READY, started_at=None)

    assert waits(lead=lead, campaign=replace(CAMPAIGN, state=state)) == [(reason, None)]


@pytest.mark.parametrize("rule", AdmissionRule)
def test_a_rule_of_admission_is_named_with_its_moment(rule: AdmissionRule) -> None:
    """As the function that admits has it."""
    lead = replace(LEAD, state=LeadState.READY)
    place = Place(rule=rule, until=NOW + DAY)

    told = lead_waits(CAMPAIGN, lead, (), SEQUENCE, obstacles=None, place=place, now=NOW)

    assert [(wait.reason, wait.until) for wait in told] == [(f"ADMISSION_{rule}", NOW + DAY)]
    assert told[0].description


@pytest.mark.parametrize(
    ("start_at", "told"),
    [
        (NOW + HOUR, ("ADMISSION_STAGGER", NOW + HOUR)),
        (NOW - HOUR, ("ASKING", None)),
        (None, ("ASKING", None)),
    ],
)
def test_a_lead_that_has_not_begun(
    start_at: datetime | None, told: tuple[str, datetime | None]
) -> None:
    """It waits for its place among those that begin one after the other, or is being begun."""
    lead = replace(LEAD, start_at=start_at, started_at=None)

    assert waits(lead=lead) == [told]


def test_a_parked_lead_says_what_stopped_it() -> None:
    """And where the log has it; nothing of its own is in its way."""
    lead = replace(
        LEAD,
        state=LeadState.PARKED,
        reason="ACTIVITY_FAILED",
        detail="A fault of ours.",
        trace_id="7f",
    )

    (wait,) = lead_waits(CAMPAIGN, lead, (), SEQUENCE, obstacles=None, now=NOW)

    assert (wait.reason, wait.until) == ("ACTIVITY_FAILED", None)
    assert wait.description == "A fault of ours. The log has it under the trace 7f."


@pytest.mark.parametrize(
    "state", [LeadState.COMPLETED, LeadState.REPLIED, LeadState.FAILED, LeadState.STOPPED]
)
def test_a_lead_that_has_ended_waits_for_nothing(state: LeadState) -> None:
    """Whatever its history says."""
    assert waits(done("visit", NOW), lead=replace(LEAD, state=state)) == []


def test_a_history_of_another_revision_is_no_error() -> None:
    """A step that the sequence does not have explains nothing."""
    assert waits(done("gone", NOW)) == [("ASKING", None)]


@pytest.mark.parametrize(
    ("scope", "subject", "said"),
    [
        (HoldScope.EVERYTHING, "", "Everything is on hold: audit"),
        (HoldScope.ORGANIZATION, CAMPAIGN.organization_id, "The organization is on hold: audit"),
        (HoldScope.ORGANIZATION, "org_other", ""),
        (HoldScope.ACCOUNT, LEAD.sender_id, f"The account {LEAD.sender_id} is on hold: audit"),
        (HoldScope.ACCOUNT, "acct_other", ""),
        (HoldScope.CAMPAIGN, CAMPAIGN.id, "The campaign is on hold: audit"),
        (
            HoldScope.KIND,
            "invitation",
            "Every invitation, as the next step is one, is on hold: audit",
        ),
        (HoldScope.KIND, "visit", ""),
    ],
)
def test_a_hold_is_named_in_a_delay(scope: HoldScope, subject: str, said: str) -> None:
    """While the delay runs there is no open action, and the hold to come was untold."""
    hold = Hold(scope=scope, subject_id=subject, reason="audit")
    visited = done("visit", NOW - HOUR)

    told = lead_waits(CAMPAIGN, LEAD, [visited], SEQUENCE, obstacles=None, holds=[hold], now=NOW)

    held = [wait.description for wait in told if wait.reason == "HELD"]
    assert held == ([said] if said else [])
    assert told[-1].reason == "DELAY"


def test_a_hold_is_named_before_the_first_step() -> None:
    """A lead that is admitted and whose turn to begin has not come names the hold as well."""
    hold = Hold(scope=HoldScope.KIND, subject_id="visit", reason="audit")
    lead = replace(LEAD, started_at=None, start_at=NOW + HOUR)

    told = lead_waits(CAMPAIGN, lead, [], SEQUENCE, obstacles=None, holds=[hold], now=NOW)

    assert [wait.reason for wait in told] == ["HELD", "ADMISSION_STAGGER"]


@pytest.mark.parametrize("state", [CampaignState.RUNNING, CampaignState.PAUSED])
def test_the_hold_on_an_open_action_is_told_in_the_words_of_who_put_it(
    state: CampaignState,
) -> None:
    """The gateway says of an action only that there is one; a pause is told besides."""
    hold = Hold(scope=HoldScope.KIND, subject_id="visit", reason="audit")
    generic = Obstacle(reason="HELD", description="A hold on this kind of action is in force.")
    campaign, history = replace(CAMPAIGN, state=state), [waiting("visit", NOW)]

    told, none = (
        lead_waits(campaign, LEAD, history, SEQUENCE, obstacles=[generic], holds=holds, now=NOW)
        for holds in ([hold], [])
    )

    pause = ["The campaign is paused."] if state is CampaignState.PAUSED else []
    said = "Every visit, as the next step is one, is on hold: audit"
    assert [wait.description for wait in told] == [said, *pause]
    assert [wait.description for wait in none] == (pause or [generic.description])


def test_the_hold_of_a_pause_is_told_as_the_pause() -> None:
    """A pause holds the campaign at the gateway too; it is said once."""
    paused = replace(CAMPAIGN, state=CampaignState.PAUSED)
    hold = Hold(scope=HoldScope.CAMPAIGN, subject_id=CAMPAIGN.id, reason="paused")

    told = lead_waits(
        paused, LEAD, [done("visit", NOW)], SEQUENCE, obstacles=None, holds=[hold], now=NOW
    )

    assert [wait.description for wait in told if wait.reason == "HELD"] == [
        "The campaign is paused."
    ]


FULL = database_hold("The disk is full.")


@pytest.mark.parametrize(
    ("lead", "history"),
    [
        (LEAD, []),
        (LEAD, [done("visit", NOW - HOUR)]),
        (replace(LEAD, state=LeadState.READY, started_at=None), []),
    ],
)
def test_what_cannot_be_written_down_stops_every_lead(
    lead: Lead, history: list[StepExecution]
) -> None:
    """Before anything else, whether it is to be admitted, has a delay or is about to be asked for.

    None is told as being admitted or asked for meanwhile.
    """
    told = lead_waits(CAMPAIGN, lead, history, SEQUENCE, obstacles=None, holds=[FULL], now=NOW)

    assert told[0].reason == "WRITES_REFUSED"
    assert told[0].description.startswith("The disk is full. Nothing goes until")
    assert not {"ASKING", "ADMISSION"} & {each.reason for each in told}


def test_a_refusal_that_the_gateway_names_too_is_told_once() -> None:
    """Its obstacles of an open action have it as well; the rest of them stay."""
    obstacles = [
        Obstacle(reason="WRITES_REFUSED", description="The disk is full."),
        Obstacle(reason="WAITING_FOR_CAP", description="At most 20 an hour.", free_at=NOW + HOUR),
    ]

    told = lead_waits(CAMPAIGN, LEAD, [], SEQUENCE, obstacles=obstacles, holds=[FULL], now=NOW)

    assert [each.reason for each in told] == ["WRITES_REFUSED", "WAITING_FOR_CAP"]


@pytest.mark.parametrize("state", [LeadState.PARKED, LeadState.COMPLETED, LeadState.FAILED])
def test_a_full_disk_is_in_nobodys_way_who_does_not_go(state: LeadState) -> None:
    """A lead that has ended waits for nothing, and a parked one for what it was parked for."""
    lead = replace(LEAD, state=state, reason="BUG", detail="A fault.")

    told = lead_waits(CAMPAIGN, lead, [], SEQUENCE, obstacles=None, holds=[FULL], now=NOW)

    assert "WRITES_REFUSED" not in {each.reason for each in told}


@pytest.mark.parametrize(
    ("end_after", "longest", "told"),
    [
        (5 * DAY, None, ("CAMPAIGN_TIME_OVER", NOW + 5 * DAY)),
        (5 * DAY, 6 * DAY, ("LEAD_TIME_OVER", NOW + 4 * DAY)),
        (-DAY, None, ("CAMPAIGN_TIME_OVER", None)),
    ],
)
def test_a_limit_of_time_is_told_with_its_moment(
    end_after: timedelta, longest: timedelta | None, told: tuple[str, datetime | None]
) -> None:
    """Beside what else it waits for: which of two binds, and when nothing more is done."""
    settings = replace(CAMPAIGN.settings, end_at=NOW + end_after, max_lead_duration=longest)
    campaign = replace(CAMPAIGN, settings=settings)

    waits = lead_waits(campaign, LEAD, (), SEQUENCE, obstacles=None, now=NOW)

    assert [wait.reason for wait in waits] == ["ASKING", told[0]]
    assert waits[-1].until == told[1]
