"""Who may be written to of a company that somebody was written to lately, and by whom. Pure.

Never two senders of one organization at one company within its days: whoever has written first
keeps it. And never more than a few people of it in that time, nor two on one day. Companies are
keyed hashes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

COMPANY_LIMIT = 3
"""People of one company within its days."""


@dataclass(frozen=True, kw_only=True)
class CompanyContact:
    """A lead of a company that an account has begun with, or was given, lately."""

    company_key: str
    account_id: str
    is_of_today: bool = False
    """Whether it was given to it on the day that is decided."""


@dataclass(frozen=True, kw_only=True)
class Spacing:
    """What the last days leave of each company."""

    account_by_company: Mapping[str, str] = field(default_factory=dict)
    """By company the only account that may write; empty where two have already."""
    people_by_company: Mapping[str, int] = field(default_factory=dict)
    of_today: frozenset[str] = frozenset()
    """Companies of which somebody was released on the day that is decided."""

    def allows(self, company: str) -> bool:
        """Whether anybody may write to one more of it; a person without a company is alone."""
        if not company:
            return True
        if company in self.of_today:
            return False
        if self.account_by_company.get(company, "any") == "":
            return False
        return self.people_by_company.get(company, 0) < COMPANY_LIMIT

    def account_of(self, company: str) -> str | None:
        """The only account that may write; None where any may."""
        return self.account_by_company.get(company) if company else None


def spacing_of(contacts: Iterable[CompanyContact]) -> Spacing:
    """What the contacts of the last days leave."""
    owner: dict[str, str] = {}
    people: dict[str, int] = {}
    of_today: set[str] = set()
    for each in contacts:
        if not each.company_key:
            continue
        people[each.company_key] = people.get(each.company_key, 0) + 1
        if owner.setdefault(each.company_key, each.account_id) != each.account_id:
            owner[each.company_key] = ""
        if each.is_of_today:
            of_today.add(each.company_key)
    return Spacing(account_by_company=owner, people_by_company=people, of_today=frozenset(of_today))
