"""What the accounts do, and what their pace leaves them."""

from boards.panel import Panel, Rows, one, quantiles

ACCOUNTS: Rows = {
    "Accounts and pace": [
        Panel(
            "Accounts", "short", "By state.", one("max by (state) (linkedin_accounts)", "{{state}}")
        ),
        Panel(
            "Accounts at a cap",
            "short",
            "They may do no more of that kind in that window.",
            one("max by (kind, window) (linkedin_accounts_at_cap)", "{{kind}} {{window}}"),
        ),
        Panel(
            "Headroom",
            "short",
            "Actions that the caps of all accounts leave now.",
            one("max by (kind, window) (linkedin_cap_headroom_actions)", "{{kind}} {{window}}"),
        ),
        Panel(
            "Actions that wait",
            "short",
            "In the ledger's queue, by kind.",
            one("max by (kind) (linkedin_actions_queued)", "{{kind}}"),
        ),
        Panel(
            "Actions",
            "ops",
            "By kind and how they ended.",
            one(
                "sum by (kind, outcome) (rate(linkedin_actions_total[$__rate_interval]))",
                "{{kind}} {{outcome}}",
            ),
        ),
        Panel(
            "Waits",
            "ops",
            "Requests told to come again, by reason.",
            one("sum by (reason) (rate(linkedin_waits_total[$__rate_interval]))", "{{reason}}"),
        ),
        Panel(
            "Cool-downs",
            "short",
            "In an hour, by kind; LinkedIn asked for them.",
            one("sum by (kind) (increase(linkedin_cool_downs_total[1h]))", "{{kind}}"),
        ),
        Panel(
            "Decisions",
            "s",
            "How long the ledger takes for one.",
            quantiles("linkedin_decision_seconds"),
        ),
        Panel(
            "Unipile by outcome",
            "ops",
            "Classes of errors are those of the architecture page.",
            one("sum by (outcome) (rate(unipile_requests_total[$__rate_interval]))", "{{outcome}}"),
        ),
    ],
}
