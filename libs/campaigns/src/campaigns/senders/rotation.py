"""Which account sends to which lead. Pure.

Leads are assigned in proportion to what accounts can still do: each goes to the account with the
highest quotient of its capacity and the leads it would then have. That is the highest averages
method (D'Hondt, 1878): proportional, deterministic, and no account gets more than its share
rounded up.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Mapping, Sequence


def assign(
    leads: int, capacity_by_account: Mapping[str, float], load_by_account: Mapping[str, int]
) -> list[str]:
    """The account of each of so many further leads, in order.

    An account without capacity gets none, unless all are without: then all are alike, and
    their leads wait for the first that can act. Loads are the leads that accounts have.
    """
    able = {each: capacity for each, capacity in capacity_by_account.items() if capacity > 0}
    weights = able or dict.fromkeys(capacity_by_account, 1.0)
    places = {each: place for place, each in enumerate(weights)}

    def entry(account_id: str, load: int) -> tuple[float, int, str, int]:
        return (-weights[account_id] / (load + 1), places[account_id], account_id, load)

    queue = [entry(each, load_by_account.get(each, 0)) for each in weights]
    heapq.heapify(queue)
    assigned = []
    for _ in range(leads if weights else 0):
        _, _, account_id, load = queue[0]
        assigned.append(account_id)
        heapq.heapreplace(queue, entry(account_id, load + 1))
    return assigned


def assign_beside(
    named: Sequence[str],
    capacity_by_account: Mapping[str, float],
    load_by_account: Mapping[str, int],
) -> list[str]:
    """The account of each of further leads, of whom some have one named already.

    Empty is who has none. A name that is no account here counts as none; the others keep theirs,
    and weigh in what the rotation gives to the rest.
    """
    kept = [each if each in capacity_by_account else "" for each in named]
    loads = Counter(load_by_account)
    loads.update(each for each in kept if each)
    dealt = iter(assign(kept.count(""), capacity_by_account, loads))
    return [each or next(dealt, "") for each in kept]
