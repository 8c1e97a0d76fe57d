"""Organizations, members and API keys: who sees them, and who gives what to whom."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from devstack.stack.keys import Keys
from identity.issuer.bootstrap import AlreadyBootstrapped, bootstrap
from outreach.identity.v1 import (
    api_key_service_pb2,
    member_pb2,
    member_service_pb2,
    organization_service_pb2,
)
from servicekit.errors import (
    AlreadyExists,
    EtagMismatch,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    ServiceError,
    Unauthenticated,
)
from servicekit.postgres import pool as postgres

from tests.fakes.campaign_ports import ORGANIZATION
from tests.integration.campaign_api.conftest import IDENTITY
from tests.integration.campaign_api.identity_world import IdentityWorld, Person, identity_world

ADMIN, VIEWER = member_pb2.ROLE_ADMIN, member_pb2.ROLE_VIEWER


@pytest.fixture
async def world(new_database: Callable[..., str], keys: Keys) -> AsyncIterator[IdentityWorld]:
    async with identity_world(new_database, keys) as made:
        yield made


def update(member_id: str, **changes: Any) -> member_service_pb2.UpdateMemberRequest:
    return member_service_pb2.UpdateMemberRequest(member_id=member_id, **changes)


async def reason(calling: Any) -> str:
    with pytest.raises(ServiceError) as refused:
        await calling
    return refused.value.reason


async def test_the_first_administrator_is_made_once(new_database: Callable[..., str]) -> None:
    """Of eight who begin at once one makes them, and nobody does afterwards."""
    url = new_database(IDENTITY)

    made = await asyncio.gather(
        *(bootstrap(url, organization="Operators", name=f"Op {n}") for n in range(8)),
        return_exceptions=True,
    )

    assert sum(isinstance(each, AlreadyBootstrapped) for each in made) == 7
    with pytest.raises(AlreadyBootstrapped):
        await bootstrap(url, organization="Operators", name="Eve")
    async with postgres.connect_pool(url, "identity", max_size=1) as pool:
        assert await pool.fetchval("SELECT count(*) FROM members") == 1
        assert await pool.fetchval("SELECT count(*) FROM api_keys") == 1


async def test_the_key_itself_is_kept_nowhere(world: IdentityWorld) -> None:
    """It is told once: no row has it, and no other answer."""
    person = await world.member()

    found = await person.stubs.api_keys.GetApiKey(
        api_key_service_pb2.GetApiKeyRequest(key_id=person.key_id)
    )
    async with postgres.connect_pool(world.api.url, "identity", max_size=1) as pool:
        rows = await pool.fetch("SELECT k::text AS shown FROM api_keys k")

    assert person.secret.startswith(found.api_key.prefix)
    assert found.api_key.HasField("last_use_time")
    for told in (str(found), *(row["shown"] for row in rows)):
        assert person.secret[len(found.api_key.prefix) + 1 :] not in told


async def test_a_key_is_rotated_with_an_overlap(world: IdentityWorld) -> None:
    """The new one opens the same; the old one until the overlap is over; it is replaced once."""
    person = await world.member(key={"scopes": ["keys.read", "keys.write", "leads.read"]})
    request = api_key_service_pb2.RotateApiKeyRequest(key_id=person.key_id)
    request.overlap.FromTimedelta(timedelta(hours=1))

    rotated = await person.stubs.api_keys.RotateApiKey(request)
    after = await world.person(rotated.secret)
    again = await reason(person.stubs.api_keys.RotateApiKey(request))

    assert after.member_id == person.member_id
    assert rotated.replaced.replaced_by == rotated.api_key.key_id == after.key_id
    assert list(rotated.api_key.scopes) == ["keys.read", "keys.write", "leads.read"]
    lasts = rotated.replaced.expire_time.ToDatetime() - rotated.api_key.create_time.ToDatetime()
    assert lasts == timedelta(hours=1)
    assert again == "KEY_ENDED"
    assert await world.token(person.secret)
    request.key_id = after.key_id
    request.overlap.FromTimedelta(timedelta(0))
    await after.stubs.api_keys.RotateApiKey(request)
    assert await reason(world.token(after.secret)) == "API_KEY_INVALID"


async def test_members_see_their_own_keys(world: IdentityWorld) -> None:
    """Who may change members sees everybody's, and ends them."""
    admin, viewer = await world.member(ADMIN), await world.member(VIEWER)
    listing = api_key_service_pb2.ListApiKeysRequest(organization_id=ORGANIZATION)

    async def listed(by: Person, **more: str) -> set[str]:
        request = api_key_service_pb2.ListApiKeysRequest(organization_id=ORGANIZATION, **more)
        answer = await by.stubs.api_keys.ListApiKeys(request)
        return {each.key_id for each in answer.api_keys}

    assert await listed(viewer) == {viewer.key_id}
    assert await listed(admin) == {viewer.key_id, admin.key_id}
    assert await listed(admin, member_id=viewer.member_id) == {viewer.key_id}
    assert await listed(admin, filter=f"NOT member_id = {viewer.member_id}") == {admin.key_id}
    assert await listed(viewer, filter=f"member_id = {admin.member_id}") == set()
    assert await listed(viewer, filter=f"NOT member_id = {viewer.member_id}") == set()
    assert (await viewer.stubs.api_keys.ListApiKeys(listing)).total_size == 1
    assert (await admin.stubs.api_keys.ListApiKeys(listing)).total_size == 2
    listing.member_id = admin.member_id
    assert await reason(viewer.stubs.api_keys.ListApiKeys(listing)) == "MEMBER_NOT_FOUND"
    theirs = api_key_service_pb2.GetApiKeyRequest(key_id=admin.key_id)
    assert await reason(viewer.stubs.api_keys.GetApiKey(theirs)) == "KEY_NOT_FOUND"


