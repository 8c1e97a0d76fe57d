"""The demo's own webhook receiver."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from devstack.stack.loopback import loopback_client
from devstack.stack.receiver import Receiver
from standardwebhooks import Webhook

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()


def signed(body: str, *, secret: str = SECRET, webhook_id: str = "evt_1") -> dict[str, str]:
    """The headers of Standard Webhooks."""
    now = datetime.now(UTC)
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(webhook_id, now, body),
    }


async def test_a_signed_webhook_is_kept_once(tmp_path: Path) -> None:
    """A delivery that is repeated under its id counts once, and is written down."""
    body = json.dumps({"type": "lead.started", "data": {}})
    async with Receiver(tmp_path / "webhooks.jsonl") as receiver, loopback_client() as http:
        receiver.trust("events", SECRET)

        for _ in range(2):
            answer = await http.post(receiver.url("events"), content=body, headers=signed(body))
            assert answer.status_code == 204

        assert await receiver.until(
            lambda: len(receiver.events()) == 1, within=timedelta(seconds=5)
        )
        assert [it.type for it in receiver.events()] == ["lead.started"]
        assert len((tmp_path / "webhooks.jsonl").read_text().splitlines()) == 2


async def test_a_wrong_signature_is_refused(tmp_path: Path) -> None:
    """Signed with another secret, or for nobody known, it is no event."""
    other = "whsec_" + base64.b64encode(b"another-secret-of-32-bytes-long!").decode()
    body = json.dumps({"type": "lead.started"})
    async with Receiver(tmp_path / "webhooks.jsonl") as receiver, loopback_client() as http:
        receiver.trust("events", SECRET)

        forged = await http.post(
            receiver.url("events"), content=body, headers=signed(body, secret=other)
        )
        stray = await http.post(receiver.url("nobody"), content=body, headers=signed(body))

        assert (forged.status_code, stray.status_code) == (401, 401)
        assert receiver.events() == []
        assert not any(it.verified for it in receiver.received)
