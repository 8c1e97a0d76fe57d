"""The parts that schemas are made of, in few words."""

from __future__ import annotations

from typing import Any, Final

Schema = dict[str, Any]

INSTANT_PATTERN: Final = r"^[1-2]\d{3}-[0-1]\d-[0-3]\dT\d{2}:\d{2}:\d{2}\.\d{3}Z$"

TEXT: Final[Schema] = {"type": "string"}
ID: Final[Schema] = {"type": "string", "minLength": 1}
FLAG: Final[Schema] = {"type": "boolean"}
BIT: Final[Schema] = {"enum": [0, 1]}
COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
WHOLE: Final[Schema] = {"type": "integer"}
NUMBER: Final[Schema] = {"type": "number"}
URL: Final[Schema] = {"type": "string", "pattern": r"^https?://\S+$"}
INSTANT: Final[Schema] = {"type": "string", "pattern": INSTANT_PATTERN}
ANYTHING: Final[Schema] = {}


def one_of(*values: object) -> Schema:
    """One of these values."""
    return {"enum": list(values)}


def nullable(schema: Schema) -> Schema:
    """That, or null."""
    return either(schema, {"type": "null"})


def either(*schemas: Schema) -> Schema:
    """Any of these."""
    return {"anyOf": list(schemas)}


def many(item: Schema, *, least: int = 0) -> Schema:
    """A list."""
    return {"type": "array", "items": item, **({"minItems": least} if least else {})}


def record(required: dict[str, Schema], optional: dict[str, Schema] | None = None) -> Schema:
    """An object: what must be in it, and what may."""
    return {
        "type": "object",
        "properties": required | (optional or {}),
        "required": list(required),
    }


def closed(schema: Any) -> Any:
    """The same, refusing fields that it does not name: for tests of who writes, not who reads."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    shut = {
        name: {field: closed(each) for field, each in value.items()}
        if name == "properties"
        else closed(value)
        for name, value in schema.items()
    }
    if "properties" in schema:
        shut["additionalProperties"] = False
    return shut