async def test_no_key_is_made_that_opens_nothing(world: IdentityWorld) -> None:
    """A moment that is over was taken, and the secret then refused."""
    member = await world.member()
    asked = api_key_service_pb2.CreateApiKeyRequest(member_id=member.member_id, name="a key")
    asked.expire_time.FromDatetime(datetime.now(UTC) - timedelta(seconds=1))

    with pytest.raises(InvalidArgument) as refused:
        await world.operator.stubs.api_keys.CreateApiKey(asked)

    assert [each.field for each in refused.value.violations] == ["expire_time"]


@pytest.mark.parametrize("role", [member_pb2.ROLE_MEMBER, ADMIN], ids=["member", "admin"])
async def test_no_key_outlives_the_one_that_makes_it(world: IdentityWorld, role: Any) -> None:
    """Who has a key until Friday made one for ever, or had the secret of one that is.

    An administrator as well, who could also have somebody else's.
    """
    colleague = await world.member(VIEWER)
    member = await world.member(role)
    soon = datetime.now(UTC) + timedelta(hours=1)
    short = await world.key_of(member.member_id, expire_time=soon)
    theirs = [member, colleague] if role == ADMIN else [member]

    refused = [
        asked
        for whose in theirs
        for asked in (
            world.key_of(whose.member_id, by=short),
            world.key_of(whose.member_id, by=short, expire_time=soon + timedelta(hours=1)),
            short.stubs.api_keys.RotateApiKey(
                api_key_service_pb2.RotateApiKeyRequest(key_id=whose.key_id)
            ),
        )
    ]

    assert [await reason(each) for each in refused] == ["GRANT_EXCEEDS_OWN"] * len(refused)
    for whose in theirs:
        assert await world.key_of(whose.member_id, by=short, expire_time=soon)
    assert await world.token(colleague.secret)


