"""What each route answers, by status."""

from __future__ import annotations

from typing import Final

from unipile_simulator.errors import ALSO_AT, STATUS_BY_TYPE
from unipile_simulator.schemas import accounts, messaging, people, posts
from unipile_simulator.schemas.parts import ID, NUMBER, TEXT, Schema, one_of, record
from unipile_simulator.schemas.search import SEARCH

_UNAUTHORIZED = 401
_MAIL = record(
    {
        "imap_host": TEXT,
        "imap_port": NUMBER,
        "imap_user": TEXT,
        "smtp_host": TEXT,
        "smtp_port": NUMBER,
        "smtp_user": TEXT,
    },
    {"imap_encryption": TEXT},
)

SUCCESSES: Final[dict[tuple[str, str], dict[int, Schema]]] = {
    ("GET", "/accounts"): {200: accounts.ACCOUNTS},
    ("POST", "/accounts"): {201: accounts.SIGNED_IN, 202: accounts.CHECKPOINT},
    ("POST", "/accounts/checkpoint"): {201: accounts.SIGNED_IN, 202: accounts.CHECKPOINT},
    ("POST", "/accounts/checkpoint/resend"): {200: accounts.CHECKPOINT_RESEND},
    ("GET", "/accounts/{account_id}"): {200: accounts.ACCOUNT},
    ("DELETE", "/accounts/{account_id}"): {200: accounts.ACCOUNT_DELETED},
    ("POST", "/accounts/{account_id}"): {201: accounts.SIGNED_IN, 202: accounts.CHECKPOINT},
    ("POST", "/accounts/{account_id}/restart"): {200: accounts.ACCOUNT_RESTARTED},
    ("GET", "/accounts/{account_id}/sync"): {200: accounts.ACCOUNT_RESYNC},
    ("POST", "/hosted/accounts/link"): {200: accounts.HOSTED_LINK},
    ("GET", "/users/me"): {200: people.OWNER},
    ("GET", "/users/relations"): {200: people.RELATIONS},
    ("GET", "/users/followers"): {200: people.FOLLOWERS},
    ("GET", "/users/following"): {200: people.FOLLOWING},
    ("GET", "/users/{identifier}"): {200: people.PROFILE},
    ("POST", "/users/invite"): {200: people.INVITATION_SENT},
    ("GET", "/users/invite/sent"): {200: people.SENT_INVITATIONS},
    ("DELETE", "/users/invite/sent/{invitation_id}"): {200: people.INVITATION_CANCELED},
    ("GET", "/users/invite/received"): {200: people.RECEIVED_INVITATIONS},
    ("POST", "/users/invite/received/{invitation_id}"): {200: people.INVITATION_HANDLED},
    ("POST", "/linkedin/search"): {200: SEARCH},
    ("GET", "/linkedin/inmail_balance"): {200: accounts.INMAIL_BALANCE},
    ("GET", "/users/{identifier}/posts"): {200: posts.POSTS},
    ("POST", "/posts/reaction"): {201: posts.REACTION_ADDED},
    ("GET", "/posts/{post_id}"): {200: posts.POST},
    ("GET", "/posts/{post_id}/comments"): {200: posts.COMMENTS},
    ("POST", "/posts/{post_id}/comments"): {201: posts.COMMENT_SENT},
    ("GET", "/posts/{post_id}/reactions"): {200: posts.REACTIONS},
    ("GET", "/chats"): {200: messaging.CHATS},
    ("POST", "/chats"): {201: messaging.CHAT_STARTED},
    ("GET", "/chats/{chat_id}"): {200: messaging.CHAT},
    ("PATCH", "/chats/{chat_id}"): {200: messaging.CHAT_PATCHED},
    ("GET", "/chats/{chat_id}/messages"): {200: messaging.MESSAGES},
    ("POST", "/chats/{chat_id}/messages"): {201: messaging.MESSAGE_SENT},
    ("GET", "/chats/{chat_id}/attendees"): {200: messaging.ATTENDEES},
    ("GET", "/messages"): {200: messaging.MESSAGES},
    ("GET", "/messages/{message_id}"): {200: messaging.MESSAGE},
    ("GET", "/chat_attendees"): {200: messaging.ATTENDEES},
    ("GET", "/chat_attendees/{attendee_id}"): {200: messaging.ATTENDEE},
    ("GET", "/chat_attendees/{attendee_id}/chats"): {200: messaging.CHATS},
    ("GET", "/chat_attendees/{attendee_id}/messages"): {200: messaging.MESSAGES},
    ("GET", "/webhooks"): {200: accounts.WEBHOOKS},
    ("POST", "/webhooks"): {201: accounts.WEBHOOK_CREATED},
    ("DELETE", "/webhooks/{webhook_id}"): {200: accounts.WEBHOOK_DELETED},
}
"""By method and route."""


def answer_schema(method: str, route: str, status: int) -> Schema:
    """The schema of an answer; anything but the successes of a route is an error.

    Raises `KeyError` for a route that there is not.
    """
    return SUCCESSES[method, route].get(status) or error_schema(status)


def error_schema(status: int) -> Schema:
    """The body of an error with this status: its type is one of those that belong to it."""
    names = [name for name, belongs_to in STATUS_BY_TYPE.items() if belongs_to == status]
    names += ALSO_AT.get(status, ())
    return record(
        {
            "status": one_of(status),
            "type": one_of(*(f"errors/{name}" for name in names)),
            "title": ID,
        },
        {"detail": TEXT, "instance": TEXT}
        | ({"connectionParams": _MAIL} if status == _UNAUTHORIZED else {}),
    )


PAGES: Final[dict[int, Schema]] = {502: {"type": "string", "pattern": "^<html>.*</html>$"}}
"""What stands before Unipile answers with a page of its own, on any route: by status."""
ERROR_STATUSES: Final = tuple(sorted({*STATUS_BY_TYPE.values(), *ALSO_AT}))
"""A throttled account gets 429 or 500 on any route, whatever the route declares."""
