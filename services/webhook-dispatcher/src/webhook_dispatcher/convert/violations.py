"""What is wrong with a request, collected field by field."""

from servicekit.errors import FieldViolation
from servicekit.grpc.requests.rules import broken_rules

from webhook_dispatcher.errors import DestinationForbidden, InvalidFields

REQUIRED = "FIELD_REQUIRED"
INVALID = "FIELD_INVALID"


class Violations:
    """Collects what is wrong, from the rules that are broken on, and refuses if anything is."""

    def __init__(self) -> None:
        self._found: list[FieldViolation] = broken_rules()

    def add(self, field: str, description: str, reason: str = INVALID) -> None:
        """Tell it, unless the field has been told already: of a broken rule no more is said."""
        if any(each.field == field for each in self._found):
            return
        self._found.append(FieldViolation(field, description, reason))

    def refuse(self) -> None:
        """Raise `InvalidFields` if anything is wrong.

        Raises `DestinationForbidden` when an address that may not be called is all that is.
        """
        if len(self._found) == 1 and self._found[0].reason == DestinationForbidden.reason:
            raise DestinationForbidden(self._found[0].description)
        if self._found:
            raise InvalidFields(self._found)
