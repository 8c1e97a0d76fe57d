"""Accounts, sign-ins and registrations of webhooks."""

from __future__ import annotations

from unipile_simulator.schemas.parts import (
    ANYTHING,
    COUNT,
    FLAG,
    ID,
    INSTANT,
    TEXT,
    URL,
    WHOLE,
    many,
    nullable,
    one_of,
    record,
)
from unipile_simulator.schemas.people import CLASSIC_ID, page
from unipile_simulator.webhooks.webhooks import EVENTS

ACCOUNT = record(
    {
        "object": one_of("Account"),
        "type": one_of("LINKEDIN"),
        "id": ID,
        "name": TEXT,
        "created_at": INSTANT,
        "groups": many(TEXT),
        "sources": many(
            record(
                {
                    "id": ID,
                    "status": one_of(
                        "OK", "STOPPED", "ERROR", "CREDENTIALS", "PERMISSIONS", "CONNECTING"
                    ),
                }
            )
        ),
        "connection_params": record(
            {
                "im": record(
                    {
                        "username": TEXT,
                        "premiumId": nullable(TEXT),
                        "premiumContractId": nullable(TEXT),
                        "organizations": many(ANYTHING),
                    },
                    {
                        # Not told before Unipile has read the profile of who signed in.
                        "id": CLASSIC_ID,
                        "publicIdentifier": ID,
                        "premiumFeatures": many(one_of("recruiter", "sales_navigator", "premium")),
                        "proxy": record(
                            {"source": one_of("USER"), "host": TEXT, "port": WHOLE},
                            {"protocol": TEXT, "username": TEXT, "password": TEXT},
                        ),
                    },
                )
            }
        ),
    },
    {
        "current_signature": TEXT,
        "signatures": many(record({"title": TEXT, "content": TEXT})),
    },
)
ACCOUNTS = page("AccountList", ACCOUNT)
ACCOUNT_DELETED = record({"object": one_of("AccountDeleted")})
ACCOUNT_RESTARTED = record({"object": one_of("AccountRestarted", "AccountFailedToRestart")})
ACCOUNT_RESYNC = record(
    {
        "object": one_of("AccountResync"),
        "status": one_of("SYNC_STARTED", "SYNC_RUNNING", "SYNC_DONE", "SYNC_ERROR", "CHUNK_DONE"),
    }
)
SIGNED_IN = record({"object": one_of("AccountCreated", "AccountReconnected"), "account_id": ID})
CHECKPOINT = record(
    {
        "object": one_of("Checkpoint"),
        "account_id": ID,
        "checkpoint": record(
            {
                "type": one_of(
                    "2FA",
                    "OTP",
                    "IN_APP_VALIDATION",
                    "CAPTCHA",
                    "PHONE_REGISTER",
                    "CONTRACT_CHOOSER",
                )
            },
            {
                "source": one_of("SMS", "APP"),
                "public_key": TEXT,
                "data": TEXT,
                "contract_options": many(record({"id": ID, "name": TEXT})),
            },
        ),
    }
)
CHECKPOINT_RESEND = record(
    {"object": one_of("CheckpointResend"), "account_id": ID, "success": FLAG}
)
HOSTED_LINK = record({"object": one_of("HostedAuthUrl"), "url": URL})
INMAIL_BALANCE = record(
    {
        "object": one_of("LinkedinInmailBalance"),
        "premium": nullable(COUNT),
        "recruiter": nullable(COUNT),
        "sales_navigator": nullable(COUNT),
    }
)
WEBHOOK_CREATED = record({"object": one_of("WebhookCreated"), "webhook_id": ID})
WEBHOOK_DELETED = record({"object": one_of("WebhookDeleted")})
WEBHOOKS = page(
    "WebhookList",
    record(
        {
            "object": one_of("Webhook"),
            "id": ID,
            "account_ids": many(record({"id": ID, "type": one_of("LINKEDIN")}, {"name": TEXT})),
            "enabled": FLAG,
            "source": one_of(*EVENTS),
            "request_url": URL,
            "format": one_of("json", "form"),
            "headers": many(record({"key": TEXT, "value": TEXT})),
            "data": many(record({"name": TEXT, "key": TEXT})),
            "type": one_of("AUTO", "TRIGGER"),
        },
        {"name": TEXT, "events": many(TEXT), "trigger": TEXT},
    ),
)
