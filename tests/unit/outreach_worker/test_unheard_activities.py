"""Activities that a lead calls off, and does not ask for any more."""

import gc
from datetime import timedelta

import pytest
from campaigns.sequences.sequence import Sequence, Step, StepKind

from tests.fakes.lead_world import Comes, Story, World

HOUR = timedelta(hours=1)
VISIT = Sequence(steps=(Step(step_id="visit", index=0, kind=StepKind.PROFILE_VISIT),))
OTHER = Sequence(steps=(Step(step_id="other", index=0, kind=StepKind.PROFILE_VISIT),))
WAITS = {"visit": Comes.NEVER}


@pytest.mark.parametrize(
    "story",
    [
        Story(comes=WAITS, stops_at=HOUR),
        Story(comes=WAITS, replies_at=HOUR),
        Story(comes=WAITS, edits=((HOUR, OTHER),)),
    ],
)
def test_nothing_is_told_of_what_was_called_off(story: Story) -> None:
    """A lead that ends in its turn, or whose step is taken back by an edit.

    asyncio wrote `_ActivityHandle exception was never retrieved` into the log, with a traceback,
    for each of them.
    """
    world = World(VISIT, story)
    unheard = world.driver.unheard

    world.live()
    del world
    gc.collect()

    assert not unheard
