"""What a profile says of an invitation whose withdrawal was asked for, and never answered."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from linkedin_gateway.kinds.action_kind import Finding, Found, Inconclusive, Missing
from linkedin_gateway.kinds.withdrawal import WITHDRAWAL
from linkedin_gateway.models import SentInvitation, Target


class Provider:
    """Lists no invitation as pending; its profiles say one thing."""

    def __init__(self, word: str) -> None:
        self.invitations = self
        self._seen = SimpleNamespace(connected=False, invitation=SentInvitation.of(word))

    async def pending(self, _account: str) -> AsyncIterator[Any]:
        for none in ():
            yield none

    async def look_up(self, *_: Any) -> Any:
        return self._seen


@pytest.mark.parametrize(
    ("word", "finding"),
    [
        ("WITHDRAWN", Found),
        ("PENDING", Missing),
        ("IGNORED", Inconclusive),
        ("", Inconclusive),
        ("EXPIRED_SOMEHOW", Inconclusive),
        ("unknown", Inconclusive),
    ],
)
async def test_what_is_no_proof_decides_nothing(word: str, finding: type[Finding]) -> None:
    """Each word has its meaning; one that is new to us proves neither that it landed nor not."""
    provider: Any = Provider(word)
    action: Any = SimpleNamespace(
        target=Target(provider_id="ACo-ada", invitation_id="inv_1"), person=None
    )
    account: Any = SimpleNamespace(unipile_account_id="u1")
    ports: Any = SimpleNamespace(unipile=provider, reads=provider)

    assert isinstance(await WITHDRAWAL.verification.look(action, account, ports), finding)


@pytest.mark.parametrize("word", ["PENDING", "IGNORED", "WITHDRAWN", ""])
def test_the_words_of_the_provider_are_read_as_they_are(word: str) -> None:
    """And by no other spelling."""
    assert SentInvitation.of(word) == word
    assert SentInvitation.of(f"{word} ") is SentInvitation.UNKNOWN
