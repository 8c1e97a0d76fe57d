"""The ledger is compared with what the provider lists."""

from typing import Any

from linkedin_gateway.models import Kind

DAY = 86400


async def swept(house: Any) -> tuple[float, float]:
    """Invitations that the ledger does not know, and those that the provider does not."""
    await house.gateway.polling.poll(await house.account_row())
    await house.gateway.gauges.read()
    values = {
        sample.labels["kind"]: sample.value
        for family in house.gateway._metrics.invitation_discrepancies.collect()
        for sample in family.samples
    }
    return values["unknown_invitation"], values["missing_invitation"]


async def by_hand(house: Any, lead: str) -> None:
    """The account's owner invites somebody past the gateway."""
    unipile = house.gateway.unipile
    seen = await unipile.people.profile("unipile-1", lead, visit=False, kind=Kind.LOOKUP)
    await unipile.invitations.send("unipile-1", seen.provider_id, "")


async def test_a_true_ledger_has_no_discrepancy(house: Any) -> None:
    """Pending, accepted and withdrawn invitations of ours are no discrepancy."""
    for lead in ("ada", "bob", "eve"):
        await house.perform(house.request("send_invitation", lead))
    await house.people("ada", "accept")
    await house.perform(house.request("withdraw_invitation", "bob"))
    house.clock.advance(2 * DAY)

    assert await swept(house) == (0, 0)


async def test_an_invitation_that_is_not_ours(house: Any) -> None:
    """An invitation sent past the gateway is found, until it is no longer pending."""
    house.clock.advance(3 * DAY)
    await by_hand(house, "mallory")
    house.clock.advance(3600)

    while_pending = await swept(house)
    await house.people("mallory", "accept")
    once_accepted = await swept(house)

    assert (while_pending, once_accepted) == ((1, 0), (0, 0))


async def test_an_invitation_that_is_gone(house: Any) -> None:
    """One that was taken back by hand counts once; then the ledger knows it."""
    sent = await house.perform(house.request("send_invitation", "ada"))
    await house.gateway.unipile.invitations.withdraw("unipile-1", sent.invitation_id)
    house.clock.advance(2 * DAY)

    first, second = await swept(house), await swept(house)

    assert (first, second) == ((0, 1), (0, 0))


async def test_a_decline_is_an_answer(house: Any) -> None:
    """Who declined is in no list either: that is no discrepancy, and the ledger learns it."""
    await house.perform(house.request("send_invitation", "ada"))
    await house.people("ada", "ignore")
    house.clock.advance(2 * DAY)

    assert await swept(house) == (0, 0)
    assert not await house.gateway.invitation_audit.expected(await house.account_row())


async def test_who_cannot_be_looked_at_is_left_for_later(house: Any) -> None:
    """While profiles cannot be read nothing is concluded from an absence."""
    sent = await house.perform(house.request("send_invitation", "ada"))
    await house.gateway.unipile.invitations.withdraw("unipile-1", sent.invitation_id)
    house.clock.advance(2 * DAY)
    await house.fault(
        method="GET", route="/users/{identifier}", fault="error", type="too_many_requests"
    )

    refused = await swept(house)
    cooling = await swept(house)
    house.clock.advance(DAY)
    later = await swept(house)

    assert (refused, cooling, later) == ((0, 0), (0, 0), (0, 1))


async def test_a_lost_acceptance_is_no_discrepancy(house: Any) -> None:
    """Who accepted without our hearing of it is found by the same poll, and is not missing."""
    house.world.webhooks._by_id.clear()
    await house.perform(house.request("send_invitation", "ada"))
    await house.people("ada", "accept")
    house.clock.advance(2 * DAY)

    assert await swept(house) == (0, 0)
    await house.relay()
    assert len(house.reported.of("invitation_accepted")) == 1


async def test_what_was_sent_before_us(house: Any) -> None:
    """Invitations from before the account was in our care are nobody's mistake."""
    await by_hand(house, "mallory")
    house.clock.advance(2 * DAY)

    assert await swept(house) == (0, 0)
