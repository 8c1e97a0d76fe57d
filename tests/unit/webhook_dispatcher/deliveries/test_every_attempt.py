"""Whatever happens at an attempt, it is recorded with its reason."""

import asyncio
import builtins
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from servicekit.clock import Clock
from webhook_dispatcher.channels.carrier import Carrier
from webhook_dispatcher.channels.messages import Messages
from webhook_dispatcher.deliveries.attempts import Attempts
from webhook_dispatcher.deliveries.delivery_repository import DeliveryDetails, Recorded
from webhook_dispatcher.deliveries.retry_schedule import RetrySchedule
from webhook_dispatcher.endpoints.rows import Signing
from webhook_dispatcher.endpoints.secret_box import SecretUnreadable
from webhook_dispatcher.http.destination import Rules
from webhook_dispatcher.http.sender import FORGOTTEN, UNFORMED, Answer, Sender
from webhook_dispatcher.metrics import Metrics
from webhook_dispatcher.models import Attempt, Channel, DeliveryState, PayloadForm

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CLOCK = Clock.real_time()
DETAILS = DeliveryDetails(
    organization_id="org_1",
    event_id="evt_1",
    event_type="lead.started",
    endpoint_id="ep_1",
    state=DeliveryState.PENDING,
    payload="{}",
    sealed_by=None,
    url="https://hooks.example.com/",
    signing=Signing(organization_id="org_1", endpoint_id="ep_1", secret=b""),
    deleted=False,
    disabled=False,
    failing=False,
    circuit_open=False,
    attempts=0,
    earlier_attempts=0,
    created_at=NOON,
    first_attempted_at=None,
    subject="",
    trace="",
    number=0,
    blocked=False,
    max_per_minute=0,
    max_concurrency=0,
)


class Rows:
    """One delivery, the attempts at it, and what its endpoint is blamed for."""

    def __init__(self, details: DeliveryDetails = DETAILS) -> None:
        self.attempts: list[Attempt] = []
        self.blamed: list[Answer] = []
        self._details = details

    async def details(self, _delivery_id: str, **_: Any) -> DeliveryDetails:
        return self._details

    async def record(
        self, _delivery_id: str, attempt: Attempt, *, state: DeliveryState, **_: Any
    ) -> Recorded:
        self.attempts.append(attempt)
        return Recorded(state=state, ended=state is not DeliveryState.PENDING)

    async def until_turn(self, _delivery_id: str, _details: DeliveryDetails) -> timedelta:
        return timedelta(0)

    def take(self, _details: DeliveryDetails) -> bool:
        return True

    def give_back(self, _details: DeliveryDetails) -> None:
        pass

    async def spared(self, _details: DeliveryDetails) -> bool:
        return False

    async def note(self, _details: DeliveryDetails, answer: Answer) -> bool:
        self.blamed.append(answer)
        return False


EXCEPTIONS = [
    each
    for each in vars(builtins).values()
    if isinstance(each, type)
    and issubclass(each, Exception)
    and not issubclass(each, (Warning, ExceptionGroup))
]


def raised(kind: type[Exception], message: str) -> Exception:
    try:
        return kind(message)
    except TypeError:
        # It is made of more than a message.
        return kind.__new__(kind)


@asynccontextmanager
async def attempts_at(
    rows: Any, *, resolving: Exception | None = None, signing: Any = None
) -> AsyncIterator[Attempts]:
    async def resolve(_host: str, _port: int) -> Any:
        if resolving is not None:
            raise resolving
        return []

    def of(*_: Any, **__: Any) -> dict[str, str]:
        if signing is not None:
            raise signing
        return {}

    async with Sender(Rules(), timeout=timedelta(seconds=5), resolve=resolve) as sender:
        yield Attempts(
            deliveries=rows,
            pending=rows,
            failures=rows,
            limits=rows,
            carrier=Carrier(sender, SimpleNamespace(of=of), Messages(), None),  # type: ignore[arg-type]
            retries=RetrySchedule(CLOCK),
            metrics=Metrics(CollectorRegistry()),
            clock=CLOCK,
        )


async def make(rows: Any, **raised: Any) -> Any:
    async with attempts_at(rows, **raised) as attempts:
        return await attempts.make("dlv_1")


@given(st.sampled_from(EXCEPTIONS), st.text(max_size=40))
def test_any_exception_on_the_way_is_a_recorded_attempt(
    kind: type[Exception], message: str
) -> None:
    """It was tried for three days, and there was nothing to be seen."""
    rows = Rows()

    result = asyncio.run(make(rows, resolving=raised(kind, message)))

    (attempt,) = rows.attempts
    assert attempt.error
    assert attempt.error.isprintable()
    assert result.state is DeliveryState.PENDING
    assert result.retry_after > timedelta()
    assert len(rows.blamed) == 1


@given(st.sampled_from([SecretUnreadable, ValueError, UnicodeDecodeError]))
def test_what_cannot_be_signed_is_recorded_and_no_fault_of_theirs(kind: type[Exception]) -> None:
    """Nobody's endpoint is spared, or disabled, for a key of ours that is gone."""
    rows = Rows()

    asyncio.run(make(rows, signing=raised(kind, "")))

    (attempt,) = rows.attempts
    assert attempt.error == "Nothing was sent: it cannot be signed."
    assert rows.blamed == []


@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize("form", PayloadForm)
@pytest.mark.parametrize("payload", ["", "{}", "[1]", "no JSON"])
async def test_what_cannot_be_written_is_recorded_and_no_fault_of_theirs(
    channel: Channel, form: PayloadForm, payload: str
) -> None:
    """It was tried for ever, recorded never, and its lead's later events waited behind it.

    What is forgotten never comes back: it is given up, and an empty body is not sent.
    """
    rows = Rows(replace(DETAILS, payload=payload, channel=channel, payload_form=form))

    result = await make(rows)

    (attempt,) = rows.attempts
    assert attempt.error
    as_published = (channel, form) == (Channel.WEBHOOK, PayloadForm.WITH_LEAD)
    if not payload:
        assert (attempt.error, result.state) == (FORGOTTEN, DeliveryState.LAPSED)
    elif not as_published:
        assert (attempt.error, result.state) == (UNFORMED, DeliveryState.PENDING)
    assert bool(rows.blamed) == (as_published and payload != "")


async def test_a_process_makes_one_attempt_at_a_time() -> None:
    """Whoever finds a delivery while it is posted posts it no second time; later it does."""
    asked, may_go_on = asyncio.Event(), asyncio.Event()

    class Slow(Rows):
        async def details(self, delivery_id: str, **_: Any) -> DeliveryDetails:
            asked.set()
            await may_go_on.wait()
            return await super().details(delivery_id)

    rows = Slow()
    async with attempts_at(rows) as attempts:
        first = asyncio.create_task(attempts.make("dlv_1"))
        await asked.wait()
        beside = await attempts.make("dlv_1")
        may_go_on.set()
        await first
        assert len(rows.attempts) == 1
        await attempts.make("dlv_1")

    assert beside.state is DeliveryState.PENDING
    assert beside.retry_after > timedelta(0)
    assert len(rows.attempts) == 2
