"""Libraries that others wrote verify what we sign, and refuse what we do not (`make verifiers`)."""

import base64
import json
import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from devstack.event_catalogue.examples import example_of
from devstack.event_catalogue.types import types
from webhook_dispatcher.channels.payload_forms import as_text, in_form
from webhook_dispatcher.http.signature import secret_from, signed_headers
from webhook_dispatcher.models import PayloadForm

FOLDER = Path(__file__).parent
PYTHON, NODE = os.environ.get("VERIFIERS_PYTHON"), os.environ.get("VERIFIERS_NODE")
COMMANDS = {
    "python": [PYTHON, str(FOLDER / "verify.py")],
    "node": ["node", f"{NODE}/verify.mjs"],
}
OLD, NEW, OTHERS = (secret_from(bytes([number]) * 32) for number in range(3))
SPECIFIED = {
    "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "event_id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "sent_at": datetime.fromtimestamp(1614265330, UTC),
    "body": '{"test": 2432232314}',
}
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def request(secret: str, body: str, **changes: Any) -> dict[str, Any]:
    """What a receiver that has this secret got: signed by both, as while a secret is rotated."""
    now = datetime.now(UTC)
    signed = {"event_id": "evt_1", "sent_at": now, "body": body} | changes
    return {"secret": secret, "headers": signed_headers([NEW, OLD], **signed), "body": body}


def sound() -> list[dict[str, Any]]:
    """Every type in every form, verified by the new secret and by the old one."""
    texts = [as_text(example_of(each)) for each in types()]
    return [
        request(secret, in_form(text, form))
        for text in texts
        for form in PayloadForm
        for secret in (NEW, OLD)
    ]


def unsound() -> list[dict[str, Any]]:
    """One thing wrong with each."""
    good = request(NEW, '{"id":"evt_1"}')
    day_old = request(NEW, "{}", sent_at=datetime.now(UTC) - timedelta(days=1))
    to_come = request(NEW, "{}", sent_at=datetime.now(UTC) + timedelta(days=1))
    cut = {"webhook-signature": "v1," + base64.b64encode(b"x" * 32).decode()}
    return [
        good | {"secret": OTHERS},
        good | {"body": '{"id":"evt_2"}'},
        good | {"headers": good["headers"] | {"webhook-id": "evt_2"}},
        good | {"headers": good["headers"] | cut},
        day_old,
        to_come,
    ]


@pytest.mark.parametrize("language", COMMANDS)
def test_foreign_libraries_agree(language: str) -> None:
    """What we sign verifies, by either secret; what was changed, is old or another's does not."""
    if not (PYTHON and NODE):
        pytest.skip("make verifiers")
    good, bad = sound(), unsound()

    ran = subprocess.run(
        [each for each in COMMANDS[language] if each],
        input=json.dumps([*good, *bad]),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    told = json.loads(ran.stdout)
    assert set(told) == {"standardwebhooks", "svix"}
    for library, answers in told.items():
        assert answers == [True] * len(good) + [False] * len(bad), library


def test_the_vector_that_is_published() -> None:
    """The signature of the reference implementations' own test."""
    vector = dict(SPECIFIED)
    headers = signed_headers([vector.pop("secret")], **vector)  # type: ignore[arg-type]

    assert headers["webhook-signature"] == SIGNATURE
