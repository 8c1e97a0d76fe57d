"""However long looks take: what lay in the store a second before the request is seen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from linkedin_gateway.actions.reply_look import FRESH, ReplyLook
from linkedin_gateway.models import Action, Kind, Target
from linkedin_gateway.pace.snapshot import PaceRules
from linkedin_gateway.replies.chat_reader import ChatsRead
from linkedin_gateway.replies.reply_transaction import Conversation, FirstContact
from linkedin_gateway.unipile import MessageSeen
from servicekit.clock import Clock

from tests.contracts.ledger import ACCOUNT, asked
from tests.fakes.memory_ledger import MemoryLedger

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
REPLY = MessageSeen(
    message_id="m",
    chat_id="c",
    sender_id="ACoADA",
    own=False,
    is_event=False,
    message_type="MESSAGE",
    text="Not for us",
    sent_at=NOON,
)
ACTION = Action(
    action_id="camp_1/lead_1/message",
    organization_id="org_1",
    account_id="acct_1",
    campaign_id="camp_1",
    lead_id="lead_1",
    identifier="person-1",
    person_id="person-1",
    kind=Kind.MESSAGE,
    created_at=NOON,
    target=Target(provider_id="ACoADA", chat_id="c"),
)


@dataclass
class SlowStore:
    """Reads that take as long as told; the answer is of the moment at which each began."""

    durations: list[float]
    reply_at: float
    now: float = 0.0
    looks: int = 0
    chats: list[frozenset[str]] = field(default_factory=list)

    async def read(
        self,
        _account: Any,
        _person_id: str,
        *,
        ids: Collection[str],
        chats: Collection[str],
        since: datetime,
    ) -> ChatsRead:
        del ids, since
        self.looks += 1
        self.chats.append(frozenset(chats))
        there = [REPLY] if self.reply_at <= self.now else []
        self.now += self.durations.pop(0) if self.durations else 0.1
        return ChatsRead(messages=there, chats=frozenset({"c", "other"}))


class Transactions:
    """Remembers who replied."""

    def __init__(self) -> None:
        self.replied_leads: list[Any] = []
        self.published = 0

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transactions]:
        yield self

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transactions]:
        yield self

    async def first_contact(self, *_: Any, **__: Any) -> FirstContact:
        yesterday = NOON - timedelta(days=1)
        return FirstContact(by_anybody=yesterday, by_account=yesterday)

    async def conversation(self, *_: Any) -> Conversation:
        return Conversation(owner_wrote_at=None, answered_at=None)

    async def touched(self, *_: Any, **__: Any) -> Sequence[Any]:
        return []

    async def waiting(self, *_: Any) -> Sequence[Any]:
        return []

    async def keep_chat(self, *_: Any) -> None: ...

    async def remember(self, *_: Any, **__: Any) -> None: ...

    async def publish(self, *_: Any, **__: Any) -> None:
        self.published += 1

    async def replied(self, _account: Any, leads: Sequence[Any], **_: Any) -> None:
        self.replied_leads += leads


def look(store: SlowStore) -> Any:
    reader: Any = store
    transactions: Any = Transactions()
    looking = ReplyLook(
        reader,
        MemoryLedger(rules=PaceRules(), lease=timedelta(seconds=80)),
        transactions,
        Clock.real_time(),
        PaceRules(),
        on_published=lambda: None,
        monotonic=lambda: store.now,
    )
    return asyncio.run(looking.before(asked(kind=Kind.MESSAGE), ACTION, ACCOUNT))


@given(
    durations=st.lists(st.floats(0, 10), max_size=6),
    reply_at=st.floats(0, 40),
)
def test_no_reply_that_lay_there_a_second_before(durations: list[float], reply_at: float) -> None:
    """If it may go, no reply lay in the store a second before; if not, there is one."""
    store = SlowStore(durations=durations, reply_at=reply_at)

    ended = look(store)

    if ended is None:
        assert reply_at > store.now - FRESH.total_seconds()
    else:
        assert (ended.reason, reply_at <= store.now) == ("ALREADY_REPLIED", True)


def test_a_second_look_knows_the_chats_of_the_first() -> None:
    """So that one round trip is enough, which a store that is not ill makes in a second."""
    store = SlowStore(durations=[3.0, 0.4], reply_at=99)

    assert look(store) is None
    assert store.chats == [frozenset({"c"}), frozenset({"c", "other"})]


def test_a_quick_look_is_one() -> None:
    """Usually nothing is read twice."""
    store = SlowStore(durations=[0.9], reply_at=99)

    assert look(store) is None
    assert store.looks == 1
