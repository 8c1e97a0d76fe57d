"""Protos of signing in to values and back; beside `convert`, and with its strictness."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from outreach.linkedin.v1 import sign_in_pb2
from outreach.linkedin.v1 import sign_in_service_pb2 as pb
from pydantic import SecretStr

from linkedin_gateway.convert.violations import Violations
from linkedin_gateway.sign_in.checkpoints import PendingCheckpoint
from linkedin_gateway.sign_in.connect_links import LINK_LIVES
from linkedin_gateway.unipile import SignIn


def valid_for(request: pb.CreateConnectLinkRequest) -> timedelta:
    """How long a link works; refuses a request that is not in order."""
    wrong = Violations()
    for name in ("success_url", "failure_url"):
        url = getattr(request, name)
        if url and not _is_web_address(url):
            wrong.add(name, "is not a web address")
    wrong.end()
    return request.valid_for.ToTimedelta() if request.HasField("valid_for") else LINK_LIVES


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"https", "http"} and bool(parts.hostname)
    except ValueError:
        # Brackets that do not close, for example.
        return False


def sign_in(request: pb.ConnectAccountRequest) -> SignIn:
    """What LinkedIn is to be shown. What is wrong is told without repeating it."""
    wrong, given = Violations(), request.credentials
    if given.session_cookie and (given.username or given.password):
        wrong.add("credentials", "holds a cookie and a password; give one of them")
    elif not given.session_cookie:
        wrong.require("credentials.username", given.username)
        wrong.require("credentials.password", given.password)
    wrong.end()
    return SignIn(
        username=given.username,
        password=SecretStr(given.password),
        session_cookie=SecretStr(given.session_cookie),
        user_agent=given.user_agent,
        country=request.country.upper(),
    )


def checkpoint_message(pending: PendingCheckpoint) -> sign_in_pb2.Checkpoint:
    return sign_in_pb2.Checkpoint(
        checkpoint_id=pending.checkpoint_id,
        type=pending.kind.value,
        description=pending.description,
    )
