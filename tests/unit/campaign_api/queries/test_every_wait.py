"""Whatever a lead goes through, it says what it waits for until it has ended."""

from random import Random

import pytest
from campaign_api.clients.gateway_answers import Obstacle
from campaign_api.queries.lead_explanations import lead_waits
from campaigns.models import LeadState
from hypothesis import given, settings

from tests.fakes.lead_world import World
from tests.fakes.sequences import SEEDS, sequence_of
from tests.unit.outreach_worker.test_every_story import story_of

OBSTACLE = Obstacle(reason="WAITING_FOR_CAP", description="A cap.")


@pytest.mark.lasts(seconds=5)
@settings(max_examples=100)
@given(SEEDS)
def test_a_lead_that_has_not_ended_waits_for_something(seed: int) -> None:
    """At every moment of every story, whatever the gateway says of its open action.

    While its next step was being asked for, or a webhook was called, nothing was told.
    """
    random = Random(seed)
    world = World(sequence_of(random), story_of(random))

    def told() -> None:
        lead, sequence = world.leads.lead, world.sequence
        for obstacles in (None, [], [OBSTACLE]):
            waits = lead_waits(
                world.campaign,
                lead,
                [*world.leads.rows.values()],
                sequence,
                obstacles=obstacles,
                now=world.now(),
            )
            assert bool(waits) == (lead.state is LeadState.RUNNING)
            if obstacles:
                assert OBSTACLE.reason in {wait.reason for wait in waits} or not waits
            assert all(wait.until is None or wait.until > world.now() for wait in waits)

    world.driver.quiet = told

    world.live()
