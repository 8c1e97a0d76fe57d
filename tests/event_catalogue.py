"""Whether what was sent is what the catalogue of events says."""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

CATALOGUE = Path(__file__).parents[1] / "docs/events"
_FORMATS = FormatChecker(formats=())


@_FORMATS.checks("date-time", raises=ValueError)
def _is_instant(text: object) -> bool:
    return not isinstance(text, str) or datetime.fromisoformat(text).tzinfo is not None


RECORD = "lead-record"


def record_differences(record: Mapping[str, Any]) -> list[str]:
    """Where the record of a lead differs from its schema."""
    return [
        f"{each.json_path}: {each.message[:200]}" for each in validator(RECORD).iter_errors(record)
    ]


def differences(event: Mapping[str, Any]) -> list[str]:
    """Where an event differs from its type's schema; also by what the schema does not name."""
    kind = str(event.get("type"))
    if not (CATALOGUE / f"{kind}.schema.json").exists():
        return [f"{kind}: has no page"]
    found = validator(kind).iter_errors(event)
    return [f"{kind}: {each.json_path}: {each.message[:200]}" for each in found]


@cache
def validator(kind: str) -> Draft202012Validator:
    schema = json.loads((CATALOGUE / f"{kind}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(_closed(schema), format_checker=_FORMATS)


def _closed(schema: Any) -> Any:
    """A schema that allows nothing that it does not name: what we send we also say."""
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(each) for name, each in schema.items()}
    return {"additionalProperties": False, **closed} if "required" in schema else closed
