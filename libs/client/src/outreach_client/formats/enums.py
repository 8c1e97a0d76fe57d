"""Enums of the contract as people write them: `ACTION_KIND_VISIT` is `visit`."""

import re

from google.protobuf.descriptor import EnumDescriptor


def prefix_of(enum: EnumDescriptor) -> str:
    """What every name of the enum begins with: `ACTION_KIND_`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", enum.name).upper() + "_"


def enum_text(enum: EnumDescriptor, number: int) -> str:
    """The short name of a number; empty for the one that is never sent."""
    value = enum.values_by_number.get(number)
    if value is None:
        return str(number)
    return "" if number == 0 else value.name.removeprefix(prefix_of(enum)).lower()


def value_name(enum: EnumDescriptor, number: int) -> str:
    """The name of a number in the contract, as filters have it; empty for none."""
    return enum.values_by_number[number].name if number else ""


def enum_names(enum: EnumDescriptor) -> list[str]:
    """Every short name, in the order of the contract."""
    return [enum_text(enum, value.number) for value in enum.values if value.number]


def enum_number(enum: EnumDescriptor, text: str) -> int:
    """The number of a short name; `-` and `.` are as good as `_`. Raises `ValueError`."""
    wanted = re.sub(r"[-.\s]", "_", text.strip()).lower()
    for value in enum.values:
        if value.number and enum_text(enum, value.number) == wanted:
            return value.number
    raise ValueError(f"{text!r} is not one of {', '.join(enum_names(enum))}")
