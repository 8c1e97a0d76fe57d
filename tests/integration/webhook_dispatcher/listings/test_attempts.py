"""The attempts of a delivery, page by page."""

from typing import Any

import pytest
from outreach.webhook.v1 import webhook_service_pb2 as pb
from servicekit.errors import InvalidArgument
from starlette.responses import Response

from tests.integration.webhook_dispatcher.conftest import ORGANIZATION


async def test_attempts_are_paged_and_counted(dispatcher: Any, receiver: Any) -> None:
    """Each once, in either direction, of what the filter means; a token is of one delivery."""
    receiver.answers = [Response(status_code=503), Response(status_code=500)]
    await dispatcher.create(receiver.url)
    (first,) = await dispatcher.settled(await dispatcher.publish())
    (second,) = await dispatcher.settled(await dispatcher.publish())

    async def asked(delivery: Any, **fields: Any) -> pb.ListDeliveryAttemptsResponse:
        request = pb.ListDeliveryAttemptsRequest(
            organization_id=ORGANIZATION, delivery_id=delivery.delivery_id, **fields
        )
        answer: pb.ListDeliveryAttemptsResponse = await dispatcher.stub.ListDeliveryAttempts(
            request
        )
        return answer

    page = await asked(first, page_size=2)
    rest = await asked(first, page_size=2, page_token=page.next_page_token)
    failed = await asked(first, filter="status_code >= 500", order_by="number desc")

    assert [each.number for each in (*page.attempts, *rest.attempts)] == [1, 2, 3]
    assert (page.total_size, rest.total_size, rest.next_page_token) == (3, 3, "")
    assert [each.status_code for each in failed.attempts] == [500, 503]
    assert failed.total_size == 2
    with pytest.raises(InvalidArgument) as refused:
        await asked(second, page_token=page.next_page_token)
    assert refused.value.reason == "PAGE_TOKEN_INVALID"
