"""The rules that a contract states for the fields of its requests, in its protos (protovalidate).

They are compiled once for each message type. All of what is wrong is told at once, each with the
path of its field and one of two reasons: it is missing, or it is not allowed. Where a servicer
finds by itself what else is wrong, it is handed that (`tells_the_rest`), and tells all of it.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from functools import cache
from itertools import islice
from typing import Any, TypeVar

from google.api import field_behavior_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from protovalidate import Validator, Violation

from servicekit.errors import FieldViolation

FIELD_REQUIRED = "FIELD_REQUIRED"
FIELD_INVALID = "FIELD_INVALID"

MOST_VIOLATIONS = 20
_MASK = "update_mask"
REQUIRED = "This field is required."
_DESCRIPTIONS: Mapping[str, str] = {
    "string.max_len": "At most {:,} characters are allowed.",
    "string.pattern": "This has characters that are not allowed here.",
    "repeated.max_items": "At most {:,} can be named.",
    "repeated.unique": "This is named twice.",
}
"""Where the library's own sentence is not for people; the others are told as it says them."""
_COUNTED = re.compile(r"\{0,(\d+)\}\\s\*\$$")
"""The end of a pattern that counts a text without the spaces around it."""


_Method = TypeVar("_Method", bound=Callable[..., Any])
_BROKEN: ContextVar[Sequence[FieldViolation]] = ContextVar("broken_rules", default=())


def tells_the_rest(method: _Method) -> _Method:
    """Mark a servicer's method that is called although rules are broken; it tells them too."""
    method.tells_the_rest = True  # type: ignore[attr-defined]
    return method


def tells(behaviour: Any) -> bool:
    """Whether a method is so marked."""
    return bool(getattr(behaviour, "tells_the_rest", False))


def hand_over(found: Sequence[FieldViolation]) -> None:
    """Leave it to the servicer of this call to tell what is wrong."""
    _BROKEN.set(found)


def broken_rules() -> list[FieldViolation]:
    """What is wrong with the request of this call; nothing but for methods that are marked."""
    return list(_BROKEN.get())


class ContractRules:
    """Judges requests; keeps what it has compiled."""

    def __init__(self) -> None:
        self._validator = Validator()

    def violations(self, request: Message) -> list[FieldViolation]:
        """What of the request its contract does not allow; the first of very many.

        What an update does not name in its mask may be whatever it is, but for what it is found
        by: whoever sends a whole resource back changes only what they name.
        """
        broken = self._validator.collect_violations(request)
        if not broken:
            return []
        found = (_told(each, demanded=_is_demanded(request.DESCRIPTOR, each)) for each in broken)
        return list(islice((each for each in found if named(request, each)), MOST_VIOLATIONS))


def named(request: Message, wrong: FieldViolation) -> bool:
    """Whether it is wrong with what an update's mask names, or with what it is found by.

    Always of any other request.
    """
    updated = _updated(request.DESCRIPTOR)
    return not updated or _is_named(wrong, updated, getattr(request, _MASK).paths)


def is_required(field: FieldDescriptor) -> bool:
    """Whether its contract says that a field must be there."""
    rules = _rules_of(field)
    return rules is not None and bool(rules.required)


def is_of_anything(field: FieldDescriptor) -> bool:
    """Whether what a list holds may break the rules of its type."""
    rules = _rules_of(field)
    if rules is None or not field.is_repeated:
        return False
    ignore = rules.DESCRIPTOR.fields_by_name["ignore"].enum_type.values_by_name
    return bool(rules.repeated.items.ignore == ignore["IGNORE_ALWAYS"].number)


def _rules_of(field: FieldDescriptor) -> Any:
    """Found by the option's name: its generated code belongs to whoever has contracts."""
    options = field.GetOptions().ListFields()
    return next((rules for each, rules in options if each.full_name == "buf.validate.field"), None)


@cache
def _updated(request: Descriptor) -> str:
    """The field of an update that holds what is updated; empty for other requests."""
    messages = [each.name for each in request.fields if each.message_type is not None]
    return next((name for name in messages if _MASK in messages and name != _MASK), "")


def _is_named(wrong: FieldViolation, updated: str, paths: Sequence[str]) -> bool:
    if not wrong.field.startswith(f"{updated}."):
        return True
    inside = wrong.field.removeprefix(f"{updated}.")
    if wrong.reason == FIELD_REQUIRED and inside.isidentifier():
        return True
    return any(f"{inside}.".startswith((f"{path}.", f"{path}[")) for path in paths)


def _is_demanded(request: Any, violation: Violation) -> bool:
    """Whether its contract calls the field required, whichever rule it has broken."""
    inside = request
    field: Any = None
    where = violation.proto.field
    for element in where.elements if where is not None else ():
        field = inside and inside.fields_by_number.get(element.field_number)
        inside = field and field.message_type
        if inside and inside.GetOptions().map_entry:
            inside = inside.fields_by_name["value"].message_type
    if not field:
        return False
    said = field.GetOptions().Extensions[field_behavior_pb2.field_behavior]
    return field_behavior_pb2.REQUIRED in said


def _told(violation: Violation, *, demanded: bool) -> FieldViolation:
    """A blank text is missing where it must be there, and elsewhere it is as it may not be."""
    value, rule = violation.field_value, violation.proto.rule_id
    blank = demanded and isinstance(value, str) and not value.strip()
    missing = rule == "required" or blank
    if missing or (rule == "repeated.min_items" and not value):
        return FieldViolation(_path(violation), REQUIRED, FIELD_REQUIRED)
    known, path = _DESCRIPTIONS.get(rule), _path(violation)
    most = _COUNTED.search(violation.rule_value) if rule == "string.pattern" else None
    if most is not None and len(value.strip()) > int(most[1]):
        told = _DESCRIPTIONS["string.max_len"].format(int(most[1]))
        return FieldViolation(path, told, FIELD_INVALID)
    if rule == "repeated.unique":
        path = f"{path}[{_repeated_at(value)}]"
    told = violation.proto.message
    description = known.format(violation.rule_value) if known else f"{told[:1].upper()}{told[1:]}."
    return FieldViolation(path, description, FIELD_INVALID)


def _repeated_at(items: Sequence[Any]) -> int:
    """Where the first item stands that stood further up already."""
    seen: set[Any] = set()
    for place, item in enumerate(items):
        if item in seen:
            return place
        seen.add(item)
    return len(items)


def _path(violation: Violation) -> str:
    """`items[3].names["first"]`."""
    field = violation.proto.field
    return ".".join(_elements(field.elements)) if field is not None else ""


def _elements(elements: Any) -> Iterator[str]:
    for element in elements:
        place = element.subscript
        if place is None:
            yield element.field_name
        elif isinstance(place.value, str):
            yield f'{element.field_name}["{place.value}"]'
        else:
            yield f"{element.field_name}[{place.value}]"
