"""Requests within the rules of their contract and beyond, and a second reader of these rules."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

from buf.validate import validate_pb2
from google.protobuf import field_mask_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from hypothesis import strategies as st

TEXTS = st.text(max_size=12) | st.sampled_from(
    [
        "",
        " ",
        "a",
        "ä",
        "a b",
        "a\n",
        "a\x1f",
        "\x7f",
        "\u3000",
        "09:00",
        "DE",
        "a" * 200,
        "b" * 2001,
    ]
)
EDGES = [-(2**31), -1, 0, 1, 31, 9_999, 10_000, 10_001, 1_000_000, 1_000_001, 2**31 - 1]
SECONDS = [-1, 0, 1, 3_600, 604_800, 604_801, 7_776_000, 7_776_001, 31_536_001, 253_370_764_799]
_THOUSAND_YEARS = 1000 * 366 * 24 * 60 * 60
_IDENTIFIER = re.compile(r"(^|_)(id|ids|identifier)$")
_LONGEST_IDS = (("identifier", 600), ("step_id", 800), ("", 400))
_NONE: Any = validate_pb2.FieldRules()
_SCALARS: dict[int, st.SearchStrategy[Any]] = {
    FieldDescriptor.TYPE_STRING: TEXTS,
    FieldDescriptor.TYPE_BYTES: st.binary(max_size=3),
    FieldDescriptor.TYPE_BOOL: st.booleans(),
    FieldDescriptor.TYPE_DOUBLE: st.sampled_from([0.0, 1.5]),
    FieldDescriptor.TYPE_INT32: st.sampled_from(EDGES),
    FieldDescriptor.TYPE_INT64: st.sampled_from(EDGES),
}


@cache
def messages(descriptor: Descriptor) -> st.SearchStrategy[Message]:
    """Any message of a type; none holds another of its own type.

    One strategy for each: one that is new is validated before it draws, with all that it is of.
    """
    made = {
        field.name: _mask(descriptor) if field.name == "update_mask" else _values(field)
        for field in descriptor.fields
    }
    return st.fixed_dictionaries({}, optional=made).map(
        lambda chosen: GetMessageClass(descriptor)(**chosen)
    )


def _mask(request: Descriptor) -> st.SearchStrategy[Any]:
    """Paths of what is updated, and others."""
    fields = _updated(request).message_type.fields
    deeper = [(each.name, each.message_type.fields) for each in fields if each.message_type]
    inside = [f"{name}.{each.name}" for name, these in deeper for each in these]
    names = [*(each.name for each in fields), *inside, "nonsense"]
    paths = st.lists(st.sampled_from(names), max_size=3)
    return paths.map(lambda paths: field_mask_pb2.FieldMask(paths=paths))


def _updated(request: Descriptor) -> FieldDescriptor:
    """What an update is of: the one message that its mask names fields of."""
    (resource,) = [
        each for each in request.fields if each.message_type and each.name != "update_mask"
    ]
    return resource


def _values(field: FieldDescriptor) -> st.SearchStrategy[Any]:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        return st.dictionaries(TEXTS, TEXTS, max_size=2)
    return st.lists(_value(field), max_size=3) if field.is_repeated else _value(field)


def _value(field: FieldDescriptor) -> st.SearchStrategy[Any]:
    """Anything that such a field can hold, near what the rules allow."""
    if field.message_type is not None:
        if _is_span(field):
            return st.sampled_from(SECONDS).map(
                lambda seconds: GetMessageClass(field.message_type)(seconds=seconds)
            )
        return messages(field.message_type)
    if field.enum_type is not None:
        return st.sampled_from([*field.enum_type.values_by_number])
    return _SCALARS[field.type]


def refused_for(request: Any) -> set[str]:
    """The paths of what a request may not be, told by reading the rules one by one.

    Of an update that is what its mask names, what it is found by, and what nothing can hold.
    """
    wrong = {*broken(request)}
    if "update_mask" in request.DESCRIPTOR.fields_by_name:
        resource = _updated(request.DESCRIPTOR)
        named = [f"{resource.name}.{path}" for path in request.update_mask.paths]
        unheld = {*broken(request, ruled=False)}
        wrong = {
            path
            for path in wrong
            if path.count(".") == 0
            or path in unheld
            or _found_by(request, path)
            or any(path == each or path.startswith((f"{each}.", f"{each}[")) for each in named)
        }
    return wrong


def _found_by(request: Any, path: str) -> bool:
    """Whether it is a field of the resource itself that must be there, and is not."""
    resource, *names = path.split(".")
    fields = request.DESCRIPTOR.fields_by_name[resource].message_type.fields_by_name
    if len(names) != 1 or names[0] not in fields:
        return False
    value = getattr(getattr(request, resource), names[0])
    is_missing = isinstance(value, str) and not value.strip()
    return is_missing and fields[names[0]].GetOptions().Extensions[validate_pb2.field].required


def broken(message: Any, path: str = "", *, ruled: bool = True) -> Iterator[str]:
    """The same of any message, whatever a mask says; not `ruled`: of what nothing can hold."""
    for choice in message.DESCRIPTOR.oneofs:
        must = ruled and choice.GetOptions().Extensions[validate_pb2.oneof].required
        if must and message.WhichOneof(choice.name) is None:
            yield f"{path}{choice.name}"
    for field in message.DESCRIPTOR.fields:
        rules = field.GetOptions().Extensions[validate_pb2.field] if ruled else _NONE
        value, at = getattr(message, field.name), f"{path}{field.name}"
        if field.has_presence and not message.HasField(field.name):
            if rules.required:
                yield at
        elif rules.required and (not value or (isinstance(value, str) and value.isspace())):
            yield at
        elif field.message_type is not None and field.message_type.GetOptions().map_entry:
            yield from _broken_keys(value, rules.map.keys, at)
        elif field.is_repeated:
            yield from _broken_list(field, value, rules.repeated, at, ruled=ruled)
        else:
            yield from _broken_one(field, value, rules, at, ruled=ruled)


def _broken_keys(value: Any, rules: Any, at: str) -> Iterator[str]:
    for key in value:
        if "\x00" in key + value[key] or not keeps(key, rules):
            yield f'{at}["{key}"]'


def _broken_list(
    field: FieldDescriptor, items: Any, rules: Any, at: str, *, ruled: bool
) -> Iterator[str]:
    many = rules.HasField("max_items") and len(items) > rules.max_items
    if len(items) < rules.min_items or many:
        yield at
    if rules.unique and len(set(items)) < len(items):
        before = [[*items].index(each) < place for place, each in enumerate(items)]
        yield f"{at}[{before.index(True)}]"
    each_ruled = ruled and rules.items.ignore != validate_pb2.IGNORE_ALWAYS
    for number, item in enumerate(items):
        yield from _broken_one(field, item, rules.items, f"{at}[{number}]", ruled=each_ruled)


def _broken_one(
    field: FieldDescriptor, value: Any, rules: Any, at: str, *, ruled: bool
) -> Iterator[str]:
    if field.message_type is not None and not _is_span(field):
        yield from broken(value, f"{at}.", ruled=ruled)
    elif not (_can_be(field, value) and keeps(value, rules)):
        yield at


def _can_be(field: FieldDescriptor, value: Any) -> bool:
    if field.message_type is not None and field.message_type.name == "Duration":
        return abs(value.seconds) <= _THOUSAND_YEARS
    if not isinstance(value, str):
        return True
    is_id = _IDENTIFIER.search(field.name) is not None
    longest = next(most for end, most in _LONGEST_IDS if field.name.endswith(end))
    return "\x00" not in value and not (is_id and len(value.encode()) > longest)


def keeps(value: Any, rules: Any) -> bool:
    """Whether one value keeps the rules of its field."""
    kind = rules.WhichOneof("type")
    return kind is None or _OF_KIND[kind](value, getattr(rules, kind))


def _text(value: str, rules: Any) -> bool:
    longest = rules.max_len if rules.HasField("max_len") else len(value)
    pattern = rules.pattern.replace(r"\p{Z}", "\u00a0\u2000-\u200a\u2028\u2029\u202f\u205f\u3000")
    # What RE2 takes for a space is less than what Python does.
    pattern = pattern.replace(r"[^\s", r"[^\t\n\f\r ").replace(r"\s", r"[\t\n\f\r ]")
    # A dollar of Python's lets a newline behind it.
    pattern = re.sub(r"\$$", r"\\Z", pattern)
    among = not getattr(rules, "in") or value in getattr(rules, "in")
    return among and rules.min_len <= len(value) <= longest and bool(re.search(pattern, value))


def _number(value: Any, rules: Any) -> bool:
    return not (
        (rules.HasField("gte") and value < rules.gte)
        or (rules.HasField("lte") and value > rules.lte)
    )


def _real(value: float, rules: Any) -> bool:
    bounded = rules.HasField("gte") or rules.HasField("lte")
    if math.isnan(value) and (bounded or rules.finite):
        return False
    return _number(value, rules) and not (rules.finite and math.isinf(value))


def _named(value: Any, rules: Any) -> bool:
    return value not in rules.not_in


def _span(value: Any, rules: Any) -> bool:
    length, among = _length(value), [*map(_length, getattr(rules, "in", ()))]
    return not (
        (rules.HasField("gte") and length < _length(rules.gte))
        or (rules.HasField("gt") and length <= _length(rules.gt))
        or (rules.HasField("lte") and length > _length(rules.lte))
        or (rules.HasField("lt") and length >= _length(rules.lt))
        or (among and length not in among)
    )


def _length(span: Any) -> tuple[int, int]:
    return span.seconds, span.nanos


def _content(value: bytes, rules: Any) -> bool:
    return not rules.HasField("max_len") or len(value) <= rules.max_len


_OF_KIND: dict[str, Callable[[Any, Any], bool]] = {
    "string": _text,
    "bytes": _content,
    "int32": _number,
    "int64": _number,
    "double": _real,
    "enum": _named,
    "duration": _span,
    "timestamp": _span,
}


def _is_span(field: FieldDescriptor) -> bool:
    return field.message_type.full_name in {
        "google.protobuf.Duration",
        "google.protobuf.Timestamp",
    }


@cache
def ends_of(field: FieldDescriptor) -> Sequence[Any]:
    """Values of a number or a text about where its rules draw the line."""
    rules = field.GetOptions().Extensions[validate_pb2.field]
    if field.is_repeated:
        rules = rules.repeated.items
    kind = rules.WhichOneof("type")
    of = getattr(rules, kind) if kind else None
    match kind:
        case "int32" | "int64":
            return sorted({n + by for n in (of.gte, of.lte) for by in (-1, 0, 1)})
        case "string":
            longest = [of.max_len] if of.HasField("max_len") else []
            return [
                "",
                *(letter * n for most in longest for letter in "a😀" for n in (most, most + 1)),
            ]
        case "bytes":
            return [b"\x00" * n for n in (0, of.max_len, of.max_len + 1)]
        case _:
            return ()
