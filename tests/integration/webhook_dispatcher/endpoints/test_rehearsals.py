"""`validate_only` of endpoints: judged and answered as the deed, and nothing is changed."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message
from outreach.webhook.v1 import webhook_service_pb2 as pb
from servicekit.errors import ServiceError
from servicekit.postgres.pool import Pool, connect_pool

from tests.integration.webhook_dispatcher.conftest import ORGANIZATION, SCHEMA, Running
from tests.rehearsals import all_rows, differing, question, refusal, rehearsed_methods, told

URL = "http://127.0.0.1:1/hook"
FORBIDDEN = "http://10.0.0.1/hook"
MADE = {"endpointId"}
Case = Callable[[Running], Awaitable[Message]]


async def creating(_: Running) -> Message:
    return pb.CreateEndpointRequest(organization_id=ORGANIZATION, url=URL, description="Ours")


async def updating(dispatcher: Running) -> Message:
    endpoint = (await dispatcher.create(URL)).endpoint
    endpoint.description, endpoint.max_per_minute = "Theirs", 7
    mask = FieldMask(paths=["description", "max_per_minute"])
    return pb.UpdateEndpointRequest(endpoint=endpoint, update_mask=mask)


async def named(dispatcher: Running) -> dict[str, str]:
    """An endpoint for which nothing is tried: that would change rows by itself."""
    endpoint_id = (await dispatcher.create(URL)).endpoint.endpoint_id
    return {"organization_id": ORGANIZATION, "endpoint_id": endpoint_id}


async def disabling(dispatcher: Running) -> Message:
    return pb.DisableEndpointRequest(**await named(dispatcher))


async def deleting(dispatcher: Running) -> Message:
    return pb.DeleteEndpointRequest(**await named(dispatcher))


CASES: dict[str, Case] = {
    "CreateEndpoint": creating,
    "UpdateEndpoint": updating,
    "DisableEndpoint": disabling,
    "DeleteEndpoint": deleting,
}


async def taken(dispatcher: Running) -> Message:
    await dispatcher.create(URL, builder_webhook_id="crm")
    return pb.CreateEndpointRequest(
        organization_id=ORGANIZATION, url=URL, builder_webhook_id="crm", request_id="asked"
    )


async def forbidden(_: Running) -> Message:
    return pb.CreateEndpointRequest(organization_id=ORGANIZATION, url=FORBIDDEN, request_id="r")


async def of_another_request(dispatcher: Running) -> Message:
    await dispatcher.create(URL, request_id="asked")
    return pb.CreateEndpointRequest(
        organization_id=ORGANIZATION, url=f"{URL}/other", request_id="asked"
    )


async def edited_since(dispatcher: Running) -> Message:
    request: Any = await updating(dispatcher)
    request.endpoint.etag = "other"
    return request  # type: ignore[no-any-return]


async def of_nobody(_: Running) -> Message:
    return pb.DeleteEndpointRequest(organization_id=ORGANIZATION, endpoint_id="ep_none")


REFUSED: dict[Case, str] = {
    taken: "CreateEndpoint",
    forbidden: "CreateEndpoint",
    of_another_request: "CreateEndpoint",
    edited_since: "UpdateEndpoint",
    of_nobody: "DeleteEndpoint",
}


@pytest.fixture
async def rows(dispatcher: Running) -> AsyncIterator[Pool]:
    async with connect_pool(dispatcher.database_url, SCHEMA[0], max_size=1) as pool:
        yield pool


def test_every_method_that_only_asks_is_tried() -> None:
    """A method that takes `validate_only` has a case here."""
    assert {*CASES} == {*rehearsed_methods("webhook.v1")}


@pytest.mark.parametrize("method", CASES)
async def test_what_is_only_asked_changes_nothing(
    dispatcher: Running, rows: Pool, method: str
) -> None:
    """No row; then the deed answers the same, by the same id."""
    request: Any = await CASES[method](dispatcher)
    request.request_id = "asked"
    ask, before = getattr(dispatcher.stub, method), await all_rows(rows)

    would = await ask(question(request))
    after = await all_rows(rows)
    done = await ask(request)

    assert differing(before, after) == {}
    assert "webhook.endpoints" in differing(after, await all_rows(rows))
    assert told(would, without=MADE) == told(done, without=MADE)


async def test_what_is_never_made_has_no_secret(dispatcher: Running) -> None:
    """Nor an id: whoever kept them would verify nothing by them."""
    request: Any = await creating(dispatcher)
    request.request_id = "asked"

    would = await dispatcher.stub.CreateEndpoint(question(request))

    assert would.endpoint.url == URL
    assert (would.secret, would.endpoint.endpoint_id, would.endpoint.etag) == ("", "", "")


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.__name__)
async def test_what_would_be_refused_is_refused_alike(
    dispatcher: Running, rows: Pool, case: Case
) -> None:
    """By its code, its reason, its words and each field; and nothing is changed."""
    request = await case(dispatcher)
    ask, before = getattr(dispatcher.stub, REFUSED[case]), await all_rows(rows)

    with pytest.raises(ServiceError) as would:
        await ask(question(request))
    after = await all_rows(rows)
    with pytest.raises(ServiceError) as done:
        await ask(request)

    assert refusal(would.value) == refusal(done.value)
    assert differing(before, after) == {}


async def test_what_would_be_dropped_is_not_counted(dispatcher: Running) -> None:
    """Of a question about an endpoint for which something waits."""
    endpoint_id = (await dispatcher.create(URL)).endpoint.endpoint_id
    await dispatcher.tried(await dispatcher.publish())
    request = pb.DeleteEndpointRequest(organization_id=ORGANIZATION, endpoint_id=endpoint_id)

    await dispatcher.stub.DeleteEndpoint(question(request))
    asked = dispatcher.count("webhook_deliveries_total", state="dropped")
    await dispatcher.stub.DeleteEndpoint(request)

    assert asked == 0
    assert dispatcher.count("webhook_deliveries_total", state="dropped") == 1
