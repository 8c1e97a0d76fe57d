"""An id that does not open names nobody: it is asked of nobody, and proves nothing."""

from datetime import timedelta
from typing import Any

import pytest
from linkedin_gateway.actions.profiles import NAME_EVERY
from linkedin_gateway.models import ActionKey, ActionState, Kind
from outreach.linkedin.v1 import action_service_pb2
from servicekit.errors import FailedPrecondition, NotYet
from servicekit.sealing.hashes import KeyedHashes
from servicekit.sealing.seal import Seal

from tests.fakes.sealing import sealing
from tests.integration.linkedin_gateway.controls.test_suppressed_by_ids import suppress
from tests.integration.linkedin_gateway.inbound.test_invitation_audit import swept
from tests.integration.linkedin_gateway.replies.test_reply_look import connected
from tests.integration.linkedin_gateway.test_faults import FIELDS, ROUTES, ready

ADA, DAY = "ada-example", 86_400
_LOST = "s1:" + "A" * 40
"""What another key has sealed, or somebody has changed."""


async def lost(house: Any, table: str, *columns: str) -> None:
    """What stands there does not open any more, in any row."""
    for name in columns:
        await house.pool.execute(
            f"UPDATE {table} SET {name} = $1 || substr(md5({name}), 1, 8) WHERE {name} <> ''", _LOST
        )


async def lost_target(house: Any, name: str) -> None:
    """That part of what actions are aimed at does not open."""
    await house.pool.execute(
        "UPDATE actions SET target = jsonb_set(target, ARRAY[$1], to_jsonb($2::text))", name, _LOST
    )


async def looked_for(house: Any, asked: action_service_pb2.PerformActionRequest) -> Any:
    """Look for it as often as it is due; the row then."""
    key = ActionKey(asked.organization_id, asked.action_id)
    for _ in range(40):
        house.clock.advance(3600)
        await house.gateway.verifier.verify_due()
    return await house.gateway.ledger.read(key)


@pytest.mark.parametrize("kind", ROUTES)
async def test_what_cannot_be_looked_for_is_not_sent_again(house: Any, kind: str) -> None:
    """It landed, and nobody can tell by what: it stays unknown, and nothing goes twice."""
    asked = await ready(house, kind, ADA)
    route, journalled = ROUTES[kind]
    await house.fault(method="POST", route=route, fault="504_after")
    with pytest.raises(NotYet):
        await house.until_sent(asked)
    for name in ("provider_id", "chat_id", "post_id", "post_ref"):
        await lost_target(house, name)

    row = await looked_for(house, asked)

    assert (row.state, row.reason) == (ActionState.UNKNOWN, "OUTCOME_UNKNOWN")
    assert len(house.writes(journalled)) == 1


async def test_nothing_is_sent_again_by_another_hash_key(house: Any) -> None:
    """Whoever goes on by other keys, because the keys are lost, opens no target of before."""
    asked = await ready(house, "send_message", ADA)
    await house.fault(method="POST", route="/chats", fault="504_after")
    with pytest.raises(NotYet):
        await house.until_sent(asked)
    another = Seal(sealing().keys, KeyedHashes(bytes([8]) * 32))
    other = house.another_process(house.pool, house.sender, seal=another)

    for _ in range(40):
        house.clock.advance(3600)
        await other.verifier.verify_due()
    row = await other.ledger.read(ActionKey(asked.organization_id, asked.action_id))

    assert (row.state, row.reason) == (ActionState.UNKNOWN, "OUTCOME_UNKNOWN")
    assert len(house.writes("message")) == 1


@pytest.mark.parametrize("kind", ["provider_id", "member_urn"])
async def test_nothing_goes_to_whose_chats_are_not_known(house: Any, kind: str) -> None:
    """Who may have written by what does not open is not written to."""
    await connected(house, ADA)
    await house.pool.execute("UPDATE accounts SET tier = 'recruiter'")
    await house.pool.execute("UPDATE person_aliases SET known_as = $1 WHERE kind = $2", _LOST, kind)
    follow_up = house.request("send_message", ADA, text="Still there?")

    with pytest.raises(NotYet) as told:
        await house.until_sent(follow_up)

    assert told.value.reason == "PROVIDER_UNAVAILABLE"
    assert not house.writes("message")


async def test_what_can_be_read_again_is(house: Any) -> None:
    """A profile whose ids do not open counts as not read: the message goes to whom it is for."""
    asked = await ready(house, "send_message", ADA)
    ids = ("provider_id", "public_identifier", "invitation_id", "chat_id")
    await lost(house, "profiles", *ids)
    await lost(house, "people", "public_identifier")

    outcome = await house.perform(asked)

    assert outcome.provider_id == house.called(ADA)["classic"]
    assert len(house.messages(ADA, FIELDS["send_message"]["text"])) == 1


async def test_a_withdrawal_finds_its_invitation_in_the_list(house: Any) -> None:
    """By an id that opens, and by no other."""
    await house.perform(house.request("send_invitation", ADA))
    await lost(house, "profiles", "provider_id", "invitation_id")

    await house.perform(house.request("withdraw_invitation", ADA))

    assert len(house.writes("withdraw")) == 1


