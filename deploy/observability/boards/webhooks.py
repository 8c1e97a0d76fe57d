"""What is told to customers, and what LinkedIn tells."""

from boards.panel import Panel, Rows, one, quantiles

WEBHOOKS: Rows = {
    "To customers": [
        Panel(
            "Events published",
            "ops",
            "By type.",
            one(
                "sum by (type) (rate(webhook_events_published_total[$__rate_interval]))", "{{type}}"
            ),
        ),
        Panel(
            "First attempts",
            "s",
            "After publication; the objective is 30 s.",
            quantiles("webhook_first_attempt_lag_seconds"),
        ),
        Panel(
            "Attempts",
            "ops",
            "By how they ended.",
            one(
                "sum by (outcome) (rate(webhook_delivery_attempts_total[$__rate_interval]))",
                "{{outcome}}",
            ),
        ),
        Panel(
            "Time of a POST",
            "s",
            "Until the customer's answer.",
            quantiles("webhook_delivery_attempt_duration_seconds"),
        ),
        Panel(
            "Deliveries that ended",
            "ops",
            "Lapsed ones never landed.",
            one("sum by (state) (rate(webhook_deliveries_total[$__rate_interval]))", "{{state}}"),
        ),
    ],
    "From LinkedIn": [
        Panel(
            "Webhooks of Unipile",
            "ops",
            "By what became of them.",
            one(
                "sum by (source, outcome) (rate(linkedin_inbound_total[$__rate_interval]))",
                "{{source}} {{outcome}}",
            ),
        ),
        Panel(
            "Outbox",
            "short",
            "Events that campaign-api has not heard of.",
            one("max(linkedin_outbox_waiting)", "waiting"),
        ),
        Panel(
            "Outbox: oldest",
            "s",
            "In domain time; above five minutes an alert fires.",
            one("max(linkedin_outbox_lag_seconds)", "age"),
        ),
    ],
}
