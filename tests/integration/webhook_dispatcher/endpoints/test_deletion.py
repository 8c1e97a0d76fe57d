"""An endpoint is deleted, comes back as it was, and is purged once its time is over."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from outreach.webhook.v1 import event_pb2
from outreach.webhook.v1 import webhook_service_pb2 as pb
from prometheus_client import CollectorRegistry
from servicekit.clock import Clock
from servicekit.errors import AlreadyExists, InvalidArgument, NotFound
from servicekit.ids import new_id
from servicekit.postgres import pool as postgres
from servicekit.postgres.pool import Pool
from standardwebhooks import Webhook
from starlette.responses import Response
from webhook_dispatcher.endpoints import deletion_repository
from webhook_dispatcher.endpoints.deletion_repository import DeletionRepository
from webhook_dispatcher.endpoints.secret_repository import SecretRepository
from webhook_dispatcher.events.retention import Retention
from webhook_dispatcher.metrics import Metrics

from tests.integration.webhook_dispatcher.conftest import FAST, ORGANIZATION
from tests.lists.following import settled

KEPT = timedelta(days=30)
URL = "http://127.0.0.1:1/hook"
BY_HAND = "UPDATE deliveries SET state = 'pending', ended_at = NULL"
ALL_IN_CLEAR = """
    SELECT url || description || array_to_string(header_names, '')
           || coalesce(encode(secret, 'hex'), '') || encode(sealed_headers, 'hex')
           || encode(legacy_secret, 'hex') || coalesce(legacy_signature::text, '')
           || cardinality(old_secrets)
      FROM endpoints WHERE endpoint_id = $1
"""


@dataclass(frozen=True, kw_only=True)
class Later(Clock):
    """So long after it is."""

    after: timedelta

    def now(self) -> datetime:
        return super().now() + self.after


@pytest.fixture
async def pool(dispatcher: Any) -> AsyncIterator[Pool]:
    """The dispatcher's rows, as the owner sees them."""
    async with postgres.connect_pool(dispatcher.database_url, "webhook", max_size=2) as pool:
        yield pool


def named(created: pb.CreateEndpointResponse) -> dict[str, str]:
    return {"organization_id": ORGANIZATION, "endpoint_id": created.endpoint.endpoint_id}


async def delete(dispatcher: Any, created: pb.CreateEndpointResponse) -> None:
    await dispatcher.stub.DeleteEndpoint(pb.DeleteEndpointRequest(**named(created)))


async def undelete(
    dispatcher: Any, created: pb.CreateEndpointResponse
) -> pb.UndeleteEndpointResponse:
    request = pb.UndeleteEndpointRequest(**named(created))
    answer: pb.UndeleteEndpointResponse = await dispatcher.stub.UndeleteEndpoint(request)
    return answer


async def get(
    dispatcher: Any, created: pb.CreateEndpointResponse, *, show_deleted: bool = False
) -> pb.Endpoint:
    request = pb.GetEndpointRequest(**named(created), show_deleted=show_deleted)
    found: pb.Endpoint = (await dispatcher.stub.GetEndpoint(request)).endpoint
    return found


async def listed(dispatcher: Any, **asked: Any) -> list[str]:
    request = pb.ListEndpointsRequest(organization_id=ORGANIZATION, **asked)
    return [each.endpoint_id for each in (await dispatcher.stub.ListEndpoints(request)).endpoints]


async def purge(pool: Pool, after: timedelta) -> float:
    """What is forgotten so long from now on; how many endpoints that were."""
    registry, clock = CollectorRegistry(), Later(FAST.epoch, FAST.speed, after=after)
    await Retention(
        pool,
        bodies=timedelta(days=900),
        attempts=timedelta(days=900),
        metrics=Metrics(registry),
        clock=clock,
    ).forget()
    return registry.get_sample_value("webhook_forgotten_total", {"kind": "endpoint"}) or 0.0


async def replayed(dispatcher: Any, created: Any, since: Timestamp) -> None:
    await dispatcher.stub.CreateReplay(
        pb.CreateReplayRequest(
            **named(created), request_id=new_id("req"), start_time=since, max_per_minute=30_000
        )
    )


