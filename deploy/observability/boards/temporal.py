"""Workers and their tasks, and how Temporal answers."""

from boards.panel import Panel, Rows, one, quantiles

TEMPORAL: Rows = {
    "Workers": [
        Panel(
            "Pollers",
            "short",
            "At 0 nobody takes tasks.",
            one("sum by (job, poller_type) (temporal_num_pollers)", "{{job}} {{poller_type}}"),
        ),
        Panel(
            "Slots that are free",
            "short",
            "By kind of worker.",
            one(
                "sum by (job, worker_type) (temporal_worker_task_slots_available)",
                "{{job}} {{worker_type}}",
            ),
        ),
        Panel(
            "Workflow tasks: wait",
            "s",
            "From scheduled to started.",
            quantiles("temporal_workflow_task_schedule_to_start_latency_seconds"),
        ),
        Panel(
            "Workflows in memory",
            "short",
            "The sticky cache.",
            one("sum by (job) (temporal_sticky_cache_size)", "{{job}}"),
        ),
    ],
    "Activities": [
        Panel(
            "Attempts",
            "ops",
            "By how they ended.",
            one(
                "sum by (outcome) (rate(activity_attempts_total[$__rate_interval]))", "{{outcome}}"
            ),
        ),
        Panel(
            "Calls of Temporal",
            "ops",
            "By operation.",
            one(
                "sum by (operation) (rate(temporal_request_total[$__rate_interval]))",
                "{{operation}}",
            ),
        ),
        Panel(
            "Time of a call of Temporal",
            "s",
            "Long polls apart.",
            quantiles("temporal_request_latency_seconds"),
        ),
    ],
}