async def test_of_two_who_edit_a_member_the_second_is_refused(world: IdentityWorld) -> None:
    """And told what they are now; what changes nothing, and whoever does not mind, is not."""
    admin, colleague = await world.member(ADMIN), await world.member(VIEWER)
    stub = admin.stubs.members
    get = member_service_pb2.GetMemberRequest(member_id=colleague.member_id)
    read = (await stub.GetMember(get)).member

    async def changed(role: member_pb2.Role.ValueType, etag: str) -> member_pb2.Member:
        answer = await stub.UpdateMember(update(colleague.member_id, role=role, etag=etag))
        member: member_pb2.Member = answer.member
        return member

    first = await changed(member_pb2.ROLE_MANAGER, read.etag)
    with pytest.raises(EtagMismatch) as refused:
        await changed(member_pb2.ROLE_MEMBER, read.etag)

    assert refused.value.metadata["etag"] == first.etag != read.etag
    assert first.update_time.ToDatetime() > read.update_time.ToDatetime()
    assert (await changed(member_pb2.ROLE_MANAGER, read.etag)).update_time == first.update_time
    assert (await changed(member_pb2.ROLE_MEMBER, "*")).role == member_pb2.ROLE_MEMBER
    assert (await changed(VIEWER, "")).etag == read.etag


async def test_who_has_a_while_raises_nobody_for_ever(world: IdentityWorld) -> None:
    """An administrator until Friday made a colleague with a key for ever an administrator.

    They make members, and take from whom they like: neither opens anything for longer.
    """
    admin, colleague = await world.member(ADMIN), await world.member(VIEWER)
    off = await world.member(VIEWER)
    await admin.stubs.members.DisableMember(
        member_service_pb2.DisableMemberRequest(member_id=off.member_id)
    )
    soon = datetime.now(UTC) + timedelta(hours=1)
    short = await world.key_of(admin.member_id, expire_time=soon)
    enabling = member_service_pb2.EnableMemberRequest(member_id=off.member_id)

    raising = short.stubs.members.UpdateMember(update(colleague.member_id, role=ADMIN))
    assert await reason(raising) == "GRANT_EXCEEDS_OWN"
    assert await reason(short.stubs.members.EnableMember(enabling)) == "GRANT_EXCEEDS_OWN"
    fresh = await world.member(VIEWER, by=short, name="Cy", key={"expire_time": soon})
    await short.stubs.members.UpdateMember(update(fresh.member_id, role=ADMIN))
    await admin.stubs.members.UpdateMember(update(colleague.member_id, role=member_pb2.ROLE_MEMBER))
    await short.stubs.members.UpdateMember(update(colleague.member_id, role=VIEWER))
    await admin.stubs.members.EnableMember(enabling)


async def test_nobody_takes_keys_that_open_more(world: IdentityWorld) -> None:
    """An administrator of one account ended the keys of those of all; their own everybody ends."""
    admin = await world.member(ADMIN)
    limited = await world.member(ADMIN, account_ids=["acct_1"])
    narrow = await world.key_of(admin.member_id, scopes=["keys.write"])

    def revoke(by: Person, whose: Person) -> Any:
        request = api_key_service_pb2.RevokeApiKeyRequest(key_id=whose.key_id)
        return by.stubs.api_keys.RevokeApiKey(request)

    assert await reason(revoke(limited, admin)) == "GRANT_EXCEEDS_OWN"
    assert await world.token(admin.secret)
    await revoke(admin, limited)
    await revoke(narrow, admin)


async def test_a_member_is_made_once(world: IdentityWorld) -> None:
    """The same request twice is one member; another by the same id is refused."""

    async def create(name: str) -> member_pb2.Member:
        answer = await world.operator.stubs.members.CreateMember(
            member_service_pb2.CreateMemberRequest(
                organization_id=ORGANIZATION, name=name, role=VIEWER, request_id="r1"
            )
        )
        return answer.member

    made = [await create(name) for name in ("Ann", "Ann")]
    with pytest.raises(AlreadyExists) as reused:
        await create("Another")

    assert made[0] == made[1]
    assert reused.value.reason == "REQUEST_ID_REUSED"


