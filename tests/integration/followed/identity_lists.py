"""The lists of members, keys and organizations."""

from identity.keys import key_list
from identity.members import member_list, organization_list
from servicekit.page_tokens import PageTokens
from servicekit.postgres.pool import Pool

from tests.lists.following import FollowedList, Open, Read

_FIRST = """
    INSERT INTO organizations (organization_id, name)
    VALUES ('org_north', 'North'), ('org_south', 'South');
    INSERT INTO members (organization_id, member_id, request_id, name, role)
    SELECT 'org_north', format('mem_%s', number), format('first %s', number), '', 'viewer'
      FROM generate_series(0, 3) AS number;
    INSERT INTO members (organization_id, member_id, request_id, name, role)
    VALUES ('org_south', 'mem_south', 'first', '', 'viewer')
"""
_ORGANIZATION = """
    INSERT INTO organizations (organization_id, name, created_at)
    VALUES (format('org_%s', $1::int), {word}, timestamptz '2026-03-02Z')
    ON CONFLICT (organization_id) DO UPDATE SET name = excluded.name
"""
_MEMBER = """
    INSERT INTO members (organization_id, member_id, request_id, name, role, created_at)
    VALUES ('{of}', format('mem_{of}_%s', $1::int), $1::int, {word}, 'viewer',
            timestamptz '2026-03-02Z')
    ON CONFLICT (member_id) DO UPDATE SET name = excluded.name
"""
_KEY = """
    INSERT INTO api_keys (organization_id, key_id, member_id, name, prefix, hash, scopes,
                          created_at)
    VALUES ('{of}', format('key_{of}_%s', $1::int), {member}, {word},
            format('outreach_{of}_%s', $1::int), '', '{{}}', timestamptz '2026-03-02Z')
    ON CONFLICT (key_id) DO UPDATE SET name = excluded.name
"""


def _organizations(pool: Pool, tokens: PageTokens) -> Read:
    everybodys = pool.across("an operator sees every organization")
    pages = organization_list.OrganizationList(everybodys, tokens)
    return lambda asked: pages.page("", asked)


def _members(pool: Pool, tokens: PageTokens) -> Read:
    pages = member_list.MemberList(pool, tokens)
    return lambda asked: pages.page("org_north", asked)


def _keys(member_id: str) -> Open:
    def opened(pool: Pool, tokens: PageTokens) -> Read:
        pages = key_list.KeyList(pool, tokens)
        return lambda asked: pages.page("org_north", asked, member_id=member_id)

    return opened


LISTS = {
    "ListOrganizations": FollowedList(
        schema="identity",
        listed=organization_list.ORGANIZATIONS,
        following=organization_list.FOLLOWING,
        open=_organizations,
        key=lambda each: [each.organization_id],
        put=_ORGANIZATION.format(word="$2"),
        others="SELECT $1::int",
    ),
    "ListMembers": FollowedList(
        schema="identity",
        listed=member_list.MEMBERS,
        following=member_list.FOLLOWING,
        first=[_FIRST.partition(";")[0]],
        open=_members,
        key=lambda each: [each.member_id],
        put=_MEMBER.format(of="org_north", word="$2"),
        others=_MEMBER.format(of="org_south", word="'theirs'"),
    ),
    "ListApiKeys": FollowedList(
        schema="identity",
        listed=key_list.API_KEYS,
        following=key_list.FOLLOWING,
        first=[_FIRST],
        open=_keys(""),
        limited=_keys("mem_1"),
        key=lambda each: [each.key_id],
        put=_KEY.format(of="org_north", word="$2", member="format('mem_%s', $1::int % 4)"),
        others=_KEY.format(of="org_south", word="'theirs'", member="'mem_south'"),
    ),
}
