"""What a key opens, and that nobody gives what they do not have."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from identity.errors import GrantExceedsOwn
from identity.grants import Rights, require_covers, rights_of_key, rights_of_member
from identity.models import ApiKey, Member
from identity.roles import ALWAYS, PERMISSIONS, PERMISSIONS_BY_ROLE, Role
from servicekit.auth import Caller, CallerKind

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
limits = st.none() | st.frozensets(st.sampled_from(["acct_1", "acct_2", "acct_3"]))
scopes = st.frozensets(st.sampled_from(sorted(PERMISSIONS)))
rights = st.builds(Rights, permissions=scopes, account_ids=limits, operator=st.booleans())


def member(role: Role, account_ids: frozenset[str] | None) -> Member:
    return Member(
        organization_id="org_1",
        member_id="mem_1",
        name="Ann",
        role=role,
        account_ids=account_ids,
        created_at=NOON,
    )


def key(scopes: frozenset[str], account_ids: frozenset[str] | None) -> ApiKey:
    return ApiKey(
        organization_id="org_1",
        key_id="key_1",
        member_id="mem_1",
        name="k",
        prefix="p",
        scopes=scopes,
        account_ids=account_ids,
        created_at=NOON,
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

    assert rights_of_member(role, own).cover(opened)
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


def test_an_administrator_makes_no_operator() -> None:
    """Nor does somebody with every permission who acts for one organization."""
    operators = rights_of_member(Role.OPERATOR, None)

    for permissions in (PERMISSIONS_BY_ROLE[Role.ADMIN], PERMISSIONS):
        with pytest.raises(GrantExceedsOwn):
            require_covers(Caller("mem_1", "org_1", permissions), operators)
    require_covers(Caller("mem_1", "", PERMISSIONS, CallerKind.OPERATOR), operators)


def test_who_is_limited_gives_nobody_all_accounts() -> None:
    """An administrator of one account makes members of that account."""
    caller = Caller(
        "mem_1", "org_1", PERMISSIONS_BY_ROLE[Role.ADMIN], account_ids=frozenset({"acct_1"})
    )

    require_covers(caller, rights_of_member(Role.VIEWER, frozenset({"acct_1"})))
    for wider in (None, frozenset({"acct_1", "acct_2"})):
        with pytest.raises(GrantExceedsOwn):
            require_covers(caller, rights_of_member(Role.VIEWER, wider))
