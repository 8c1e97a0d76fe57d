"""Whether all goes well, on one page."""

from boards.panel import Panel, Rows, one

OVERVIEW: Rows = {
    "How it goes": [
        Panel(
            "Campaigns that succeed",
            "percentunit",
            "Of those that ended in a day, those that came to their end.",
            one("outreach:campaign_success:ratio1d"),
            most=1,
        ),
        Panel(
            "Leads that succeed",
            "percentunit",
            "Of those that ended in a day, completed or answered; below 70 % an alert asks why.",
            one("outreach:lead_success:ratio1d"),
            most=1,
        ),
        Panel(
            "Leads per hour",
            "short",
            "Ended, by how, and admitted.",
            (
                ("outreach:leads_ended:rate1h", "{{state}}"),
                ("outreach:leads_admitted:rate1h", "admitted"),
            ),
        ),
        Panel(
            "Time per lead",
            "s",
            "Median and slowest tenth of a day, in domain time.",
            (
                ("outreach:lead_duration_seconds:p50_1d", "p50"),
                ("outreach:lead_duration_seconds:p90_1d", "p90"),
            ),
        ),
        Panel(
            "Completion",
            "percentunit",
            "Ended for each that was admitted in a week; above 1 a backlog is worked off.",
            one("outreach:lead_completion:ratio7d"),
        ),
        Panel(
            "Errors by activity",
            "ops",
            "Attempts that failed; waits are none.",
            one("outreach:activity_errors:rate5m", "{{activity}} {{outcome}}"),
        ),
        Panel(
            "Errors by kind of step",
            "percentunit",
            "Of the steps of a kind that ended in an hour.",
            one("outreach:step_failures:ratio1h", "{{kind}}"),
        ),
        Panel(
            "Unipile: slowest hundredth",
            "s",
            "By call.",
            one("outreach:unipile_request_seconds:p99_5m", "{{call}}"),
        ),
        Panel(
            "Unipile: errors",
            "percentunit",
            "Calls that failed, not those that LinkedIn refused.",
            one("outreach:unipile_errors:ratio5m", "{{call}}"),
        ),
        Panel(
            "Rate limits used",
            "percentunit",
            "Nine accounts in ten have used no more than this of a cap.",
            one("outreach:cap_utilisation:p90", "{{kind}} {{window}}"),
            most=1,
        ),
        Panel(
            "Workers' slots used",
            "percentunit",
            "At 100 % steps wait for a worker.",
            one("outreach:worker_slots:utilisation", "{{worker_type}}"),
        ),
        Panel(
            "Objectives",
            "percentunit",
            "What was not within its objective in an hour.",
            one("outreach:slo_errors:ratio_rate1h", "{{slo}}"),
        ),
    ],
}
