"""The dispatcher's RPCs, asked what nobody foresaw."""

import random

from servicekit.ids import new_id

from tests.fuzzing.calls import fuzz, messages, methods_at, seed
from tests.fuzzing.requests import Fuzz
from tests.integration.webhook_dispatcher.conftest import ORGANIZATION, Receiver, Running


async def test_rpcs(dispatcher: Running, receiver: Receiver) -> None:
    """Whatever is asked is answered or refused with a reason: never INTERNAL, never a hang."""
    values = Fuzz(random.Random(seed()))
    values.known["organization_id"] += [ORGANIZATION, "org_other"]
    values.known["url"] += [receiver.url, f"{receiver.url}/again"]
    values.known["request_id"] += [new_id("req") for _ in range(9)]
    for _ in range(2):
        values.learn(await dispatcher.create(receiver.url))
    values.known["event_id"].append(await dispatcher.publish())

    faults = await fuzz(dispatcher.address, methods_at("dispatcher"), values, count=messages(400))

    faults.check("dispatcher")
