"""Deliveries that wait, in one process, for room at their endpoint; the oldest first."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from webhook_dispatcher.models import Dispatch

MOST_OF_ONE = 500
"""Of one endpoint: one that hangs has no more than that wait for it."""
MOST = 2000


@dataclass(frozen=True)
class _Waiting:
    dispatch: Dispatch
    since: float


class WaitingRoom:
    """Times are seconds of a clock that nobody sets."""

    def __init__(self) -> None:
        self._by_endpoint: dict[str, deque[_Waiting]] = {}
        self._ids = set[str]()

    def __len__(self) -> int:
        return len(self._ids)

    def __contains__(self, delivery_id: str) -> bool:
        return delivery_id in self._ids

    def add(self, dispatch: Dispatch, *, now: float) -> bool:
        """Whether it may wait here; false where too many do."""
        waiting = self._by_endpoint.get(dispatch.endpoint_id, ())
        if len(self._ids) >= MOST or len(waiting) >= MOST_OF_ONE:
            return False
        self._by_endpoint.setdefault(dispatch.endpoint_id, deque()).append(_Waiting(dispatch, now))
        self._ids.add(dispatch.delivery_id)
        return True

    def next(self, has_room: Callable[[str], bool]) -> Dispatch | None:
        """One whose endpoint has room, the oldest of it; None if there is none."""
        for endpoint_id in self._by_endpoint:
            if has_room(endpoint_id):
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
        self._ids.difference_update(each.delivery_id for each in left)
        return left

    def _taken(self, endpoint_id: str) -> Dispatch:
        """Its endpoint is asked last from then on."""
        waiting = self._by_endpoint.pop(endpoint_id)
        taken = waiting.popleft()
        if waiting:
            self._by_endpoint[endpoint_id] = waiting
        self._ids.discard(taken.dispatch.delivery_id)
        return taken.dispatch
