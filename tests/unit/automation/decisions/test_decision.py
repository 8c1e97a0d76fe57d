"""Decisions: what may become of them, and how they are taken back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from automation.decisions.decision import (
    NEXT,
    REVERTED_WITHIN,
    Change,
    Decision,
    DecisionKind,
    DecisionState,
)
from automation.decisions.kinds import sentence
from hypothesis import given
from hypothesis import strategies as st

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
FACTS = st.dictionaries(
    st.sampled_from(["etag", "revision", "leads_per_day", "admission", "released", "winner"]),
    st.one_of(st.integers(), st.text(max_size=5), st.booleans(), st.none()),
)


def decision(
    kind: DecisionKind = DecisionKind.PAUSE_CAMPAIGN,
    state: DecisionState = DecisionState.PROPOSED,
    *,
    expires_at: datetime | None = None,
    applied_at: datetime | None = None,
    change: Change = Change(),  # noqa: B008 - it is frozen
) -> Decision:
    return Decision(
        id="dec_1",
        organization_id="org_1",
        program_id="prog_1",
        campaign_id="camp_1",
        key=kind.value,
        kind=kind,
        state=state,
        rule="test",
        change=change,
        created_at=NOON,
        expires_at=expires_at,
        applied_at=applied_at,
    )


@given(before=FACTS, after=FACTS)
def test_a_change_and_its_inverse_are_nothing(before: object, after: object) -> None:
    """Taking back what takes back is the change itself, and both leave things as they were."""
    change = Change(before=before, after=after)  # type: ignore[arg-type]

    assert change.inverse.inverse == change
    assert change.inverse.after == change.before


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_json_cannot_say_is_refused(value: float) -> None:
    """A row with it could not be written, at the moment when it is to say what was done."""
    with pytest.raises(ValueError, match="p_value"):
        Change(after={"p_value": value})
    with pytest.raises(ValueError, match="p_value"):
        Change(before={"variants": [{"p_value": value}]})
    with pytest.raises(ValueError, match="p_value"):
        replace(decision(), inputs={"of": {"p_value": value}})


def test_a_proposal_waits_for_48_hours_and_no_moment_longer() -> None:
    """At 47:59 it can be answered, at 48:00 it cannot."""
    proposed = decision(expires_at=NOON + timedelta(hours=48))

    assert proposed.waits_at(NOON + timedelta(hours=47, minutes=59))
    assert not proposed.waits_at(NOON + timedelta(hours=48))


def test_an_effect_is_taken_back_for_30_days() -> None:
    """Counted from the effect."""
    applied = decision(state=DecisionState.APPLIED, applied_at=NOON)

    assert applied.can_be_reverted_at(NOON + REVERTED_WITHIN - timedelta(seconds=1))
    assert not applied.can_be_reverted_at(NOON + REVERTED_WITHIN)


@pytest.mark.parametrize("state", DecisionState)
def test_what_has_no_effect_is_not_taken_back(state: DecisionState) -> None:
    """Only from APPLIED does a way lead to REVERTED."""
    reverts = decision(state=state, applied_at=NOON).can_be_reverted_at(NOON)

    assert reverts is (DecisionState.REVERTED in NEXT[state])


@given(
    kind=st.sampled_from(DecisionKind),
    state=st.sampled_from(DecisionState),
    before=FACTS,
    after=FACTS,
)
def test_every_decision_is_told_in_one_sentence(
    kind: DecisionKind, state: DecisionState, before: object, after: object
) -> None:
    """Whatever is known of it: it begins with a capital and ends with its rule."""
    change = Change(before=before, after=after)  # type: ignore[arg-type]
    told = sentence(decision(kind, state, change=change))

    assert told[0].isupper()
    assert told.endswith(").")


def test_a_release_tells_who_did_not_fit_and_who_has_begun() -> None:
    """How many by which reason, as it took effect; and of what was taken back who goes on."""
    after = {"released": 4, "left_out": 2, "left_out_by_reason": {"plan": 2}, "begun": 1}
    told = sentence(decision(DecisionKind.RELEASE_LEADS, change=Change(after=after)))

    assert "; 2 that were selected did not fit any more: 2 by plan; 1 had begun, and go on" in told
