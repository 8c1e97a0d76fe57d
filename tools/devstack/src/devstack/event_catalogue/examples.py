"""An event of every type as an endpoint receives it; of people that there are not."""

import json
from typing import Any

from webhook_dispatcher.convert import examples
from webhook_dispatcher.convert.payload import payload

from devstack.event_catalogue.types import TRIAL, CataloguedType


def example_of(of: CataloguedType) -> dict[str, Any]:
    """What an endpoint receives of an event of this type."""
    if of.name == TRIAL:
        at = examples.AT
        data = {"endpointId": "ep_01j9z3k4x5"}
        return {"id": examples.ID, "type": TRIAL, "timestamp": at, "data": data}
    written: dict[str, Any] = json.loads(payload(examples.example_of(of.name)))
    return written
