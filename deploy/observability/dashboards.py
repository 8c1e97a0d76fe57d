"""Writes `dashboards/*.json` for Grafana 11: `make dashboards`.

A panel is a question of somebody who looks; its description says what to think of the answer.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from grafana_foundation_sdk.builders import dashboard, prometheus, timeseries
from grafana_foundation_sdk.builders.dashboard import Dashboard, DatasourceVariable, Row
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import DataSourceRef

SOURCE = DataSourceRef(type_val="prometheus", uid="$datasource")
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Panel:
    """A question: what is asked for, by which unit, and what to think of it."""

    title: str
    unit: str
    description: str
    queries: tuple[tuple[str, str], ...]
    """Each with its legend."""
    most: float | None = None
    """Where its axis ends, if no value can be above."""


def one(expr: str, legend: str = "") -> tuple[tuple[str, str], ...]:
    return ((expr, legend),)


def quantiles(histogram: str, by: str = "") -> tuple[tuple[str, str], ...]:
    """The median and the slowest hundredth of a histogram."""
    labels = f"{by}, le" if by else "le"
    name = f"{{{{{by}}}}} " if by else ""
    rate = f"sum by ({labels}) (rate({histogram}_bucket[$__rate_interval]))"
    return tuple((f"histogram_quantile({q}, {rate})", f"{name}p{q * 100:g}") for q in (0.5, 0.99))


OVERVIEW = {
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
CAMPAIGNS = {
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
ACCOUNTS = {
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
WEBHOOKS = {
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
RUNTIME = {
    "Calls": [
        Panel(
            "Calls",
            "ops",
            "Of each service's methods, by code.",
            one(
                "sum by (job, code) (rate(rpc_server_handled_total[$__rate_interval]))",
                "{{job}} {{code}}",
            ),
        ),
        Panel(
            "Time of a call",
            "s",
            "By service; exemplars lead to traces.",
            quantiles("rpc_server_duration_seconds", "job"),
        ),
    ],
    "Processes": [
        Panel(
            "Event loop",
            "s",
            "How late it is; every call waits for it.",
            quantiles("event_loop_lag_seconds", "job"),
        ),
        Panel(
            "Memory",
            "bytes",
            "Resident, by process.",
            one("process_resident_memory_bytes", "{{job}} {{instance}}"),
        ),
        Panel(
            "Processor",
            "percentunit",
            "Of one core.",
            one("rate(process_cpu_seconds_total[$__rate_interval])", "{{job}} {{instance}}"),
        ),
        Panel(
            "Audit",
            "s",
            "How long ago all records were sealed.",
            one("min by (job) (audit_seal_lag_seconds)", "{{job}}"),
        ),
    ],
}
TEMPORAL = {
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
BOARDS = {
    "overview": OVERVIEW,
    "campaigns": CAMPAIGNS,
    "accounts and pace": ACCOUNTS,
    "webhooks": WEBHOOKS,
    "rpc and runtime": RUNTIME,
    "temporal": TEMPORAL,
}


def built(name: str, rows: dict[str, list[Panel]]) -> Dashboard:
    """A dashboard of these rows, two panels beside each other."""
    board = (
        dashboard.Dashboard(f"Outreach: {name}")
        .uid(f"outreach-{name.replace(' ', '-')}")
        .tags(["outreach"])
        .readonly()
        .refresh("30s")
        .time("now-6h", "now")
        .timezone("utc")
        .with_variable(DatasourceVariable("datasource").label("Prometheus").type("prometheus"))
    )
    number = 0
    for title, panels in rows.items():
        number += 1
        board.with_row(Row(title).id(number))
        for panel in panels:
            number += 1
            board.with_panel(_panel(panel).id(number))
    return board


def _panel(panel: Panel) -> timeseries.Panel:
    made = (
        timeseries.Panel()
        .title(panel.title)
        .description(panel.description)
        .unit(panel.unit)
        .datasource(SOURCE)
        .span(12)
        .height(8)
    )
    if panel.most is not None:
        made.max(panel.most)
    for letter, (expr, legend) in zip("ABC", panel.queries, strict=False):
        query = prometheus.Dataquery().expr(expr).datasource(SOURCE).ref_id(letter)
        made.with_target(query.legend_format(legend or panel.title))
    return made


def main(directory: Path) -> None:
    """Write every dashboard into the folder."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, rows in BOARDS.items():
        text = JSONEncoder(sort_keys=True, indent=2).encode(built(name, rows).build())
        path = directory / f"{name.replace(' ', '-')}.json"
        path.write_text(json.dumps(json.loads(text), sort_keys=True, indent=2) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else HERE / "dashboards")
