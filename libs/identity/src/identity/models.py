"""Organizations, their members, and the keys by which they are known."""

from dataclasses import dataclass
from datetime import datetime

from servicekit.etags import content_etag

from identity.roles import Role


@dataclass(frozen=True, kw_only=True)
class Organization:
    """A customer: whatever belongs to anybody belongs to one."""

    organization_id: str
    name: str
    created_at: datetime
    disabled_at: datetime | None = None
    created_by: str = ""
    """As the audit names them; empty where that is not known."""


@dataclass(frozen=True, kw_only=True)
class Member:
    """A user of an organization."""

    organization_id: str
    member_id: str
    name: str
    role: Role
    account_ids: frozenset[str] | None = None
    """The accounts that they are limited to; None: to none."""
    created_at: datetime
    disabled_at: datetime | None = None
    updated_at: datetime | None = None
    """When anything of them last changed; None before they are kept."""
    created_by: str = ""
    """As the audit names them; empty where that is not known."""
    updated_by: str = ""
    """Who edited them last."""

    @property
    def etag(self) -> str:
        """What people edit of them."""
        accounts = None if self.account_ids is None else sorted(self.account_ids)
        return content_etag(self.role, accounts)


@dataclass(frozen=True, kw_only=True)
class ApiKey:
    """What a member proves with who they are, but for the key itself."""

    organization_id: str
    key_id: str
    member_id: str
    name: str
    prefix: str
    scopes: frozenset[str] = frozenset()
    """The permissions that it is limited to; of none: all of the role."""
    account_ids: frozenset[str] | None = None
    """The accounts that it is limited to; None: those of the member."""
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None
    replaced_by: str = ""
    created_by: str = ""
    """As the audit names them; empty where that is not known."""
