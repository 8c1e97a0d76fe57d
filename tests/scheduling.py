"""How pytest-xdist hands tests out: one at a time, but those that run whole stacks together."""

from xdist.scheduler.loadscope import LoadScopeScheduling

_STACKS = ("tests/e2e/", "tests/chaos/")


class OneAtATime(LoadScopeScheduling):
    """A process takes the next test when it is free; one process takes all that run stacks.

    Those share a stack, and two stacks at once would be slow enough to miss their deadlines.
    """

    def _split_scope(self, nodeid: str) -> str:
        return "stacks" if nodeid.startswith(_STACKS) else nodeid
