"""What a request must be before a servicer sees it, known from its descriptors alone.

A text has no NUL, which PostgreSQL cannot store; an identifier (a field called `…_id`) has no
more bytes than a database's key or a workflow's id takes; an enum has a number that the
contract names; an instant, a span and a number can be represented; a text that is required is
not blank. The rules of its contract (`rules`) are told with that, each field once; what needs the
database is its servicer's business. Which fields need a look is worked out once per message type.

Nor does a servicer see a request that names an organization which is not its caller's: to them
there is no such organization (see `permissions`).
"""

import math
import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import DecodeError, Message
from google.protobuf.unknown_fields import UnknownFieldSet

from servicekit.errors import BadInput, FieldViolation
from servicekit.grpc.permissions import require_named
from servicekit.grpc.requests.rules import (
    FIELD_INVALID,
    FIELD_REQUIRED,
    MOST_VIOLATIONS,
    REQUIRED,
    ContractRules,
    hand_over,
    is_of_anything,
    is_required,
    named,
)

_LONGEST = {"identifier": 600, "step_id": 800, "": 400}
"""Bytes, of others than names (150 and 200 characters): two may be an id of Temporal (1,000)."""
_IDENTIFIER = re.compile(r"(?:^|_)(?:step_id|id|ids|identifier)$")
_YEAR_1 = -62_135_596_800
_END_OF_YEAR_9999 = 253_402_300_799
_THOUSAND_YEARS = 1000 * 366 * 24 * 60 * 60
_SECOND_OF_NANOS = 1_000_000_000

Path = tuple[Any, ...]
"""Where a value stands: the path of what holds it, its name, and its place in a list or map."""


@dataclass(frozen=True)
class Unreadable:
    """A request that is not of the method's type at all."""

    data: bytes
    descriptor: Descriptor | None


def reader(deserialize: Callable[[bytes], Any] | None) -> Callable[[bytes], Any] | None:
    """Deserialize, and leave what cannot be read to be refused inside of the layers.

    gRPC by itself answers INTERNAL, which is never counted, logged or explained.
    """
    if deserialize is None:
        return None
    descriptor = getattr(getattr(deserialize, "__self__", None), "DESCRIPTOR", None)

    def read(data: bytes) -> Any:
        try:
            return deserialize(data)
        except DecodeError:
            return Unreadable(data, descriptor)

    return read


def checked(request: Any, rules: ContractRules | None = None, *, handed: bool = False) -> Any:
    """The request, if every field can be represented and keeps its contract's rules.

    Raises `BadInput` naming all that do not; where the servicer tells by itself which rules are
    broken (`handed`), it is handed them as long as every field can be represented.

    Raises `OrganizationNotFound` if it names one that is not the caller's. A value that is no
    message is left alone.
    """
    if isinstance(request, Message):
        descriptor: Any = request.DESCRIPTOR
        found: list[FieldViolation] = []
        _check_of(descriptor).look(request, (), found)
        broken = rules.violations(request) if rules is not None else []
        found = [each for each in found if each.reason == FIELD_INVALID or named(request, each)]
        known = {each.field for each in found}
        told = [*found, *(each for each in broken if each.field not in known)]
        if handed and all(each.reason == FIELD_REQUIRED for each in found):
            hand_over(told)
        elif told:
            raise BadInput(told[:MOST_VIOLATIONS])
        require_named(request)
    elif isinstance(request, Unreadable):
        path = request.descriptor and _not_utf8(request.descriptor, request.data, ())
        why = "is not UTF-8" if path else "cannot be read"
        raise BadInput([FieldViolation(_spelt(path or ()), why, FIELD_INVALID)])
    return request


async def checked_stream(
    requests: AsyncIterator[Any], rules: ContractRules | None = None
) -> AsyncIterator[Any]:
    """The requests of a stream, each as `checked` when it is read; raises `BadInput` as that."""
    async for request in requests:
        yield checked(request, rules)


Look = Callable[[Any, Path, list[FieldViolation]], None]
"""Looks at a field's value, which is set, and adds what is wrong with it."""


class _Check:
    """What to look at in messages of one type."""

    __slots__ = ("_looks",)

    def __init__(self) -> None:
        self._looks: dict[int, tuple[str, Look]] = {}

    def add(self, field: FieldDescriptor, look: Look) -> None:
        self._looks[field.number] = (field.name, look)

    def look(self, message: Any, path: Path, found: list[FieldViolation]) -> None:
        looks = self._looks
        for field, value in message.ListFields():
            known = looks.get(field.number)
            if known is not None:
                known[1](value, (path, known[0]), found)


_CHECKS: dict[tuple[Descriptor, bool], _Check] = {}


def _check_of(descriptor: Descriptor, *, ruled: bool = True) -> _Check:
    """Of a message whose contract's rules hold, or, not `ruled`, do not where it is."""
    check = _CHECKS.get((descriptor, ruled))
    if check is None:
        # Known before it is complete: a message may hold messages of its own type.
        _CHECKS[descriptor, ruled] = check = _Check()
        for field in descriptor.fields:
            look = _look_at(field, ruled=ruled and not is_of_anything(field))
            if look is not None:
                check.add(field, look)
    return check


