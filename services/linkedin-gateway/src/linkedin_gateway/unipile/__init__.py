"""Unipile (API v1): all that knows its addresses and its JSON, one noun a module.

Nothing is retried here: a write is sent once, and whoever called decides from the class of
the error. Every failure is a `UnipileError`, whatever came back or did not.
"""

from linkedin_gateway.unipile.accounts import AccountSeen
from linkedin_gateway.unipile.client import Unipile
from linkedin_gateway.unipile.documents import document
from linkedin_gateway.unipile.errors import ListUnfinished, UnipileError
from linkedin_gateway.unipile.invitations import InvitationReceived, InvitationSeen, InvitationSent
from linkedin_gateway.unipile.messages import ChatSeen, MessageSeen, MessageSent
from linkedin_gateway.unipile.people import ProfileSeen, RelationSeen
from linkedin_gateway.unipile.posts import CommentSeen, PostSeen
from linkedin_gateway.unipile.sign_ins import CheckpointSeen, SignedIn, SignIn
from linkedin_gateway.unipile.transport import Client, Timeouts, connect
from linkedin_gateway.unipile.values import instant
from linkedin_gateway.unipile.webhooks import WebhookSeen
from linkedin_gateway.unipile_address import (
    base_url,
    is_inside_a_cluster,
    is_loopback,
    is_simulated,
    origin,
)

__all__ = [
    "AccountSeen",
    "ChatSeen",
    "CheckpointSeen",
    "Client",
    "CommentSeen",
    "InvitationReceived",
    "InvitationSeen",
    "InvitationSent",
    "ListUnfinished",
    "MessageSeen",
    "MessageSent",
    "PostSeen",
    "ProfileSeen",
    "RelationSeen",
    "SignIn",
    "SignedIn",
    "Timeouts",
    "Unipile",
    "UnipileError",
    "WebhookSeen",
    "base_url",
    "connect",
    "document",
    "instant",
    "is_inside_a_cluster",
    "is_loopback",
    "is_simulated",
    "origin",
]
