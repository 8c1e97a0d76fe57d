"""Who had no room has it as soon as there is some."""

from datetime import UTC, datetime

from webhook_dispatcher.limits import crowd
from webhook_dispatcher.limits.crowd import Crowd
from webhook_dispatcher.models import Dispatch

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def dispatch(number: int, endpoint_id: str = "ep_1") -> Dispatch:
    return Dispatch(f"dlv_{number}", f"evt_{number}", endpoint_id, NOON)


def test_the_first_has_the_room_first() -> None:
    """Each endpoint's by themselves; who comes a second time keeps its place."""
    waiting = Crowd()
    for each in (dispatch(1), dispatch(2), dispatch(3, "ep_2"), dispatch(1)):
        waiting.add(each)

    assert [waiting.first("ep_1") for _ in range(3)] == [dispatch(1), dispatch(2), None]
    assert waiting.first("ep_2") == dispatch(3, "ep_2")


def test_who_waits_for_nothing_is_forgotten() -> None:
    """An endpoint's own; of another one everybody waits on."""
    waiting = Crowd()
    for each in (dispatch(1), dispatch(2), dispatch(3, "ep_2")):
        waiting.add(each)

    for endpoint_id in ("ep_1", "ep_none"):
        waiting.forget(endpoint_id)

    assert waiting.first("ep_1") is None
    assert waiting.first("ep_2") == dispatch(3, "ep_2")


def test_it_does_not_grow_for_ever() -> None:
    """Those for whom there is no place are tried later, by their workflows."""
    waiting = Crowd()
    for number in range(crowd._MOST + 5):
        waiting.add(dispatch(number))

    found = 0
    while waiting.first("ep_1"):
        found += 1
    assert found == crowd._MOST