async def test_no_post_is_taken_twice(house: Any) -> None:
    """Which posts were taken does not open: it may be any of them."""
    asked = await ready(house, "comment_on_post", ADA)
    await house.perform(asked)
    await lost(house, "actions", "post_id")

    with pytest.raises(FailedPrecondition) as refused:
        await house.perform(house.request("comment_on_post", ADA, text="Once more."))

    assert refused.value.reason == "NO_POSTS"
    assert len(house.writes("comment")) == 1


async def test_nobody_is_contacted_while_who_is_suppressed_does_not_open(house: Any) -> None:
    """The hold stands until the list comes again; then whom it names is looked up."""
    ada = house.called("ada", "unipile-2")["sales_navigator"]
    await suppress(house, ada)
    await lost(house, "suppressed_ids", "identifier")
    visit = house.request("visit_profile", "bob")

    with pytest.raises(NotYet) as told:
        await house.until_sent(visit)
    kept = await house.pool.fetchval("SELECT count(*) FROM suppressed_ids")
    await suppress(house, ada)
    await house.perform(visit)
    with pytest.raises(FailedPrecondition) as refused:
        await house.perform(house.request("visit_profile", "ada"))

    assert (told.value.reason, kept) == ("SUPPRESSION_UNREAD", 1)
    assert await house.pool.fetchval("SELECT count(*) FROM suppressed_ids") == 0
    assert refused.value.reason == "PERSON_SUPPRESSED"


async def test_a_list_that_comes_again_holds_nobody_for_ever(house: Any) -> None:
    """Whom a profile has shown meanwhile needs no look; as many as there may be fit in again."""
    ids = [house.called(f"person-{number}")["classic"] for number in range(50)]
    await suppress(house, *ids)
    await lost(house, "suppressed_ids", "identifier")
    await house.resolve("person-0")

    await suppress(house, *ids)

    assert await house.pool.fetchval("SELECT count(*) FROM suppressed_ids") == 49


async def test_others_are_looked_up_before_it(house: Any) -> None:
    """What does not open keeps nobody else's name from being looked up, nor anybody's id."""
    repository = house.gateway.repositories.suppressed_people
    ids = [house.called(name, "unipile-2")["recruiter"] for name in ("ada", "bob")]
    await suppress(house, *ids[:1])
    await lost(house, "suppressed_ids", "identifier")
    house.clock.advance(60)
    await suppress(house, ids[1])
    now = house.gateway.clock.now()

    found = [await repository.take_first("org_test", now=now) for _ in range(2)]

    assert found == [ids[1], None]


async def test_the_next_name_is_looked_up_in_its_place(house: Any) -> None:
    """A name that does not open stays in the list, and takes no turn."""
    await suppress(house, *(f"person-{number}" for number in range(30)))
    await house.pool.execute(
        "UPDATE suppressed_names SET identifier = $1 WHERE ctid = ("
        "SELECT ctid FROM suppressed_names ORDER BY added_at, identifier LIMIT 1)",
        _LOST,
    )
    repository, now = house.gateway.repositories.suppressed_people, house.gateway.clock.now()

    first = await repository.take_later(now=now, every=NAME_EVERY)
    second = await repository.take_later(now=now, every=NAME_EVERY)

    assert (len(first), len(second)) == (0, 1)
    assert await house.pool.fetchval(
        "SELECT leased_until FROM suppressed_names WHERE identifier = $1", _LOST
    ) == now + timedelta(days=7)


async def test_the_audit_asks_nothing_by_it(house: Any) -> None:
    """An invitation to whom nobody can name any more is taken for declined by nobody."""
    await house.perform(house.request("send_invitation", ADA))
    await lost(house, "actions", "identifier")
    await lost(house, "profiles", "provider_id")
    await lost(house, "people", "public_identifier")
    house.clock.advance(2 * DAY)

    await swept(house)

    assert await house.pool.fetchval("SELECT invitation_gone_at FROM profiles") is None


async def test_it_is_sent_to_nobody(house: Any) -> None:
    """Whoever would ask for it all the same is told that nothing was done."""
    unipile = house.gateway.unipile
    calls = [
        unipile.messages.chats_with("unipile-1", _LOST),
        unipile.messages.start_chat("unipile-1", _LOST, "Hello"),
        unipile.messages.write("unipile-1", _LOST, "Hello"),
        unipile.people.profile("unipile-1", _LOST, visit=False, kind=Kind.LOOKUP),
        unipile.invitations.send("unipile-1", _LOST, ""),
        unipile.posts.react("unipile-1", _LOST, "like"),
    ]
    before = len(house.world.journal.entries)
    for call in calls:
        with pytest.raises(Exception, match="not_executed"):
            await call

    assert len(house.world.journal.entries) == before


async def test_words_may_begin_as_they_like(house: Any) -> None:
    """What is written to people is no id, whatever it looks like."""
    asked = await ready(house, "send_message", ADA)
    asked.send_message.text = _LOST

    await house.perform(asked)

    assert len(house.messages(ADA, _LOST)) == 1
