"""What every ledger does, run against the one in memory and the one on PostgreSQL."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Any, Protocol

import pytest
from linkedin_gateway.errors import AccountNotFound, ActionIdReused, ActionNotFound
from linkedin_gateway.kinds.targets import AlreadyDone, NeedsLookup, Resolution, Resolved
from linkedin_gateway.ledger.clock import DatabaseClock
from linkedin_gateway.ledger.port import ActionFilter, AttemptResult, Ledger
from linkedin_gateway.models import (
    Account,
    AccountState,
    Action,
    ActionKey,
    ActionRequest,
    ActionState,
    Cap,
    Effect,
    EnrolmentPolicy,
    HoldScope,
    Kind,
    OnTheWire,
    Outcome,
    OwnerMessages,
    Profile,
    Target,
    Tier,
    WorkingHours,
)
from linkedin_gateway.models.suppression_keys import Subject
from linkedin_gateway.models.working_hours import ALWAYS
from linkedin_gateway.pace.decisions import AlreadyDecided, Decision, Go, Prepare, Wait
from linkedin_gateway.pace.snapshot import GapRange, PaceRules

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
LEASE = timedelta(seconds=80)
GAP = timedelta(seconds=60)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
RULES = PaceRules(
    gap=GapRange(shortest=GAP, longest=GAP),
    # What other campaigns do with the person is tested by itself.
    enrolment_policy=EnrolmentPolicy.ALLOW,
)
ACCOUNT = Account(
    account_id="acct_1",
    organization_id="org_1",
    unipile_account_id="unipile-1",
    tier=Tier.PREMIUM,
    state=AccountState.CONNECTED,
    state_at=NOW,
    working_hours=ALWAYS,
    created_at=NOW,
)
CLOCK = DatabaseClock.real_time()
TARGET = Target(provider_id="ACo-person")


class Store(Protocol):
    """A ledger, and the tables of others that it reads."""

    ledger: Ledger

    async def put_account(self, account: Account) -> None: ...

    async def forget(self, person_id: str) -> None:
        """No profile has shown who the person is; of others one has."""

    async def hold(self, scope: HoldScope, subject_id: str) -> None: ...

    async def suppress(self, organization_id: str, subject: Subject, label: str) -> None: ...

    async def connect(self, account_id: str, person_id: str) -> None: ...

    async def gone(self, account_id: str, person_id: str, at: datetime) -> None: ...

    async def reply(self, campaign_id: str, lead_id: str) -> None: ...

    async def owner_wrote(self, campaign_id: str, lead_id: str, at: datetime) -> None: ...

    async def cool(self, account_id: str, kind: Kind, until: datetime) -> None: ...


def resolved(_account: Account, _profile: Profile | None) -> Resolution:
    """Everything is known that an action needs."""
    return Resolved(target=TARGET)


def asked(number: int = 1, *, kind: Kind = Kind.VISIT, **changes: Any) -> ActionRequest:
    """A request of its own."""
    return replace(
        ActionRequest(
            action_id=f"camp_1/lead_{number}/{kind.value}",
            organization_id="org_1",
            account_id="acct_1",
            campaign_id="camp_1",
            lead_id=f"lead_{number}",
            identifier=f"person-{number}",
            person_id=f"person-{number}",
            kind=kind,
            text="Hello" if kind is Kind.MESSAGE else "",
            only_if_no_reply=False,
        ),
        **changes,
    )


ANOTHER = replace(
    ACCOUNT, account_id="acct_2", organization_id="org_2", unipile_account_id="unipile-2"
)


def of_another(number: int = 1, **changes: Any) -> ActionRequest:
    """A request of another organization, by names that the first one has given too."""
    return asked(
        number,
        organization_id=ANOTHER.organization_id,
        account_id=ANOTHER.account_id,
        **changes,
    )


QUEUED_DEEDS: Mapping[str, Callable[[Ledger, ActionKey], Awaitable[object]]] = {
    "called off": lambda ledger, key: ledger.cancel(key, now=NOW),
    "deferred": lambda ledger, key: ledger.defer(key, reason="LATER", turn_at=NOW + HOUR),
    "failed": lambda ledger, key: ledger.fail_queued(
        key, reason="NO_POSTS", effect=Effect.STEP_FAILED, message="None.", now=NOW
    ),
}
LOST_DEEDS: Mapping[str, Callable[[Ledger, Action], Awaitable[object]]] = {
    "not there": lambda ledger, action: ledger.record_not_found(
        action, verify_at=NOW + HOUR, settled=False, now=NOW
    ),
    "never was": lambda ledger, action: ledger.record_not_found(
        action, verify_at=NOW + HOUR, settled=True, now=NOW
    ),
    "not told": lambda ledger, action: ledger.record_inconclusive(
        action, verify_at=NOW + HOUR, counted=True
    ),
    "found": lambda ledger, action: ledger.finish(
        action, AttemptResult(state=ActionState.DONE), now=NOW
    ),
}


class LedgerContract:
    """Inherit it where a `store` fixture makes an empty store of the kind under test."""

    @pytest.fixture
    async def ledger(self, store: Store) -> Ledger:
        await store.put_account(ACCOUNT)
        return store.ledger

    @staticmethod
    async def ask(ledger: Ledger, request: ActionRequest, now: datetime = NOW) -> Decision:
        return await ledger.decide(request, now=now, resolve=resolved)

    async def sent(self, ledger: Ledger, request: ActionRequest, now: datetime = NOW) -> Go:
        decision = await self.ask(ledger, request, now)
        assert isinstance(decision, Go), decision
        return decision

    async def done(self, ledger: Ledger, request: ActionRequest, now: datetime = NOW) -> None:
        go = await self.sent(ledger, request, now)
        ended = AttemptResult(state=ActionState.DONE, outcome=Outcome(provider_id="ACo-person"))
        assert await ledger.finish(go.action, ended, now=now)

    async def waits(self, ledger: Ledger, request: ActionRequest, now: datetime = NOW) -> Wait:
        decision = await self.ask(ledger, request, now)
        assert isinstance(decision, Wait), decision
        return decision

    # --- once ----------------------------------------------------------------------------

    async def test_first_request_goes_at_once(self, ledger: Ledger) -> None:
        """Nothing in the way: it is in flight, with its target, before it is answered."""
        go = await self.sent(ledger, asked())

        recorded = await ledger.read(go.action.key)

        assert recorded is not None
        assert recorded.state is ActionState.SENDING
        assert recorded.sent_at == NOW
        assert recorded.lease_until == NOW + LEASE
        assert recorded.target == TARGET

    @pytest.mark.parametrize("kind", [Kind.VISIT, Kind.INVITATION, Kind.MESSAGE])
    async def test_nothing_visible_to_a_stranger(
        self, ledger: Ledger, store: Store, kind: Kind
    ) -> None:
        """Whoever was never looked up is looked up before anything goes that they could see."""
        await store.forget("person-1")

        decision = await self.ask(ledger, asked(kind=kind))

        assert isinstance(decision, Prepare)

    async def test_second_request_does_not_send(self, ledger: Ledger) -> None:
        """While it is in flight, the same request is told so and not sent again."""
        await self.sent(ledger, asked())

        again = await self.ask(ledger, asked())

        assert isinstance(again, AlreadyDecided)
        assert again.action.state is ActionState.SENDING

    async def test_done_answers_with_first_result(self, ledger: Ledger) -> None:
        """A request already performed answers with what came back then, however late."""
        await self.done(ledger, asked())

        again = await self.ask(ledger, asked(), NOW + timedelta(days=40))

        assert isinstance(again, AlreadyDecided)
        assert again.action.state is ActionState.DONE
        assert again.action.outcome == Outcome(provider_id="ACo-person")

    async def test_request_id_of_something_else(self, ledger: Ledger) -> None:
        """A request id names one action: for another person it is refused."""
        await self.done(ledger, asked())

        with pytest.raises(ActionIdReused):
            await self.ask(ledger, asked(person_id="somebody-else"))

    async def test_a_name_is_one_organizations(self, ledger: Ledger, store: Store) -> None:
        """Of two organizations each has its own action of one name, also decided at once."""
        await store.put_account(ANOTHER)

        ours, theirs = await asyncio.gather(
            self.ask(ledger, asked()), self.ask(ledger, of_another())
        )
        assert isinstance(ours, Go)
        assert isinstance(theirs, Go)
        await ledger.finish(ours.action, AttemptResult(state=ActionState.DONE), now=NOW)
        again = await self.ask(ledger, asked())
        other = await self.ask(ledger, of_another())

        assert isinstance(again, AlreadyDecided)
        assert isinstance(other, AlreadyDecided)
        assert (again.action.state, again.action.account_id) == (ActionState.DONE, "acct_1")
        assert (other.action.state, other.action.account_id) == (ActionState.SENDING, "acct_2")
        assert other.action == await ledger.read(of_another().key) == theirs.action

    @pytest.mark.parametrize("deed", QUEUED_DEEDS)
    async def test_who_waits_by_the_same_name(
        self, ledger: Ledger, store: Store, deed: str
    ) -> None:
        """What is done to an action that waits is not done to another organization's."""
        await store.put_account(ANOTHER)
        for request in (asked(0), of_another(0)):
            await self.done(ledger, request)
        for request in (asked(), of_another()):
            await self.waits(ledger, request)
        ours, theirs = [await ledger.read(each.key) for each in (asked(), of_another())]
        explained = await ledger.explain(of_another().key, now=NOW)

        await QUEUED_DEEDS[deed](ledger, asked().key)

        assert await ledger.read(asked().key) != ours
        assert await ledger.read(of_another().key) == theirs
        assert await ledger.explain(of_another().key, now=NOW) == explained

    @pytest.mark.parametrize("deed", LOST_DEEDS)
    async def test_whose_answer_is_lost_by_the_same_name(
        self, ledger: Ledger, store: Store, deed: str
    ) -> None:
        """A look for one is no look for another organization's."""
        await store.put_account(ANOTHER)
        lost = AttemptResult(state=ActionState.UNKNOWN, verify_at=NOW)
        for request in (asked(), of_another()):
            go = await self.sent(ledger, request)
            await ledger.finish(go.action, lost, now=NOW)
        theirs = await ledger.read(of_another().key)

        (claimed,) = await ledger.claim_lost(now=NOW, until=NOW + DAY, limit=10, key=asked().key)
        await LOST_DEEDS[deed](ledger, claimed)

        assert claimed.key == asked().key
        assert await ledger.read(asked().key) != claimed
        assert await ledger.read(of_another().key) == theirs

    async def test_called_off_by_one_organization(self, ledger: Ledger, store: Store) -> None:
        """What an organization calls off before it is asked for stops no other's of that name."""
        await store.put_account(ANOTHER)

        await ledger.cancel(asked().key, now=NOW)

        assert isinstance(await self.ask(ledger, asked()), AlreadyDecided)
        assert isinstance(await self.ask(ledger, of_another()), Go)

    async def test_many_at_once_send_one(self, ledger: Ledger) -> None:
        """Of many callers with one request, one sends."""
        decisions = await asyncio.gather(*(self.ask(ledger, asked()) for _ in range(20)))

        assert sum(isinstance(decision, Go) for decision in decisions) == 1

    async def test_unknown_account(self, ledger: Ledger) -> None:
        """Nobody acts for an account that is not there, or is another organization's."""
        with pytest.raises(AccountNotFound):
            await self.ask(ledger, asked(account_id="acct_2"))
        with pytest.raises(AccountNotFound):
            await self.ask(ledger, asked(organization_id="org_2"))

    # --- pace ----------------------------------------------------------------------------

    async def test_one_write_in_flight(self, ledger: Ledger) -> None:
        """While one action of an account is in flight, no other begins."""
        await self.sent(ledger, asked(1))

        wait = await self.waits(ledger, asked(2, kind=Kind.INVITATION))

        assert wait.obstacle.reason == "WAITING_FOR_GAP"

    async def test_gap_after_the_answer(self, ledger: Ledger) -> None:
        """The pause is measured from the last answer, and over exactly when told."""
        go = await self.sent(ledger, asked(1))
        answered_at = NOW + timedelta(seconds=7)
        await ledger.finish(go.action, AttemptResult(state=ActionState.DONE), now=answered_at)

        wait = await self.waits(ledger, asked(2), answered_at)

        assert wait.obstacle.reason == "WAITING_FOR_GAP"
        assert wait.retry_after == GAP
        almost = answered_at + GAP - timedelta(microseconds=1)
        assert isinstance(await self.ask(ledger, asked(2), almost), Wait)
        assert isinstance(await self.ask(ledger, asked(2), answered_at + GAP), Go)

    async def test_cap_names_itself(self, ledger: Ledger) -> None:
        """The sixth invitation of an hour waits for the first to leave the window."""
        at = NOW
        for number in range(5):
            await self.done(ledger, asked(number, kind=Kind.INVITATION), at)
            at += GAP

        wait = await self.waits(ledger, asked(9, kind=Kind.INVITATION), at)

        assert wait.obstacle.reason == "WAITING_FOR_CAP"
        assert wait.obstacle.window is not None
        assert (wait.obstacle.window.cap.actions, wait.obstacle.window.cap.per) == (
            5,
            timedelta(hours=1),
        )
        assert wait.obstacle.free_at == NOW + timedelta(hours=1)

    async def test_unanswered_counts_until_known(self, ledger: Ledger, store: Store) -> None:
        """An action without an answer counts in its window for as long as nobody knows."""
        await store.put_account(replace(ACCOUNT, caps=(_cap(Kind.INVITATION, 1),)))
        go = await self.sent(ledger, asked(1, kind=Kind.INVITATION))
        lost = AttemptResult(state=ActionState.UNKNOWN, verify_at=NOW + timedelta(days=9))
        await ledger.finish(go.action, lost, now=NOW)

        much_later = NOW + timedelta(days=8)
        wait = await self.waits(ledger, asked(2, kind=Kind.INVITATION), much_later)

        assert wait.obstacle.reason == "WAITING_FOR_CAP"

    async def test_answered_by_a_clock_that_is_behind(self, ledger: Ledger, store: Store) -> None:
        """An answer has not come before it was asked for: its window is whole by any clock."""
        await store.put_account(replace(ACCOUNT, caps=(_cap(Kind.INVITATION, 1),)))
        go = await self.sent(ledger, asked(1, kind=Kind.INVITATION))
        behind = NOW - timedelta(hours=1)
        await ledger.finish(go.action, AttemptResult(state=ActionState.DONE), now=behind)

        almost = NOW + timedelta(days=7) - _TICK
        wait = await self.waits(ledger, asked(2, kind=Kind.INVITATION), almost)

        assert wait.obstacle.free_at == NOW + timedelta(days=7)

    async def test_not_executed_does_not_count(self, ledger: Ledger, store: Store) -> None:
        """What certainly did not happen frees its place."""
        await store.put_account(replace(ACCOUNT, caps=(_cap(Kind.INVITATION, 1),)))
        go = await self.sent(ledger, asked(1, kind=Kind.INVITATION))
        back = AttemptResult(state=ActionState.QUEUED, turn_at=NOW + timedelta(hours=5))
        await ledger.finish(go.action, back, now=NOW)

        assert isinstance(await self.ask(ledger, asked(2, kind=Kind.INVITATION)), Go)

    async def test_visits_and_lookups_share(self, ledger: Ledger, store: Store) -> None:
        """Both read profiles: together they stay within the provider's budget."""
        await store.put_account(replace(ACCOUNT, caps=()))
        at = NOW
        for number in range(80):
            await self.done(ledger, asked(number), at)
            at += timedelta(minutes=5)
        for number in range(10):
            await self.done(ledger, asked(number, kind=Kind.LOOKUP), at)
        at += timedelta(hours=2)
        for number in range(10, 15):
            await self.done(ledger, asked(number, kind=Kind.LOOKUP), at)

        wait = await self.waits(ledger, asked(99, kind=Kind.LOOKUP), at)

        assert wait.obstacle.window is not None
        assert wait.obstacle.window.cap.shared

    async def test_hours_that_never_meet(self, ledger: Ledger, store: Store) -> None:
        """Explained as never: no moment is named, though the row is looked at again in a week."""
        await store.put_account(replace(ACCOUNT, working_hours=WorkingHours()))
        request = asked(sending_window=WorkingHours(weekdays=frozenset({6, 7})))
        await self.ask(ledger, request)

        told = await ledger.explain(request.key, now=NOW)

        assert told[0].reason == "WAITING_FOR_HOURS"
        assert told[0].free_at is None
        assert "never meet" in told[0].description

    async def test_working_hours(self, ledger: Ledger, store: Store) -> None:
        """Outside of its hours an account does not act."""
        await store.put_account(replace(ACCOUNT, working_hours=WorkingHours()))

        wait = await self.waits(ledger, asked(), datetime(2026, 3, 1, 12, tzinfo=UTC))

        assert wait.obstacle.reason == "WAITING_FOR_HOURS"
        assert wait.obstacle.free_at is not None
        late = wait.obstacle.free_at - datetime(2026, 3, 2, 9, tzinfo=UTC)
        assert timedelta(0) <= late <= RULES.latest_start

    async def test_cool_down(self, ledger: Ledger, store: Store) -> None:
        """A kind that cools down waits; others go on."""
        until = NOW + timedelta(hours=5)
        await store.cool("acct_1", Kind.INVITATION, until)

        wait = await self.waits(ledger, asked(1, kind=Kind.INVITATION))

        assert wait.obstacle.reason == "COOLING_DOWN"
        assert wait.retry_after >= until - NOW
        assert isinstance(await self.ask(ledger, asked(2)), Go)

    # --- turns ---------------------------------------------------------------------------

    async def test_message_goes_before_invitation(self, ledger: Ledger) -> None:
        """Whoever writes to a connected person goes before whoever invites a new one."""
        await self.done(ledger, asked(0))
        invitation, message = asked(1, kind=Kind.INVITATION), asked(2, kind=Kind.MESSAGE)
        await self.waits(ledger, invitation)
        await self.waits(ledger, message)

        wait = await self.waits(ledger, invitation, NOW + GAP)

        assert wait.obstacle.reason == "WAITING_FOR_TURN"
        assert isinstance(await self.ask(ledger, message, NOW + GAP), Go)

    async def test_turns_are_apart(self, ledger: Ledger) -> None:
        """Those who wait are each told a turn of their own."""
        await self.done(ledger, asked(0))

        turns = [(await self.waits(ledger, asked(number))).retry_after for number in range(1, 10)]

        assert turns == sorted(turns)
        assert all(later - first >= GAP for first, later in pairwise(turns))

    async def test_small_campaign_is_not_starved(self, ledger: Ledger) -> None:
        """A campaign that comes late is next but one, however many of another wait."""
        await self.done(ledger, asked(0))
        for number in range(1, 60):
            await self.waits(ledger, asked(number))
        small = asked(99, campaign_id="camp_2", action_id="camp_2/lead_99/visit")

        wait = await self.waits(ledger, small)

        assert wait.retry_after <= 3 * GAP

    async def test_who_misses_a_turn_is_not_waited_for(self, ledger: Ledger) -> None:
        """A caller that never comes back does not hold up the others for long."""
        await self.done(ledger, asked(0))
        await self.waits(ledger, asked(1))
        await self.waits(ledger, asked(2))

        much_later = NOW + timedelta(hours=1)

        assert isinstance(await self.ask(ledger, asked(2), much_later), Go)

    # --- stops ---------------------------------------------------------------------------

    @pytest.mark.parametrize(
        ("scope", "subject_id"),
        [
            (HoldScope.CAMPAIGN, "camp_1"),
            (HoldScope.ACCOUNT, "acct_1"),
            (HoldScope.ORGANIZATION, "org_1"),
            (HoldScope.EVERYTHING, ""),
            (HoldScope.KIND, "visit"),
        ],
    )
    async def test_hold(
        self, ledger: Ledger, store: Store, scope: HoldScope, subject_id: str
    ) -> None:
        """Nothing of a scope that is held begins; nobody can say until when."""
        await store.hold(scope, subject_id)

        wait = await self.waits(ledger, asked())

        assert wait.obstacle.reason == "HELD"
        assert wait.obstacle.free_at is None
        assert timedelta(hours=4) < wait.retry_after < timedelta(hours=8)

    async def test_parked_account(self, ledger: Ledger, store: Store) -> None:
        """An account that is not connected does not act."""
        await store.put_account(replace(ACCOUNT, state=AccountState.DISCONNECTED))

        wait = await self.waits(ledger, asked())

        assert wait.obstacle.reason == "ACCOUNT_PARKED"

    async def test_suppressed_person(self, ledger: Ledger, store: Store) -> None:
        """A person who must not be contacted is not, and the lead ends."""
        await store.suppress("org_1", Subject.PERSON, "Person-1")

        decision = await self.ask(ledger, asked())

        assert isinstance(decision, AlreadyDecided)
        assert decision.action.state is ActionState.FAILED
        assert decision.action.reason == "PERSON_SUPPRESSED"
        assert decision.action.effect is Effect.LEAD_FAILED

    @pytest.mark.parametrize(
        ("subject", "label"),
        [
            (Subject.EMAIL, "Ada@mail.example.com"),
            (Subject.EMAIL_DOMAIN, "mail.example.com"),
            (Subject.EMAIL_DOMAIN, "EXAMPLE.com"),
            (Subject.COMPANY, "EXAMPLE WORKS, Inc."),
        ],
    )
    async def test_suppressed_by_what_is_known_of_them(
        self, ledger: Ledger, store: Store, subject: Subject, label: str
    ) -> None:
        """Address, domain above it, and company stop a person as well as their own name does."""
        await store.suppress("org_1", subject, label)
        known: dict[str, Any] = {"email": "ada@mail.example.com", "company": "Example Works GmbH"}

        decision = await self.ask(ledger, asked(1, **known))

        assert isinstance(decision, AlreadyDecided)
        assert decision.action.reason == "PERSON_SUPPRESSED"
        assert isinstance(await self.ask(ledger, asked(2)), Go)

    async def test_suppressions_are_the_organizations(self, ledger: Ledger, store: Store) -> None:
        """What one organization forbids itself does not bind another."""
        await store.suppress("org_2", Subject.PERSON, "person-1")

        assert isinstance(await self.ask(ledger, asked()), Go)

    async def test_kind_held_others_go(self, ledger: Ledger, store: Store) -> None:
        """A hold on one kind of action leaves the others alone."""
        await store.hold(HoldScope.KIND, Kind.INVITATION.value)

        wait = await self.waits(ledger, asked(1, kind=Kind.INVITATION))

        assert wait.obstacle.reason == "HELD"
        assert isinstance(await self.ask(ledger, asked(2)), Go)

    # --- same person ---------------------------------------------------------------------

    async def invited(self, ledger: Ledger) -> None:
        await self.done(ledger, asked(1, kind=Kind.INVITATION))

    @staticmethod
    def again(**changes: Any) -> ActionRequest:
        """An invitation to the same person, for a lead of another campaign."""
        fields = {"action_id": "camp_2/lead_7/invitation", "campaign_id": "camp_2"}
        return asked(1, kind=Kind.INVITATION, lead_id="lead_7", **{**fields, **changes})

    async def refused(self, ledger: Ledger, request: ActionRequest, now: datetime) -> str:
        decision = await self.ask(ledger, request, now)
        assert isinstance(decision, AlreadyDecided), decision
        assert decision.action.state is ActionState.FAILED
        assert decision.action.sent_at is None
        return decision.action.reason

    async def test_pending_invitation_of_another_campaign(self, ledger: Ledger) -> None:
        """Who has an invitation open is not invited by another campaign, however late."""
        await self.invited(ledger)

        reason = await self.refused(ledger, self.again(), NOW + timedelta(days=100))

        assert reason == "ALREADY_INVITED"

    async def test_pending_invitation_of_another_account(
        self, ledger: Ledger, store: Store
    ) -> None:
        """Nor by another account of the organization; one of another organization may."""
        colleague = replace(ACCOUNT, account_id="acct_2", unipile_account_id="unipile-2")
        stranger = replace(
            ACCOUNT,
            account_id="acct_3",
            unipile_account_id="unipile-3",
            organization_id="org_2",
        )
        await store.put_account(colleague)
        await store.put_account(stranger)
        await self.invited(ledger)

        reason = await self.refused(ledger, self.again(account_id="acct_2"), NOW)
        other = self.again(account_id="acct_3", organization_id="org_2", action_id="c/l/i")

        assert reason == "ALREADY_INVITED"
        assert isinstance(await self.ask(ledger, other), Go)

    async def test_lost_answer_is_as_good_as_pending(self, ledger: Ledger) -> None:
        """An invitation that may have landed stands in the way of another."""
        go = await self.sent(ledger, asked(1, kind=Kind.INVITATION))
        lost = AttemptResult(state=ActionState.UNKNOWN, reason="OUTCOME_UNKNOWN")
        await ledger.finish(go.action, lost, now=NOW)

        assert await self.refused(ledger, self.again(), NOW + GAP) == "ALREADY_INVITED"

    async def test_refused_invitation_stands_in_nobodys_way(self, ledger: Ledger) -> None:
        """What LinkedIn did not take is not pending."""
        go = await self.sent(ledger, asked(1, kind=Kind.INVITATION))
        failed = AttemptResult(state=ActionState.FAILED, reason="REFUSED_BY_LINKEDIN")
        await ledger.finish(go.action, failed, now=NOW)

        assert isinstance(await self.ask(ledger, self.again(), NOW + GAP), Go)

    async def test_withdrawn_waits_three_weeks(self, ledger: Ledger) -> None:
        """After a withdrawal the person is left alone for 21 days, and not longer."""
        await self.invited(ledger)
        withdrawn_at = NOW + timedelta(days=10)
        await self.done(ledger, asked(1, kind=Kind.WITHDRAWAL), withdrawn_at)
        over = withdrawn_at + timedelta(days=21)

        early = await self.refused(ledger, self.again(), over - timedelta(seconds=1))
        late = self.again(action_id="camp_2/lead_7/invitation/2")

        assert early == "INVITED_TOO_RECENTLY"
        assert isinstance(await self.ask(ledger, late, over), Go)

    async def test_gone_from_the_list_waits_as_well(self, ledger: Ledger, store: Store) -> None:
        """An invitation that the provider lists no more is over, as if it had been withdrawn."""
        await self.invited(ledger)
        gone_at = NOW + timedelta(days=10)
        await store.gone("acct_1", "person-1", gone_at)

        early = await self.refused(ledger, self.again(), gone_at + timedelta(days=1))
        late = self.again(action_id="camp_2/lead_7/invitation/2")

        assert early == "INVITED_TOO_RECENTLY"
        assert isinstance(await self.ask(ledger, late, gone_at + timedelta(days=21)), Go)

    async def test_connected_elsewhere_is_not_pending(self, ledger: Ledger, store: Store) -> None:
        """Who accepted a colleague's invitation may be invited by another account."""
        await store.put_account(
            replace(ACCOUNT, account_id="acct_2", unipile_account_id="unipile-2")
        )
        await self.invited(ledger)
        await store.connect("acct_1", "person-1")

        assert isinstance(await self.ask(ledger, self.again(account_id="acct_2")), Go)

    async def test_reply_stops_the_lead(self, ledger: Ledger, store: Store) -> None:
        """After a reply nothing is sent to the lead, unless the campaign goes on after replies."""
        await store.reply("camp_1", "lead_1")

        refused = await self.ask(ledger, asked(1, kind=Kind.INVITATION))
        message = asked(1, kind=Kind.MESSAGE, continue_after_reply=True)

        assert isinstance(refused, AlreadyDecided)
        assert refused.action.reason == "ALREADY_REPLIED"
        assert isinstance(await self.ask(ledger, message), Go)

    async def test_message_for_silence_only(self, ledger: Ledger, store: Store) -> None:
        """A message meant for silence is not sent after a reply, whatever the campaign does."""
        await store.reply("camp_1", "lead_1")

        decision = await self.ask(
            ledger,
            asked(1, kind=Kind.MESSAGE, continue_after_reply=True, only_if_no_reply=True),
        )

        assert isinstance(decision, AlreadyDecided)
        assert decision.action.reason == "ALREADY_REPLIED"

    async def test_what_the_owner_writes_by_hand(self, ledger: Ledger, store: Store) -> None:
        """It ends the lead, holds its actions back, or means nothing: the request says which."""
        await store.owner_wrote("camp_1", "lead_1", NOW)
        paused = asked(2, lead_id="lead_1", owner_messages=OwnerMessages.PAUSE_UNTIL_ANSWERED)
        goes = asked(3, lead_id="lead_1", owner_messages=OwnerMessages.CONTINUE)

        assert await self.refused(ledger, asked(1), NOW) == "OWNER_WROTE"
        wait = await self.ask(ledger, paused)
        assert isinstance(wait, Wait)
        assert wait.obstacle.reason == "OWNER_WROTE"
        explained = await ledger.explain(paused.key, now=NOW)
        assert explained[0].reason == "OWNER_WROTE"
        assert isinstance(await self.ask(ledger, goes), Go)

    # --- cancelling ----------------------------------------------------------------------

    async def test_cancelled_before_it_is_asked_for(self, ledger: Ledger) -> None:
        """A request that is cancelled before it comes sends nothing when it comes."""
        cancelled = await ledger.cancel(asked().key, now=NOW)

        decision = await self.ask(ledger, asked())

        assert cancelled.state is ActionState.CANCELLED
        assert isinstance(decision, AlreadyDecided)
        assert decision.action.state is ActionState.CANCELLED

    async def test_cancelled_while_it_waits(self, ledger: Ledger) -> None:
        """A waiting request that is cancelled frees its turn."""
        await self.done(ledger, asked(0))
        await self.waits(ledger, asked(1))
        await ledger.cancel(asked(1).key, now=NOW)

        assert isinstance(await self.ask(ledger, asked(2), NOW + GAP), Go)

    async def test_what_is_on_the_wire_is_not_cancelled(self, ledger: Ledger) -> None:
        """It is too late for what has been sent; it stays what it is."""
        await self.sent(ledger, asked())

        action = await ledger.cancel(asked().key, now=NOW)

        assert action.state is ActionState.SENDING

    # --- preparing -----------------------------------------------------------------------

    async def test_prepare_keeps_the_turn(self, ledger: Ledger) -> None:
        """What has to be read first is read at its turn, while others wait."""
        prepare = await ledger.decide(
            asked(1, kind=Kind.MESSAGE), now=NOW, resolve=lambda _a, _f: NeedsLookup()
        )

        wait = await self.waits(ledger, asked(2))

        assert isinstance(prepare, Prepare)
        assert wait.obstacle.reason == "WAITING_FOR_TURN"

    async def test_done_already(self, ledger: Ledger) -> None:
        """What is so already is done without a write, and does not count."""
        outcome = Outcome(already_so=True, connected=True)

        decision = await ledger.decide(
            asked(1), now=NOW, resolve=lambda _a, _f: AlreadyDone(outcome=outcome)
        )

        assert isinstance(decision, AlreadyDecided)
        assert decision.action.outcome == outcome
        assert isinstance(await self.ask(ledger, asked(2)), Go)

    async def test_post_taken_meanwhile(self, ledger: Ledger) -> None:
        """Two requests prepared for one post: the second chooses again."""
        post = Target(provider_id="ACo-person", post_id="urn:li:activity:1")
        first = asked(1, kind=Kind.REACTION)
        second = asked(1, kind=Kind.REACTION, action_id="camp_1/lead_1/reaction/2")
        go = await ledger.decide(
            first, now=NOW, resolve=lambda _a, _f: Resolved(target=post), post_id=post.post_id
        )
        assert isinstance(go, Go)
        await ledger.finish(go.action, AttemptResult(state=ActionState.DONE), now=NOW)

        decision = await ledger.decide(
            second,
            now=NOW + GAP,
            resolve=lambda _a, _f: Resolved(target=post),
            post_id=post.post_id,
        )

        assert isinstance(decision, Prepare)
        assert await ledger.used_posts("acct_1", "person-1", Kind.REACTION) == {post.post_id}

    # --- the clock -----------------------------------------------------------------------

    async def test_it_has_a_clock_of_its_own(self, ledger: Ledger) -> None:
        """Who asks does not say what time it is: decision, answer and lease go by one clock."""
        before = datetime.now(UTC)

        go = await ledger.decide(asked(), resolve=resolved)
        assert isinstance(go, Go)
        in_flight = (await ledger.on_the_wire(HoldScope.EVERYTHING, "")).actions
        await ledger.finish(go.action, AttemptResult(state=ActionState.DONE))

        recorded = await ledger.read(go.action.key)
        assert recorded is not None
        assert recorded.sent_at is not None
        assert recorded.finished_at is not None
        assert before <= recorded.sent_at <= recorded.finished_at <= datetime.now(UTC)
        assert in_flight == 1

    async def test_never_before_what_the_ledger_knows(self, ledger: Ledger) -> None:
        """The clock falls back by minutes: nothing seems longer ago than it is."""
        await self.done(ledger, asked())
        await self.done(ledger, asked(2, kind=Kind.LOOKUP), NOW + GAP / 2)
        back = NOW - timedelta(minutes=10)

        waiting = await self.waits(ledger, asked(3), back)
        read = await self.sent(ledger, asked(4, kind=Kind.LOOKUP), back)

        assert NOW <= back + waiting.retry_after <= NOW + GAP
        assert read.action.sent_at == NOW + GAP / 2

    @pytest.mark.parametrize(
        "kinds",
        [
            [Kind.VISIT],
            [Kind.VISIT] * 6,
            [Kind.MESSAGE, Kind.MESSAGE, Kind.VISIT, Kind.VISIT, Kind.INVITATION, Kind.INVITATION],
        ],
        ids=["one", "six", "mixed"],
    )
    async def test_a_clock_that_fell_back_is_slept_through(
        self, ledger: Ledger, kinds: list[Kind]
    ) -> None:
        """Each is told until its turn by the clock as it is then: it comes once, and goes.

        They were told by the newest time that the ledger knew, came after each pause, and were
        told to wait again, until the clock had caught up.
        """
        await self.done(ledger, asked())
        back = NOW - timedelta(minutes=47)
        waiting = [asked(2 + number, kind=kind) for number, kind in enumerate(kinds)]

        told = [await self.waits(ledger, request, back) for request in waiting]

        for request, wait in zip(waiting, told, strict=True):
            explained = await ledger.explain(request.key, now=back)
            ends = max(each.free_at for each in explained if each.free_at is not None)
            assert back + wait.retry_after == ends
        for request, wait in zip(waiting, told, strict=True):
            await self.done(ledger, request, back + wait.retry_after)

    # --- lost answers --------------------------------------------------------------------

    async def test_expired_lease_is_lost(self, ledger: Ledger) -> None:
        """An attempt whose process died is taken over once its lease is over, by one."""
        await self.sent(ledger, asked())
        over = NOW + LEASE

        early = await ledger.claim_lost(now=over - _TICK, until=over + LEASE, limit=10)
        claims = [await ledger.claim_lost(now=over, until=over + LEASE, limit=10) for _ in range(2)]

        assert [len(early), *(len(claim) for claim in claims)] == [0, 1, 0]
        assert claims[0][0].state is ActionState.UNKNOWN

    async def test_proven_absent_goes_again(self, ledger: Ledger) -> None:
        """What is not there is looked for again, until its absence settles that it goes again."""
        action = await self._lost(ledger)

        early = await ledger.record_not_found(action, verify_at=NOW + GAP, settled=False, now=NOW)
        settled = await ledger.record_not_found(action, verify_at=NOW + GAP, settled=True, now=NOW)

        assert (early.state, settled.state) == (ActionState.UNKNOWN, ActionState.QUEUED)
        go = await self.sent(ledger, asked(), NOW + GAP)
        assert go.action.attempt == 2

    async def test_late_answer_counts(self, ledger: Ledger) -> None:
        """An answer that comes after it was taken for lost is still the truth."""
        action = await self._lost(ledger)

        kept = await ledger.finish(action, AttemptResult(state=ActionState.DONE), now=NOW)

        recorded = await ledger.read(action.key)
        assert kept
        assert recorded is not None
        assert recorded.state is ActionState.DONE

    async def test_answer_of_an_older_attempt_is_not_kept(self, ledger: Ledger) -> None:
        """Once it goes again, the first attempt has nothing more to say."""
        action = await self._lost(ledger)
        await ledger.record_not_found(action, verify_at=NOW, settled=True, now=NOW)
        await self.sent(ledger, asked(), NOW + GAP)

        kept = await ledger.finish(action, AttemptResult(state=ActionState.DONE), now=NOW + GAP)

        assert not kept

    async def test_undecided_is_looked_for_later(self, ledger: Ledger) -> None:
        """A look that says neither is followed by another, no sooner than told."""
        action = await self._lost(ledger)
        later = NOW + timedelta(hours=1)

        await ledger.record_inconclusive(action, verify_at=later, counted=True)

        assert not await ledger.claim_lost(now=later - _TICK, until=later, limit=10)
        (claimed,) = await ledger.claim_lost(now=later, until=later + LEASE, limit=10)
        assert claimed.verifications == 1

    async def test_each_attempt_is_looked_for_anew(self, ledger: Ledger) -> None:
        """Only looks that say neither are counted, and none of an attempt before."""
        action = await self._lost(ledger)
        await ledger.record_inconclusive(action, verify_at=NOW, counted=True)
        await ledger.record_not_found(action, verify_at=NOW, settled=False, now=NOW)
        (looked_for,) = await ledger.claim_lost(now=NOW, until=NOW + LEASE, limit=10)

        settled = await ledger.record_not_found(looked_for, verify_at=NOW, settled=True, now=NOW)

        assert looked_for.verifications == 1
        assert settled.verifications == 0

    async def test_an_id_is_the_outcome_of_one(self, ledger: Ledger) -> None:
        """Of two actions to a person that are found by one message at once, one has made it."""
        lost = [
            await self._lost(ledger, asked(kind=Kind.MESSAGE, action_id=f"act_{n}"), NOW + n * HOUR)
            for n in range(2)
        ]
        found = AttemptResult(
            state=ActionState.DONE, outcome=Outcome(message_id="m_1"), claims="m_1"
        )

        claimed = await asyncio.gather(*(ledger.finish(each, found, now=NOW) for each in lost))

        assert sorted(claimed) == [False, True]

    async def test_what_twins_have_made(self, ledger: Ledger) -> None:
        """Told are ids of others, how many ended without one, and whether one is on its way."""
        requests = [asked(kind=Kind.MESSAGE, action_id=f"act_{n}") for n in range(4)]
        lost = await self._lost(ledger, requests[0], NOW)
        for number, made in ((1, "m_1"), (2, "")):
            now = NOW + number * HOUR
            go = await self.sent(ledger, requests[number], now)
            outcome = Outcome(provider_id="ACo-person", message_id=made)
            ended = AttemptResult(state=ActionState.DONE, outcome=outcome)
            await ledger.finish(go.action, ended, now=now)
        other = asked(kind=Kind.MESSAGE, action_id="act_other", text="Other words")
        await self.done(ledger, other, NOW + 3 * HOUR)

        ended = await ledger.twins(lost, ["m_1", "m_2"])
        await self.sent(ledger, requests[3], NOW + 4 * HOUR)
        wired = await ledger.twins(lost, ["m_2"])

        assert (list(ended.owned), ended.unnamed, ended.on_the_wire) == (["m_1"], 1, False)
        assert (list(wired.owned), wired.unnamed, wired.on_the_wire) == ([], 1, True)

    async def test_what_was_there_before_stays_known(self, ledger: Ledger, store: Store) -> None:
        """Messages that were there before an attempt are told to whoever looks for it alone."""
        await store.put_account(ANOTHER)
        go = await self.sent(ledger, asked(kind=Kind.MESSAGE))
        await self.sent(ledger, of_another(kind=Kind.MESSAGE))

        await ledger.note_earlier(go.action, ["m_1"])

        lost = await ledger.claim_lost(now=NOW + LEASE, until=NOW + LEASE * 2, limit=10)
        known = {each.organization_id: each.earlier_ids for each in lost}
        assert known == {"org_1": ("m_1",), "org_2": ()}

    async def _lost(
        self, ledger: Ledger, request: ActionRequest | None = None, now: datetime = NOW
    ) -> Any:
        go = await self.sent(ledger, request or asked(), now)
        lost = AttemptResult(state=ActionState.UNKNOWN, reason="VERIFYING_OUTCOME", verify_at=now)
        await ledger.finish(go.action, lost, now=now)
        (claimed,) = await ledger.claim_lost(now=now, until=now + DAY, limit=10)
        return claimed

    # --- reading -------------------------------------------------------------------------

    async def test_facts_come_with_the_next_decision(self, ledger: Ledger) -> None:
        """What an action taught is known when the next one to the person is resolved."""
        go = await self.sent(ledger, asked())
        profile = Profile(person_id="person-1", provider_id="ACo-1", connected=True, read_at=NOW)
        await ledger.finish(
            go.action, AttemptResult(state=ActionState.DONE, profile=profile), now=NOW
        )
        known: list[Profile | None] = []

        def resolve(_account: Account, profile: Profile | None) -> Resolution:
            known.append(profile)
            return Resolved(target=TARGET)

        await ledger.decide(asked(1, kind=Kind.MESSAGE), now=NOW + GAP, resolve=resolve)

        assert known == [profile]

    async def test_older_facts_do_not_disconnect(self, ledger: Ledger) -> None:
        """Only a newer reading says that somebody is not connected."""
        first = await self.sent(ledger, asked(1))
        connected = Profile(person_id="person-1", provider_id="ACo-1", connected=True, read_at=NOW)
        await ledger.finish(
            first.action, AttemptResult(state=ActionState.DONE, profile=connected), now=NOW
        )
        second = await self.sent(ledger, asked(1, kind=Kind.INVITATION), NOW + GAP)
        silent = Profile(person_id="person-1", provider_id="ACo-1", invited_at=NOW)

        ended = AttemptResult(state=ActionState.DONE, profile=silent)
        await ledger.finish(second.action, ended, now=NOW + GAP)

        known: list[Profile | None] = []

        def resolve(_account: Account, profile: Profile | None) -> Resolution:
            known.append(profile)
            return NeedsLookup()

        await ledger.decide(asked(1, kind=Kind.MESSAGE), now=NOW + 2 * GAP, resolve=resolve)
        assert known[0] is not None
        assert known[0].connected

    async def test_explain(self, ledger: Ledger, store: Store) -> None:
        """Everything in the way is listed, what has no end first."""
        await self.done(ledger, asked(0))
        await self.waits(ledger, asked(1))
        await store.hold(HoldScope.CAMPAIGN, "camp_1")

        obstacles = await ledger.explain(asked(1).key, now=NOW)

        assert [obstacle.reason for obstacle in obstacles] == ["HELD", "WAITING_FOR_GAP"]
        with pytest.raises(ActionNotFound):
            await ledger.explain(ActionKey("org_1", "nothing"), now=NOW)

    async def test_explain_is_whole(self, ledger: Ledger, store: Store) -> None:
        """Caps, each of the hours and the pause, with when each is out of the way.

        These hours never meet, which is told before all that ends, and no turn is.
        """
        caps = (Cap(kind=Kind.VISIT, per=timedelta(days=1), actions=1),)
        await store.put_account(replace(ACCOUNT, caps=caps))
        await self.done(ledger, asked(0))
        await self.waits(ledger, asked(1))
        there = WorkingHours(time_zone="Asia/Tokyo", opens=time(9), closes=time(18))
        second = asked(2, sending_window=there, person_time_zone="America/New_York")
        await self.waits(ledger, second)
        await store.cool("acct_1", Kind.VISIT, NOW + timedelta(hours=2))

        obstacles = await ledger.explain(second.key, now=NOW)

        # Noon in UTC is seven in New York and nine in the evening in Tokyo.
        in_new_york, in_tokyo = NOW + timedelta(hours=2), NOW + timedelta(hours=12)
        never, *ending = obstacles
        assert (never.reason, never.free_at) == ("WAITING_FOR_HOURS", None)
        ends = [(each.reason, each.free_at) for each in ending]
        assert ends[0] == ("WAITING_FOR_GAP", NOW + GAP)
        assert ("COOLING_DOWN", NOW + timedelta(hours=2)) in ends
        assert ("WAITING_FOR_CAP", NOW + timedelta(days=1)) in ends
        opened = [at for reason, at in ends if reason == "WAITING_FOR_HOURS"]
        latest = RULES.latest_start
        assert [in_new_york <= opened[0] <= in_new_york + latest, len(opened)] == [True, 2]
        assert in_tokyo <= opened[1] <= in_tokyo + latest
        moments = [each.free_at for each in ending]
        assert moments == sorted(moment for moment in moments if moment is not None)
        assert "WAITING_FOR_TURN" not in {each.reason for each in obstacles}

    # --- one member ----------------------------------------------------------------------

    async def of_one_member(self, store: Store, *caps: Cap) -> None:
        """`acct_1` was the member's with an organization that has let go; `acct_2` is with another.

        Of `acct_3` nobody knows whose it is.
        """
        known = replace(ACCOUNT, provider_id="ACo-member", caps=caps)
        await store.put_account(known)
        await store.put_account(
            replace(
                known, account_id="acct_2", organization_id="org_2", unipile_account_id="unipile-2"
            )
        )
        await store.put_account(
            replace(
                ACCOUNT,
                account_id="acct_3",
                organization_id="org_3",
                unipile_account_id="unipile-3",
                caps=caps,
            )
        )

    @staticmethod
    def by_another(number: int, account: int, kind: Kind = Kind.VISIT) -> ActionRequest:
        """A request of another organization, on an account of its own."""
        return asked(
            number,
            kind=kind,
            action_id=f"camp_{account}/lead_{number}/{kind.value}",
            campaign_id=f"camp_{account}",
            organization_id=f"org_{account}",
            account_id=f"acct_{account}",
        )

    async def test_caps_are_the_members(self, ledger: Ledger, store: Store) -> None:
        """What a member did with one organization counts in the caps of another, and is told.

        What is told is what is explained, and when it goes. Nothing else crosses: no pause.
        """
        await self.of_one_member(store, Cap(kind=Kind.VISIT, per=DAY, actions=2))
        await self.done(ledger, asked(1))
        await self.done(ledger, asked(2), NOW + GAP)

        wait = await self.waits(ledger, self.by_another(1, 2), NOW + 2 * GAP)
        explained = await ledger.explain(self.by_another(1, 2).key, now=NOW + 2 * GAP)
        await self.done(ledger, self.by_another(1, 3), NOW + 2 * GAP)

        assert wait.obstacle.reason == "WAITING_FOR_CAP"
        assert wait.obstacle.free_at == NOW + DAY
        told = NOW + 2 * GAP + wait.retry_after
        assert told == max(each.free_at for each in explained if each.free_at is not None)
        await self.done(ledger, self.by_another(1, 2), told)

    async def test_only_counts_cross(self, ledger: Ledger, store: Store) -> None:
        """An action of the member's other account is no pause, no queue and no place in it."""
        await self.of_one_member(store, Cap(kind=Kind.VISIT, per=DAY, actions=2))
        await self.done(ledger, asked(1))
        await self.waits(ledger, asked(2))

        await self.done(ledger, self.by_another(1, 2))

    async def test_in_flight_elsewhere_counts(self, ledger: Ledger, store: Store) -> None:
        """What the member's other account has on the wire counts, for it may have happened."""
        await self.of_one_member(store, Cap(kind=Kind.VISIT, per=DAY, actions=1))
        await self.sent(ledger, asked(1))

        wait = await self.waits(ledger, self.by_another(1, 2))

        assert wait.obstacle.reason == "WAITING_FOR_CAP"

    async def test_siblings_and_notes_elsewhere(self, ledger: Ledger, store: Store) -> None:
        """Kinds that share a cap share it across the member's accounts; so do notes."""
        month = timedelta(days=30)
        await self.of_one_member(store, Cap(kind=Kind.INVITATION, per=month, actions=1, noted=True))
        await self.done(ledger, asked(1, kind=Kind.LOOKUP))
        await self.done(ledger, asked(2, kind=Kind.INVITATION, text="Hi"), NOW + GAP)

        visit = await self.sent(ledger, self.by_another(1, 2), NOW + 2 * GAP)
        note = replace(self.by_another(3, 2, Kind.INVITATION), text="Hi")
        noted = await self.waits(ledger, note, NOW + 10 * DAY)

        assert "tier profile_read per day: 2 of 95" in visit.action.caps
        assert noted.obstacle.reason == "WAITING_FOR_CAP"
        bare = self.by_another(4, 2, Kind.INVITATION)
        await self.done(ledger, bare, NOW + 10 * DAY)

    async def test_usage_is_the_members(self, ledger: Ledger, store: Store) -> None:
        """What is shown as used is what counts."""
        await self.of_one_member(store)
        await self.done(ledger, asked(1))

        used = await ledger.usage("acct_2", now=NOW + GAP)
        strangers = await ledger.usage("acct_3", now=NOW + GAP)

        assert list(used[Kind.VISIT].counted.ended) == [NOW]
        assert list(strangers[Kind.VISIT].counted.ended) == []

    # --- explained -----------------------------------------------------------------------

    async def test_explain_ends_at_its_turn(self, ledger: Ledger) -> None:
        """Whoever is behind others is told so last, with the moment it was told to come."""
        await self.done(ledger, asked(0))
        waits = [await self.waits(ledger, asked(number)) for number in (1, 2, 3)]

        obstacles = await ledger.explain(asked(3).key, now=NOW)

        assert [each.reason for each in obstacles] == ["WAITING_FOR_GAP", "WAITING_FOR_TURN"]
        assert obstacles[-1].free_at == NOW + waits[-1].retry_after

    async def test_explain_knows_the_hours_asked_for_last(self, ledger: Ledger) -> None:
        """A campaign that changed its window is explained by the new one."""
        night = WorkingHours(opens=time(22), closes=time(23))
        evening = replace(night, opens=time(18))
        await self.waits(ledger, asked(1, sending_window=night))
        await self.waits(ledger, asked(1, sending_window=evening))

        (obstacle,) = await ledger.explain(asked(1).key, now=NOW)

        assert obstacle.description == "It is outside of the campaign's sending window."
        assert obstacle.free_at is not None
        assert obstacle.free_at.hour == 18

    async def test_the_unread_are_told_turns_by_the_lookups(
        self, ledger: Ledger, store: Store
    ) -> None:
        """Two lookups an hour: of five invitations to unread people each hears its own turn, and
        is explained as it was told; whoever is known waits for no lookup.
        """
        caps = (Cap(kind=Kind.LOOKUP, per=timedelta(hours=1), actions=2),)
        await store.put_account(replace(ACCOUNT, caps=caps))
        unread = [asked(number, kind=Kind.INVITATION) for number in range(1, 6)]
        for each in unread:
            await store.forget(each.person_id)
        for number in (11, 12):
            await self.done(ledger, asked(number, kind=Kind.LOOKUP, campaign_id=""))

        waits = [await self.ask(ledger, each) for each in unread]

        hour = timedelta(hours=1)
        turns = [each.retry_after for each in waits if isinstance(each, Wait)]
        assert turns == [hour, hour + GAP, 2 * hour, 2 * hour + GAP, 3 * hour]
        for each, turn in zip(unread, turns, strict=True):
            assert (await ledger.explain(each.key, now=NOW))[-1].free_at == NOW + turn
        assert isinstance(await self.ask(ledger, asked(6, kind=Kind.INVITATION)), Go)

    async def test_usage(self, ledger: Ledger) -> None:
        """What counts is counted from the rows."""
        await self.done(ledger, asked(1))
        await self.sent(ledger, asked(2, kind=Kind.INVITATION), NOW + GAP)

        usage = await ledger.usage("acct_1", now=NOW + GAP)

        assert list(usage[Kind.VISIT].counted.ended) == [NOW]
        assert usage[Kind.INVITATION].counted.open_ends == 1

    async def test_pages_visit_each_row_once(self, ledger: Ledger) -> None:
        """Walking the pages sees every action once, newest first."""
        for number in range(7):
            await self.ask(ledger, asked(number), NOW + timedelta(seconds=number // 2))
        wanted = ActionFilter(organization_id="org_1")
        seen: list[Any] = []
        after = None

        while page := await ledger.list(wanted, after=after, limit=3):
            seen += page
            after = (page[-1].created_at, page[-1].action_id)

        assert len({action.action_id for action in seen}) == len(seen) == 7
        assert [a.created_at for a in seen] == sorted((a.created_at for a in seen), reverse=True)

    async def test_list_filters(self, ledger: Ledger) -> None:
        """Only what is asked for is listed."""
        await self.done(ledger, asked(1))
        await self.waits(ledger, asked(2, kind=Kind.INVITATION))

        queued = await ledger.list(
            ActionFilter(organization_id="org_1", state=ActionState.QUEUED), after=None, limit=9
        )

        assert [action.kind for action in queued] == [Kind.INVITATION]
        assert (await ledger.queued())[Kind.INVITATION] == 1

    async def test_on_the_wire(self, ledger: Ledger) -> None:
        """What has begun is named by scope, with the end of its lease, until that is over."""
        await self.sent(ledger, asked())

        def begun(scope: HoldScope, subject_id: str, now: datetime = NOW) -> Any:
            return ledger.on_the_wire(scope, subject_id, now=now)

        named = OnTheWire(actions=1, action_ids=(asked().action_id,), until=NOW + LEASE)
        assert await begun(HoldScope.CAMPAIGN, "camp_1") == named
        assert await begun(HoldScope.CAMPAIGN, "camp_2") == OnTheWire()
        assert await begun(HoldScope.EVERYTHING, "") == named
        assert await begun(HoldScope.EVERYTHING, "", NOW + LEASE) == OnTheWire()


_TICK = timedelta(microseconds=1)


def _cap(kind: Kind, actions: int) -> Cap:
    return Cap(kind=kind, per=timedelta(days=7), actions=actions)


MakeStore = Callable[[], Store]
