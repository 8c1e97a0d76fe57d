"""Protos of signing in to values and back; beside `convert`, and with its strictness."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

from outreach.linkedin.v1 import sign_in_pb2
from outreach.linkedin.v1 import sign_in_service_pb2 as pb
from pydantic import SecretStr

from linkedin_gateway.convert.violations import Violations
from linkedin_gateway.sign_in.checkpoints import PendingCheckpoint
from linkedin_gateway.sign_in.connect_links import LINK_LIVES, LONGEST_LINK
from linkedin_gateway.unipile import SignIn

_COUNTRY = re.compile(r"[A-Za-z]{2}")
_LONGEST_SECRET = 4000
_LONGEST_URL = 2000


def valid_for(request: pb.CreateConnectLinkRequest) -> timedelta:
    """How long a link works; refuses a request that is not in order."""
    wrong = Violations()
    wrong.require("organization_id", request.organization_id)
    for name in ("success_url", "failure_url"):
        url = wrong.limit(name, getattr(request, name), _LONGEST_URL)
        if url and not _is_web_address(url):
            wrong.add(name, "is not a web address")
    lives = LINK_LIVES
    if request.HasField("valid_for"):
        lives = request.valid_for.ToTimedelta()
        if not timedelta(0) < lives <= LONGEST_LINK:
            wrong.add("valid_for", "must be more than nothing and at most a day")
    wrong.end()
    return lives


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
    wrong.require("organization_id", request.organization_id)
    if given.session_cookie and (given.username or given.password):
        wrong.add("credentials", "holds a cookie and a password; give one of them")
    elif not given.session_cookie:
        wrong.require("credentials.username", given.username)
        wrong.require("credentials.password", given.password, longest=_LONGEST_SECRET)
    wrong.limit("credentials.session_cookie", given.session_cookie, _LONGEST_SECRET)
    wrong.limit("credentials.user_agent", given.user_agent, _LONGEST_SECRET)
    if request.country and _COUNTRY.fullmatch(request.country) is None:
        wrong.add("country", "must be two letters")
    wrong.end()
    return SignIn(
        username=given.username,
        password=SecretStr(given.password),
        session_cookie=SecretStr(given.session_cookie),
        user_agent=given.user_agent,
        country=request.country.upper(),
    )


def code(request: pb.SolveCheckpointRequest) -> str:
    """The answer to a checkpoint; empty when it is confirmed elsewhere."""
    wrong = Violations()
    wrong.require("checkpoint_id", request.checkpoint_id)
    wrong.limit("code", request.code, 200)
    wrong.end()
    return request.code.strip()


def checkpoint_id(request: pb.ResendCheckpointRequest) -> str:
    """Which checkpoint is meant."""
    wrong = Violations()
    checkpoint = wrong.require("checkpoint_id", request.checkpoint_id)
    wrong.end()
    return checkpoint


def checkpoint_message(pending: PendingCheckpoint) -> sign_in_pb2.Checkpoint:
    return sign_in_pb2.Checkpoint(
        checkpoint_id=pending.checkpoint_id,
        type=pending.kind.value,
        description=pending.description,
    )
