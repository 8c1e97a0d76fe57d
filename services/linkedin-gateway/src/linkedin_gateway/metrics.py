"""What the gateway counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from servicekit.telemetry import metrics
from servicekit.telemetry.logs import get_logger

from linkedin_gateway.models import AccountState, Kind

_ALERTED = ("OUTCOME_UNKNOWN", "MALFORMED_REQUEST")
"""Ends of actions that people are alerted to."""
_REFUSING = (400, 401, 403, 404, 422, 429, 500, 503)
"""Statuses with which Unipile refuses."""
WEBHOOK_SOURCES = ("messaging", "users", "account_status")
"""What Unipile registers webhooks for, of all that it knows what the gateway listens to."""
_STEP = timedelta(seconds=1)
"""Less are clocks that drift and are kept right."""

log = get_logger(__name__)


class Metrics:
    """Built once, in `main`; labels are from enumerations only."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._of_actions()
        self._of_unipile()
        self._of_the_pace()
        self._of_caps()
        self._of_inbound_and_outbox()
        self._of_accounts()
        self._of_the_ledger()
        self._begun()

    def _of_actions(self) -> None:
        self.actions = self._counter(
            "linkedin_actions_total",
            "LinkedIn actions, by kind and how they ended.",
            ["kind", "outcome"],
        )
        self.waits = self._counter(
            "linkedin_waits_total",
            "Requests told to come again, by kind and reason.",
            ["kind", "reason"],
        )
        self.verifications = self._counter(
            "linkedin_verifications_total",
            "Looks for actions whose answer was lost, by kind and verdict.",
            ["kind", "verdict"],
        )
        self.queued = self._gauge(
            "linkedin_actions_queued", "Actions that wait for their turn, by kind.", ["kind"]
        )

    def _of_unipile(self) -> None:
        self.unipile_requests = self._counter(
            "unipile_requests_total",
            "Calls of Unipile, by call and `ok` or the class of the error.",
            ["call", "outcome"],
        )
        self.unipile_seconds = Histogram(
            "unipile_request_seconds",
            "How long calls of Unipile took, real time, by call.",
            ["call"],
            buckets=metrics.RPC,
            registry=self._registry,
        )
        self.unknown_errors = self._counter(
            "unipile_unknown_errors_total",
            "Refusals of a type that is not in the table, by status.",
            ["status"],
        )

    def _of_the_pace(self) -> None:
        self.decision_seconds = Histogram(
            "linkedin_decision_seconds",
            "How long it took to decide about a request, real time.",
            buckets=metrics.FAST,
            registry=self._registry,
        )
        self.cool_downs = self._counter(
            "linkedin_cool_downs_total", "Cool-downs opened or prolonged, by kind.", ["kind"]
        )
        self.cool_downs_open = self._gauge(
            "linkedin_cool_downs_open", "Cool-downs in force, by kind.", ["kind"]
        )
        self.holds = self._gauge("linkedin_holds", "Holds in force.")
        self.enrolments_checked = self._counter(
            "linkedin_enrolments_checked_total",
            "Leads whose owner was asked whether they still run, by what came of it.",
            ["outcome"],
        )

    def _of_caps(self) -> None:
        labels = ["kind", "window"]
        self._cap_utilisation = metrics.Distribution(
            "linkedin_cap_utilisation_ratio",
            "Used part of a cap, 1 being all, over the connected accounts, by kind and window.",
            labels,
            buckets=metrics.SHARE,
            registry=self._registry,
        )
        self._cap_headroom = self._gauge(
            "linkedin_cap_headroom_actions",
            "Actions that the caps of the connected accounts leave now, by kind and window.",
            labels,
        )
        self._accounts_at_cap = self._gauge(
            "linkedin_accounts_at_cap",
            "Connected accounts that have used a cap up, by kind and window.",
            labels,
        )

    def tell_caps(
        self,
        *,
        used: Mapping[tuple[str, ...], Sequence[float]],
        free: Mapping[tuple[str, ...], int],
        full: Mapping[tuple[str, ...], int],
    ) -> None:
        """How the caps are used, by kind and window, over all connected accounts."""
        self._cap_utilisation.set(used)
        for gauge, values in ((self._cap_headroom, free), (self._accounts_at_cap, full)):
            gauge.clear()
            for labels, value in values.items():
                gauge.labels(*labels).set(value)

    def _of_inbound_and_outbox(self) -> None:
        self.inbound = self._counter(
            "linkedin_inbound_total",
            "Webhooks of Unipile, by what became of them.",
            ["source", "outcome"],
        )
        self.events = self._counter(
            "linkedin_events_relayed_total",
            "Events for campaign-api, by how their delivery ended.",
            ["outcome"],
        )
        self.outbox_waiting = self._gauge(
            "linkedin_outbox_waiting", "Events that are not published to campaign-api yet."
        )
        self.outbox_lag_seconds = self._gauge(
            "linkedin_outbox_lag_seconds",
            "Age of the oldest event that is not published yet, in domain time.",
        )
        self.webhooks_registered = self._gauge(
            "linkedin_webhooks_registered",
            "1 when Unipile knew where to send its webhooks as of the last look.",
        )
        self.webhooks_created = self._counter(
            "linkedin_webhooks_created_total",
            "Webhooks registered because none that works was there, by source.",
            ["source"],
        )
        self.inbound_parked = self._gauge(
            "linkedin_inbound_parked",
            "Webhooks that are stored and could not be understood, however often it was tried.",
        )

    def _of_accounts(self) -> None:
        self.accounts = self._gauge("linkedin_accounts", "Accounts, by state.", ["state"])
        self.account_states = self._counter(
            "linkedin_account_state_changes_total",
            "Accounts that changed state, by the state they are in now.",
            ["state"],
        )
        self.sign_ins = self._counter(
            "linkedin_sign_ins_total",
            "Owners who connect an account, by way (link, native) and how far they came.",
            ["way", "outcome"],
        )
        self.restarts = self._counter(
            "linkedin_account_restarts_total",
            "Restarts of accounts that Unipile had stopped, by how they ended.",
            ["outcome"],
        )

    def _of_the_ledger(self) -> None:
        self.invitation_discrepancies = self._gauge(
            "linkedin_invitation_discrepancies",
            "Invitations of which the ledger and the provider's lists disagreed, at each"
            " account's last audit.",
            ["kind"],
        )
        self.archived = self._counter(
            "linkedin_actions_archived_total",
            "Ended actions that left the ledger for its archive.",
        )
        self.archive_lag_seconds = self._gauge(
            "linkedin_archive_lag_seconds",
            "By how much the oldest action that is due has missed its archiving, in domain time.",
        )

        self.clock_steps_seconds = self._counter(
            "linkedin_database_clock_steps_seconds_total",
            "Real time by which the database's clock was set, or differs since a fail-over.",
            ["direction"],
        )
        self.clock_held_back_seconds = self._gauge(
            "linkedin_database_clock_held_back_seconds",
            "How far the gateway stays behind a database clock that was set forward, real time.",
        )

    def clock_stepped(self, step: timedelta) -> None:
        """The database's clock shows so much more, or less, than it would by itself."""
        if abs(step) >= _STEP:
            direction = "forward" if step > timedelta() else "back"
            self.clock_steps_seconds.labels(direction).inc(abs(step).total_seconds())
            log.warning("database_clock_stepped", seconds=step.total_seconds())

    def _begun(self) -> None:
        """Begin at nought: an alert on an increase does not see what begins with its first."""
        kinds = [kind.value for kind in Kind]
        metrics.begin(self.actions, kinds, _ALERTED)
        metrics.begin(self.cool_downs, kinds)
        metrics.begin(self.account_states, [state.value for state in AccountState])
        metrics.begin(self.restarts, ("started", "refused", "in_vain"))
        metrics.begin(self.events, ("delivered", "failed", "refused"))
        metrics.begin(self.enrolments_checked, ("failed", "running", "released"))
        metrics.begin(self.unknown_errors, [str(status) for status in _REFUSING])
        metrics.begin(self.clock_steps_seconds, ("forward", "back"))
        metrics.begin(self.webhooks_created, WEBHOOK_SOURCES)

    def _counter(self, name: str, description: str, labels: list[str] | None = None) -> Counter:
        return Counter(name, description, labels or [], registry=self._registry)

    def _gauge(self, name: str, description: str, labels: list[str] | None = None) -> Gauge:
        return Gauge(name, description, labels or [], registry=self._registry)
