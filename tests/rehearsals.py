"""What `validate_only` is held to, whichever method is asked: nothing differs afterwards."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor
from google.protobuf.message import Message
from servicekit.errors import ServiceError
from servicekit.postgres.pool import Pool

from tests.protos import methods

_TABLES = """
    SELECT table_schema || '.' || table_name AS name FROM information_schema.tables
     WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')
"""
_AUDIT = re.compile(r"\.audit_")
_MADE_ANEW = re.compile(r"etag|contentHash|secret|.*Time")
"""What is of the moment of a call, or of what that has made."""
RECORDED = """
    SELECT rpc, outcome, code, reason, request_id FROM audit_records ORDER BY recorded_at
"""


def rehearsed_methods(package: str) -> dict[str, MethodDescriptor]:
    """The methods that say what they would do, by their names, less those that foresee alone."""
    return {
        each.name: each
        for each in methods()
        if each.full_name.startswith(f"outreach.{package}.")
        and "validate_only" in each.input_type.fields_by_name
        and each.name not in FORESEE_ALONE
    }


FORESEE_ALONE = {"AddLeadList"}
"""Their validation answers more than the deed, and has tests of its own."""


async def all_rows(pool: Pool) -> dict[str, list[str]]:
    """What stands in each table of the database, but in the audit's."""
    names = [row["name"] for row in await pool.fetch(_TABLES)]
    return {
        name: sorted(
            row["it"] for row in await pool.fetch(f"SELECT each::text AS it FROM {name} AS each")
        )
        for name in names
        if not _AUDIT.search(name)
    }


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What is not as it was, by its name."""
    return {
        name: (before.get(name), after.get(name))
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    }


def question(request: Message) -> Any:
    """The same, only asked."""
    asked: Any = type(request)()
    asked.CopyFrom(request)
    asked.validate_only = True
    return asked


def told(answer: Message, *, without: set[str]) -> Any:
    """An answer, less what is made anew each time, and fields of these names."""
    return _less(json_format.MessageToDict(answer), without)


def _less(value: Any, without: set[str]) -> Any:
    if isinstance(value, dict):
        return {
            name: _less(each, without)
            for name, each in value.items()
            if name not in without and not _MADE_ANEW.fullmatch(name)
        }
    return [_less(each, without) for each in value] if isinstance(value, list) else value


def refusal(error: ServiceError) -> Any:
    """All that a caller is told of a refusal."""
    violations = [(each.field, each.reason, each.description) for each in error.violations]
    return error.code, error.reason, error.message, sorted(violations), dict(error.metadata)


def takes_validate_only(method: MethodDescriptor) -> bool:
    """Whether a request, or the header of a stream of them, can only ask."""
    header = method.input_type.fields_by_name.get("header")
    asked = [method.input_type, *([header.message_type] if header is not None else [])]
    found = [each.fields_by_name.get("validate_only") for each in asked if each is not None]
    return any(each is not None and each.type == FieldDescriptor.TYPE_BOOL for each in found)