async def test_nobody_gives_what_they_do_not_have(world: IdentityWorld) -> None:
    """Neither by a role, nor by a key, nor to themselves; nor takes it from who has more."""
    admin = await world.member(ADMIN)
    narrow = await world.key_of(admin.member_id, scopes=["members.write", "keys.write"])
    limited = await world.member(ADMIN, account_ids=["acct_1"])

    refused = [
        world.member(member_pb2.ROLE_OPERATOR, by=admin),
        world.member(VIEWER, by=narrow),
        world.member(VIEWER, by=limited),
        world.member(VIEWER, by=limited, account_ids=["acct_2"]),
        world.key_of(admin.member_id, by=narrow),
        world.key_of(admin.member_id, by=narrow, scopes=["campaigns.control"]),
        world.key_of(admin.member_id, by=limited),
        narrow.stubs.members.UpdateMember(update(limited.member_id, role=VIEWER)),
        admin.stubs.members.UpdateMember(update(admin.member_id, role=member_pb2.ROLE_OPERATOR)),
        limited.stubs.members.UpdateMember(update(admin.member_id, role=VIEWER)),
        limited.stubs.members.UpdateMember(
            update(limited.member_id, limit=member_service_pb2.AccountLimit())
        ),
        limited.stubs.members.DisableMember(
            member_service_pb2.DisableMemberRequest(member_id=admin.member_id)
        ),
    ]

    assert [await reason(each) for each in refused] == ["GRANT_EXCEEDS_OWN"] * len(refused)
    await world.member(VIEWER, by=limited, account_ids=["acct_1"])
    await world.key_of(admin.member_id, by=narrow, scopes=["members.write"])


async def test_somebody_may_always_change_members(world: IdentityWorld) -> None:
    """The last who may is neither disabled, nor limited, nor made less; of two at once one is."""
    one, two = await world.member(ADMIN), await world.member(ADMIN)

    def demote(other: Person) -> Any:
        return world.operator.stubs.members.UpdateMember(update(other.member_id, role=VIEWER))

    told = await asyncio.gather(demote(one), demote(two), return_exceptions=True)

    assert sum(isinstance(each, FailedPrecondition) for each in told) == 1
    members = await world.operator.stubs.members.ListMembers(
        member_service_pb2.ListMembersRequest(organization_id=ORGANIZATION)
    )
    (left,) = [each.member_id for each in members.members if each.role == ADMIN]
    limit = member_service_pb2.AccountLimit(account_ids=["acct_1"])
    for last in (
        world.operator.stubs.members.UpdateMember(update(left, limit=limit)),
        world.operator.stubs.members.DisableMember(
            member_service_pb2.DisableMemberRequest(member_id=left)
        ),
    ):
        assert await reason(last) == "LAST_ADMINISTRATOR"


async def test_a_disabled_member_comes_back(world: IdentityWorld) -> None:
    """With the keys that they had; disabling twice keeps the first moment."""
    await world.member(ADMIN)
    person = await world.member(VIEWER)
    disabling = member_service_pb2.DisableMemberRequest(member_id=person.member_id)

    first = await world.operator.stubs.members.DisableMember(disabling)
    second = await world.operator.stubs.members.DisableMember(disabling)
    assert await reason(world.token(person.secret)) == "API_KEY_INVALID"
    await world.operator.stubs.members.EnableMember(
        member_service_pb2.EnableMemberRequest(member_id=person.member_id)
    )

    assert first.member.disable_time == second.member.disable_time
    assert await world.token(person.secret)


async def test_an_organization_comes_back(world: IdentityWorld) -> None:
    """Enabled again, it is as before."""
    person = await world.member(ADMIN)
    organizations = world.operator.stubs.organizations
    await organizations.DisableOrganization(
        organization_service_pb2.DisableOrganizationRequest(organization_id=ORGANIZATION)
    )
    assert await reason(world.token(person.secret)) == "API_KEY_INVALID"
    enabled = await organizations.EnableOrganization(
        organization_service_pb2.EnableOrganizationRequest(organization_id=ORGANIZATION)
    )

    assert not enabled.organization.HasField("disable_time")
    assert await world.token(person.secret)


async def test_a_role_that_is_taken_is_taken_from_keys(world: IdentityWorld) -> None:
    """Of the tokens that are made afterwards."""
    await world.member(ADMIN)
    person = await world.member(ADMIN)
    await world.operator.stubs.members.UpdateMember(update(person.member_id, role=VIEWER))

    after = await world.person(person.secret)

    with pytest.raises(PermissionDenied):
        await world.member(VIEWER, by=after)


