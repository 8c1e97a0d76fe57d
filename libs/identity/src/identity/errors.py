"""What can be wrong with a request about who may do what."""

from servicekit.errors import (
    BadInput,
    FailedPrecondition,
    FieldViolation,
    NotFound,
    PermissionDenied,
    Unauthenticated,
)


class MemberNotFound(NotFound):
    """There is no such member."""

    reason = "MEMBER_NOT_FOUND"


class KeyNotFound(NotFound):
    """There is no such API key."""

    reason = "KEY_NOT_FOUND"


class KeyEnded(FailedPrecondition):
    """The API key is revoked, expired or replaced."""

    reason = "KEY_ENDED"


class LastAdministrator(FailedPrecondition):
    """Nobody would be left who may change the organization's members."""

    reason = "LAST_ADMINISTRATOR"


class IssuerDisabled(FailedPrecondition):
    """This service issues no tokens: the key that encrypts its own is not set."""

    reason = "ISSUER_DISABLED"


class GrantExceedsOwn(PermissionDenied):
    """Nobody gives, takes or changes what they may not do themselves."""

    reason = "GRANT_EXCEEDS_OWN"


class ApiKeyInvalid(Unauthenticated):
    """The API key opens nothing."""

    reason = "API_KEY_INVALID"


class InvalidFields(BadInput):
    """Fields of the request are wrong."""


def invalid(field: str, description: str) -> InvalidFields:
    """One field that is wrong."""
    return InvalidFields([FieldViolation(field, description, "INVALID")])
