"""The locks of a batch of decisions: what it alone decides about. Always taken in one order.

They are taken by a statement of their own: what is read after them is read with a snapshot that
is younger than the locks.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

from servicekit.postgres.connection import is_gone
from servicekit.postgres.pool import milliseconds

from linkedin_gateway.kinds.registry import READS
from linkedin_gateway.models import ActionRequest
from linkedin_gateway.storage.connection import Connection

GATE = 7_236_110
"""The lock that every decision shares while it reads and writes: who has written down a stop waits
until the decisions that had it by then are over (`storage.stops`)."""


def lock_key(subject: str, *, of: bytes = b"account") -> int:
    """The advisory lock of an account, or of a person for an organization."""
    digest = hashlib.blake2b(subject.encode(), digest_size=8, person=of).digest()
    return int.from_bytes(digest, "big", signed=True)


def person_lock(organization_id: str, person_id: str) -> int:
    """The lock of a person: whoever decides about them, hears of them or merges them has it."""
    return lock_key(f"{organization_id}/{person_id}", of=b"person")


def concerned(request: ActionRequest) -> Sequence[str]:
    """Whom two accounts, or two leads, must not turn to at once."""
    if request.kind in READS:
        return ()
    return (f"{request.organization_id}/{request.person_id}",)


def locks_of(requests: Iterable[ActionRequest]) -> list[int]:
    """The locks of a batch, in the order in which everybody takes them."""
    keys = set()
    for request in requests:
        keys.add(lock_key(request.account_id))
        keys.update(lock_key(person, of=b"person") for person in concerned(request))
    return sorted(keys)


# In the order in which batches take theirs.
_TAKE = "SELECT pg_advisory_xact_lock(key) FROM unnest($1::bigint[]) AS key"


async def lock_accounts(connection: Connection, account_ids: Iterable[str]) -> None:
    """Let no decision about these accounts be under way until the caller's transaction is over."""
    await connection.execute(_TAKE, sorted(map(lock_key, account_ids)))


# Everything is an index probe; statistics of a table that has just grown or been emptied must
# not talk the planner out of it, and no decision waits for a plan of its own. Joins are made in
# the order in which they are written: what is wide comes last, and is not carried through the rest.
_PLANNED = (
    "SET LOCAL plan_cache_mode = force_generic_plan;"
    " SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off;"
    " SET LOCAL join_collapse_limit = 1"
)


# A decision takes milliseconds. Whatever keeps it from going on, a session that has a lock or a
# process that stands still in the middle of it, ends it and what it holds, and it is made again.
LONGEST_LOCK_WAIT = timedelta(seconds=1)
LONGEST_IDLE = timedelta(milliseconds=1500)
_LONGEST_STATEMENT = timedelta(seconds=5)
_LIMITS = (
    f"SET LOCAL lock_timeout = {milliseconds(LONGEST_LOCK_WAIT)};"
    f" SET LOCAL idle_in_transaction_session_timeout = {milliseconds(LONGEST_IDLE)};"
    f" SET LOCAL statement_timeout = {milliseconds(_LONGEST_STATEMENT)}"
)


@asynccontextmanager
async def locked(connection: Connection, keys: Sequence[int]) -> AsyncIterator[None]:
    """A transaction that alone decides about what its locks stand for; with none it only reads."""
    statements = ["BEGIN", _PLANNED, _LIMITS]
    if keys:
        # One after the other, as they are listed; the gate last: who waits for somebody's lock is
        # in no stop's way. By `unnest`, and the gate by itself, it took the database 20 µs more,
        # of 50 that such a transaction takes in which nothing is done.
        locks = ", ".join(f"pg_advisory_xact_lock('{key}')" for key in keys)
        statements.append(f"SELECT {locks}, pg_advisory_xact_lock_shared({GATE})")
    await connection.execute("; ".join(statements))
    try:
        yield
    except BaseException:
        # The database may have ended the session: then there is nothing to roll back.
        if not is_gone(connection):
            await connection.execute("ROLLBACK")
        raise
    await connection.execute("COMMIT")
