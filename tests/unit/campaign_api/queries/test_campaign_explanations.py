"""Why a campaign is not moving, in the words that people read."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from campaign_api.clients.gateway_answers import (
    Hold,
    HoldScope,
    SendingAccount,
    Waiting,
    database_hold,
)
from campaign_api.queries.campaign_explanations import (
    campaign_explanations,
    estimated_end,
    window_opens_at,
)
from campaigns.admission import Line
from campaigns.models import (
    Campaign,
    CampaignSettings,
    CampaignState,
    LeadState,
    SendingWindow,
)
from campaigns.sequences.sequence import Sequence as Drawn
from campaigns.sequences.sequence import Step, StepKind
from campaigns.status_counts import Restart, Stall, StatusCounts
from hypothesis import assume, given
from hypothesis import strategies as st

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


def explanations(
    campaign: Campaign = CAMPAIGN,
    *,
    ready: int = 0,
    running: int = 1,
    accounts: tuple[SendingAccount, ...] = (),
    holds: tuple[Hold, ...] = (),
    waiting: tuple[Waiting, ...] = (),
    started_today: int = 0,
    sequence: Drawn | None = None,
) -> list[str]:
    counts = StatusCounts(leads={LeadState.READY: ready, LeadState.RUNNING: running})
    line = Line(running=running, started_today=started_today)
    return campaign_explanations(
        campaign,
        counts,
        line=line,
        accounts=accounts,
        holds=holds,
        waiting=waiting,
        sequence=sequence,
        now=NOW,
    )


def test_nothing_to_explain() -> None:
    """When everything moves, and when it is over, there is nothing to say."""
    assert explanations() == []
    assert explanations(replace(CAMPAIGN, state=CampaignState.COMPLETED), ready=1) == []


def test_leads_that_wait_for_room() -> None:
    """A campaign at its limit says so, with the numbers."""
    assert explanations(ready=1, running=2) == [
        (
            "1 lead waits to be admitted. At most 2 leads are in the sequence at the same time; the"
            " next enter, in the order of the list, as others end."
        )
    ]


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (
            CampaignSettings(start_at=NOW + DAY),
            (
                "3 leads wait to be admitted; the next is admitted at 2026-03-03 12:00 UTC."
                " The campaign's start date has not come."
            ),
        ),
        (
            CampaignSettings(leads_per_day=2),
            (
                "3 leads wait to be admitted; the next is admitted at 2026-03-03 00:00 UTC."
                " At most 2 leads are started in a day, in the order of the list."
            ),
        ),
        (
            CampaignSettings(sending_window=SendingWindow(time_zone="UTC", weekdays=(3,))),
            (
                "3 leads wait to be admitted; the next is admitted at 2026-03-04 00:00 UTC."
                " Today is no day of the sending window; nobody is admitted."
            ),
        ),
    ],
)
def test_what_keeps_the_next_of_the_list(settings: CampaignSettings, told: str) -> None:
    """The rule that binds, and its moment; a campaign with room named its leads per day."""
    campaign = replace(CAMPAIGN, settings=settings)

    assert explanations(campaign, ready=3, running=0, started_today=2)[0] == told


HELD_BY = (
    Hold(scope=HoldScope.CAMPAIGN, subject_id="camp_1", reason="r"),
    Hold(scope=HoldScope.ACCOUNT, subject_id="acct_ada", reason="r"),
    Hold(scope=HoldScope.ORGANIZATION, subject_id="org_north", reason="r"),
    Hold(scope=HoldScope.EVERYTHING, subject_id="", reason="r"),
    Hold(scope=HoldScope.KIND, subject_id="invitation", reason="r"),
)


@pytest.mark.parametrize("hold", HELD_BY, ids=lambda hold: hold.scope)
def test_under_a_hold_no_stored_reason_is_told(hold: Hold) -> None:
    """What waits waits for the hold, whatever was written down before it; that is told alone.

    "The first goes on at 15:18" stood there during a hold, and a hold on a kind was not told.
    """
    queued = Waiting(
        account_id="acct_ada",
        action="invitation",
        reason="WAITING_FOR_CAP",
        leads=4,
        first_at=NOW + HOUR,
    )

    [told] = explanations(holds=(hold,), waiting=(queued,))

    assert told.endswith("on hold: r")


def test_a_hold_on_a_kind_is_told_before_anybody_comes_there() -> None:
    """All leads stood in a delay before their message: the status was empty, and none went."""
    message = Step(step_id="n1", index=0, kind=StepKind.SEND_FOLLOWUP, text="Hello")
    visit = Step(step_id="n1", index=0, kind=StepKind.PROFILE_VISIT)
    hold = Hold(scope=HoldScope.KIND, subject_id="message", reason="")

    told = [explanations(holds=(hold,), sequence=Drawn(steps=(step,))) for step in (message, visit)]

    assert told == [["Every message is on hold."], []]


def test_holds_cover_every_scope() -> None:
    """The test above is of all of them."""
    assert {hold.scope for hold in HELD_BY} == {*HoldScope}


def test_while_nothing_can_be_written_no_stored_reason_is_told() -> None:
    """Nor when the next lead is admitted, which nobody can write down either; it is said once.

    A full disk was told as whatever the queue had waited for before it was full.
    """
    queued = Waiting(
        account_id="acct_ada",
        action="invitation",
        reason="WAITING_FOR_CAP",
        leads=4,
        first_at=NOW + HOUR,
    )
    full = database_hold("The disk is full.")

    refused, admission = explanations(
        replace(CAMPAIGN, settings=CampaignSettings(leads_per_day=1)),
        ready=3,
        started_today=1,
        holds=(full, full),
        waiting=(queued,),
    )

    assert refused.startswith("The disk is full. Nothing goes until it writes again")
    assert admission.startswith("3 leads wait to be admitted. At most 1 leads are started in a day")


def test_parked_leads_are_told() -> None:
    """How many, where each is named, and that they keep the places that others wait for."""
    counts = StatusCounts(leads={LeadState.RUNNING: 1, LeadState.PARKED: 1})

    assert campaign_explanations(
        CAMPAIGN, counts, line=Line(running=1, started_today=0), accounts=(), holds=(), now=NOW
    ) == [
        (
            "1 lead is parked because of a fault of ours, and keeps its place in the sequence;"
            " `outreach leads list camp_1 --state parked` names each with its reason."
        )
    ]


def test_a_stalled_campaign_says_so() -> None:
    """With the activity, since when, and the trace under which the log has it."""
    stall = Stall(activity="admit_leads", trace_id="7f", at=NOW)
    counts = StatusCounts(leads={LeadState.RUNNING: 1}, stall=stall)

    (told,) = campaign_explanations(
        CAMPAIGN, counts, line=Line(running=1, started_today=0), accounts=(), holds=(), now=NOW
    )

    assert told == (
        "A fault of ours in admit_leads keeps the campaign's own workflow from going on (since"
        " 2026-03-02 12:00 UTC, trace 7f); it is tried again every minute and goes on by itself"
        " once that is mended."
    )


@pytest.mark.parametrize(("ago", "told"), [(HOUR, True), (2 * DAY, False)])
def test_a_restart_is_told_for_a_day(ago: timedelta, *, told: bool) -> None:
    """Somebody ended the workflow, and the campaign goes on: whoever looks learns why it paused."""
    restart = Restart(because="terminated", at=NOW - ago)
    counts = StatusCounts(leads={LeadState.RUNNING: 1}, restart=restart)

    said = campaign_explanations(CAMPAIGN, counts, accounts=(), holds=(), now=NOW)

    sentence = (
        "The campaign's workflow was gone from Temporal (terminated), and was started again at"
        " 2026-03-02 11:00 UTC."
    )
    assert said == [sentence] * told


def test_nobody_knows_when_parked_leads_have_ended() -> None:
    """They are neither over nor on their way: the rate is that of the others."""
    leads = {LeadState.COMPLETED: 2, LeadState.RUNNING: 2, LeadState.PARKED: 7}

    assert estimated_end(CAMPAIGN, StatusCounts(leads=leads), NOW) == NOW + 2 * DAY


def test_an_account_that_is_not_connected() -> None:
    """It is named, with the provider's word."""
    lost = SendingAccount(
        id="acct_ada",
        organization_id="org_north",
        name="Ada",
        connected=False,
        state="disconnected",
        state_reason="CREDENTIALS",
    )

    [told] = explanations(accounts=(lost,))

    assert told == (
        "The account Ada (acct_ada) is disconnected (CREDENTIALS);"
        " its leads wait until it is connected again."
    )


