"""Deliveries for which there was no room at their endpoint, in the process that had none."""

from webhook_dispatcher.models import Dispatch

_MOST = 1000
"""Of one endpoint; the others come again by themselves."""


class Crowd:
    """Whoever has ended makes room for the one that has waited longest.

    Each has a workflow that tries it again later, whoever forgets it here.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, dict[str, Dispatch]] = {}

    def add(self, dispatch: Dispatch) -> None:
        """It is to have room when there is some."""
        waiting = self._waiting.setdefault(dispatch.endpoint_id, {})
        if len(waiting) < _MOST:
            waiting.setdefault(dispatch.delivery_id, dispatch)

    def first(self, endpoint_id: str) -> Dispatch | None:
        """Who has waited longest for an endpoint, and does no more; None if nobody does."""
        waiting = self._waiting.get(endpoint_id)
        if not waiting:
            return None
        dispatch = waiting.pop(next(iter(waiting)))
        if not waiting:
            del self._waiting[endpoint_id]
        return dispatch

    def forget(self, endpoint_id: str) -> None:
        """Nobody is to have room at an endpoint: nothing is sent to it for now, or ever."""
        self._waiting.pop(endpoint_id, None)
