"""How much of what strangers are refused is recorded: enough to see it, too little to fill a disk.

Whoever reaches the port can be refused as often as they like, and is known by an address alone.
"""

from __future__ import annotations

import ipaddress
import time
from collections import Counter as Counts
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import grpc
from servicekit.ids import new_id

from identity.audit.metrics import Metrics
from identity.audit.record import Act, Outcome

WINDOW = timedelta(minutes=1)
MOST_OF_AN_ADDRESS = 20
"""Refusals of one address that are recorded in a window."""
MOST = 200
"""Refusals of all addresses together that are recorded in a window."""
LEFT_OUT = "REFUSALS_LEFT_OUT"
_ONE_NETWORK = 64
"""Bits of an IPv6 address that one caller has: the others are theirs to choose."""


@dataclass
class _LeftOut:
    refusals: int = 0
    addresses: frozenset[str] = frozenset()
    """Of several two are enough to know that it was not one."""

    def add(self, address: str) -> None:
        self.refusals += 1
        if len(self.addresses) <= 1:
            self.addresses |= {address}


class Strangers:
    """Counts what strangers were refused, in this process, and what is not recorded of it.

    No more is kept in mind than what is recorded in a window.
    """

    def __init__(
        self, service: str, metrics: Metrics, *, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._service = service
        self._metrics = metrics
        self._now = now
        self._until = now()
        self._recorded: Counts[str] = Counts()
        self._left_out = _LeftOut()

    def admit(self, address: str) -> bool:
        """Whether one more refusal is recorded; otherwise it is counted."""
        now = self._now()
        if now >= self._until:
            self._until = now + WINDOW.total_seconds()
            self._recorded.clear()
        whose = _whose(address)
        if self._recorded.total() < MOST and self._recorded[whose] < MOST_OF_AN_ADDRESS:
            self._recorded[whose] += 1
            return True
        self._left_out.add(address)
        self._metrics.left_out.inc()
        return False

    def left_out(self) -> Act | None:
        """The one record of all that was left out since it was asked for last; None if nothing."""
        found, self._left_out = self._left_out, _LeftOut()
        if not found.refusals:
            return None
        return Act(
            record_id=new_id("aud"),
            organization_id="",
            service=self._service,
            rpc="",
            outcome=Outcome.DENIED,
            code=grpc.StatusCode.UNAUTHENTICATED.name,
            reason=LEFT_OUT,
            caller_kind="",
            subject="",
            actors=(),
            address=next(iter(found.addresses)) if len(found.addresses) == 1 else "",
            resource=f"refusals/{found.refusals}",
            request_id="",
            trace_id="",
        )


def _whose(address: str) -> str:
    """What is counted as one: an address, or the network that it is one's own choice in."""
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(known, ipaddress.IPv4Address):
        return address
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(ipaddress.ip_network((known, _ONE_NETWORK), strict=False))
