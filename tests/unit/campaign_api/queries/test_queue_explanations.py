"""What a campaign's leads wait for at the gateway is said in a few sentences."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from campaign_api.clients.gateway_answers import SendingAccount, Waiting
from campaign_api.queries.queue_explanations import MOST_SENTENCES, about_queue
from campaigns.models import Campaign, CampaignSettings, CampaignState

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
ADA = SendingAccount(
    id="acct_ada", organization_id="org_1", name="Ada", connected=True, state="connected"
)


def campaign(state: CampaignState = CampaignState.RUNNING) -> Campaign:
    return Campaign(
        id="camp_1",
        organization_id="org_1",
        name="Spring",
        state=state,
        account_ids=("acct_ada",),
        settings=CampaignSettings(),
        revision_id="seq_1",
        created_at=NOW,
    )


def waiting(reason: str, leads: int, *, first_at: datetime | None = None) -> Waiting:
    return Waiting(
        account_id="acct_ada", action="invitation", reason=reason, leads=leads, first_at=first_at
    )


def test_reasons_are_told_with_their_numbers() -> None:
    """Which account, which kind, how many, and when it goes on."""
    told = [
        *about_queue(
            campaign(),
            waiting=[
                waiting("WAITING_FOR_CAP", 40, first_at=NOW + timedelta(hours=3)),
                waiting("WAITING_FOR_HOURS", 1),
            ],
            accounts=[ADA],
            now=NOW,
        )
    ]

    assert told[1:] == ["1 lead waits for the working hours of Ada or the sending window."]
    assert told[0] == (
        "40 leads wait for a cap on invitations of Ada to free;"
        " the first goes on at 2026-03-02 11:00 UTC."
    )


def test_what_is_said_elsewhere_is_not_said_twice() -> None:
    """A hold, a parked account and a pause have sentences of their own."""
    queue = [waiting("HELD", 3), waiting("ACCOUNT_PARKED", 2), waiting("WAITING_FOR_CAP", 1)]

    assert len([*about_queue(campaign(), waiting=queue, accounts=[ADA], now=NOW)]) == 1
    assert not [
        *about_queue(campaign(CampaignState.PAUSED), waiting=queue, accounts=[ADA], now=NOW)
    ]


def test_many_reasons_stay_readable() -> None:
    """The most leads are told; the others are counted."""
    queue = [waiting(f"REASON_{n}", 2) for n in range(9)]
    told = [*about_queue(campaign(), waiting=queue, accounts=[ADA], now=NOW)]

    assert len(told) == MOST_SENTENCES + 1
    assert told[-1].startswith(f"{(9 - MOST_SENTENCES) * 2} more wait")


def test_on_an_account_that_cannot_act_no_stored_reason_is_told() -> None:
    """Its state has a sentence of its own; "the first goes on at" is not true any more."""
    parked = replace(ADA, connected=False, state="disconnected")
    queue = [waiting("WAITING_FOR_CAP", 40, first_at=NOW + timedelta(hours=3))]

    assert [*about_queue(campaign(), waiting=queue, accounts=[parked], now=NOW)] == []


def test_a_turn_that_nobody_took_is_told_as_that() -> None:
    """While the gateway cannot write, what is written there is not what keeps the action."""
    queue = [waiting("WAITING_FOR_CAP", 40, first_at=NOW - timedelta(hours=1))]

    assert [*about_queue(campaign(), waiting=queue, accounts=[ADA], now=NOW)] == [
        (
            "40 leads wait on Ada; the turn of the first came at 2026-03-02 07:00 UTC, and why it"
            " has not gone is not known."
        )
    ]
