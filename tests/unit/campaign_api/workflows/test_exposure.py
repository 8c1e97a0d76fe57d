"""What of a workflow's data is told to who may not read people's."""

import dataclasses
import importlib
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from campaign_api.workflows.exposure import (
    CODES,
    LARGEST,
    MASKED,
    OPEN,
    PERSONAL,
    Exposure,
    as_json,
)
from hypothesis import given
from hypothesis import strategies as st

MASKING, FULL = Exposure(full=False), Exposure(full=True)
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
"""Modules of what workflows carry."""

SAID = st.text(alphabet="ABCgrace hopper+@.-äß漢0123456789", min_size=1).map(lambda t: f"Grace {t}")
"""Whatever it is, it names somebody."""
KEYS = st.sampled_from(sorted(OPEN | CODES | PERSONAL)) | SAID
VALUES = st.recursive(
    SAID, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4)
)


def fields() -> Iterator[str]:
    """Every field of what workflows carry."""
    for name in CONTRACTS:
        for each in vars(importlib.import_module(name)).values():
            own = isinstance(each, type) and each.__module__ == name
            if own and dataclasses.is_dataclass(each):
                yield from (field.name for field in dataclasses.fields(each))


def test_every_field_that_travels_is_known() -> None:
    """A field added elsewhere is decided about here: it may be told, is a reason, or is masked."""
    travelling = {*fields()}

    assert travelling - OPEN - CODES - PERSONAL == set()
    assert (OPEN | CODES | PERSONAL) - travelling == set()
    assert not OPEN & PERSONAL
    assert not OPEN & CODES


@given(VALUES)
def test_nothing_that_names_somebody_is_told(value: Any) -> None:
    """In whatever field it stands, however deep, as a value or as a name."""
    assert "Grace" not in json.dumps(MASKING.value(value), ensure_ascii=False)


@given(SAID)
def test_no_sentence_is_told(text: str) -> None:
    """Neither what an exception says nor why somebody has ended a workflow."""
    assert MASKING.sentence(text) == MASKED
    assert MASKING.named("reason", text) == MASKED
    assert MASKING.named("identity", text) == MASKED


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (
            {"campaign_id": "camp_1", "automatic": True},
            {"campaign_id": "camp_1", "automatic": True},
        ),
        ({"text": "Hello", "reason": "LEAD_STOPPED"}, {"text": MASKED, "reason": "LEAD_STOPPED"}),
        ({"reason": "because Ann said so"}, {"reason": MASKED}),
        ({"at": "2026-03-02T12:00:00+00:00", "n": 3}, {"at": "2026-03-02T12:00:00+00:00", "n": 3}),
        ({"shoe size": 41}, {f"{MASKED} 1": MASKED}),
        ({"message": {"state": "running"}}, {"message": MASKED}),
        ("dlv_01j9", "dlv_01j9"),
        ("Ann", MASKED),
        (15550100, MASKED),
        ([], []),
        (None, None),
    ],
)
def test_what_is_of_nobody_is_told(value: Any, told: Any) -> None:
    """Ids, states, moments and counts, by their names; and nothing that has none."""
    assert MASKING.value(value) == told
    assert FULL.value(value) == value


def test_what_is_told_is_bounded() -> None:
    """A long text is cut, a long list too, and what is still too large is named."""
    assert len(FULL.value("x" * 10_000)) < 600
    assert len(FULL.value([*range(1_000)])) < 60
    large = as_json({f"field_{i}": "x" * 400 for i in range(100)})
    assert len(large.encode()) < LARGEST
    assert re.search(r'"left_out_bytes": \d+', large)
