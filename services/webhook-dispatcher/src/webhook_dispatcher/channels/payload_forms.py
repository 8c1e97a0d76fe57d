"""An event as its endpoint wants to read it, made of what was published. Pure.

The same event is the same text at every attempt, for nothing else goes into it.
"""

import json
from collections.abc import Mapping
from typing import Any, assert_never

from webhook_dispatcher.channels.lead_record import lead_record
from webhook_dispatcher.models import PayloadForm

_ID, _OF_ANOTHER = "id", "Id"


def in_form(payload: str, form: PayloadForm) -> str:
    """The text that is signed and sent; `payload` is as it was published."""
    match form:
        case PayloadForm.WITH_LEAD:
            return payload
        case PayloadForm.IDS:
            return as_text(_by_ids(json.loads(payload)))
        case PayloadForm.LEAD_RECORD:
            return as_text(lead_record(json.loads(payload)))
        case _:
            assert_never(form)


def as_text(content: Mapping[str, Any]) -> str:
    """JSON as we send it."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _by_ids(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of each part its id and those that it names; a test is nothing but an id."""
    data = {
        name: part if isinstance(part, str) else _ids_of(part)
        for name, part in event["data"].items()
    }
    return {**event, "data": data}


def _ids_of(part: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        name: value for name, value in part.items() if name == _ID or name.endswith(_OF_ANOTHER)
    }