def test_only_holds_on_this_campaign_are_told() -> None:
    """Its own, its accounts', its organization's and everybody's; not those of others."""
    holds = (
        Hold(scope=HoldScope.CAMPAIGN, subject_id="camp_1", reason="a"),
        Hold(scope=HoldScope.CAMPAIGN, subject_id="camp_2", reason="b"),
        Hold(scope=HoldScope.ACCOUNT, subject_id="acct_ada", reason="c"),
        Hold(scope=HoldScope.ORGANIZATION, subject_id="org_south", reason="d"),
        Hold(scope=HoldScope.EVERYTHING, subject_id="", reason="e"),
    )

    assert [told[-1] for told in explanations(holds=holds)] == ["a", "c", "e"]


def test_a_closed_window_says_when_it_opens() -> None:
    """On the wall clock of its own zone."""
    window = SendingWindow(time_zone="Europe/Lisbon", opens=time(14), closes=time(18))
    settings = replace(CAMPAIGN.settings, sending_window=window)

    assert explanations(replace(CAMPAIGN, settings=settings)) == [
        "The sending window is closed; it opens on 2026-03-02 14:00 WET."
    ]


LISBON = "Europe/Lisbon"


@pytest.mark.parametrize(
    ("window", "opens_at"),
    [
        (SendingWindow(time_zone=LISBON), None),
        (SendingWindow(time_zone=LISBON, weekdays=(2,)), NOW + DAY - 3 * HOUR),
        (SendingWindow(time_zone=LISBON, opens=time(18), closes=time(6)), NOW + 6 * HOUR),
        (SendingWindow(time_zone=LISBON, weekdays=(7,), opens=time(18), closes=time(13)), None),
        (SendingWindow(time_zone=LISBON, opens=time(9), closes=time(9)), None),
        (
            SendingWindow(time_zone=LISBON, weekdays=(1,), opens=time(9), closes=time(11)),
            NOW + 7 * DAY - 3 * HOUR,
        ),
    ],
)
def test_when_a_window_opens(window: SendingWindow, opens_at: datetime | None) -> None:
    """Days, nights that run past midnight, and whole days."""
    assert window_opens_at(window, NOW) == opens_at


