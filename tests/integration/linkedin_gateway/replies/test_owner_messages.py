"""What the owner of an account writes by hand to somebody in a sequence."""

import random
from typing import Any

import httpx
import pytest
from outreach.linkedin.v1 import action_service_pb2 as pb
from servicekit.errors import FailedPrecondition, NotYet
from unipile_simulator.config import Knobs

DEEDS = ("owner", "owner, unheard", "person", "person, unheard", "action", "action", "action, lost")
DAY, MINUTE = 86_400, 60
END = pb.OWNER_MESSAGES_END
PAUSE = pb.OWNER_MESSAGES_PAUSE_UNTIL_ANSWERED
CONTINUE = pb.OWNER_MESSAGES_CONTINUE


async def connected(house: Any, lead: str = "ada") -> None:
    """Somebody was invited and accepted."""
    await house.perform(house.request("send_invitation", lead, note="Hello"))
    await house.people(lead, "accept")
    house.clock.advance(MINUTE * 60)


def message(house: Any, text: str, policy: int, **fields: Any) -> Any:
    made = house.request("send_message", "ada", text=text, **fields)
    made.owner_messages = policy
    return made


async def answer_to(house: Any, request: Any) -> str:
    """`sent`, or the reason why it is not."""
    try:
        await house.until_sent(request)
    except (FailedPrecondition, NotYet) as told:
        return told.reason or ""
    return "sent"


def lost(house: Any) -> None:
    """From now on no webhook comes."""
    house.world.webhooks._by_id.clear()


@pytest.mark.parametrize(
    ("policy", "becomes"),
    [(END, "OWNER_WROTE"), (PAUSE, "OWNER_WROTE"), (CONTINUE, "sent")],
)
@pytest.mark.parametrize("known_by", ["webhook", "poll", "look"])
async def test_it_is_heard_and_heeded(house: Any, known_by: str, policy: int, becomes: str) -> None:
    """However it becomes known, it is published once, and the policy says what goes on."""
    await connected(house)
    await house.perform(house.request("send_message", "ada", text="First"))
    if known_by != "webhook":
        lost(house)
    await house.people("ada", "write", text="Ada, shall we talk on the phone?")
    if known_by == "poll":
        account = await house.account_row()
        await house.gateway.message_polling.poll(account, overlap_before=account.state_at)

    assert await answer_to(house, message(house, "Second", policy)) == becomes
    await house.relay()

    (event,) = house.reported.of("owner_wrote")
    assert [lead.lead_id for lead in event.leads] == ["lead_ada"]
    assert event.owner_wrote.message_id
    assert [each.text for each in house.writes("message")] == ["First", "Second"][
        : 2 if becomes == "sent" else 1
    ]


async def test_the_persons_answer_ends_the_pause(house: Any) -> None:
    """It is a reply like any: the lead is left in peace, or goes on where its campaign does."""
    await connected(house)
    await house.people("ada", "write", text="Shall we talk?")
    goes_on = message(house, "And then", PAUSE, continue_after_reply=True)
    assert await answer_to(house, goes_on) == "OWNER_WROTE"

    house.clock.advance(MINUTE)
    await house.people("ada", "reply", text="Tomorrow?")
    await house.relay()

    assert [lead.lead_id for lead in house.reported.of("reply_received")[0].leads] == ["lead_ada"]
    (freed,) = house.reported.of("actions_freed")
    assert [lead.lead_id for lead in freed.leads] == ["lead_ada"]
    assert await answer_to(house, message(house, "No more", PAUSE)) == "ALREADY_REPLIED"
    assert await answer_to(house, goes_on) == "sent"


async def test_an_edit_answers_when_it_is_made(house: Any) -> None:
    """What a person adds to what they wrote before the owner did answers the owner, everywhere."""
    await connected(house)
    await house.people("ada", "reply", text="Hello")
    house.clock.advance(MINUTE)
    await house.people("ada", "write", text="Shall we talk?")
    house.clock.advance(MINUTE)
    await house.people("ada", "edit", text="Hello. Tomorrow?")
    await house.relay()

    (wrote,) = house.reported.of("owner_wrote")
    answered = house.reported.of("reply_received")[-1]
    assert answered.occur_time.ToDatetime() > wrote.occur_time.ToDatetime()
    goes_on = message(house, "And then", PAUSE, continue_after_reply=True)
    assert await answer_to(house, goes_on) == "sent"


