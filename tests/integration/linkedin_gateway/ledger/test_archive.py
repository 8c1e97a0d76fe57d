"""What has ended leaves the ledger, and still answers."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from linkedin_gateway.ledger.archive_repository import ArchiveRepository
from outreach.linkedin.v1 import action_pb2, action_service_pb2, hold_pb2, hold_service_pb2
from servicekit.errors import FailedPrecondition
from servicekit.postgres import pool as postgres

DAY = 86400


async def counts(house: Any) -> tuple[int, int]:
    """How many actions are in the ledger, and in its archive."""
    row = await house.pool.fetchrow(
        "SELECT (SELECT count(*) FROM actions) AS live,"
        " (SELECT count(*) FROM archived_actions) AS archived"
    )
    return row["live"], row["archived"]


async def archived(house: Any, *requests: action_service_pb2.PerformActionRequest) -> None:
    """These have been performed and archived."""
    for request in requests:
        await house.perform(request)
    house.clock.advance(36 * DAY)
    await house.gateway.archive.archive_due()
    assert (await counts(house))[0] == 0


async def test_an_archived_request_answers_as_it_did(house: Any) -> None:
    """A request asked again after months has its first answer, and sends nothing."""
    invitation = house.request("send_invitation", "ada")
    first = await house.perform(invitation)
    await archived(house, invitation)

    again = await house.stubs.actions.PerformAction(invitation)
    cancelled = await house.stubs.actions.CancelAction(
        action_service_pb2.CancelActionRequest(
            organization_id=invitation.organization_id, action_id=invitation.action_id
        )
    )
    explained = await house.stubs.actions.ExplainAction(
        action_service_pb2.ExplainActionRequest(
            organization_id=invitation.organization_id, action_id=invitation.action_id
        )
    )

    assert again.outcome == first
    assert cancelled.action.state == action_pb2.ACTION_STATE_DONE
    assert explained.action.action_id == invitation.action_id
    assert len(house.writes("invite")) == 1
    assert await counts(house) == (0, 1)


async def test_a_cancelled_request_stays_cancelled(house: Any) -> None:
    """What was called off before it was asked for sends nothing, however late it comes."""
    visit = house.request("visit_profile", "ada")
    await house.stubs.actions.CancelAction(
        action_service_pb2.CancelActionRequest(
            organization_id=visit.organization_id, action_id=visit.action_id
        )
    )
    await archived(house)

    with pytest.raises(FailedPrecondition) as told:
        await house.stubs.actions.PerformAction(visit)

    assert told.value.reason == "ACTION_CANCELLED"
    assert not house.writes("visit")


async def test_lists_go_on_into_the_archive(house: Any) -> None:
    """Listed newest first, page by page, without a seam; the gateway's own reads are gone."""
    await archived(house, house.request("send_invitation", "ada"))
    await archived(house, house.request("send_invitation", "bob"))
    await house.perform(house.request("send_invitation", "eve"))

    leads, token = [], ""
    while True:
        page = await house.stubs.actions.ListActions(
            action_service_pb2.ListActionsRequest(
                organization_id="org_test",
                kind=action_pb2.ACTION_KIND_INVITATION,
                page_size=1,
                page_token=token,
            )
        )
        leads += [action.lead_id for action in page.actions]
        token = page.next_page_token
        if not token:
            break

    assert leads == ["lead_eve", "lead_bob", "lead_ada"]
    assert (await counts(house))[1] == 2


async def test_late_replies_and_acceptances_find_their_lead(house: Any) -> None:
    """Who accepts and answers after the invitation was archived is still known."""
    await archived(house, house.request("send_invitation", "ada"))
    await house.people("ada", "accept")
    await house.gateway.polling.poll(await house.account_row())
    await house.people("ada", "reply", text="Sorry for the delay")
    await house.relay()

    (accepted,) = house.reported.of("invitation_accepted")
    (replied,) = house.reported.of("reply_received")
    assert {lead.lead_id for lead in (*accepted.leads, *replied.leads)} == {"lead_ada"}


