"""How much of what is under way at once may be to one endpoint."""

from collections import Counter


class EndpointShares:
    """A quarter for each: one that answers slowly leaves room for the rest."""

    def __init__(self, at_once: int) -> None:
        self._most = max(1, at_once // 4)
        self._under_way: Counter[str] = Counter()

    def has_room(self, endpoint_id: str) -> bool:
        return self._under_way[endpoint_id] < self._most

    def take(self, endpoint_id: str) -> bool:
        """Whether there is room for one more; it is to be given back then."""
        if not self.has_room(endpoint_id):
            return False
        self._under_way[endpoint_id] += 1
        return True

    def give_back(self, endpoint_id: str) -> None:
        self._under_way[endpoint_id] -= 1
        if not self._under_way[endpoint_id]:
            del self._under_way[endpoint_id]
