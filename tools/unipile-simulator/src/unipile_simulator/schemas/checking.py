"""Holds a body against a schema: the few words of JSON Schema that `parts` speaks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from unipile_simulator.schemas.parts import Schema

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}


def fault_of(value: Any, schema: Schema, path: str = "") -> str | None:
    """The first thing that is wrong, in Unipile's words: `/message: Expected string`."""
    return next(_faults(value, schema, path), None)


def _faults(value: Any, schema: Schema, path: str) -> Iterator[str]:
    where = path or "/"
    kind = schema.get("type")
    if kind is not None and not _is(value, kind):
        yield f"{where}: Expected {kind}"
        return
    if "enum" in schema and not any(_same(value, each) for each in schema["enum"]):
        yield f"{where}: Expected union value"
    if "anyOf" in schema and all(fault_of(value, each, path) for each in schema["anyOf"]):
        yield f"{where}: Expected union value"
    if isinstance(value, str):
        yield from _text_faults(value, schema, where)
    elif isinstance(value, dict):
        yield from _record_faults(value, schema, path)
    elif isinstance(value, list):
        if len(value) < schema.get("minItems", 0):
            yield f"{where}: Expected array length to be greater or equal to {schema['minItems']}"
        for index, item in enumerate(value):
            yield from _faults(item, schema.get("items", {}), f"{path}/{index}")
    elif isinstance(value, int | float) and value < schema.get("minimum", value):
        yield f"{where}: Expected number to be greater or equal to {schema['minimum']}"


def _text_faults(value: str, schema: Schema, where: str) -> Iterator[str]:
    if len(value) < schema.get("minLength", 0):
        yield f"{where}: Expected string length greater or equal to {schema['minLength']}"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{where}: Expected string to match '{schema['pattern']}'"


def _record_faults(value: dict[str, Any], schema: Schema, path: str) -> Iterator[str]:
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{path}/{name}: Expected required property"
    for name, each in schema.get("properties", {}).items():
        if name in value:
            yield from _faults(value[name], each, f"{path}/{name}")


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, _TYPES[kind])


def _same(value: Any, other: Any) -> bool:
    return type(value) is type(other) and value == other
