"""What two foreign libraries say of requests: JSON lists on standard input and output."""

import json
import sys

import standardwebhooks
import svix.webhooks

VERIFIERS = {"standardwebhooks": standardwebhooks.Webhook, "svix": svix.webhooks.Webhook}


def verifies(library: str, request: dict) -> bool:
    try:
        VERIFIERS[library](request["secret"]).verify(request["body"], request["headers"])
    except (standardwebhooks.WebhookVerificationError, svix.webhooks.WebhookVerificationError):
        return False
    return True


requests = json.load(sys.stdin)
json.dump({name: [verifies(name, each) for each in requests] for name in VERIFIERS}, sys.stdout)
