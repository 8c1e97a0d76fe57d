"""What two services have to know, and neither may import from the other, is the same in both."""

import re

import pytest
from campaign_api.clients.webhook_dispatcher import AccountEvent
from campaign_api.queries.queue_explanations import _EXPLAINED_ELSEWHERE, _FOR
from campaigns.sending_hours import LONGEST_PAUSE
from campaigns.sequences.kinds.registry import KINDS, TEXTUAL, longest_text
from campaigns.sequences.sequence import StepKind
from campaigns.texts.lengths import length
from hypothesis import example, given
from hypothesis import strategies as st
from linkedin_gateway.errors import LEAD_REASONS
from linkedin_gateway.kinds.invitation import NOTE_LIMITS
from linkedin_gateway.kinds.registry import write
from linkedin_gateway.models import Effect, Kind, Tier
from linkedin_gateway.models.kind import length as gateway_length
from linkedin_gateway.pace.obstacles import _DESCRIPTIONS
from linkedin_gateway.settings import Settings
from outreach.webhook.v1 import event_pb2
from outreach_worker.steps.results import _LEAD_FAILED, LEAD_FAILED, STEP_FAILED

from tests.test_house_rules import ROOT


@pytest.mark.parametrize("kind", TEXTUAL)
def test_a_text_that_a_campaign_admits_is_one_that_the_gateway_takes(kind: StepKind) -> None:
    """Judged by another limit, a text would be refused only when its lead's turn has come."""
    action = KINDS[kind].action
    assert action is not None

    assert longest_text(kind, pays=True) == write(Kind(action.name.lower())).longest_text


@pytest.mark.parametrize("tier", Tier)
def test_a_note_is_as_long_as_the_plan_allows(tier: Tier) -> None:
    """Whether a plan is paid for is all that a campaign knows of it."""
    pays = tier is not Tier.FREE

    assert longest_text(StepKind.SEND_CONNECTION_REQUEST, pays=pays) == NOTE_LIMITS[tier]


@given(st.text())
@example("🧵" * 3)
@example("\ud800")
def test_a_text_is_as_long_for_the_gateway_as_for_a_campaign(text: str) -> None:
    """In UTF-16 units, as LinkedIn counts; the gateway took two pictures for two letters."""
    assert gateway_length(text) == length(text) >= len(text)


def test_hours_are_long_enough_if_they_outlast_the_longest_pause() -> None:
    """A campaign is refused by the pause that the gateway keeps where nobody sets another."""
    assert Settings.model_fields["max_gap"].default == LONGEST_PAUSE


def test_what_ends_a_lead_ends_it_in_the_worker_too() -> None:
    """A refusal that came without its effect ends neither more nor less."""
    assert _LEAD_FAILED == LEAD_REASONS


def test_what_a_refusal_ends_is_understood() -> None:
    """An effect that the worker does not know would end the step and let the lead go on."""
    assert {each.value for each in Effect} == {STEP_FAILED, LEAD_FAILED}


@pytest.mark.parametrize("event", AccountEvent)
def test_what_customers_hear_of_an_account_has_its_number(event: AccountEvent) -> None:
    """It goes by the member's name, and would fail when the first account is concerned."""
    assert event_pb2.EventType.Value(f"EVENT_TYPE_ACCOUNT_{event.name}")


def test_every_wait_has_its_words() -> None:
    """Who asks why a campaign does not move reads a sentence, not the name of a reason."""
    contract = (ROOT / "protos/outreach/linkedin/v1/action_service.proto").read_text()
    listed = re.search(r"must wait\s+//\s+\((?P<reasons>[A-Z_,/\s]+)\)", contract)
    assert listed is not None
    reasons = set(re.findall(r"\w+", listed["reasons"]))

    assert reasons >= set(_DESCRIPTIONS) - {""}
    assert {*_FOR, *_EXPLAINED_ELSEWHERE} - {""} == reasons
