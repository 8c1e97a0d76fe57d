"""Temporal's messages as what JSON has, decoded by the project's own converter and codec."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.common.v1 import Header, Link, Memo, Payload, Payloads, SearchAttributes
from temporalio.api.enums.v1 import EventType
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.sdk.v1 import UserMetadata
from temporalio.converter import DataConverter

from campaign_api.workflows.exposure import Exposure, as_json

_LEFT_OUT = (Header, Memo, UserMetadata, Link)
"""Who is worked for, titles and traces: nothing of a decision."""
_DEEPEST = 20
_PLACE = re.compile(r'File "([^"]+)", line (\d+), in (\w+|<\w+>)')
_MOST_PLACES = 20
_MOST_CAUSES = 5


@dataclass(frozen=True, kw_only=True)
class ToldFailure:
    """A failure, as far as it may be told."""

    type: str
    message: str
    places: tuple[str, ...] = ()
    cause_types: tuple[str, ...] = ()


def event_type(event: HistoryEvent) -> str:
    """What Temporal calls an event, for example `WorkflowExecutionSignaled`."""
    try:
        name = EventType.Name(event.event_type).removeprefix("EVENT_TYPE_")
    except ValueError:
        return f"Unknown{event.event_type}"
    return "".join(word.title() for word in name.split("_"))


def told_failure(failure: Failure, exposure: Exposure) -> ToldFailure:
    """What failed, where in the code, and what it says as far as that may be told."""
    causes: list[str] = []
    cause = failure
    while cause.HasField("cause") and len(causes) < _MOST_CAUSES:
        cause = cause.cause
        causes.append(_failure_type(cause))
    return ToldFailure(
        type=_failure_type(failure),
        message=exposure.sentence(failure.message),
        places=tuple(_places(failure)),
        cause_types=tuple(causes),
    )


class Decoding:
    """Tells events as JSON, as far as `exposure` lets it."""

    def __init__(self, converter: DataConverter, exposure: Exposure) -> None:
        self._converter = converter
        self._exposure = exposure

    async def attributes(self, event: HistoryEvent) -> str:
        """What an event carries, as JSON."""
        field = event.WhichOneof("attributes")
        if field is None:
            return "{}"
        return as_json(await self._fields(getattr(event, field), depth=0))

    async def text(self, payload: Payload) -> str:
        """A payload that is one text; empty for anything else."""
        (value,) = await self._values([payload])
        return value if isinstance(value, str) else ""

    async def _fields(self, message: Message, *, depth: int) -> dict[str, Any]:
        told: dict[str, Any] = {}
        for field, value in message.ListFields():
            shown = await self._field(field, value, depth=depth)
            if shown is not None:
                told[field.name] = shown
        return told

    async def _field(self, field: Any, value: Any, *, depth: int) -> Any:
        if depth > _DEEPEST or field.type == field.TYPE_BYTES:
            return None
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            return await self._mapping(field, value, depth=depth)
        if field.is_repeated:
            return [await self._one(field, each, depth=depth) for each in value]
        return await self._one(field, value, depth=depth)

    async def _one(self, field: Any, value: Any, *, depth: int) -> Any:
        if isinstance(value, Message):
            return await self._message(value, depth=depth)
        if field.enum_type is not None:
            known = field.enum_type.values_by_number.get(value)
            return known.name if known else value
        if isinstance(value, str):
            return self._exposure.named(field.name, value)
        return value

    async def _message(self, value: Message, *, depth: int) -> Any:
        if isinstance(value, Payloads):
            return [self._exposure.value(each) for each in await self._values(value.payloads)]
        if isinstance(value, Payload):
            return self._exposure.value(await _value(self._converter, value))
        if isinstance(value, Failure):
            return vars(told_failure(value, self._exposure))
        if isinstance(value, SearchAttributes):
            return await search_attributes(self._converter, value)
        if isinstance(value, Timestamp | Duration):
            return value.ToJsonString()
        left_out = isinstance(value, _LEFT_OUT)
        return None if left_out else await self._fields(value, depth=depth + 1)

    async def _mapping(self, field: Any, value: Mapping[str, Any], *, depth: int) -> Any:
        of = field.message_type.fields_by_name["value"]
        return {
            self._exposure.sentence(str(key)) if not self._exposure.full else str(key): (
                await self._one(of, each, depth=depth)
            )
            for key, each in value.items()
        }

    async def _values(self, payloads: Iterable[Payload]) -> list[Any]:
        return [await _value(self._converter, each) for each in payloads]


async def search_attributes(
    converter: DataConverter, attributes: SearchAttributes
) -> Mapping[str, str]:
    """What a workflow is found by: ids and states, which name nobody."""
    return {
        name: _as_text(await _value(converter, payload, coded=False))
        for name, payload in sorted(attributes.indexed_fields.items())
    }


def _as_text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


async def _value(converter: DataConverter, payload: Payload, *, coded: bool = True) -> Any:
    """What a payload holds, without knowing its type; what cannot be read is named."""
    try:
        if coded and converter.payload_codec is not None:
            (payload,) = await converter.payload_codec.decode([payload])
        value = converter.payload_converter.from_payload(payload)
    except Exception:  # noqa: BLE001 - whatever a codec or a converter says of what is not theirs
        return f"unreadable, {len(payload.data)} bytes"
    return f"{len(value)} bytes" if isinstance(value, bytes) else value


def _failure_type(failure: Failure) -> str:
    kind = failure.WhichOneof("failure_info")
    if kind == "application_failure_info":
        return failure.application_failure_info.type or "ApplicationError"
    return "".join(w.title() for w in (kind or "failure").removesuffix("_info").split("_"))


def _places(failure: Failure) -> list[str]:
    """Files below their package, lines and functions: what a traceback has that is only code."""
    found = _PLACE.findall(failure.stack_trace)[-_MOST_PLACES:]
    return [f"{_file(path)}:{line} {function}" for path, line, function in found]


def _file(path: str) -> str:
    for root in ("/site-packages/", "/src/"):
        before, there, behind = path.rpartition(root)
        if there:
            return behind
        del before
    return path.rpartition("/")[2]
