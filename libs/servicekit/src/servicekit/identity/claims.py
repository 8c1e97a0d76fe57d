"""What the claims of our own issuer's tokens say.

`sub` (who), `org` (the organization they act for), `permissions` (a list), `operator` (true: our
own staff, of no organization), `accounts` (a list, where they are limited to some), `key` (what
the token was made of).
"""

from collections.abc import Mapping
from typing import Any

import jwt

from servicekit.auth import Caller, CallerKind


def issued_caller(claims: Mapping[str, Any]) -> Caller:
    """The caller; raises `InvalidTokenError` for claims that are not as they must be."""
    subject, organization_id = claims["sub"], claims.get("org") or ""
    permissions, operator = claims.get("permissions", []), claims.get("operator", False)
    account_ids, key_id = claims.get("accounts"), claims.get("key", "")
    if not isinstance(permissions, list) or not isinstance(organization_id, str):
        raise jwt.InvalidTokenError("permissions must be a list and org a string")
    if not isinstance(operator, bool) or (operator and organization_id):
        raise jwt.InvalidTokenError("operator must be true or false, and of no organization")
    if not isinstance(account_ids, list | None) or not isinstance(key_id, str):
        raise jwt.InvalidTokenError("accounts must be a list and key a string")
    # Whoever calls is looked up and logged: what cannot be stored is nobody.
    texts = (subject, organization_id, key_id, *permissions, *(account_ids or ()))
    if not all(map(is_storable, texts)):
        raise jwt.InvalidTokenError("sub, org, key, permissions, accounts must be plain text")
    return Caller(
        subject,
        organization_id,
        frozenset(permissions),
        CallerKind.OPERATOR if operator else CallerKind.MEMBER,
        account_ids=None if account_ids is None else frozenset(account_ids),
        key_id=key_id,
    )


def is_storable(text: object) -> bool:
    """A text without NUL and halves of characters, neither of which a database takes."""
    return isinstance(text, str) and not any(
        each == "\x00" or "\ud800" <= each <= "\udfff" for each in text
    )
