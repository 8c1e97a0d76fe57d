"""What the gateway counts."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from servicekit import metrics


class Metrics:
    """Built once, in `main`; labels are from enumerations only."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.actions = Counter(
            "linkedin_actions_total",
            "LinkedIn actions, by kind and how they ended.",
            ["kind", "outcome"],
            registry=registry,
        )
        self.waits = Counter(
            "linkedin_waits_total",
            "Requests told to come again, by kind and reason.",
            ["kind", "reason"],
            registry=registry,
        )
        self.decision_seconds = Histogram(
            "linkedin_decision_seconds",
            "How long it took to decide about a request.",
            buckets=metrics.FAST,
            registry=registry,
        )
        self.unipile_requests = Counter(
            "unipile_requests_total",
            "Calls of Unipile, by call and `ok` or the class of the error.",
            ["call", "outcome"],
            registry=registry,
        )
        self.unipile_seconds = Histogram(
            "unipile_request_seconds",
            "How long calls of Unipile took.",
            ["call"],
            buckets=metrics.RPC,
            registry=registry,
        )
        self.unknown_errors = Counter(
            "unipile_unknown_errors_total",
            "Refusals of a type that is not in the table, by status.",
            ["status"],
            registry=registry,
        )
        self.cool_downs = Counter(
            "linkedin_cool_downs_total",
            "Cool-downs opened or prolonged, by kind.",
            ["kind"],
            registry=registry,
        )
        self.cool_downs_open = Gauge(
            "linkedin_cool_downs_open",
            "Cool-downs in force, by kind.",
            ["kind"],
            registry=registry,
        )
        self.verifications = Counter(
            "linkedin_verifications_total",
            "Looks for actions whose answer was lost, by kind and verdict.",
            ["kind", "verdict"],
            registry=registry,
        )
        self.inbound = Counter(
            "linkedin_inbound_total",
            "Webhooks of Unipile, by what became of them.",
            ["source", "outcome"],
            registry=registry,
        )
        self.account_states = Counter(
            "linkedin_account_state_changes_total",
            "Accounts that changed state, by the state they are in now.",
            ["state"],
            registry=registry,
        )
        self.sign_ins = Counter(
            "linkedin_sign_ins_total",
            "Owners who connect an account, by way (link, native) and how far they came.",
            ["way", "outcome"],
            registry=registry,
        )
        self.restarts = Counter(
            "linkedin_account_restarts_total",
            "Restarts of accounts that Unipile had stopped, by how they ended.",
            ["outcome"],
            registry=registry,
        )
        self.events = Counter(
            "linkedin_events_total",
            "Events for campaign-api, by how their delivery ended.",
            ["outcome"],
            registry=registry,
        )
        self.queued = Gauge(
            "linkedin_actions_queued",
            "Actions that wait for their turn, by kind.",
            ["kind"],
            registry=registry,
        )
        self.outbox_waiting = Gauge(
            "linkedin_outbox_waiting",
            "Events that campaign-api has not heard yet.",
            registry=registry,
        )
        self.outbox_lag_seconds = Gauge(
            "linkedin_outbox_lag_seconds",
            "Age of the oldest event that campaign-api has not heard yet, in domain time.",
            registry=registry,
        )
        self.accounts = Gauge(
            "linkedin_accounts",
            "Accounts, by state.",
            ["state"],
            registry=registry,
        )
        self.drift = Gauge(
            "linkedin_ledger_drift",
            "Invitations of which the ledger and the provider's lists disagreed, at each"
            " account's last comparison.",
            ["kind"],
            registry=registry,
        )
        self.archived = Counter(
            "linkedin_actions_archived_total",
            "Ended actions that left the ledger for its archive.",
            registry=registry,
        )
        self.holds = Gauge("linkedin_holds", "Holds in force.", registry=registry)