windows = st.builds(
    SendingWindow,
    time_zone=st.sampled_from(["UTC", LISBON, "America/New_York", "Australia/Lord_Howe"]),
    weekdays=st.sets(st.integers(1, 7), min_size=1).map(lambda days: tuple(sorted(days))),
    opens=st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    closes=st.times().map(lambda at: at.replace(second=0, microsecond=0)),
)


@given(windows, st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)))  # noqa: DTZ001
def test_a_closed_window_is_open_when_it_opens(window: SendingWindow, at: datetime) -> None:
    """The moment that is promised lies ahead, and the window is open then."""
    now = at.replace(tzinfo=UTC)
    # Daylight saving can skip the whole of a window that is shorter.
    length = (_minutes(window.closes) - _minutes(window.opens)) % (24 * 60)
    assume(length == 0 or length > 60)

    opens_at = window_opens_at(window, now)

    if opens_at is not None:
        assert opens_at > now
        assert window_opens_at(window, opens_at) is None


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def test_the_end_is_estimated_from_the_rate_so_far() -> None:
    """Two of eight in two days: the other six in six days."""
    counts = StatusCounts(
        leads={
            LeadState.COMPLETED: 1,
            LeadState.FAILED: 1,
            LeadState.READY: 4,
            LeadState.RUNNING: 2,
        }
    )

    assert estimated_end(CAMPAIGN, counts, NOW) == NOW + 6 * DAY
    stopping = replace(CAMPAIGN, state=CampaignState.STOPPING)
    assert estimated_end(stopping, counts, NOW) == NOW + 2 * DAY


@pytest.mark.parametrize("state", [CampaignState.DRAFT, CampaignState.PAUSED])
def test_no_estimate_where_nobody_can_tell(state: CampaignState) -> None:
    """Neither before a lead has ended nor while nothing moves."""
    assert estimated_end(CAMPAIGN, StatusCounts(leads={LeadState.RUNNING: 1}), NOW) is None
    ended = StatusCounts(leads={LeadState.COMPLETED: 1})
    assert estimated_end(replace(CAMPAIGN, state=state), ended, NOW) is None