@pytest.mark.parametrize(
    "taken", [{"role": VIEWER}, {"limit": member_service_pb2.AccountLimit(account_ids=["acct_1"])}]
)
async def test_what_is_taken_is_not_taken_back_by_an_older_token(
    world: IdentityWorld, taken: Any
) -> None:
    """For ten minutes it gave its member the role back, and whatever else they liked."""
    await world.member(ADMIN)
    person = await world.member(ADMIN)
    await world.operator.stubs.members.UpdateMember(update(person.member_id, **taken))

    with pytest.raises(Unauthenticated):
        await person.stubs.members.UpdateMember(update(person.member_id, role=ADMIN))
    assert await reason(world.key_of(person.member_id, by=person)) == "TOKEN_INVALID"


async def test_lists_are_walked_by_pages(world: IdentityWorld) -> None:
    """Each once and in order; a page of another list is refused."""
    people = [await world.member(VIEWER, name=f"M {number}") for number in range(5)]
    for number in range(3):
        await world.organization(f"org_more_{number}")

    async def walk(ask: Any, of: str, **asked: Any) -> list[Any]:
        found, token = [], ""
        while True:
            answer = await ask(page_size=2, page_token=token, **asked)
            found += getattr(answer, of)
            token = answer.next_page_token
            if not token:
                return found

    stubs = world.operator.stubs

    async def members(**asked: Any) -> Any:
        return await stubs.members.ListMembers(member_service_pb2.ListMembersRequest(**asked))

    async def keys(**asked: Any) -> Any:
        return await stubs.api_keys.ListApiKeys(api_key_service_pb2.ListApiKeysRequest(**asked))

    async def organizations(**asked: Any) -> Any:
        request = organization_service_pb2.ListOrganizationsRequest(**asked)
        return await stubs.organizations.ListOrganizations(request)

    listed = await walk(members, "members", organization_id=ORGANIZATION)
    assert [each.member_id for each in listed] == [each.member_id for each in people]
    listed = await walk(keys, "api_keys", organization_id=ORGANIZATION)
    assert [each.key_id for each in listed] == [each.key_id for each in people]
    listed = await walk(organizations, "organizations")
    assert len({each.organization_id for each in listed}) == len(listed) == 5
    backwards = {"filter": "role = VIEWER", "order_by": "create_time desc"}
    listed = await walk(members, "members", organization_id=ORGANIZATION, **backwards)
    assert [each.member_id for each in listed] == [each.member_id for each in people[::-1]]
    page = await members(organization_id=ORGANIZATION, page_size=1)
    assert page.total_size == len(people)
    page = await organizations(page_size=1)
    assert page.total_size == 5
    with pytest.raises(InvalidArgument):
        await members(organization_id=ORGANIZATION, page_token=page.next_page_token)


async def test_an_organization_sees_itself(world: IdentityWorld) -> None:
    """And no other; who makes them is our staff alone."""
    await world.organization("org_other")
    person = await world.member(ADMIN)
    stubs = person.stubs.organizations

    listed = await stubs.ListOrganizations(organization_service_pb2.ListOrganizationsRequest())
    with pytest.raises(NotFound):
        await stubs.GetOrganization(
            organization_service_pb2.GetOrganizationRequest(organization_id="org_other")
        )
    with pytest.raises(PermissionDenied):
        await stubs.CreateOrganization(
            organization_service_pb2.CreateOrganizationRequest(name="Mine")
        )

    assert [each.organization_id for each in listed.organizations] == [ORGANIZATION]


@pytest.mark.parametrize(
    "wrong",
    [{"name": " "}, {"name": "x" * 201}, {"name": "a\nb"}, {"role": 0}, {"role": 77}],
    ids=str,
)
async def test_what_is_wrong_is_told_by_field(world: IdentityWorld, wrong: Any) -> None:
    """And nothing is made of it."""
    request = {"organization_id": ORGANIZATION, "name": "Ann", "role": VIEWER, **wrong}

    with pytest.raises(InvalidArgument) as refused:
        await world.operator.stubs.members.CreateMember(
            member_service_pb2.CreateMemberRequest(**request)
        )

    assert [each.field for each in refused.value.violations] == [*wrong]
