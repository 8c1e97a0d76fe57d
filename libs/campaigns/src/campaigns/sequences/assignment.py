"""Which of several shares a lead belongs to: by hash, so that it never changes. Pure.

The position of a lead in a step is `sha256(step_id, 0, lead_id)`, of which the
first 64 bits are read as a fraction of 1. Shares lie on that line one after the
other. Nothing is stored and nothing is drawn by lot: the same lead is always at
the same place of the same step, in every revision that keeps the step's id, and
moving a share from 50 to 60 % moves one lead in ten. Positions in different
steps are independent of each other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import accumulate

_BITS = 64


def assigned(shares: Sequence[int], *, step_id: str, lead_id: str) -> int:
    """The index of the share that the lead belongs to in this step.

    Shares are relative to their sum; one of nothing is never assigned.
    ValueError if there is none that could be.
    """
    total = sum(shares)
    if total <= 0 or min(shares) < 0:
        raise ValueError("a lead cannot belong to a share of nothing")
    point = position(step_id=step_id, lead_id=lead_id) * total >> _BITS
    return next(i for i, end in enumerate(accumulate(shares)) if point < end)


def position(*, step_id: str, lead_id: str) -> int:
    """Where the lead lies in this step, from 0 to 2**64 - 1."""
    digest = hashlib.sha256(f"{step_id}\0{lead_id}".encode()).digest()
    return int.from_bytes(digest[: _BITS // 8], "big")
