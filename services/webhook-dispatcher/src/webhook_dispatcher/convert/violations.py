"""What is wrong with a request, collected field by field."""

from typing import Any

from servicekit.errors import FieldViolation

from webhook_dispatcher.errors import DestinationForbidden, InvalidFields

REQUIRED = "FIELD_REQUIRED"
INVALID = "FIELD_INVALID"
MAX_ID_CHARACTERS = 200


class Violations:
    """Collects what is wrong, and refuses if anything is."""

    def __init__(self) -> None:
        self._found: list[FieldViolation] = []

    def add(self, field: str, description: str, reason: str = INVALID) -> None:
        self._found.append(FieldViolation(field, description, reason))

    def require(self, request: Any, *fields: str, within: str = "") -> None:
        for field in fields:
            value = getattr(request, field)
            if not value.strip():
                self.add(f"{within}{field}", "is required", REQUIRED)
            else:
                self.limit(f"{within}{field}", value, MAX_ID_CHARACTERS)

    def limit(self, field: str, value: str, characters: int) -> None:
        if len(value) > characters:
            self.add(field, f"has more than {characters} characters")

    def refuse(self) -> None:
        """Raise `InvalidFields` if anything is wrong.

        Raises `DestinationForbidden` when an address that may not be called is all that is.
        """
        if len(self._found) == 1 and self._found[0].reason == DestinationForbidden.reason:
            raise DestinationForbidden(self._found[0].description)
        if self._found:
            raise InvalidFields(self._found)


def require(request: Any, *fields: str) -> None:
    """Refuse a request unless each of these texts is there."""
    violations = Violations()
    violations.require(request, *fields)
    violations.refuse()