def _look_at(field: FieldDescriptor, *, ruled: bool) -> Look | None:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        return _look_at_map(field.message_type, ruled=ruled)
    look = _look_at_value(field, ruled=ruled)
    return _each(look) if look is not None and field.is_repeated else look


def _look_at_value(field: FieldDescriptor, *, ruled: bool) -> Look | None:
    if field.message_type is not None:
        known = _WELL_KNOWN.get(field.message_type.full_name)
        return known or _check_of(field.message_type, ruled=ruled).look
    if field.enum_type is not None:
        return _known(frozenset(field.enum_type.values_by_number))
    if field.type == FieldDescriptor.TYPE_STRING:
        look = _identifier(field.name) if _IDENTIFIER.search(field.name) else _text
        must = ruled and is_required(field) and not field.is_repeated
        return _required(look) if must else look
    return _SCALARS.get(field.type)


def _look_at_map(entry: Descriptor, *, ruled: bool) -> Look | None:
    look_at_key = _look_at_value(entry.fields_by_name["key"], ruled=ruled)
    look_at_value = _look_at_value(entry.fields_by_name["value"], ruled=ruled)

    def look(value: Any, path: Path, found: list[FieldViolation]) -> None:
        for key in value:
            inside = (*path, key)
            if look_at_key is not None:
                look_at_key(key, inside, found)
            if look_at_value is not None:
                look_at_value(value[key], inside, found)

    return look if look_at_key or look_at_value else None


def _each(look_at_one: Look) -> Look:
    def look(value: Any, path: Path, found: list[FieldViolation]) -> None:
        for number, each in enumerate(value):
            look_at_one(each, (*path, number), found)

    return look


def _text(value: Any, path: Path, found: list[FieldViolation]) -> None:
    if "\x00" in value:
        _tell(found, path, "must not contain U+0000")


def _identifier(field: str) -> Look:
    longest = next(most for end, most in _LONGEST.items() if field.endswith(end))

    def look(value: Any, path: Path, found: list[FieldViolation]) -> None:
        _text(value, path, found)
        # Of four bytes at most is a character.
        if len(value) > longest // 4 and len(value.encode()) > longest:
            _tell(found, path, f"has more than {longest} bytes")

    return look


def _required(look: Look) -> Look:
    def look_at_required(value: Any, path: Path, found: list[FieldViolation]) -> None:
        if value.isspace():
            found.append(FieldViolation(_spelt(path), REQUIRED, FIELD_REQUIRED))
        else:
            look(value, path, found)

    return look_at_required


def _number(value: Any, path: Path, found: list[FieldViolation]) -> None:
    if not math.isfinite(value):
        _tell(found, path, "is not a finite number")


def _known(numbers: frozenset[int]) -> Look:
    def look(value: Any, path: Path, found: list[FieldViolation]) -> None:
        if value not in numbers:
            _tell(found, path, "is not a known value")

    return look


def _instant(value: Any, path: Path, found: list[FieldViolation]) -> None:
    in_range = _YEAR_1 <= value.seconds <= _END_OF_YEAR_9999
    if not (in_range and 0 <= value.nanos < _SECOND_OF_NANOS):
        _tell(found, path, "is not an instant between the years 1 and 9999")


def _span(value: Any, path: Path, found: list[FieldViolation]) -> None:
    in_range = abs(value.seconds) <= _THOUSAND_YEARS and abs(value.nanos) < _SECOND_OF_NANOS
    # Added to any instant of our time it is still an instant.
    if not in_range or value.seconds * value.nanos < 0:
        _tell(found, path, "is not a span of at most 1,000 years")


_WELL_KNOWN: Mapping[str, Look] = {
    "google.protobuf.Timestamp": _instant,
    "google.protobuf.Duration": _span,
}
_SCALARS: Mapping[int, Look] = {
    FieldDescriptor.TYPE_DOUBLE: _number,
    FieldDescriptor.TYPE_FLOAT: _number,
}


def _tell(found: list[FieldViolation], path: Path, told: str) -> None:
    if len(found) < MOST_VIOLATIONS:
        found.append(FieldViolation(_spelt(path), told, FIELD_INVALID))


def _spelt(path: Path) -> str:
    """`items[3].names["first"]`."""
    if not path:
        return ""
    around, name, *places = path
    prefix = _spelt(around)
    spelt = f"{prefix}.{name}" if prefix else str(name)
    return spelt + "".join(
        f"[{place}]" if isinstance(place, int) else f'["{place}"]' for place in places
    )


_LENGTH_DELIMITED = 2


def _not_utf8(descriptor: Descriptor, data: bytes, path: Path) -> Path | None:
    """Where a text of a message is not UTF-8, which protobuf does not tell."""
    try:
        fields: Any = UnknownFieldSet(Empty.FromString(data))
    except DecodeError:
        return None
    for each in fields:
        field = descriptor.fields_by_number.get(each.field_number)
        if field is None or each.wire_type != _LENGTH_DELIMITED:
            continue
        inside = (path, field.name)
        if field.message_type is not None:
            deeper = _not_utf8(field.message_type, each.data, inside)
            if deeper is not None:
                return deeper
        elif field.type == FieldDescriptor.TYPE_STRING and not _is_utf8(each.data):
            return inside
    return None


def _is_utf8(data: bytes) -> bool:
    return data.decode(errors="ignore").encode() == data
