"""servicekit.temporal.converter: what the SDK writes and reads, and waits without a traceback."""

import dataclasses
import importlib
import json
from datetime import datetime, timedelta
from enum import StrEnum
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from servicekit.clock import Clock
from servicekit.errors import NotYet, Unavailable
from servicekit.temporal.converter import CONVERTER, WITHHELD
from servicekit.temporal.plugin import to_application_error
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.converter import DataConverter

OURS, THE_SDKS = CONVERTER.payload_converter, DataConverter.default.payload_converter
CONTRACTS = (
    "campaigns.workflow.contracts",
    "campaigns.workflow.late_answer_contracts",
    "outreach_worker.campaigns.contracts",
    "outreach_worker.events.contracts",
    "outreach_worker.leads.contracts",
    "outreach_worker.leads.parking_contracts",
    "outreach_worker.leads.plan",
    "outreach_worker.leads.revision_contracts",
    "outreach_worker.steps.contracts",
    "webhook_dispatcher.deliveries.workflow",
)


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclasses.dataclass(frozen=True)
class Leaf:
    colour: Colour
    at: datetime | None = None


@dataclasses.dataclass(frozen=True)
class Branch:
    leaves: tuple[Leaf, ...]
    names: list[str]
    pair: tuple[int, str]
    counts: dict[str, float]
    either: Leaf | int | str | None
    whatever: Any
    truth: bool
    length: int = dataclasses.field(init=False, default=3)


def messages(module: ModuleType) -> list[type[Any]]:
    return [
        each
        for each in vars(module).values()
        if isinstance(each, type) and dataclasses.is_dataclass(each)
    ]


MESSAGES = sorted(
    {
        each: None
        for name in CONTRACTS
        for each in messages(importlib.import_module(name))
        if each.__module__ == name
    },
    key=lambda each: each.__qualname__,
)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=3,
)


def read(converter: Any, payload: Payload, hint: type[Any]) -> str:
    """What is read, or that it is refused; in words, where what is no number equals itself."""
    try:
        return repr(converter.from_payload(payload, hint))
    except Exception:  # noqa: BLE001 - whichever it is
        return "refused"


@pytest.mark.parametrize("kind", [*MESSAGES, Branch], ids=lambda kind: kind.__qualname__)
@settings(max_examples=5)
@given(st.data())
def test_what_is_written_and_read_is_the_sdks(kind: type[Any], data: st.DataObject) -> None:
    """To the byte one way; the same value the other way, whatever is missing or wrong in it."""
    value = data.draw(st.builds(kind, whatever=PLAIN) if kind is Branch else st.from_type(kind))
    payload = OURS.to_payload(value)
    fields = json.loads(payload.data)
    wrong = data.draw(st.dictionaries(st.sampled_from([*fields, "later"]), PLAIN))
    gone = data.draw(st.sets(st.sampled_from([*fields, "later"])))
    told = {name: each for name, each in (fields | wrong).items() if name not in gone}
    odd = THE_SDKS.to_payload(told)

    assert payload == THE_SDKS.to_payload(value)
    assert read(OURS, payload, kind) == read(THE_SDKS, payload, kind) != "refused"
    assert read(OURS, odd, kind) == read(THE_SDKS, odd, kind)


def failure_of(error: BaseException) -> Failure:
    failure = Failure()
    CONVERTER.failure_converter.to_failure(error, OURS, failure)
    return failure


def raised(error: BaseException) -> BaseException:
    """As the interceptor raises it."""
    clock = Clock.real_time()
    try:
        try:
            raise error
        except (NotYet, Unavailable) as cause:
            raise to_application_error(cause, clock) from cause
    except Exception as failure:  # noqa: BLE001 - the SDK takes any
        return failure


def test_a_wait_travels_without_a_traceback() -> None:
    """It was formatted, sent and kept at each wait: an eighth of the worker's time."""
    wait = NotYet("In an hour.", retry_after=timedelta(hours=1), metadata={"cap": "day"})

    told = failure_of(raised(wait))

    assert told.stack_trace == ""
    assert not told.HasField("cause")
    told_of = told.application_failure_info
    assert (told.message, told_of.type, told_of.non_retryable) == ("In an hour.", "NOT_YET", False)
    assert told_of.next_retry_delay.ToTimedelta() == timedelta(hours=1)
    assert told_of.category == 1
    assert OURS.from_payloads(told_of.details.payloads) == [wait.reason, {"cap": "day"}, []]


def test_what_fails_keeps_its_traceback() -> None:
    """Somebody will look for where it came from."""
    told = failure_of(raised(Unavailable("Away.")))

    assert "in raised" in told.stack_trace
    assert told.cause.message == "Away."


def refused_by_a_driver() -> BaseException:
    """As a driver does it, and who wanted the row."""
    cause = ValueError("Key (public_identifier)=(ada-lovelace) already exists.")
    bug = KeyError("ada-lovelace")
    bug.__cause__ = cause
    try:
        raise bug
    except KeyError as error:
        return error


def test_what_an_exception_of_others_says_is_withheld() -> None:
    """A driver quotes the row that it refused; its type and its place in the code are told."""
    told = failure_of(refused_by_a_driver())

    assert b"ada-lovelace" not in told.SerializeToString()
    assert (told.message, told.cause.message) == (WITHHELD, WITHHELD)
    types = told.application_failure_info.type, told.cause.application_failure_info.type
    assert types == ("KeyError", "ValueError")
    assert "in refused_by_a_driver" in told.stack_trace
