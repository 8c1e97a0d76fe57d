"""Reads at LinkedIn that the gateway does by itself: counted like actions, never queued."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import assert_never

from servicekit.ids import new_id

from linkedin_gateway.errors import ActionMustWait
from linkedin_gateway.kinds.targets import Resolved
from linkedin_gateway.ledger.port import AttemptResult, Ledger
from linkedin_gateway.models import (
    Account,
    ActionRequest,
    ActionState,
    Kind,
    Person,
    Target,
)
from linkedin_gateway.pace.decisions import AlreadyDecided, Go, Prepare, Wait
from linkedin_gateway.unipile import UnipileError
from linkedin_gateway.unipile.error_table import ErrorClass

_NOT_COUNTED = frozenset({ErrorClass.NOT_EXECUTED, ErrorClass.CONFIGURATION})


class MeteredReads:
    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    @asynccontextmanager
    async def reserved(self, account: Account, kind: Kind, person: Person) -> AsyncIterator[None]:
        """Count one read, made inside the block.

        Raises `ActionMustWait` instead when the account may not read now, and `TypeError` if
        the ledger decides about it as about a write.
        """
        request = ActionRequest(
            action_id=f"read/{new_id('read')}",
            organization_id=account.organization_id,
            account_id=account.account_id,
            campaign_id="",
            lead_id="",
            identifier=person.identifier,
            person_id=person.person_id,
            kind=kind,
        )
        decision = await self._ledger.decide(
            request,
            resolve=lambda _account, _profile: Resolved(target=Target()),
        )
        match decision:
            case Go():
                pass
            case Wait(obstacle=obstacle, retry_after=retry_after):
                raise ActionMustWait(
                    obstacle.reason,
                    f"A {kind.value} comes first. {obstacle.description}",
                    retry_after=retry_after,
                )
            case AlreadyDecided() | Prepare():
                raise TypeError(f"a read is new and needs nothing: {decision}")
            case _:
                assert_never(decision)
        try:
            yield
        except UnipileError as error:
            state = ActionState.FAILED
            if error.error_class in _NOT_COUNTED:
                state = ActionState.CANCELLED
            await self._finish(decision, state)
            raise
        except BaseException:
            await self._finish(decision, ActionState.FAILED)
            raise
        await self._finish(decision, ActionState.DONE)

    async def _finish(self, decision: Go, state: ActionState) -> None:
        await self._ledger.finish(decision.action, AttemptResult(state=state))
