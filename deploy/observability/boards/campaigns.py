"""How campaigns and their leads go."""

from boards.panel import Panel, Rows, one, quantiles

CAMPAIGNS: Rows = {
    "Campaigns and leads": [
        Panel(
            "Campaigns that ended",
            "short",
            "In an hour, by how.",
            one("sum by (state) (increase(campaigns_ended_total[1h]))", "{{state}}"),
        ),
        Panel(
            "Leads that stand still",
            "short",
            "A fault of ours keeps them; any is one too many.",
            (
                ("max(leads_parked)", "leads parked"),
                ("max(campaigns_stalled)", "campaigns stalled"),
            ),
        ),
        Panel(
            "Steps",
            "ops",
            "That ended, by kind.",
            one("sum by (kind) (rate(steps_total[$__rate_interval]))", "{{kind}}"),
        ),
        Panel(
            "Steps by outcome",
            "ops",
            "Failed ones have their reasons in the leads' histories.",
            one("sum by (outcome) (rate(steps_total[$__rate_interval]))", "{{outcome}}"),
        ),
        Panel(
            "Acceptance",
            "percentunit",
            "Of the invitations of a week; LinkedIn restricts those whom nobody accepts.",
            one("outreach:acceptance:ratio7d"),
            most=1,
        ),
        Panel(
            "Steps postponed",
            "ops",
            "It was not their turn, by reason.",
            one("sum by (reason) (rate(steps_postponed_total[$__rate_interval]))", "{{reason}}"),
        ),
        Panel(
            "Late steps",
            "s",
            "After their due time; the objective is five minutes.",
            quantiles("step_lag_seconds"),
        ),
        Panel(
            "Replies",
            "s",
            "From when a person wrote until their lead stopped; the objective is a minute.",
            quantiles("reply_to_stop_seconds"),
        ),
    ],
}
