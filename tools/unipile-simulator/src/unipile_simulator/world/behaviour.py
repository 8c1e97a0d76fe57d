"""What happens on the other side: people answer, and what they wrote long ago arrives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from unipile_simulator.accounts.accounts import Account, Accounts
from unipile_simulator.clock import DAY, HOUR, Clock
from unipile_simulator.config import Config
from unipile_simulator.dice import Dice
from unipile_simulator.journal import Entry
from unipile_simulator.network.chats import Chat, Chats, Message
from unipile_simulator.network.relationships import (
    ACCEPTED,
    IGNORED,
    Relationship,
    Relationships,
)
from unipile_simulator.people.ids import Product
from unipile_simulator.people.people import People, Person
from unipile_simulator.people.temperament import Answer, Span
from unipile_simulator.world.choices import Choices
from unipile_simulator.world.publisher import Publisher
from unipile_simulator.world.scheduler import Act, Scheduler

TWO_YEARS = 2 * 365 * DAY
_OLD_WORDS = (
    "It was good to meet you at the fair.",
    "Thanks, that helped a lot.",
    "Sure, let us talk after the holidays.",
)


class Surroundings(Protocol):
    """The parts of the world that people act on."""

    config: Config
    clock: Clock
    dice: Dice
    people: People
    choices: Choices
    accounts: Accounts
    relationships: Relationships
    chats: Chats
    publisher: Publisher
    scheduler: Scheduler

    def note(
        self,
        at: float,
        event: str,
        *,
        account_id: str | None = None,
        person: Person | None = None,
        text: str | None = None,
        object_id: str | None = None,
    ) -> Entry:
        """Write into the journal what nobody called for."""


class Behaviour:
    """Plans what people will do, and does it when the time has come."""

    def __init__(self, world: Surroundings) -> None:
        self._world = world
        self._acts: dict[str, Callable[[Account, Person, Act], None]] = {
            "accept": self._accept,
            "ignore": self._ignore,
            "leave": self._leave,
            "reply": self._reply,
            "announce": self._announce,
        }

    def perform(self, act: Act) -> None:
        """Do what was planned, unless the account or the person is no more."""
        account = self._world.accounts.find(act.account_id)
        person = self._world.people.known(act.public_id)
        if account is not None and person is not None:
            self._acts[act.name](account, person, act)

    def invited(self, tie: Relationship, person: Person, now: float) -> None:
        """Somebody has just been invited: plan their answer."""
        if tie.invitation is None or not self._world.choices.accepts(tie, person, now):
            return
        kind = person.kind
        for name, span in (("accept", kind.accepts), ("ignore", kind.ignores)):
            if span is not None:
                self._plan(tie, now, name, span, {"invitation": tie.invitation.id})

    def messaged(self, account: Account, person: Person, message: Message, chat: Chat) -> None:
        """Somebody has just been written to: plan their answer."""
        kind = person.kind
        if kind.chooses:
            answer = self._world.choices.answer(account, person, message, chat)
        elif message.type == "INMAIL":
            answer = kind.on_inmail
        else:
            answer = kind.on_message.get(chat.sent()) or kind.on_message.get(0)
        tie = self._world.relationships.between(account, person, message.at)
        if answer is not None:
            self._plan_reply(tie, message.at, answer, message.id)

    def accept(self, account: Account, person: Person, at: float) -> None:
        """A person accepts the pending invitation."""
        world = self._world
        tie = world.relationships.between(account, person, at)
        if not tie.pending or tie.invitation is None:
            return
        invitation = tie.invitation
        world.relationships.end_invitation(tie, ACCEPTED, at)
        world.note(at, "accepted", account_id=account.id, person=person, object_id=invitation.id)
        if invitation.note:
            chat = world.chats.open(account.id, [person.public_id])
            note = world.chats.write(
                chat, sender=None, text=invitation.note, at=at, kind="INVITATION"
            )
            self._world.publisher.publish_message(account, chat, note)
        self.announce_relation(account, person, at)
        kind = person.kind
        if kind.on_acceptance is not None:
            self._plan_reply(tie, at, kind.on_acceptance, invitation.id)
        if kind.leaves is not None:
            self._plan(tie, at, "leave", kind.leaves, {})

    def accepted(self, account: Account, person: Person, tie: Relationship, at: float) -> None:
        """The account's owner accepts a person's invitation; its note becomes a message."""
        world, invitation = self._world, tie.invitation
        if invitation is None:
            return
        world.relationships.end_invitation(tie, ACCEPTED, at)
        if invitation.note:
            self.reply(account, person, invitation.note, at, kind="INVITATION")
        self.announce_relation(account, person, at)

    def reply(
        self,
        account: Account,
        person: Person,
        text: str,
        at: float,
        *,
        kind: str = "MESSAGE",
        feature: Product = Product.CLASSIC,
        written_at: float | None = None,
        event_type: int | None = None,
        told: dict[str, Any] | None = None,
        publish: bool = True,
    ) -> Message:
        """A person writes to an account, now or, by history that arrives now, long ago."""
        world = self._world
        chat = world.chats.open(account.id, [person.public_id], feature=feature)
        message = world.chats.write(
            chat,
            sender=person.public_id,
            text=text,
            at=at if written_at is None else written_at,
            kind=kind,
            arrived_at=at,
            event_type=event_type,
            told=told,
        )
        event = "replied" if written_at is None else "history"
        world.note(at, event, account_id=account.id, person=person, text=text, object_id=message.id)
        if publish:
            self._world.publisher.publish_message(account, chat, message)
        return message

    def synchronise_history(
        self, account: Account, *, messages: int, age: float, publish: bool = True
    ) -> int:
        """What connections wrote long ago arrives now; how many messages that were."""
        world, now = self._world, self._world.clock.now()
        friends = [
            person
            for tie in world.relationships.of_account(account.id)
            if tie.connected and (person := world.people.known(tie.public_id)) is not None
        ]
        for person in friends:
            for number in range(messages):
                self.reply(
                    account,
                    person,
                    world.dice.pick(_OLD_WORDS, "history", person.public_id, number),
                    now,
                    written_at=now - age + number * HOUR,
                    publish=publish,
                )
        return len(friends) * messages

    def edit(self, account: Account, message: Message, text: str, at: float) -> None:
        """The author of a message changes it."""
        chat = self._world.chats.find(message.chat_id)
        if chat is not None:
            self._world.chats.edit(message, text=text, at=at)
            author = self._world.people.known(message.sender or "")
            self._world.note(
                at,
                "edited",
                account_id=account.id,
                person=author,
                text=text,
                object_id=message.id,
            )
            self._world.publisher.publish_message(account, chat, message, event="message_edited")

    def announce_relation(self, account: Account, person: Person, at: float) -> None:
        """Unipile will find the new connection out, some hours late."""
        world = self._world
        span = (0.0, world.config.knobs.new_relation_delay_hours * HOUR)
        tie = world.relationships.between(account, person, at)
        self._plan(tie, at, "announce", span, {})

    def status_changed(self, account_id: str, message: str) -> None:
        """Unipile says how an account is; one that is back brings its history."""
        self._world.note(self._world.clock.now(), message.lower(), account_id=account_id)
        account = self._world.accounts.find(account_id)
        history = self._world.config.knobs.history_messages
        if account is not None and history and message in {"SYNC_SUCCESS", "RECONNECTED"}:
            self.synchronise_history(account, messages=history, age=TWO_YEARS)
        self._world.publisher.publish_status(account_id, message)

    def _plan(
        self, tie: Relationship, now: float, name: str, span: Span, data: dict[str, Any]
    ) -> None:
        keys = (name, tie.account_id, tie.public_id, *data.values())
        delay = self._world.dice.between(*span, "when", *keys)
        self._world.scheduler.add(
            now + delay, name, account_id=tie.account_id, public_id=tie.public_id, data=data
        )

    def _plan_reply(self, tie: Relationship, now: float, answer: Answer, cause: str) -> None:
        text = self._world.dice.pick(answer.texts, "words", tie.public_id, cause)
        self._plan(tie, now, "reply", answer.after, {"text": text, "to": cause})

    def _accept(self, account: Account, person: Person, act: Act) -> None:
        if self._still_open(account, person, act):
            self.accept(account, person, act.due_at)

    def _ignore(self, account: Account, person: Person, act: Act) -> None:
        if self._still_open(account, person, act):
            tie = self._world.relationships.between(account, person, act.due_at)
            self._world.relationships.end_invitation(tie, IGNORED, act.due_at)
            self._world.note(act.due_at, "ignored", account_id=account.id, person=person)

    def _still_open(self, account: Account, person: Person, act: Act) -> bool:
        tie = self._world.relationships.between(account, person, act.due_at)
        return (
            tie.pending
            and tie.invitation is not None
            and tie.invitation.id == act.data["invitation"]
        )

    def _leave(self, account: Account, person: Person, act: Act) -> None:
        tie = self._world.relationships.between(account, person, act.due_at)
        self._world.relationships.disconnect(tie)
        self._world.note(act.due_at, "left", account_id=account.id, person=person)

    def _reply(self, account: Account, person: Person, act: Act) -> None:
        cause = self._world.chats.message(act.data["to"])
        inmail = cause is not None and cause.type == "INMAIL"
        self.reply(
            account,
            person,
            act.data["text"],
            act.due_at,
            kind="INMAIL_REPLY" if inmail else "MESSAGE",
            feature=self._inbox_of_reply(account, cause),
        )

    def _inbox_of_reply(self, account: Account, cause: Message | None) -> Product:
        chat = self._world.chats.find(cause.chat_id) if cause is not None else None
        inbox = Product(chat.feature) if chat is not None else Product.CLASSIC
        chance = self._world.config.knobs.product_inbox_replies
        elsewhere = cause is not None and self._world.dice.chance(chance, "inbox", cause.id)
        others = [product for product in Product if product in account.subscriptions]
        return others[0] if elsewhere and others and inbox is Product.CLASSIC else inbox

    def _announce(self, account: Account, person: Person, act: Act) -> None:
        self._world.publisher.publish_relation(account, person, act.due_at)
