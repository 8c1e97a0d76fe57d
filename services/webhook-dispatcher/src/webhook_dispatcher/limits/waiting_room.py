"""Deliveries that wait, in one process, for room at their endpoint; the oldest first."""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass

from webhook_dispatcher.models import Dispatch

MOST_OF_ONE = 500
"""Of one endpoint: one that hangs has no more than that wait for it."""
MOST_OF_ORGANIZATION, MOST = 1000, 2000


@dataclass(frozen=True)
class _Waiting:
    dispatch: Dispatch
    since: float


class WaitingRoom:
    """Times are seconds of a clock that nobody sets."""

    def __init__(self) -> None:
        self._by_endpoint: dict[str, deque[_Waiting]] = {}
        self._ids = set[str]()
        self._of_organization: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._ids)

    def __contains__(self, delivery_id: str) -> bool:
        return delivery_id in self._ids

    def add(self, dispatch: Dispatch, *, now: float) -> bool:
        """Whether it may wait here; false where too many do."""
        waiting = self._by_endpoint.get(dispatch.endpoint_id, ())
        of_organization = self._of_organization[dispatch.organization_id]
        if len(self._ids) >= MOST or of_organization >= MOST_OF_ORGANIZATION:
            return False
        if len(waiting) >= MOST_OF_ONE:
            return False
        self._by_endpoint.setdefault(dispatch.endpoint_id, deque()).append(_Waiting(dispatch, now))
        self._ids.add(dispatch.delivery_id)
        self._of_organization[dispatch.organization_id] += 1
        return True

    def next(self, has_room: Callable[[Dispatch], bool]) -> Dispatch | None:
        """One that there is room for, the oldest of its endpoint; None if there is none."""
        for endpoint_id, waiting in self._by_endpoint.items():
            if has_room(waiting[0].dispatch):
                return self._taken(endpoint_id)
        return None

    def leave(self, *, before: float) -> list[Dispatch]:
        """All that wait since before then; they do no more."""
        left = []
        for endpoint_id, waiting in list(self._by_endpoint.items()):
            while waiting and waiting[0].since < before:
                left.append(waiting.popleft().dispatch)
            if not waiting:
                del self._by_endpoint[endpoint_id]
        for dispatch in left:
            self._gone(dispatch)
        return left

    def _taken(self, endpoint_id: str) -> Dispatch:
        """Its endpoint is asked last from then on."""
        waiting = self._by_endpoint.pop(endpoint_id)
        taken = waiting.popleft()
        if waiting:
            self._by_endpoint[endpoint_id] = waiting
        self._gone(taken.dispatch)
        return taken.dispatch

    def _gone(self, dispatch: Dispatch) -> None:
        self._ids.discard(dispatch.delivery_id)
        self._of_organization[dispatch.organization_id] -= 1
        if not self._of_organization[dispatch.organization_id]:
            del self._of_organization[dispatch.organization_id]
