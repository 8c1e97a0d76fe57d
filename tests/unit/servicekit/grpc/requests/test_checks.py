"""servicekit.grpc.requests.checks."""

import math
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, duration_pb2, timestamp_pb2
from google.protobuf.message_factory import GetMessageClass
from hypothesis import given
from hypothesis import strategies as st
from servicekit.errors import BadInput
from servicekit.grpc.requests.checks import checked, reader

FIELD = descriptor_pb2.FieldDescriptorProto


def thing_class() -> Any:
    """A message with every kind of field that is looked at, itself among them."""
    file = descriptor_pb2.FileDescriptorProto(
        name="test/thing.proto",
        package="test",
        syntax="proto3",
        dependency=[timestamp_pb2.DESCRIPTOR.name, duration_pb2.DESCRIPTOR.name],
    )
    kind = file.enum_type.add(name="Kind")
    kind.value.add(name="KIND_UNSPECIFIED", number=0)
    kind.value.add(name="KIND_ROUND", number=1)
    thing = file.message_type.add(name="Thing")
    fields: list[tuple[str, Any, str, bool]] = [
        ("name", FIELD.TYPE_STRING, "", False),
        ("tags", FIELD.TYPE_STRING, "", True),
        ("kind", FIELD.TYPE_ENUM, ".test.Kind", False),
        ("kinds", FIELD.TYPE_ENUM, ".test.Kind", True),
        ("at", FIELD.TYPE_MESSAGE, ".google.protobuf.Timestamp", False),
        ("span", FIELD.TYPE_MESSAGE, ".google.protobuf.Duration", False),
        ("weight", FIELD.TYPE_DOUBLE, "", False),
        ("parts", FIELD.TYPE_MESSAGE, ".test.Thing", True),
        ("part_by_name", FIELD.TYPE_MESSAGE, ".test.Thing.PartByNameEntry", True),
        ("content", FIELD.TYPE_BYTES, "", False),
        ("part_ids", FIELD.TYPE_STRING, "", True),
        ("public_identifier", FIELD.TYPE_STRING, "", False),
        ("first_step_id", FIELD.TYPE_STRING, "", False),
    ]
    for number, (name, type_, of, several) in enumerate(fields, 1):
        label = FIELD.LABEL_REPEATED if several else FIELD.LABEL_OPTIONAL
        thing.field.add(name=name, number=number, type=type_, type_name=of or None, label=label)
    entry = thing.nested_type.add(name="PartByNameEntry")
    entry.options.map_entry = True
    entry.field.add(name="key", number=1, type=FIELD.TYPE_STRING, label=FIELD.LABEL_OPTIONAL)
    entry.field.add(
        name="value",
        number=2,
        type=FIELD.TYPE_MESSAGE,
        type_name=".test.Thing",
        label=FIELD.LABEL_OPTIONAL,
    )
    pool = descriptor_pool.DescriptorPool()
    for known in (timestamp_pb2, duration_pb2):
        pool.AddSerializedFile(known.DESCRIPTOR.serialized_pb)
    pool.AddSerializedFile(file.SerializeToString())
    return GetMessageClass(pool.FindMessageTypeByName("test.Thing"))


Thing = thing_class()


def wrong(request: Any) -> list[str]:
    """The paths of what is wrong with a request."""
    try:
        checked(request)
    except BadInput as refused:
        return [each.field for each in refused.violations if each.reason == "FIELD_INVALID"]
    return []


def test_what_can_be_represented_passes() -> None:
    """The ends of every range, an enum's zero and its names, and any bytes."""
    fine = Thing(
        name="é\n\t😀",
        kind=1,
        kinds=[0, 1],
        at={"seconds": 253_402_300_799, "nanos": 999_999_999},
        span={"seconds": -86_400, "nanos": -1},
        weight=-1e308,
        parts=[Thing(at={"seconds": -62_135_596_800})],
        content=b"\x00\xff",
        part_ids=["", "i" * 400],
        public_identifier="😀" * 150,
        first_step_id="😀" * 200,
    )

    assert checked(fine) is fine
    assert checked("no message") == "no message"


@pytest.mark.parametrize(
    ("request_", "path"),
    [
        (Thing(name="a\x00"), "name"),
        (Thing(tags=["a", "\x00"]), "tags[1]"),
        (Thing(kind=7), "kind"),
        (Thing(kinds=[1, -1]), "kinds[1]"),
        (Thing(at={"seconds": 253_402_300_800}), "at"),
        (Thing(at={"seconds": -62_135_596_801}), "at"),
        (Thing(at={"nanos": -1}), "at"),
        (Thing(span={"seconds": 400_000_000_000}), "span"),
        (Thing(span={"seconds": 1, "nanos": -1}), "span"),
        (Thing(span={"nanos": 1_000_000_000}), "span"),
        (Thing(weight=math.nan), "weight"),
        (Thing(weight=math.inf), "weight"),
        (Thing(parts=[Thing(), Thing(parts=[Thing(name="\x00")])]), "parts[1].parts[0].name"),
        (Thing(part_ids=["a", "i" * 401]), "part_ids[1]"),
        (Thing(part_ids=["i\x00"]), "part_ids[0]"),
        (Thing(public_identifier="i" * 601), "public_identifier"),
        (Thing(first_step_id="i" * 801), "first_step_id"),
        (Thing(part_by_name={"a": Thing(kind=9)}), 'part_by_name["a"].kind'),
    ],
)
def test_what_cannot_be_represented_is_named(request_: Any, path: str) -> None:
    """The violation has the path of the value, however deep it stands."""
    assert wrong(request_) == [path]


def test_a_key_of_a_map_is_looked_at() -> None:
    """A key is stored as well."""
    assert wrong(Thing(part_by_name={"\x00": Thing()})) == ['part_by_name["\x00"]']


def test_not_everything_that_is_wrong_is_told() -> None:
    """A request that is wrong a hundred thousand times costs no hundred thousand violations."""
    assert len(wrong(Thing(tags=["\x00"] * 100_000))) == 20


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (b"\x0a\x03\xed\xa0\x80", "name"),
        (
            Thing(parts=[Thing()]).SerializeToString() + b"\x42\x05\x12\x03\xed\xa0\x80",
            "parts.tags",
        ),
        (b"\x0a\x7fshort", ""),
        (b"\x42\x02" * 3, ""),
    ],
)
def test_what_is_no_message_is_refused(data: bytes, path: str) -> None:
    """Half a character, and what protobuf cannot read at all, is the caller's mistake too."""
    read = reader(Thing.FromString)

    assert read is not None
    assert wrong(read(data)) == [path]


@given(data=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """Whatever arrives, it is a request or is refused as bad input; nothing else is raised."""
    read = reader(Thing.FromString)

    assert read is not None
    wrong(read(data))


@given(seconds=st.integers(-(2**63), 2**63 - 1), nanos=st.integers(-(2**31), 2**31 - 1))
def test_times_that_pass_are_times_in_python(seconds: int, nanos: int) -> None:
    """What is not refused converts, and added to an instant of our time it is an instant."""
    at, span = ({"seconds": seconds, "nanos": nanos} for _ in range(2))
    passing = Thing(at=at, span=span)

    refused = wrong(passing)

    conversions: dict[str, Callable[[], Any]] = {
        "at": passing.at.ToDatetime,
        "span": lambda: (
            timestamp_pb2.Timestamp(seconds=2_000_000_000).ToDatetime() + passing.span.ToTimedelta()
        ),
    }
    for field in conversions.keys() - set(refused):
        assert isinstance(conversions[field](), datetime)
