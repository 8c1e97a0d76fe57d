"""PerformAction over gRPC, on real PostgreSQL and a simulated Unipile."""

from typing import Any

from outreach.linkedin.v1 import action_service_pb2 as pb


async def test_visit(house: Any) -> None:
    """A visit is seen by the person once, and asking again tells the first result."""
    visit = house.request("visit_profile", "ada-example")

    first = await house.perform(visit)
    again = await house.perform(visit)

    assert first == again
    assert first.provider_id.startswith("ACo")
    assert len(house.writes("visit")) == 1


async def test_a_row_tells_who_asked_and_under_which_caps(house: Any) -> None:
    """Years later the ledger still says whose wish it was and which caps it kept."""
    for lead in ("ada", "bob"):
        await house.perform(house.request("visit_profile", lead))
    house.clock.advance(40 * 86400)
    await house.gateway.archive.archive_due()

    listed = await house.stubs.actions.ListActions(
        pb.ListActionsRequest(organization_id="org_test")
    )

    second, first = listed.actions
    assert {each.caller for each in listed.actions} == {"anonymous"}
    assert "tier visit per hour: 1 of 15" in first.caps
    assert "tier visit per hour: 2 of 15" in second.caps
    assert {cap.rpartition(" of ")[2] for cap in second.caps} == {"15", "80", "95", "400"}


async def test_life_of_a_lead(house: Any) -> None:
    """Visit, react, comment, invite, accept, write, write again: each lands, and once."""
    lead = "grace-example"
    await house.perform(house.request("visit_profile", lead))
    await house.perform(house.request("react_to_post", lead))
    await house.perform(house.request("comment_on_post", lead, text="Well said."))
    invited = await house.perform(house.request("send_invitation", lead, note="Hello"))
    await house.people(lead, "accept")
    first = await house.perform(house.request("send_message", lead, text="Thanks!"))
    second = await house.perform(house.request("send_message", lead, text="Still there?"))

    assert invited.invitation_id
    assert first.chat_id == second.chat_id != ""
    assert [len(house.writes(kind)) for kind in ("visit", "reaction", "comment", "invite")] == [
        1,
        1,
        1,
        1,
    ]
    assert [entry.text for entry in house.writes("message")] == ["Thanks!", "Still there?"]
    profile_reads = [e for e in house.world.journal.entries if e.budget == "profiles"]
    assert len(profile_reads) == 2, "a look at who they are, then the visit"
    assert [entry.kind for entry in profile_reads] == [None, "visit"]


async def test_an_inmail_to_a_connection_is_told_as_a_message(house: Any) -> None:
    """It goes into their chat as a message and is told as one; it was once told as an InMail."""
    lead = "grace-example"
    await house.perform(house.request("send_invitation", lead))
    await house.people(lead, "accept")
    written = await house.perform(house.request("send_message", lead, text="Thanks!"))

    outcome = await house.perform(house.request("send_inmail", lead, text="Still there?"))

    assert (outcome.sent_as_message, outcome.chat_id) == (True, written.chat_id)
    assert [entry.text for entry in house.writes("message")] == ["Thanks!", "Still there?"]
    assert not house.writes("inmail")