@pytest.mark.parametrize(("after", "estimated"), [(DAY, DAY), (9 * DAY, 2 * DAY), (-DAY, 0 * DAY)])
def test_no_end_is_estimated_behind_the_campaigns_own(
    after: timedelta, estimated: timedelta
) -> None:
    """Whoever is in the sequence then ends; one that has passed is now."""
    settings = replace(CAMPAIGN.settings, end_at=NOW + after)
    leads = {LeadState.RUNNING: 1, LeadState.COMPLETED: 1}

    told = estimated_end(replace(CAMPAIGN, settings=settings), StatusCounts(leads=leads), NOW)

    assert CAMPAIGN.started_at is not None
    assert NOW - CAMPAIGN.started_at == 2 * DAY
    assert told == NOW + estimated


ADA = "account Ada (acct_ada)"
BACK = f"The {ADA} has days off; its leads go on when it works again, on 2026-03-23 09:00 CET."
NEVER = (
    f"The working hours, less the days off, of the {ADA} and the sending window never meet: its"
    " leads never go on until one of them is changed."
)


@pytest.mark.parametrize(("days", "told"), [(21, [BACK]), (420, [NEVER]), (0, [])])
def test_an_account_on_holiday_is_told_with_its_end(days: int, told: list[str]) -> None:
    """Or as never, if its days off leave nothing of a year; of days off that are over nothing."""
    first = NOW.date()
    off = frozenset(first + day * DAY for day in range(-1, days))
    ada = SendingAccount(
        id="acct_ada",
        organization_id="org_north",
        name="Ada",
        connected=True,
        state="connected",
        hours=SendingWindow(time_zone="Europe/Berlin", days_off=off),
    )

    assert explanations(accounts=(ada,)) == told


def test_who_never_began_says_nothing_of_the_end() -> None:
    """A lead that is held back has not ended: three such leads told an end in half a minute."""
    counts = StatusCounts(leads={LeadState.HELD_BACK: 1, LeadState.RUNNING: 2})

    assert estimated_end(CAMPAIGN, counts, NOW) is None


def test_of_a_campaign_kept_open_it_is_not_said_that_all_have_ended_if_some_are_held_back() -> None:
    """They have not: they wait for their data."""
    campaign = replace(CAMPAIGN, settings=replace(CAMPAIGN.settings, keep_open=True))
    counts = StatusCounts(leads={LeadState.HELD_BACK: 1, LeadState.REPLIED: 2})

    told = campaign_explanations(campaign, counts, accounts=(), holds=(), now=NOW)

    kept = [each for each in told if "kept open" in each]
    assert kept == ["Every other lead has ended; the campaign is kept open, and waits for more."]


@pytest.mark.parametrize("stopped", [1, 5])
def test_who_was_stopped_says_nothing_of_the_others(stopped: int) -> None:
    """Two leads whose workflows were terminated told three weeks' end for the same evening."""
    counts = StatusCounts(leads={LeadState.STOPPED: stopped, LeadState.RUNNING: 2})
    with_one = replace(counts, leads={**counts.leads, LeadState.REPLIED: 1})

    assert estimated_end(CAMPAIGN, counts, NOW) is None
    assert estimated_end(CAMPAIGN, with_one, NOW) == NOW + 4 * DAY


OTHERS = Hold(scope=HoldScope.ORGANIZATION, subject_id="org_other", reason="")


@pytest.mark.parametrize(
    "hold",
    [
        Hold(scope=HoldScope.EVERYTHING, subject_id="", reason=""),
        Hold(scope=HoldScope.ORGANIZATION, subject_id=CAMPAIGN.organization_id, reason=""),
        Hold(scope=HoldScope.CAMPAIGN, subject_id=CAMPAIGN.id, reason=""),
        database_hold("The disk is full."),
    ],
)
def test_nobody_knows_how_long_a_hold_lasts(hold: Hold) -> None:
    """The end was told as if nothing stood in the way."""
    counts = StatusCounts(leads={LeadState.REPLIED: 1, LeadState.RUNNING: 2})

    assert estimated_end(CAMPAIGN, counts, NOW, holds=[hold]) is None
    assert estimated_end(CAMPAIGN, counts, NOW, holds=[OTHERS]) is not None
