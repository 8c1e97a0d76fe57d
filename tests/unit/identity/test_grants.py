"""What a key opens, and that nobody gives what they do not have."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from identity.errors import GrantExceedsOwn
from identity.grants import (
    NO_TIME,
    Rights,
    require_changed,
    require_given,
    rights_of_caller,
    rights_of_key,
    rights_of_member,
)
from identity.models import ApiKey, Member
from identity.roles import ALWAYS, PERMISSIONS, PERMISSIONS_BY_ROLE, Role
from servicekit.auth import Caller, CallerKind

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
limits = st.none() | st.frozensets(st.sampled_from(["acct_1", "acct_2", "acct_3"]))
scopes = st.frozensets(st.sampled_from(sorted(PERMISSIONS)))
ends = st.sampled_from([None, NO_TIME, NOON, NOON + timedelta(days=1)])
rights = st.builds(
    Rights, permissions=scopes, account_ids=limits, operator=st.booleans(), ends_at=ends
)


def member(role: Role, account_ids: frozenset[str] | None) -> Member:
    return Member(
        organization_id="org_1",
        member_id="mem_1",
        name="Ann",
        role=role,
        account_ids=account_ids,
        created_at=NOON,
    )


def key(
    scopes: frozenset[str],
    account_ids: frozenset[str] | None,
    expires_at: datetime | None = None,
) -> ApiKey:
    return ApiKey(
        organization_id="org_1",
        key_id="key_1",
        member_id="mem_1",
        name="k",
        prefix="p",
        scopes=scopes,
        account_ids=account_ids,
        created_at=NOON,
        expires_at=expires_at,
    )


@given(st.sampled_from(Role), limits, scopes, limits)
def test_a_key_opens_no_more_than_its_member_may(
    role: Role,
    own: frozenset[str] | None,
    scoped: frozenset[str],
    limit: frozenset[str] | None,
) -> None:
    """Whatever it was made for: a role that was taken since is taken from the key as well."""
    opened = rights_of_key(member(role, own), key(scoped, limit))

    assert rights_of_member(role, own, ends_at=None).cover(opened)
    assert not scoped or opened.permissions <= scoped | ALWAYS
    assert limit is None or (opened.account_ids is not None and opened.account_ids <= limit)


@given(rights, rights, rights)
def test_covering_is_an_order(one: Rights, two: Rights, three: Rights) -> None:
    """What one may give they may also give on: no chain of grants leads to more."""
    assert one.cover(one)
    if one.cover(two) and two.cover(three):
        assert one.cover(three)


def test_each_role_may_what_the_one_before_may() -> None:
    """And more: whoever is made something else loses nothing on the way up."""
    roles = list(Role)

    for lower, higher in pairwise(roles):
        assert PERMISSIONS_BY_ROLE[lower] < PERMISSIONS_BY_ROLE[higher]


@dataclass(frozen=True)
class Cell:
    """Somebody, or a key that is made: each by one of everything that limits what they may."""

    role: Role
    scoped: str
    accounts: str
    ends: str

    @property
    def rights(self) -> Rights:
        scopes = SCOPES[self.scoped]
        return rights_of_key(
            member(self.role, ACCOUNTS[self.accounts]), key(scopes, None, ENDS[self.ends])
        )

    @property
    def caller(self) -> Caller:
        """Who calls with that key, by what their token says."""
        rights = self.rights
        staff = rights.operator
        return Caller(
            "mem_1",
            "" if staff else "org_1",
            rights.permissions,
            CallerKind.OPERATOR if staff else CallerKind.MEMBER,
            account_ids=rights.account_ids,
        )

    def deeds(self) -> frozenset[tuple[str, ...]]:
        """Everything that it opens: what, with which account, in whose organization, and when."""
        role = PERMISSIONS_BY_ROLE[self.role]
        what = (role & SCOPES[self.scoped] if self.scoped != "all" else role) | ALWAYS
        with_which = {"all": "1 2 3 later", "one": "1", "two": "1 2", "none": ""}[self.accounts]
        whose = ("own", "another's") if self.role is Role.OPERATOR else ("own",)
        when = {"never": "now soon later ever", "later": "now soon later", "soon": "now soon"}
        # Who may use no account may still do what needs none.
        accounts = ["", *with_which.split()]
        return frozenset(product(what, accounts, whose, when[self.ends].split()))


SCOPES = {
    "all": frozenset[str](),
    "keys": frozenset({"keys.write", "members.write"}),
    "reading": frozenset({"campaigns.read", "keys.write"}),
}
ACCOUNTS = {
    "all": None,
    "none": frozenset[str](),
    "one": frozenset({"acct_1"}),
    "two": frozenset({"acct_1", "acct_2"}),
}
ENDS = {"never": None, "later": NOON + timedelta(days=2), "soon": NOON + timedelta(days=1)}


def cells() -> Iterator[Cell]:
    for each in product(Role, SCOPES, ACCOUNTS, ENDS):
        yield Cell(*each)


def refused(cell: Cell, given: Rights) -> bool:
    own = rights_of_caller(cell.caller, ends_at=ENDS[cell.ends])
    try:
        require_given(own, given)
    except GrantExceedsOwn:
        return True
    return False


@pytest.mark.parametrize("role", list(Role), ids=str)
def test_nobody_grants_what_they_have_not(role: Role) -> None:
    """Neither in scopes, roles, accounts nor time: each key that there is, by each who may make it.

    Who could change members made keys that outlived their own, and had the secret of those.
    """
    deeds = {cell: cell.deeds() for cell in cells()}

    wrong = [
        (maker, made)
        for maker in deeds
        if maker.role is role
        for made in deeds
        if refused(maker, made.rights) == (deeds[made] <= deeds[maker])
    ]

    assert wrong == []


@pytest.mark.parametrize("before", list(Role), ids=str)
def test_nobody_raises_what_outlasts_them(before: Role) -> None:
    """Whose keys last for ever is raised by who has that for ever; taken from by whoever has it."""
    admin = Cell(Role.ADMIN, "all", "all", "soon")
    own = rights_of_caller(admin.caller, ends_at=ENDS["soon"])
    for after, until in product(Role, ENDS):
        was = rights_of_member(before, None, ends_at=ENDS[until])
        becomes = rights_of_member(after, None, ends_at=ENDS[until])
        theirs = {before, after} <= {*Role} - {Role.OPERATOR}
        fits = until == "soon" or list(Role).index(after) <= list(Role).index(before)
        if theirs and fits:
            require_changed(own, was, becomes)
        else:
            with pytest.raises(GrantExceedsOwn):
                require_changed(own, was, becomes)


def test_an_administrator_makes_no_operator() -> None:
    """Nor does somebody with every permission who acts for one organization."""
    operators = rights_of_member(Role.OPERATOR, None, ends_at=None)

    for permissions in (PERMISSIONS_BY_ROLE[Role.ADMIN], PERMISSIONS):
        own = rights_of_caller(Caller("mem_1", "org_1", permissions), ends_at=None)
        with pytest.raises(GrantExceedsOwn):
            require_given(own, operators)
    staff = Caller("mem_1", "", PERMISSIONS, CallerKind.OPERATOR)
    require_given(rights_of_caller(staff, ends_at=None), operators)
