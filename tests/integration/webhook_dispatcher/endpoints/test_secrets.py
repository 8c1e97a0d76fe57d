"""Secrets change without a receiver noticing, and keys without a secret changing."""

from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from outreach.webhook.v1 import webhook_service_pb2 as pb
from pydantic import SecretStr
from servicekit.errors import InvalidArgument
from servicekit.postgres import pool as postgres
from standardwebhooks import Webhook, WebhookVerificationError
from webhook_dispatcher.endpoints.reencryption import Reencrypted, reencrypt
from webhook_dispatcher.endpoints.rows import Signing
from webhook_dispatcher.endpoints.sealing import Sealing
from webhook_dispatcher.endpoints.secret_box import SecretBox
from webhook_dispatcher.endpoints.secret_repository import MOST_OLD_SECRETS, SecretRepository

from tests.integration.webhook_dispatcher.conftest import KEY

URL = "http://127.0.0.1:1/hook"


async def rotate(
    dispatcher: Any, created: Any, request_id: str, **fields: Any
) -> pb.RotateEndpointSecretResponse:
    answer: pb.RotateEndpointSecretResponse = await dispatcher.stub.RotateEndpointSecret(
        pb.RotateEndpointSecretRequest(
            organization_id="org_test",
            endpoint_id=created.endpoint.endpoint_id,
            request_id=request_id,
            **fields,
        )
    )
    return answer


def verifies(secret: str, request: Any) -> bool:
    try:
        Webhook(secret).verify(request.body, request.headers)
    except WebhookVerificationError:
        return False
    return True


async def test_old_and_new_sign_together(dispatcher: Any, receiver: Any) -> None:
    """After two rotations a receiver with any of the three secrets verifies what comes."""
    created = await dispatcher.create(receiver.url)
    second = await rotate(dispatcher, created, "r1")
    third = await rotate(dispatcher, created, "r2")

    await dispatcher.settled(await dispatcher.publish())

    (request,) = receiver.received
    secrets = [created.secret, second.secret, third.secret]
    assert len(set(secrets)) == 3
    assert [verifies(secret, request) for secret in secrets] == [True, True, True]
    assert third.endpoint.HasField("old_secret_expire_time")


async def test_a_secret_that_became_known_signs_no_more(dispatcher: Any, receiver: Any) -> None:
    """Without an overlap none of before signs, neither the last one nor those before it."""
    created = await dispatcher.create(receiver.url)
    second = await rotate(dispatcher, created, "r1")
    third = await rotate(dispatcher, created, "r2", overlap=timedelta(0))

    await dispatcher.settled(await dispatcher.publish())

    (request,) = receiver.received
    secrets = [created.secret, second.secret, third.secret]
    assert [verifies(secret, request) for secret in secrets] == [False, False, True]
    assert not third.endpoint.HasField("old_secret_expire_time")


async def test_only_so_many_sign_together(dispatcher: Any, receiver: Any) -> None:
    """However often a secret is rotated, a request carries the newest and five of before."""
    created = await dispatcher.create(receiver.url)
    rotated = [await rotate(dispatcher, created, f"r{n}") for n in range(MOST_OLD_SECRETS + 2)]

    await dispatcher.settled(await dispatcher.publish())

    (request,) = receiver.received
    secrets = [created.secret, *(each.secret for each in rotated)]
    signs = [verifies(secret, request) for secret in secrets]
    assert signs == [False, False, *[True] * (MOST_OLD_SECRETS + 1)]


async def test_an_overlap_ends(dispatcher: Any, receiver: Any) -> None:
    """Once it is over the old secret verifies nothing. (The clock runs 100 times as fast.)"""
    created = await dispatcher.create(receiver.url)
    await rotate(dispatcher, created, "r1", overlap=timedelta(microseconds=1))

    await dispatcher.settled(await dispatcher.publish())

    (request,) = receiver.received
    assert not verifies(created.secret, request)


async def test_the_same_request_is_one_rotation(dispatcher: Any) -> None:
    """Whoever lost the answer asks again and gets the same secret, also after another rotation."""
    created = await dispatcher.create(URL)
    first = await rotate(dispatcher, created, "r1")

    again = await rotate(dispatcher, created, "r1")
    await rotate(dispatcher, created, "r2")
    later = await rotate(dispatcher, created, "r1")

    assert again == first
    assert later.secret == first.secret


