"""SQL on sign-ins: owners who connect an account, and how far they have come."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from typing import assert_never

from servicekit.postgres.columns import Row, Table, column
from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement
from servicekit.tables import total

from linkedin_gateway.sign_in.checkpoints import Checkpoint, checkpoint_of


class Way(StrEnum):
    """How an owner signs in, where LinkedIn asks for no checkpoint."""

    LINK = "link"
    """On a page at Unipile."""
    DIRECT = "direct"
    """Through us, and is let in at once."""


class SignInState(StrEnum):
    """open → signed_in → bound | refused; open → replaced | refused."""

    OPEN = "open"
    SIGNED_IN = "signed_in"
    BOUND = "bound"
    REFUSED = "refused"
    REPLACED = "replaced"

    @property
    def waits(self) -> bool:
        """Whether the owner still has something to do: what they were given is not used up."""
        match self:
            case SignInState.OPEN:
                return True
            case (
                SignInState.SIGNED_IN
                | SignInState.BOUND
                | SignInState.REFUSED
                | SignInState.REPLACED
            ):
                return False
            case _:
                assert_never(self)


FORGOTTEN = total(
    SignInState,
    {
        SignInState.OPEN: True,
        # The account is there and still to be registered.
        SignInState.SIGNED_IN: False,
        SignInState.BOUND: True,
        SignInState.REFUSED: True,
        SignInState.REPLACED: True,
    },
)
"""Whether one in this state is deleted when its time is over."""


@dataclass(frozen=True, kw_only=True)
class SignInRow:
    """An owner who connects an account."""

    token_hash: str
    organization_id: str
    account_id: str
    unipile_account_id: str
    kind: Way | Checkpoint
    state: SignInState
    created_at: datetime
    expires_at: datetime


def by_link(kind: Way | Checkpoint) -> bool:
    """Whether an owner signs in on a page at Unipile, and not through us."""
    match kind:
        case Way.LINK:
            return True
        case Way.DIRECT | Checkpoint():
            return False
        case _:
            assert_never(kind)


def _kind_of(word: str) -> Way | Checkpoint:
    return checkpoint_of(word) or Way(word)


SIGN_INS: Table[SignInRow] = Table(
    SignInRow,
    column("token_hash"),
    column("organization_id"),
    column("account_id"),
    column("unipile_account_id"),
    column("kind", write=attrgetter("kind.value"), read=_kind_of),
    column("state", write=attrgetter("state.value"), read=SignInState),
    column("created_at", "timestamptz"),
    column("expires_at", "timestamptz"),
)
_COLUMNS = SIGN_INS.selected()
_CHECKPOINTS = ", ".join(f"'{checkpoint.value}'" for checkpoint in Checkpoint)
_FORGOTTEN = ", ".join(f"'{state.value}'" for state, forgotten in FORGOTTEN.items() if forgotten)

ADD = Statement(f"INSERT INTO sign_ins ({SIGN_INS.names}) VALUES ({SIGN_INS.parameters()})")
READ = f"SELECT {_COLUMNS} FROM sign_ins WHERE token_hash = $1"
# A token works once, in its time, and when it is for one account, for that one only.
CLAIM = f"""
UPDATE sign_ins
   SET state = 'signed_in', unipile_account_id = $2
 WHERE token_hash = $1 AND kind = 'link' AND state = 'open' AND expires_at > $3
   AND unipile_account_id IN ('', $2)
RETURNING {_COLUMNS}
"""
MOVE = f"""
UPDATE sign_ins
   SET state = $2, account_id = coalesce(nullif($4, ''), account_id), reason = $5
 WHERE token_hash = $1 AND state = $3
RETURNING {_COLUMNS}
"""
SIGNED_IN = f"""
SELECT {_COLUMNS} FROM sign_ins WHERE state = 'signed_in' ORDER BY created_at LIMIT 100
"""
IN_APP_WAITING = f"""
SELECT {_COLUMNS}
  FROM sign_ins
 WHERE state = 'open' AND kind = '{Checkpoint.IN_APP.value}' AND expires_at > $1
 ORDER BY expires_at
 LIMIT 100
"""
WAITING_FOR = f"""
SELECT {_COLUMNS}
  FROM sign_ins
 WHERE state = 'open' AND kind IN ({_CHECKPOINTS}) AND expires_at > $2 AND unipile_account_id = $1
"""
FORGET = f"DELETE FROM sign_ins WHERE expires_at < $1 AND state IN ({_FORGOTTEN})"


def hashed(token: str) -> str:
    """What is kept of a token: enough to know it again."""
    return hashlib.sha256(token.encode()).hexdigest()


class SignInRepository:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def add(self, sign_in: SignInRow) -> None:
        """Remember an owner who begins."""
        await self._pool.execute(ADD.sql, *ADD.given(**SIGN_INS.values(sign_in)))

    async def read(self, token_hash: str) -> SignInRow | None:
        return _row(await self._pool.fetchrow(READ, token_hash))

    async def claim(
        self, token_hash: str, unipile_account_id: str, *, now: datetime
    ) -> SignInRow | None:
        """Use the token of a link up for an account; None if it is not good for it."""
        return _row(await self._pool.fetchrow(CLAIM, token_hash, unipile_account_id, now))

    async def move(
        self,
        sign_in: SignInRow,
        state: SignInState,
        *,
        account_id: str = "",
        reason: str = "",
    ) -> SignInRow | None:
        """Move on from the state it was read in; None if somebody else did."""
        return _row(
            await self._pool.fetchrow(
                MOVE, sign_in.token_hash, state.value, sign_in.state.value, account_id, reason
            )
        )

    async def signed_in(self) -> Sequence[SignInRow]:
        """Those whose account is still to be registered."""
        return _rows(await self._pool.fetch(SIGNED_IN))

    async def in_app(self, *, now: datetime) -> Sequence[SignInRow]:
        """Those that wait for their owner to confirm in LinkedIn's app."""
        return _rows(await self._pool.fetch(IN_APP_WAITING, now))

    async def waiting_for(self, unipile_account_id: str, *, now: datetime) -> Sequence[SignInRow]:
        """Those with a checkpoint to pass for an account."""
        return _rows(await self._pool.fetch(WAITING_FOR, unipile_account_id, now))

    async def forget(self, *, before: datetime) -> None:
        await self._pool.execute(FORGET, before)


def _rows(rows: Sequence[Row]) -> Sequence[SignInRow]:
    return [SIGN_INS.read(row) for row in rows]


def _row(row: Row | None) -> SignInRow | None:
    return SIGN_INS.read(row) if row is not None else None
