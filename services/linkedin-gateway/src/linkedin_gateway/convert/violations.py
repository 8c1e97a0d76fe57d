"""What is wrong with a request, all of it at once."""

from __future__ import annotations

from servicekit.errors import FieldViolation
from servicekit.grpc.requests.rules import broken_rules

from linkedin_gateway.errors import InvalidFields
from linkedin_gateway.models.kind import length


class Violations:
    """What is wrong with a request, field by field, from the rules that are broken on."""

    def __init__(self) -> None:
        self._violations: list[FieldViolation] = broken_rules()

    def add(self, field: str, told: str, reason: str = "FIELD_INVALID") -> None:
        """Tell it, unless the field has been told already: of a broken rule no more is said."""
        if any(each.field == field for each in self._violations):
            return
        self._violations.append(FieldViolation(field, told, reason))

    def require(self, field: str, value: str) -> None:
        """A text that must be there."""
        if not value.strip():
            self.add(field, "is required", "FIELD_REQUIRED")

    def limit(self, field: str, value: str, longest: int) -> str:
        """A text that must not be too long, as LinkedIn counts."""
        if (units := length(value)) > longest:
            self.add(field, f"has {units} characters, at most {longest}", "TEXT_TOO_LONG")
        return value

    def end(self) -> None:
        """Raise `InvalidFields` if anything is wrong."""
        if self._violations:
            raise InvalidFields(self._violations)


def required(field: str, value: str) -> None:
    """Refuse a request without a text that it must have."""
    wrong = Violations()
    wrong.require(field, value)
    wrong.end()
