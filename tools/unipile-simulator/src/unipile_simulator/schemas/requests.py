"""What each route wants in its body; anything else is 400 before LinkedIn is asked."""

from __future__ import annotations

from typing import Final

from unipile_simulator.schemas.parts import (
    FLAG,
    ID,
    INSTANT,
    NUMBER,
    TEXT,
    URL,
    Schema,
    either,
    many,
    one_of,
    record,
)
from unipile_simulator.webhooks.webhooks import EVENTS

_FEATURES = many(
    one_of("linkedin_recruiter", "linkedin_sales_navigator", "linkedin_organizations_mailboxes")
)
_SINCE = either(INSTANT, {"type": "number", "minimum": 0})
_PROXY = record(
    {"host": ID, "port": NUMBER},
    {"protocol": one_of("https", "http", "socks5"), "username": TEXT, "password": TEXT},
)
_LINKEDIN = one_of("LINKEDIN")
_SIGN_IN = record(
    {"provider": _LINKEDIN},
    {
        "username": ID,
        "password": ID,
        "access_token": ID,
        "premium_token": ID,
        "user_agent": TEXT,
        "recruiter_contract_id": ID,
        "country": {"type": "string", "pattern": "^[A-Za-z]{2}$"},
        "ip": {"type": "string", "pattern": r"^[0-9a-fA-F.:]{3,45}$"},
        "disabled_features": _FEATURES,
        "sync_limit": record({}, {"chats": _SINCE, "messages": _SINCE}),
        "proxy": _PROXY,
    },
)
_CHECKPOINT = record({"account_id": ID, "provider": _LINKEDIN}, {"code": ID})
_PROVIDER = one_of(
    "LINKEDIN",
    "WHATSAPP",
    "INSTAGRAM",
    "MESSENGER",
    "TELEGRAM",
    "TWITTER",
    "GOOGLE",
    "OUTLOOK",
    "MAIL",
)
_HOSTED = record(
    {"type": one_of("create", "reconnect"), "api_url": URL, "expiresOn": INSTANT},
    {
        "providers": either(
            many(_PROVIDER, least=1), one_of("*", "*:MESSAGING", "*:MAILING", "*:CALENDAR")
        ),
        "reconnect_account": ID,
        "name": TEXT,
        "notify_url": URL,
        "success_redirect_url": URL,
        "failure_redirect_url": URL,
        "bypass_success_screen": FLAG,
        "disabled_features": _FEATURES,
        "disabled_options": many(
            one_of(
                "proxy", "autoproxy", "cookie_auth", "credentials_auth", "sync_limit", "language"
            )
        ),
        "proxy": _PROXY,
        "sync_limit": record(
            {},
            {
                "MAILING": one_of("NO_HISTORY_SYNC"),
                "MESSAGING": record({}, {"chats": _SINCE, "messages": _SINCE}),
            },
        ),
    },
)
_WEBHOOK = record(
    {"request_url": ID, "source": one_of(*EVENTS)},
    {
        "name": TEXT,
        "format": one_of("json", "form"),
        "account_ids": many(ID),
        "enabled": FLAG,
        "headers": many(record({"key": ID, "value": TEXT})),
        "events": many(one_of(*dict.fromkeys(sum(EVENTS.values(), ())))),
        "data": many(record({"name": ID, "key": ID})),
    },
)
_INVITATION = record(
    {"account_id": ID, "provider_id": ID},
    {
        "message": TEXT,
        "user_email": {"type": "string", "pattern": r"^[^@\s]+@[^@\s]+\.[^@\s]+$"},
    },
)
_ANSWER = record(
    {
        "account_id": ID,
        "provider": _LINKEDIN,
        "shared_secret": ID,
        "action": one_of("accept", "decline"),
    }
)
_REACTION = record(
    {"account_id": ID, "post_id": ID},
    {
        "reaction_type": one_of("like", "celebrate", "support", "love", "insightful", "funny"),
        "comment_id": ID,
        "as_organization": ID,
    },
)
_COMMENT = record(
    {"account_id": ID, "text": ID},
    {
        "comment_id": ID,
        "mentions": many(record({"name": ID, "profile_id": ID}, {"is_company": FLAG})),
        "external_link": URL,
        "as_organization": ID,
    },
)
_PRODUCT = one_of("classic", "recruiter", "sales_navigator")
_TOPIC = one_of("service_request", "request_demo", "support", "careers", "other")
_FORM_FLAG = either(FLAG, one_of("true", "false"))
_CHAT_OPTIONS: dict[str, Schema] = {
    "api": _PRODUCT,
    "inmail": _FORM_FLAG,
    "topic": _TOPIC,
    "applicant_id": ID,
    "invitation_id": ID,
}
_CHAT = record(
    {"account_id": ID, "attendees_ids": either(ID, many(ID, least=1))},
    {
        "text": TEXT,
        "subject": TEXT,
        "title": TEXT,
        "linkedin": record({}, _CHAT_OPTIONS),
        **{f"linkedin[{name}]": schema for name, schema in _CHAT_OPTIONS.items()},
    },
)
_MESSAGE = record({}, {"text": TEXT, "account_id": ID, "quote_id": ID, "thread_id": ID})
_READ_STATUS = record({"action": one_of("setReadStatus"), "value": FLAG})
_FACET = either(
    many(ID),
    record({}, {"include": many(ID), "exclude": many(ID)}),
)
_FILTERS: dict[str, Schema] = {
    "keywords": TEXT,
    "location": _FACET,
    "industry": _FACET,
    "company": _FACET,
    "past_company": _FACET,
    "school": _FACET,
    "service": _FACET,
    "profile_language": many({"type": "string", "pattern": "^[a-z]{2}$"}),
    "network_distance": many(either(one_of(1, 2, 3), one_of("GROUP"))),
    "open_to": many(one_of("proBono", "boardMember")),
    "connections_of": many(ID),
    "followers_of": many(ID),
    "advanced_keywords": record(
        {}, dict.fromkeys(("first_name", "last_name", "title", "company", "school"), TEXT)
    ),
}
_SEARCH = either(
    record({"api": _PRODUCT, "category": one_of("people", "companies", "posts", "jobs")}, _FILTERS),
    record({"url": URL}, {"api": _PRODUCT}),
    record({"cursor": ID}),
)

REQUESTS: Final[dict[tuple[str, str], Schema]] = {
    ("POST", "/accounts"): _SIGN_IN,
    ("POST", "/accounts/{account_id}"): _SIGN_IN,
    ("POST", "/accounts/checkpoint"): _CHECKPOINT,
    ("POST", "/accounts/checkpoint/resend"): _CHECKPOINT,
    ("POST", "/hosted/accounts/link"): _HOSTED,
    ("POST", "/webhooks"): _WEBHOOK,
    ("POST", "/users/invite"): _INVITATION,
    ("POST", "/users/invite/received/{invitation_id}"): _ANSWER,
    ("POST", "/posts/reaction"): _REACTION,
    ("POST", "/posts/{post_id}/comments"): _COMMENT,
    ("POST", "/chats"): _CHAT,
    ("POST", "/chats/{chat_id}/messages"): _MESSAGE,
    ("PATCH", "/chats/{chat_id}"): _READ_STATUS,
    ("POST", "/linkedin/search"): _SEARCH,
}
"""By method and route; multipart fields are texts."""