async def test_a_deleted_one_comes_back_as_it_was(dispatcher: Any, receiver: Any) -> None:
    """With its id, its secret and its headers; meanwhile it is in no list, and hears nothing."""
    created = await dispatcher.create(
        receiver.url, description="Ours", headers={"authorization": "mine"}, max_per_minute=6000
    )
    other = await dispatcher.create(URL, event_types=["campaign.*"])

    await delete(dispatcher, created)
    shown = await get(dispatcher, created, show_deleted=True)
    unheard = await dispatcher.publish()
    lists = [await listed(dispatcher), await listed(dispatcher, show_deleted=True)]
    with pytest.raises(NotFound):
        await get(dispatcher, created)
    back = (await undelete(dispatcher, created)).endpoint
    heard = await dispatcher.publish()
    await dispatcher.settled(heard)

    ours, others = created.endpoint.endpoint_id, other.endpoint.endpoint_id
    assert lists == [[others], [ours, others]]
    assert shown.purge_time.ToDatetime() - shown.delete_time.ToDatetime() == KEPT
    assert not back.HasField("delete_time")
    assert not back.HasField("purge_time")
    assert back.update_time.ToDatetime() > shown.update_time.ToDatetime()
    assert shown.update_time.ToDatetime() > created.endpoint.update_time.ToDatetime()
    for each in (back, created.endpoint):
        each.ClearField("update_time")
    assert back == created.endpoint == await get_without_time(dispatcher, created)
    assert await dispatcher.deliveries(event_id=unheard) == []
    (request,) = receiver.received
    assert request.headers["authorization"] == "mine"
    Webhook(created.secret).verify(request.body, request.headers)


async def get_without_time(dispatcher: Any, created: Any) -> pb.Endpoint:
    found = await get(dispatcher, created)
    found.ClearField("update_time")
    return found


async def test_what_it_missed_comes_by_a_replay(dispatcher: Any, receiver: Any) -> None:
    """What was dropped with it, and what happened while it was away, each under its own id."""
    receiver.answers = [Response(status_code=500, headers={"retry-after": "100"})]
    created = await dispatcher.create(receiver.url)
    dropped = await dispatcher.publish()
    await receiver.heard(1)
    await delete(dispatcher, created)
    missed = await dispatcher.publish()

    answer = await undelete(dispatcher, created)
    stays = await dispatcher.deliveries(event_id=dropped)
    await replayed(dispatcher, created, answer.missed_since_time)
    received = await receiver.heard(3)

    assert [each.state for each in stays] == [pb.DELIVERY_STATE_DROPPED]
    assert [each.headers["webhook-id"] for each in received] == [dropped, dropped, missed]
    for event_id in (dropped, missed):
        (delivery,) = await dispatcher.settled(event_id)
        assert delivery.state == pb.DELIVERY_STATE_DELIVERED


