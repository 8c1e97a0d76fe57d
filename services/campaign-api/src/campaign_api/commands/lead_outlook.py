"""What is known of leads before anybody is contacted: who is held back, and what they will get."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache

from campaigns.models import HeldBack, Person, SendingWindow
from campaigns.person_day import keeps_day, kept_zone
from campaigns.texts.lead_check import Check, Fallbacks


@dataclass(frozen=True, kw_only=True)
class Foreseen:
    """What a lead will get.

    `fallbacks` are the variables for which their fallbacks stand in; `clock` is why the hours of
    its clock are not kept, in a sentence, and empty if they are.
    """

    fallbacks: Collection[str] = ()
    clock: str = ""


@dataclass(frozen=True, kw_only=True)
class LeadOutlook:
    """How leads of a campaign are judged now, and what is foreseen of them."""

    check: Check
    fallbacks: Fallbacks
    unkept: Callable[[str], str]

    def of(self, lead_id: str, person: Person, held: HeldBack | None) -> Foreseen | None:
        """What this lead will get, if there is anything to tell; who is held back gets no text."""
        fallbacks = self.fallbacks(lead_id, person) if held is None else ()
        clock = self.unkept(person.time_zone) if person.time_zone else ""
        return Foreseen(fallbacks=fallbacks, clock=clock) if fallbacks or clock else None


def clocks(
    window: SendingWindow | None, hours_by_account: Mapping[str, SendingWindow | None]
) -> Callable[[str], str]:
    """From a person's zone to why its day is not kept; empty where it is, or nobody knows it."""

    @lru_cache(maxsize=1_024)
    def unkept(zone: str) -> str:
        night = f"the day in {zone}; they count alone, and people there may be written to at night."
        if not kept_zone(zone, window):
            return f"The hours of the sending window never meet {night}"
        never = [
            account_id
            for account_id, hours in hours_by_account.items()
            if not keeps_day(zone, window, hours)
        ]
        return f"The working hours of {', '.join(never)} never meet {night}" if never else ""

    return unkept
