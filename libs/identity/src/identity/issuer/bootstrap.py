"""The first administrator: made with the database's own credentials, once, never by network."""

from dataclasses import dataclass
from datetime import UTC, datetime

from servicekit.ids import new_id
from servicekit.postgres.migrations import migrate
from servicekit.postgres.pool import connect_pool

from identity.keys.api_key import hash_of, new_key
from identity.members.member_repository import MemberRepository
from identity.members.organization_repository import OrganizationRepository
from identity.models import ApiKey, Member
from identity.roles import Role

SCHEMA = "identity"
PACKAGE = "identity"
_OPERATORS = "org_operators"


class AlreadyBootstrapped(Exception):
    """There are members already: whoever may change them makes more."""


@dataclass(frozen=True, kw_only=True)
class First:
    """The first member, and the key that is told once."""

    member: Member
    key: ApiKey
    secret: str


async def bootstrap(
    database_url: str, *, organization: str, name: str, owner_url: str = ""
) -> First:
    """Make the operator's organization, its first member and their key.

    The schema is brought up to date by its owner, `owner_url`, where that is another role. Raises
    `AlreadyBootstrapped` if there is any member: of two at once, one makes it.
    """
    await migrate(owner_url or database_url, SCHEMA, PACKAGE)
    async with connect_pool(database_url, SCHEMA, application="bootstrap", max_size=2) as pool:
        await OrganizationRepository(pool).create(_OPERATORS, name=organization)
        member = Member(
            organization_id=_OPERATORS,
            member_id=new_id("mem"),
            name=name,
            role=Role.OPERATOR,
            created_at=datetime.now(UTC),
        )
        secret, prefix = new_key()
        key = ApiKey(
            organization_id=_OPERATORS,
            key_id=new_id("key"),
            member_id=member.member_id,
            name="bootstrap",
            prefix=prefix,
            created_at=datetime.now(UTC),
        )
        if not await MemberRepository(pool).create_first(member, key, hash=hash_of(secret)):
            raise AlreadyBootstrapped(AlreadyBootstrapped.__doc__)
    return First(member=member, key=key, secret=secret)
