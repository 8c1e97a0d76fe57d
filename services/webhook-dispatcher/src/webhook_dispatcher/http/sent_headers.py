"""The headers that every POST of ours carries. Pure."""

USER_AGENT = "outreach-webhooks/1"
CONTENT = {
    "content-type": "application/json",
    "user-agent": USER_AGENT,
    # A compressed answer could be any size once it is read.
    "accept-encoding": "identity",
}
ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
_TRACE = ("traceparent", "tracestate", "baggage")


def is_ours(name: str) -> bool:
    """Whether we say a header (its name in small letters) ourselves."""
    return name in CONTENT or name in _TRACE or name == "accept" or name.startswith("webhook-")
