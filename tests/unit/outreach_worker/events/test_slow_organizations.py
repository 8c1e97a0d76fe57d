"""Who is not taken in time is sent less, and rests."""

from outreach_worker.events.slow_organizations import (
    MOST_EVENTS,
    PAUSES,
    RESTS,
    SlowOrganizations,
)


def test_half_each_time_and_at_least_one() -> None:
    """It ends at one event, which is sent for ever."""
    slow, most = SlowOrganizations(), []
    for _ in range(11):
        slow.took_too_long("org_1", events=slow.most("org_1"), now=0)
        most.append(slow.most("org_1"))

    assert most == [250, 125, 62, 31, 15, 7, 3, 1, 1, 1, 1]
    assert slow.most("org_2") == MOST_EVENTS


def test_what_is_taken_in_time_lets_it_grow_again() -> None:
    """A little each time, until nothing is remembered of it."""
    slow = SlowOrganizations()
    slow.took_too_long("org_1", events=MOST_EVENTS, now=0)
    most = []
    while slow.most("org_1") < MOST_EVENTS:
        slow.was_in_time("org_1")
        most.append(slow.most("org_1"))

    assert most == sorted(most)
    assert len(most) < 10
    slow.was_in_time("org_1")
    assert slow.most("org_1") == MOST_EVENTS


def test_who_is_not_taken_now_pauses_and_is_sent_as_much_as_before() -> None:
    """It was no matter of how much that was."""
    slow = SlowOrganizations()
    slow.was_not_taken("org_1", now=100.0)

    assert set(slow.resting(now=100.0)) == {"org_1"}
    assert slow.most("org_1") == MOST_EVENTS
    assert not slow.resting(now=100.0 + PAUSES.total_seconds())


def test_a_rest_ends() -> None:
    """And it is the one organization's."""
    slow = SlowOrganizations()
    slow.took_too_long("org_1", events=10, now=100.0)

    assert set(slow.resting(now=100.0)) == {"org_1"}
    assert not slow.resting(now=100.0 + RESTS.total_seconds())
