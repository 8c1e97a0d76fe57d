"""How much of what is under way at once may be to one endpoint, or of one organization."""

from collections import Counter


class Shares:
    """So much for each: one that has used up its own leaves room for the rest."""

    def __init__(self, most: int) -> None:
        self._most = max(1, most)
        self._under_way: Counter[str] = Counter()

    def has_room(self, whose: str) -> bool:
        return self._under_way[whose] < self._most

    def take(self, whose: str) -> bool:
        """Whether there is room for one more; it is to be given back then."""
        if not self.has_room(whose):
            return False
        self._under_way[whose] += 1
        return True

    def give_back(self, whose: str) -> None:
        self._under_way[whose] -= 1
        if not self._under_way[whose]:
            del self._under_way[whose]


class EndpointShares(Shares):
    """A quarter for each endpoint: one that answers slowly is not waited for by others."""

    def __init__(self, at_once: int) -> None:
        super().__init__(at_once // 4)


class OrganizationShares(Shares):
    """Three quarters for each organization, whose endpoints may all hang; a quarter is others'."""

    def __init__(self, at_once: int) -> None:
        super().__init__(at_once - max(1, at_once // 4))


class Places:
    """Of so many at once: each takes of its endpoint's share and of its organization's."""

    def __init__(self, at_once: int) -> None:
        self._of_endpoint = EndpointShares(at_once)
        self._of_organization = OrganizationShares(at_once)

    def has_room(self, endpoint_id: str, organization_id: str) -> bool:
        return self._of_endpoint.has_room(endpoint_id) and self._of_organization.has_room(
            organization_id
        )

    def take(self, endpoint_id: str, organization_id: str) -> bool:
        """Whether there is room for one more; it is to be given back then."""
        if not self.has_room(endpoint_id, organization_id):
            return False
        return self._of_endpoint.take(endpoint_id) and self._of_organization.take(organization_id)

    def give_back(self, endpoint_id: str, organization_id: str) -> None:
        self._of_endpoint.give_back(endpoint_id)
        self._of_organization.give_back(organization_id)
