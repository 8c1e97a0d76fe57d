"""What people who choose make of whoever gets in touch."""

from __future__ import annotations

from unipile_simulator.accounts.accounts import Account, Accounts
from unipile_simulator.clock import DAY, HOUR
from unipile_simulator.dice import Dice
from unipile_simulator.network.chats import Chat, Message
from unipile_simulator.network.relationships import Relationship
from unipile_simulator.people.people import Person
from unipile_simulator.people.tastes import Approach, Tastes
from unipile_simulator.people.temperament import Answer

_ANSWERS_AFTER = (2 * HOUR, 2 * DAY)


class Choices:
    """Throws one die for a person and an occasion, whatever the words.

    So who accepts bad ones accepts better ones, too.
    """

    def __init__(self, tastes: Tastes, dice: Dice, accounts: Accounts) -> None:
        self._tastes = tastes
        self._dice = dice
        self._accounts = accounts

    def accepts(self, tie: Relationship, person: Person, now: float) -> bool:
        """Whether somebody accepts the invitation; who does not choose does as they are."""
        account = self._accounts.find(tie.account_id)
        if not person.kind.chooses or tie.invitation is None or account is None:
            return True
        note = tie.invitation.note or ""
        approach = Approach(sender=account.owner, person=person, text=note, at=now)
        return self._dice.chance(self._tastes.accepts(approach), "chosen", tie.invitation.id)

    def answer(
        self, account: Account, person: Person, message: Message, chat: Chat
    ) -> Answer | None:
        """What somebody who chooses answers to a message, if they do."""
        sent = chat.sent()
        approach = Approach(
            sender=account.owner,
            person=person,
            text=message.text,
            at=message.at,
            messages=max(1, sent),
        )
        keys = (account.owner, person.public_id, sent)
        if not self._dice.chance(self._tastes.replies(approach), "answered", *keys):
            return None
        return Answer(after=_ANSWERS_AFTER, texts=(self._tastes.answer(*keys),))
