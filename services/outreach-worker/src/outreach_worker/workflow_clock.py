"""The clock that a workflow carries in its input. Pure."""

from campaigns.workflow.contracts import SandboxClock
from servicekit.clock import Clock


def clock_of(sandbox: SandboxClock | None) -> Clock:
    """The sandbox's clock, or the one on the wall; ask it `at(workflow.now())`."""
    return Clock.real_time() if sandbox is None else Clock(sandbox.epoch, sandbox.speed)
