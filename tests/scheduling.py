"""How pytest-xdist hands tests out: one at a time, but for those that share what is dear."""

from functools import cached_property

from xdist.scheduler.loadscope import LoadScopeScheduling
from xdist.workermanage import WorkerController

_TOGETHER = {
    # They share a stack, and two stacks at once would be slow enough to miss their deadlines.
    "stacks": ("tests/e2e/", "tests/chaos/"),
    # They share every source file, parsed.
    "rules": ("tests/test_house_rules.py",),
}


class OneAtATime(LoadScopeScheduling):
    """A process takes the next test when it is free; one process takes all that belong together.

    When a process crashes, pytest-xdist would run the test at fault again in the one that takes
    its place, and may leave that one waiting for ever; here the test has failed, and what was
    still to come in that process goes to the others.
    """

    def _split_scope(self, nodeid: str) -> str:
        for name, begins in _TOGETHER.items():
            if nodeid.startswith(begins):
                return name
        return nodeid

    def remove_node(self, node: WorkerController) -> str | None:
        """Forget a process; returns the test over which it crashed, if it did."""
        left = self.assigned_work.pop(node)
        crashed = None
        for scope, unit in left.items():
            for nodeid in [each for each, completed in unit.items() if not completed]:
                crashed = crashed or nodeid
                unit[nodeid] = nodeid == crashed
            if not all(unit.values()):
                self.workqueue[scope] = unit
        for other in self.nodes:
            self._reschedule(other)
        return crashed

    def mark_test_complete(
        self, node: WorkerController, item_index: int, duration: float = 0
    ) -> None:
        """Forget what is done: whether a process has work left is asked some 80,000 times."""
        done = self._split_scope(self.registered_collections[node][item_index])
        super().mark_test_complete(node, item_index, duration)
        if all(self.assigned_work[node][done].values()):
            del self.assigned_work[node][done]

    def _assign_work_unit(self, node: WorkerController) -> None:
        """As of pytest-xdist, which looks for each test in the list of them all."""
        scope, unit = self.workqueue.popitem(last=False)
        self.assigned_work[node][scope] = unit
        node.send_runtest_some(
            [self._places[nodeid] for nodeid, completed in unit.items() if not completed]
        )

    @cached_property
    def _places(self) -> dict[str, int]:
        """Where each test stands in the list of them, which is that of every process."""
        return {nodeid: place for place, nodeid in enumerate(self.collection or ())}

    def schedule(self) -> None:
        """Hand tests out at the start, and to a process that takes a crashed one's place."""
        begun = self.collection is not None
        super().schedule()
        if begun:
            # A process runs a test once it knows the next one, or that there is none.
            for node in self.nodes:
                self._reschedule(node)

    def _reschedule(self, node: WorkerController) -> None:
        # One that has just taken a crashed one's place is still collecting.
        if node in self.registered_collections:
            super()._reschedule(node)