async def test_keys_change_under_a_running_service(start_dispatcher: Any, receiver: Any) -> None:
    """Everything is sealed by the new key then, the old one is needed no more, and nobody sees it.

    What the release before sealed is among it.
    """
    legacy = {"header": "x-signature", "scheme": pb.SIGNATURE_SCHEME_HMAC_SHA256_HEX, "secret": "s"}
    async with start_dispatcher() as dispatcher:
        created = await dispatcher.create(
            receiver.url, headers={"x-token": "t"}, legacy_signature=legacy
        )
        rotated = await rotate(dispatcher, created, "r1")
    new_key = Fernet.generate_key().decode()
    both, only_new = SecretBox.of([new_key, KEY]), SecretBox.of([new_key])

    async with postgres.connect_pool(dispatcher.database_url, "webhook") as pool:
        sealed_before = Fernet(KEY).encrypt(rotated.secret.encode())
        await pool.execute("UPDATE endpoints SET secret = $1", sealed_before)
        before = await pool.fetchval("SELECT updated_at FROM endpoints")
        done = await reencrypt(SecretRepository(pool), Sealing(both))
        again = await reencrypt(SecretRepository(pool), Sealing(only_new))
        after = await pool.fetchval("SELECT updated_at FROM endpoints")
    async with start_dispatcher(secret_keys=SecretStr(new_key)) as dispatcher:
        await dispatcher.settled(await dispatcher.publish())

    (request,) = receiver.received
    assert done == Reencrypted(encrypted=1, untouched=0, unreadable=0)
    assert again == Reencrypted(encrypted=0, untouched=1, unreadable=0)
    assert after == before
    assert verifies(created.secret, request)
    assert verifies(rotated.secret, request)
    assert request.headers["x-token"] == "t"
    assert "x-signature" in request.headers


async def test_who_edits_meanwhile_leaves_nothing_behind(start_dispatcher: Any) -> None:
    """An edit seals what it edits: the secret beside it is read again, and sealed anew.

    It counted as untouched, and nothing could be signed by it without the old key.
    """
    new_key = Fernet.generate_key().decode()
    both, only_new = SecretBox.of([new_key, KEY]), SecretBox.of([new_key])
    async with start_dispatcher() as dispatcher:
        created = await dispatcher.create(URL, headers={"x-token": "t"})

    async with (
        start_dispatcher(secret_keys=SecretStr(f"{new_key},{KEY}")) as dispatcher,
        postgres.connect_pool(dispatcher.database_url, "webhook") as pool,
    ):

        class EditedOnce(SecretRepository):
            edited = False

            async def replace(self, before: Signing, after: Signing) -> bool:
                if not self.edited:
                    self.edited = True
                    created.endpoint.headers["x-token"] = "u"
                    await dispatcher.stub.UpdateEndpoint(
                        pb.UpdateEndpointRequest(
                            endpoint=created.endpoint, update_mask={"paths": ["headers"]}
                        )
                    )
                return await super().replace(before, after)

        done = await reencrypt(EditedOnce(pool), Sealing(both))
        again = await reencrypt(SecretRepository(pool), Sealing(only_new))

    assert done == Reencrypted(encrypted=1, untouched=0, unreadable=0)
    assert again == Reencrypted(encrypted=0, untouched=1, unreadable=0)


async def test_a_secret_without_its_key_is_told(start_dispatcher: Any) -> None:
    """It is counted, and stays for whoever finds the key."""
    async with start_dispatcher() as dispatcher:
        await dispatcher.create(URL)

    async with postgres.connect_pool(dispatcher.database_url, "webhook") as pool:
        before = await pool.fetchval("SELECT secret FROM endpoints")
        other = Sealing(SecretBox.of([Fernet.generate_key().decode()]))
        done = await reencrypt(SecretRepository(pool), other)
        after = await pool.fetchval("SELECT secret FROM endpoints")

    assert done == Reencrypted(encrypted=0, untouched=0, unreadable=1)
    assert after == before


@pytest.mark.parametrize("overlap", [timedelta(seconds=-1), timedelta(days=7, seconds=1)])
async def test_an_overlap_has_an_end(dispatcher: Any, overlap: timedelta) -> None:
    """At most seven days, and not less than none."""
    created = await dispatcher.create(URL)

    with pytest.raises(InvalidArgument) as refusal:
        await rotate(dispatcher, created, "r1", overlap=overlap)

    assert [wrong.field for wrong in refusal.value.violations] == ["overlap"]
