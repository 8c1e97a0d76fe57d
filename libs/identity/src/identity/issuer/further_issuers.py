"""Issuers beside our own: a company's identity provider, and how its claims are read. Pure.

An issuer speaks for the organizations that its settings name, and gives the roles that they name;
whatever else a token of it says is not heard.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Self

import jwt
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator
from servicekit.auth import Caller, CallerKind
from servicekit.identity.claims import is_storable

from identity.roles import PERMISSIONS_BY_ROLE, Role

Text = Annotated[str, Field(min_length=1)]


class FurtherIssuer(BaseModel):
    """One of them, as the file of settings has it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: Text
    """The `iss` of its tokens."""
    audience: Text
    """The `aud` that they must name: us, by the name that the provider knows us by."""
    jwks_url: Text | None = None
    jwks_file: Text | None = None
    longest_life: timedelta = timedelta(hours=1)
    """A token that lives longer is refused: nobody can revoke it."""
    organization_id: Text | None = None
    """The one organization that it speaks for."""
    organization_claim: Text | None = None
    """Or the claim that says for which, by `organizations`."""
    organizations: Mapping[str, Text] = {}
    """Values of that claim, and the organizations that they stand for."""
    roles_claim: Text = "roles"
    """The claim with somebody's roles or groups: a text or a list; a dot leads into an object."""
    roles: Mapping[str, Role]
    """Values of that claim, and the roles that they stand for; of several, all together."""

    @model_validator(mode="after")
    def _says_where_and_for_whom(self) -> Self:
        if (self.jwks_url is None) == (self.jwks_file is None):
            raise ValueError("set jwks_url or jwks_file")
        if (self.organization_id is None) == (self.organization_claim is None):
            raise ValueError("set organization_id or organization_claim")
        return self

    def caller(self, claims: Mapping[str, Any]) -> Caller:
        """Who a token of it says is calling.

        Raises `InvalidTokenError` for somebody without a role, or of no organization that it
        speaks for.
        """
        subject = claims["sub"]
        roles = {self.roles[each] for each in _texts(claims, self.roles_claim) & {*self.roles}}
        if not is_storable(subject):
            raise jwt.InvalidTokenError("sub must be plain text")
        if not roles:
            raise jwt.InvalidTokenError(f"{self.roles_claim} names no role that is known here")
        permissions = frozenset[str]().union(*(PERMISSIONS_BY_ROLE[role] for role in roles))
        if Role.OPERATOR in roles:
            return Caller(f"{self.issuer}|{subject}", "", permissions, CallerKind.OPERATOR)
        return Caller(f"{self.issuer}|{subject}", self._organization(claims), permissions)

    def _organization(self, claims: Mapping[str, Any]) -> str:
        if self.organization_id is not None:
            return self.organization_id
        said = _texts(claims, self.organization_claim or "") & {*self.organizations}
        if len(said) != 1:
            raise jwt.InvalidTokenError(
                f"{self.organization_claim} must name one organization that is known here"
            )
        return self.organizations[said.pop()]


FILE = TypeAdapter(list[FurtherIssuer])
"""The file of settings: a list."""


def _texts(claims: Mapping[str, Any], path: str) -> set[str]:
    """The texts of a claim: one, or a list of them; none where it is something else.

    A claim whose own name has dots in it, as some providers have them, is found by that first.
    """
    found: Any = claims.get(path)
    if found is None:
        found = claims
        for part in path.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    listed = found if isinstance(found, list) else [found]
    return {each for each in listed if isinstance(each, str)}
