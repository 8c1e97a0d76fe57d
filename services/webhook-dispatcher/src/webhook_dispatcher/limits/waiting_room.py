"""Deliveries that wait, in one process, for room at their endpoint; the oldest first."""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from webhook_dispatcher.models import Dispatch

MOST_OF_ONE = 2000
"""Of one endpoint: one that hangs has no more than that wait for it."""
MOST_OF_ORGANIZATION, MOST = 5000, 10_000


@dataclass(frozen=True)
class _Waiting:
    dispatch: Dispatch
    since: float


@dataclass
class _Line:
    """Those that wait for one endpoint."""

    moved: float
    """When one of them, or one before them, made room last."""
    waiting: deque[_Waiting] = field(default_factory=deque)


class WaitingRoom:
    """Times are seconds of a clock that nobody sets."""

    def __init__(self) -> None:
        self._lines: dict[str, _Line] = {}
        self._ids = set[str]()
        self._of_organization: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._ids)

    def __contains__(self, delivery_id: str) -> bool:
        return delivery_id in self._ids

    def add(self, dispatch: Dispatch, *, now: float) -> bool:
        """Whether it may wait here; false where too many do."""
        line = self._lines.get(dispatch.endpoint_id)
        of_organization = self._of_organization[dispatch.organization_id]
        if len(self._ids) >= MOST or of_organization >= MOST_OF_ORGANIZATION:
            return False
        if line is not None and len(line.waiting) >= MOST_OF_ONE:
            return False
        if line is None:
            line = self._lines[dispatch.endpoint_id] = _Line(moved=now)
        line.waiting.append(_Waiting(dispatch, now))
        self._ids.add(dispatch.delivery_id)
        self._of_organization[dispatch.organization_id] += 1
        return True

    def moved(self, endpoint_id: str, *, now: float) -> None:
        """One that was under way to an endpoint has ended: it does not hang."""
        if line := self._lines.get(endpoint_id):
            line.moved = now

    def next(self, has_room: Callable[[Dispatch], bool]) -> Dispatch | None:
        """One that there is room for, the oldest of its endpoint; None if there is none."""
        for endpoint_id, line in self._lines.items():
            if has_room(line.waiting[0].dispatch):
                return self._taken(endpoint_id)
        return None

    def leave(self, *, before: float, hung_before: float) -> list[Dispatch]:
        """All that wait since before then, or `hung_before` if nothing has moved since.

        They wait no more.
        """
        left = []
        for endpoint_id, line in list(self._lines.items()):
            since = hung_before if line.moved < hung_before else before
            while line.waiting and line.waiting[0].since < since:
                left.append(line.waiting.popleft().dispatch)
            if not line.waiting:
                del self._lines[endpoint_id]
        for dispatch in left:
            self._gone(dispatch)
        return left

    def _taken(self, endpoint_id: str) -> Dispatch:
        """Its endpoint is asked last from then on."""
        line = self._lines.pop(endpoint_id)
        taken = line.waiting.popleft()
        if line.waiting:
            self._lines[endpoint_id] = line
        self._gone(taken.dispatch)
        return taken.dispatch

    def _gone(self, dispatch: Dispatch) -> None:
        self._ids.discard(dispatch.delivery_id)
        self._of_organization[dispatch.organization_id] -= 1
        if not self._of_organization[dispatch.organization_id]:
            del self._of_organization[dispatch.organization_id]
