"""Every text that stands in a history: in payloads, failures, titles, reasons and attributes."""

import json
from collections.abc import Iterator
from typing import Any

from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory


def of_recorded(text: str) -> list[HistoryEvent]:
    """The events of a history as `record` writes it."""
    return list(WorkflowHistory.from_json("recorded", text).events)


def texts(event: HistoryEvent) -> Iterator[str]:
    """All of them, of payloads what they decode to; what cannot be read counts as its bytes."""
    yield from _of_message(event)


def _of_message(message: Message) -> Iterator[str]:
    if isinstance(message, Payload):
        yield from _of_payload(message)
        return
    for field, value in message.ListFields():
        values = value if field.is_repeated else [value]
        if field.message_type and field.message_type.GetOptions().map_entry:
            yield from (str(key) for key in value)
            values = list(value.values())
        for each in values:
            if isinstance(each, Message):
                yield from _of_message(each)
            elif isinstance(each, str):
                yield each
            elif isinstance(each, bytes):
                yield each.decode(errors="replace")


def _of_payload(payload: Payload) -> Iterator[str]:
    try:
        yield from _of_json(json.loads(payload.data))
    except ValueError:
        yield payload.data.decode(errors="replace")


def _of_json(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from (name, *_of_json(each))
    elif isinstance(value, list):
        for each in value:
            yield from _of_json(each)
    elif isinstance(value, str):
        yield value