async def test_a_pause_begins_anew(house: Any) -> None:
    """An answer is one to what was written before it; a machine's is none."""
    await connected(house)
    await house.people("ada", "write", text="Shall we talk?")
    house.clock.advance(MINUTE)
    await house.people("ada", "reply", text="Automatic reply: I am out of the office until Monday.")
    waiting = message(house, "Next", PAUSE, continue_after_reply=True)
    waiting.automatic_reply_wait.FromSeconds(0)
    assert await answer_to(house, waiting) == "OWNER_WROTE"
    await house.people("ada", "reply", text="Sure")
    house.clock.advance(MINUTE)
    await house.people("ada", "write", text="Then at noon.")

    assert await answer_to(house, waiting) == "OWNER_WROTE"


async def test_a_lead_that_was_never_touched(house: Any) -> None:
    """Who waits for the answer to the owner alone hears of it too."""
    await house.resolve("ada")
    request = house.request("send_inmail", "ada", text="Hello", subject="Hi")
    request.owner_messages = PAUSE
    await house.fault(route="/chat*", method="GET", fault="500", times=None)
    with pytest.raises(NotYet):
        await house.until_sent(request)
    await house.control.delete("/_simulator/faults")
    await house.people("ada", "write", text="Do you remember me?")
    assert await answer_to(house, request) == "OWNER_WROTE"

    house.clock.advance(MINUTE)
    await house.people("ada", "reply", text="I do!")

    assert await answer_to(house, request) == "ALREADY_REPLIED"


async def test_what_we_write_is_not_by_hand(house: Any) -> None:
    """Notes, messages and InMails come back as the owner's, with an id that we know."""
    await connected(house)
    for text in ("One", "Two"):
        await house.perform(message(house, text, END))
    account = await house.account_row()
    await house.gateway.message_polling.poll(account, overlap_before=account.state_at)
    await house.perform(message(house, "Three", END))
    await house.relay()

    assert not house.reported.of("owner_wrote")
    assert len(house.writes("message")) == 3


async def test_ids_that_nobody_told(open_house: Any) -> None:
    """Where the answer has no id of the message, its words say that it is ours."""
    knobs = Knobs(webhook_retry_floor=0.01, new_relation_delay_hours=0.0, null_chat_id=1.0)
    async with open_house(knobs=knobs) as house:
        await connected(house)
        for text in ("One", "Two"):
            await house.perform(message(house, text, END))
        await house.relay()

        assert not house.reported.of("owner_wrote")


async def test_an_answer_that_was_lost_is_ours(house: Any) -> None:
    """While nobody knows whether it landed, what has its words is not by hand; nor afterwards."""
    await connected(house)
    await house.fault(route="/chats*", method="POST", fault="504_after", times=1)
    first = message(house, "First", END)
    with pytest.raises(NotYet) as told:
        await house.until_sent(first)
    assert told.value.reason == "VERIFYING_OUTCOME"
    await house.settle()
    assert not await house.pool.fetchval("SELECT count(*) FROM owner_messages")

    await house.perform(first)
    await house.perform(message(house, "Second", END))
    await house.relay()

    assert not house.reported.of("owner_wrote")
    assert [each.text for each in house.writes("message")] == ["First", "Second"]


async def test_our_words_again_are_by_hand(house: Any) -> None:
    """An action accounts for the message that it is known to have made, and for no other."""
    await connected(house)
    await house.perform(message(house, "Hello again", END))
    house.clock.advance(10 * MINUTE)
    await house.people("ada", "write", text="Hello again")

    assert await answer_to(house, message(house, "Third", END)) == "OWNER_WROTE"


async def test_the_owner_was_first(house: Any) -> None:
    """Who writes by hand what an action was going to say has said it."""
    await connected(house)
    lost(house)
    await house.people("ada", "write", text="Shall we talk?")

    assert await answer_to(house, message(house, "Shall we talk?", END)) == "OWNER_WROTE"


async def test_ids_that_changed(house: Any) -> None:
    """Who is connected anew has other ids of the same messages, which are ours all the same."""
    await connected(house)
    await house.perform(message(house, "First", END))
    await house.pool.execute(
        "UPDATE actions SET outcome = outcome || jsonb_build_object('message_id', 'former')"
        " WHERE kind = 'message'"
    )

    assert await answer_to(house, message(house, "Second", END)) == "sent"


@pytest.mark.parametrize("flag", [True, False])
async def test_ids_say_who_wrote(house: Any, *, flag: bool) -> None:
    """A flag that lies does not make the owner's words the person's."""
    await connected(house)
    await house.people("ada", "write", text="By hand", is_sender=flag)
    await house.relay()

    assert len(house.reported.of("owner_wrote")) == 1
    assert not house.reported.of("reply_received")


async def test_what_was_written_before_the_lead_began(house: Any) -> None:
    """What the owner wrote long ago is nobody's business."""
    await house.people("ada", "write", text="Nice to meet you")
    house.clock.advance(DAY)
    await connected(house)

    assert await answer_to(house, message(house, "Hello", END)) == "sent"