async def test_an_archived_invitation_is_still_pending(house: Any) -> None:
    """Archived or not, an open invitation stands in the way of another."""
    await archived(house, house.request("send_invitation", "ada"))

    with pytest.raises(FailedPrecondition) as told:
        await house.perform(house.request("send_invitation", "ada", campaign_id="camp_2"))

    assert told.value.reason == "ALREADY_INVITED"


async def test_what_has_not_ended_stays(house: Any) -> None:
    """A request that waits, and whatever counts in a window, is not archived."""
    await house.stubs.holds.PutHold(
        hold_service_pb2.PutHoldRequest(
            scope=hold_pb2.HOLD_SCOPE_CAMPAIGN,
            subject_id="camp_9",
            organization_id="org_test",
            reason="x",
        )
    )
    waiting = house.request("visit_profile", "bob", campaign_id="camp_9")
    with pytest.raises(Exception, match="hold"):
        await house.stubs.actions.PerformAction(waiting)
    house.clock.advance(40 * DAY)
    await house.perform(house.request("visit_profile", "ada"))
    house.clock.advance(30 * DAY)

    await house.gateway.archive.archive_due()

    # The one that waits, the visit, and the look at who they are before it.
    assert await counts(house) == (3, 0)


async def test_many_archivers_and_small_batches(house: Any, gateway_url: str) -> None:
    """Several processes at once move every row exactly once, each month to its own table."""
    await house.pool.execute(
        """
        INSERT INTO actions (action_id, organization_id, account_id, campaign_id, lead_id,
               identifier, kind, state, created_at, finished_at)
        SELECT 'r' || n, 'o', 'a', 'c', 'l' || n, 'p' || n, 'visit', 'done', at, at
          FROM generate_series(1, 900) n,
               LATERAL (SELECT timestamptz '2025-11-20' + n * interval '2 hours' AS at) x
        """
    )
    before = house.gateway.clock.now() - timedelta(days=1)

    async def archive_all(repository: ArchiveRepository) -> int:
        moved = 0
        while (await counts(house))[0]:
            moved += await repository.archive(before=before, limit=70)
        return moved

    async with postgres.connect_pool(gateway_url, "gateway", max_size=3) as other:
        moved = await asyncio.gather(
            *(archive_all(ArchiveRepository(pool)) for pool in (house.pool, other, other))
        )

    assert sum(moved) == 900
    assert await counts(house) == (0, 900)
    tables = await house.pool.fetch(
        "SELECT tableoid::regclass::text AS t, count(DISTINCT action_id) AS n,"
        " count(DISTINCT date_trunc('month', finished_at AT TIME ZONE 'UTC')) AS months"
        " FROM archived_actions GROUP BY 1 ORDER BY 1"
    )
    assert [row["months"] for row in tables] == [1] * len(tables)
    assert [row["t"] for row in tables] == [
        "archived_actions_2025_11",
        "archived_actions_2025_12",
        "archived_actions_2026_01",
        "archived_actions_2026_02",
    ]


async def test_old_months_are_dropped(house: Any) -> None:
    """Once no campaign can be that old, a month is dropped whole, and not before."""
    await archived(house, house.request("visit_profile", "ada"))
    house.clock.advance(690 * DAY)
    await house.gateway.archive.archive_due()
    kept = await counts(house)
    house.clock.advance(60 * DAY)
    await house.gateway.archive.archive_due()

    assert kept == (0, 1)
    assert await counts(house) == (0, 0)


async def test_a_standing_archive_is_seen(house: Any) -> None:
    """Its lag grows from when the oldest action was due, and is gone once it moves."""
    await house.perform(house.request("visit_profile", "ada"))
    young = await house.gateway.archive.lag()
    house.clock.advance(38 * DAY)

    snapshot = await house.gateway.archive.lag()
    await house.gateway.archive.archive_due()

    assert young == timedelta(0)
    assert timedelta(days=2, hours=23) < snapshot <= timedelta(days=3)
    assert await house.gateway.archive.lag() == timedelta(0)