async def test_what_nobody_had_come_to_is_dropped_before_it_is_back(
    dispatcher: Any, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would come before what was dropped first, and be out of order."""
    monkeypatch.setattr(deletion_repository, "SOME", 1)
    created = await dispatcher.create(URL)
    await dispatcher.stub.DisableEndpoint(pb.DisableEndpointRequest(**named(created)))
    await delete(dispatcher, created)
    events = [
        await dispatcher.publish(
            type=event_pb2.EVENT_TYPE_SEQUENCE_WEBHOOK, endpoint_id=created.endpoint.endpoint_id
        )
        for _ in range(3)
    ]
    await pool.execute(BY_HAND)

    await undelete(dispatcher, created)

    for event_id in events:
        (delivery,) = await dispatcher.deliveries(event_id=event_id)
        assert delivery.state == pb.DELIVERY_STATE_DROPPED


async def test_who_is_there_is_left_as_they_are(dispatcher: Any) -> None:
    """To bring back what is there changes nothing; what never was is told."""
    created = await dispatcher.create(URL)
    await delete(dispatcher, created)

    first, second = [await undelete(dispatcher, created) for _ in range(2)]
    with pytest.raises(NotFound) as unknown:
        await dispatcher.stub.UndeleteEndpoint(
            pb.UndeleteEndpointRequest(organization_id=ORGANIZATION, endpoint_id="ep_unknown")
        )
    with pytest.raises(NotFound) as theirs:
        await dispatcher.stub.UndeleteEndpoint(
            pb.UndeleteEndpointRequest(
                organization_id="org_other", endpoint_id=created.endpoint.endpoint_id
            )
        )

    assert second.endpoint == first.endpoint
    assert first.HasField("missed_since_time")
    assert not second.HasField("missed_since_time")
    assert unknown.value.reason == theirs.value.reason == "ENDPOINT_NOT_FOUND"


async def test_its_name_may_be_another_ones_by_then(dispatcher: Any) -> None:
    """Sequences would call two by it: it stays deleted, until the name is free again."""
    created = await dispatcher.create(URL, builder_webhook_id="wh_1")
    await delete(dispatcher, created)
    other = await dispatcher.create(URL, builder_webhook_id="wh_1")

    with pytest.raises(AlreadyExists) as refused:
        await undelete(dispatcher, created)
    await get(dispatcher, created, show_deleted=True)
    await delete(dispatcher, other)
    await undelete(dispatcher, created)
    named_so = await dispatcher.stub.GetEndpoint(
        pb.GetEndpointRequest(organization_id=ORGANIZATION, builder_webhook_id="wh_1")
    )

    assert refused.value.reason == "BUILDER_WEBHOOK_TAKEN"
    assert named_so.endpoint.endpoint_id == created.endpoint.endpoint_id


async def test_its_request_makes_no_other_and_finds_it_when_it_is_back(dispatcher: Any) -> None:
    """As long as it is deleted the request is refused; its secret is not told of it."""
    created = await dispatcher.create(URL, request_id="r1")
    await delete(dispatcher, created)

    with pytest.raises(AlreadyExists) as refused:
        await dispatcher.create(URL, request_id="r1")
    await undelete(dispatcher, created)
    again = await dispatcher.create(URL, request_id="r1")

    assert refused.value.reason == "REQUEST_ID_REUSED"
    assert (again.secret, again.endpoint.endpoint_id) == (
        created.secret,
        created.endpoint.endpoint_id,
    )


async def test_who_was_disabled_stays_so_and_who_failed_begins_anew(
    dispatcher: Any, pool: Pool
) -> None:
    """What failed before the deletion would disable it with its first failure."""
    disabled, failing = await dispatcher.create(URL), await dispatcher.create(URL)
    await dispatcher.stub.DisableEndpoint(pb.DisableEndpointRequest(**named(disabled)))
    for each in (disabled, failing):
        await pool.execute(
            "INSERT INTO endpoint_health (organization_id, endpoint_id, failing_since)"
            " VALUES ('org_test', $1, now()) ON CONFLICT DO NOTHING",
            each.endpoint.endpoint_id,
        )
        await delete(dispatcher, each)
    with pytest.raises(NotFound):
        await dispatcher.stub.EnableEndpoint(pb.EnableEndpointRequest(**named(disabled)))

    back = [(await undelete(dispatcher, each)).endpoint for each in (disabled, failing)]
    known = await pool.fetch("SELECT endpoint_id FROM endpoint_health")

    assert [each.HasField("disable_time") for each in back] == [True, False]
    assert back[0].disable_reason == pb.DISABLE_REASON_REQUESTED
    assert [row["endpoint_id"] for row in known] == [disabled.endpoint.endpoint_id]


async def test_what_is_purged_is_gone(dispatcher: Any, pool: Pool) -> None:
    """Its address, its secrets and its headers; its id is remembered, as one that was deleted."""
    legacy = pb.LegacySignature(
        header="x-signature", scheme=pb.SIGNATURE_SCHEME_HMAC_SHA256_HEX, secret="theirs"
    )
    created = await dispatcher.create(
        URL, description="Ours", headers={"authorization": "mine"}, legacy_signature=legacy
    )
    other = await dispatcher.create(URL)
    rotation = pb.RotateEndpointSecretRequest(**named(created), request_id="r1")
    await dispatcher.stub.RotateEndpointSecret(rotation)
    await delete(dispatcher, created)

    early = await purge(pool, KEPT - timedelta(days=1))
    there = await get(dispatcher, created, show_deleted=True)
    purged = [await purge(pool, KEPT + timedelta(days=1)) for _ in range(2)]

    assert there.url == URL
    assert (early, purged) == (0, [1, 0])
    assert await pool.fetchval(ALL_IN_CLEAR, created.endpoint.endpoint_id) == "0"
    for asked in (get(dispatcher, created, show_deleted=True), undelete(dispatcher, created)):
        with pytest.raises(NotFound) as refused:
            await asked
        assert refused.value.reason == "ENDPOINT_NOT_FOUND"
    assert await listed(dispatcher, show_deleted=True) == [other.endpoint.endpoint_id]
    await delete(dispatcher, created)


async def test_whose_time_is_over_comes_back_no_more(dispatcher: Any, pool: Pool) -> None:
    """Also before somebody has come to purge it."""
    created = await dispatcher.create(URL)
    await delete(dispatcher, created)
    late = FAST.now() + KEPT + timedelta(days=1)
    of = ORGANIZATION, created.endpoint.endpoint_id

    with pytest.raises(NotFound):
        await DeletionRepository(pool).undelete(*of, now=late)


async def test_whom_the_release_before_has_deleted(dispatcher: Any, pool: Pool) -> None:
    """It takes the secret at once, and says no time: nothing of it comes back, all is forgotten."""
    created = await dispatcher.create(URL)
    await pool.execute("UPDATE endpoints SET deleted_at = now(), secret = NULL")

    with pytest.raises(NotFound):
        await undelete(dispatcher, created)
    shown = await listed(dispatcher, show_deleted=True)
    # By this, unless the dispatcher was faster.
    await purge(pool, timedelta(days=365))

    assert shown == []
    assert await pool.fetchval(ALL_IN_CLEAR, created.endpoint.endpoint_id) == "0"


async def test_who_follows_is_told_that_it_is_gone_and_back(dispatcher: Any, pool: Pool) -> None:
    """Deleted ones are not told of as rows, though they are asked for; a purge is nothing new."""
    created = await dispatcher.create(URL)
    ours, token = created.endpoint.endpoint_id, ""

    async def told(**asked: Any) -> tuple[list[str], list[str]]:
        """What is there, and what is gone, since it was asked before."""
        nonlocal token
        await settled(pool)
        given = {"sync_token": token} if token else {"updated_since": Timestamp(seconds=1)}
        request = pb.ListEndpointsRequest(organization_id=ORGANIZATION, **given, **asked)
        answer = await dispatcher.stub.ListEndpoints(request)
        token = answer.next_sync_token
        there = [each.endpoint_id for each in answer.endpoints]
        return there, [each.id for each in answer.removed_endpoints]

    first = await told()
    await delete(dispatcher, created)
    deleted = await told(show_deleted=True)
    await undelete(dispatcher, created)
    back = await told()
    await delete(dispatcher, created)
    again = await told()
    await purge(pool, KEPT + timedelta(days=1))
    other = (await dispatcher.create(URL)).endpoint.endpoint_id

    assert (first, deleted, back, again) == (([ours], []), ([], [ours]), ([ours], []), ([], [ours]))
    assert await told() == ([other], [])


async def test_pages_of_deleted_ones_too_are_their_own(dispatcher: Any) -> None:
    """In the order of the list, each once; a token of one list is none of the other."""
    made = [await dispatcher.create(f"{URL}/{n}") for n in range(5)]
    for each in made[::2]:
        await delete(dispatcher, each)

    request = pb.ListEndpointsRequest(organization_id=ORGANIZATION, page_size=2, show_deleted=True)
    seen = []
    while True:
        page = await dispatcher.stub.ListEndpoints(request)
        seen += [each.endpoint_id for each in page.endpoints]
        if not page.next_page_token:
            break
        request.page_token = token = page.next_page_token
    with pytest.raises(InvalidArgument) as refused:
        await listed(dispatcher, page_size=2, page_token=token)

    assert seen == [each.endpoint.endpoint_id for each in made]
    assert page.total_size == 5
    assert refused.value.reason == "PAGE_TOKEN_INVALID"


async def test_what_is_encrypted_of_a_deleted_one_goes_with_the_keys(
    dispatcher: Any, pool: Pool
) -> None:
    """Else its secret could not be read any more once it is back."""
    created = await dispatcher.create(URL)
    await delete(dispatcher, created)

    (found,) = await SecretRepository(pool).after("", limit=9)

    assert found.endpoint_id == created.endpoint.endpoint_id