async def test_an_inbox_of_a_product(open_house: Any) -> None:
    """The owner may write there as well."""
    async with open_house(tier="sales_navigator") as house:
        await connected(house)
        await house.people("ada", "write", text="By hand", inbox="sales_navigator")
        await house.relay()

        assert len(house.reported.of("owner_wrote")) == 1


@pytest.mark.lasts(seconds=5)
@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("policy", [END, PAUSE, CONTINUE])
async def test_whoever_writes_and_whatever_is_lost(open_house: Any, policy: int, seed: int) -> None:
    """Nothing goes out after the owner's words unless the policy says so.

    In whatever order owner, person and actions write, webhooks are lost and answers too: under
    `END` nothing, under `PAUSE` nothing before the person has answered the last of them. Once all
    is heard, what may go goes, and each of the owner's messages was told of, and none of ours.
    """
    dice = random.Random(seed)
    deeds = dice.choices(DEEDS, k=8)
    async with open_house() as house:
        await connected(house)
        owner_at = answered_at = -1.0
        for number, deed in enumerate(deeds):
            house.clock.advance(dice.randint(1, 300) * MINUTE)
            words, heard = f"Words {number}", not deed.endswith("unheard")
            if deed.startswith("owner"):
                await house.people("ada", "write", text=words, webhook=heard)
                owner_at = house.clock.now()
                continue
            if deed.startswith("person"):
                await house.people("ada", "reply", text=words, webhook=heard)
                answered_at = house.clock.now()
                continue
            if deed == "action, lost":
                await house.fault(route="/chats*", method="POST", fault="504_after", times=1)
            went = await goes(house, message(house, words, policy, continue_after_reply=True))
            ended = policy == END and owner_at > 0
            paused = policy == PAUSE and owner_at > answered_at
            assert not (went and (ended or paused))
        account = await house.account_row()
        await house.gateway.message_polling.poll(account, overlap_before=account.state_at)
        went = await goes(house, message(house, "Last", policy, continue_after_reply=True))
        ended = policy == END and owner_at > 0
        paused = policy == PAUSE and owner_at > answered_at
        assert went == (not ended and not paused)
        await house.relay()
        told = {each.owner_wrote.message_id for each in house.reported.of("owner_wrote")}
        assert len(told) == sum(deed.startswith("owner") for deed in deeds)


async def goes(house: Any, request: Any) -> bool:
    """Whether it reaches the person."""
    before = len(house.writes("message"))
    await answer_to(house, request)
    return len(house.writes("message")) > before


@pytest.mark.parametrize("known_by", ["webhook", "look"])
async def test_a_file_without_words(house: Any, known_by: str) -> None:
    """It is by hand: an invitation without a note, which has no words either, is no message."""
    await house.perform(house.request("send_invitation", "ada"))
    await house.people("ada", "accept")
    house.clock.advance(MINUTE * 60)
    if known_by == "look":
        lost(house)

    await house.people("ada", "write", file=True)

    assert await answer_to(house, message(house, "Second", END)) == "OWNER_WROTE"
    assert not house.writes("message")


class Unlisted(httpx.AsyncBaseTransport):
    """A store that does not say yet whom chats are with."""

    def __init__(self, own: httpx.AsyncBaseTransport) -> None:
        self._own = own
        self.lifted = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/attendees") and not self.lifted:
            return httpx.Response(404, json={"status": 404, "type": "errors/resource_not_found"})
        return await self._own.handle_async_request(request)


@pytest.mark.parametrize("policy", [END, CONTINUE])
async def test_a_chat_that_the_store_does_not_tell_yet(open_house: Any, policy: int) -> None:
    """What a poll finds before the store tells whom the chat is with is heard a minute later.

    It was followed once, as nobody's, and heard no more before the lead's next message.
    """
    stores: list[Unlisted] = []

    def transport(own: httpx.AsyncBaseTransport) -> httpx.AsyncBaseTransport:
        stores.append(Unlisted(own))
        return stores[-1]

    async with open_house(transport=transport) as house:
        await connected(house)
        lost(house)
        await house.pool.execute("UPDATE profiles SET chat_id = ''")
        await house.people("ada", "write", text="Ada, shall we talk on the phone?")
        account = await house.account_row()
        await house.gateway.message_polling.poll(account, overlap_before=account.state_at)
        for store in stores:
            store.lifted = True
        house.clock.advance(MINUTE)
        await house.gateway.inbound.retry_due()

        heard = await house.pool.fetchval("SELECT count(*) FROM owner_messages")
        visit = house.request("visit_profile", "ada")
        visit.owner_messages = policy

        assert heard == 1
        assert await answer_to(house, visit) == ("OWNER_WROTE" if policy == END else "sent")
