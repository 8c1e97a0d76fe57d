"""Handing tests out costs the same for each, however many there are."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from xdist.remote import Producer

from tests.scheduling import OneAtATime

TESTS = [f"tests/unit/test_it.py::test_it[{number}]" for number in range(12)]
RULES = [f"tests/test_house_rules.py::test_rule_{number}" for number in range(3)]


class OnceOnly(list[str]):
    """A list in which nobody may look for something."""

    def index(self, *_: Any) -> int:
        raise AssertionError("it was looked for, from the beginning")


@dataclass(eq=False)
class Process:
    """One that runs tests, and is told which."""

    gateway: Any = field(default_factory=lambda: SimpleNamespace(id="gw"))
    shutting_down: bool = False
    told: list[int] = field(default_factory=list)

    def send_runtest_some(self, indices: Sequence[int]) -> None:
        self.told += indices

    def shutdown(self) -> None:
        self.shutting_down = True


def begun(tests: list[str], processes: int) -> tuple[OneAtATime, list[Any]]:
    """All processes have collected these tests, and have been told what to begin with."""
    options = SimpleNamespace(loadscopereorder=False)
    config: Any = SimpleNamespace(getvalue=lambda _: ["popen"] * processes, option=options)
    scheduler = OneAtATime(config, Producer("", enabled=False))
    nodes: list[Any] = [Process() for _ in range(processes)]
    for node in nodes:
        scheduler.add_node(node)
        scheduler.add_node_collection(node, tests)
        scheduler.registered_collections[node] = OnceOnly(tests)
    scheduler.schedule()
    return scheduler, nodes


def run(scheduler: OneAtATime, nodes: list[Any]) -> list[int]:
    """Which tests have run, by their places, when there is nothing left."""
    ran = []
    while waiting := [node for node in nodes if node.told]:
        for node in waiting:
            ran.append(node.told.pop(0))
            scheduler.mark_test_complete(node, ran[-1])
            left = scheduler.assigned_work[node].values()
            assert not any(all(unit.values()) for unit in left)
    return ran


def test_what_is_done_is_counted_no_more() -> None:
    """It was gone through for each answer of a process: 14,000 tests, six answers for each."""
    scheduler, nodes = begun(TESTS, 2)

    ran = run(scheduler, nodes)

    assert sorted(ran) == [*range(len(TESTS))]
    assert scheduler.tests_finished
    assert all(node.shutting_down for node in nodes)


def test_those_that_belong_together_are_told_to_one() -> None:
    """All at once; the others take the rest meanwhile."""
    scheduler, nodes = begun([*TESTS[:2], *RULES, *TESTS[2:]], 2)

    (one,) = (node for node in nodes if 2 in node.told)
    assert {2, 3, 4} <= {*one.told}
    assert len(run(scheduler, nodes)) == len(TESTS) + len(RULES)
