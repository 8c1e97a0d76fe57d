"""How long a process takes to end: one sum, from what is under way to whoever kills the process.

What is under way when it is told to stop may take `shutdown_grace`, the process itself
`ENDS_WITHIN` more. Settings, manifests and systemd's units are held to this sum. Pure.
"""

from datetime import timedelta

ENDS_WITHIN = timedelta(seconds=5)
"""How long a process takes to end beside its grace: connections, the last lines of its log."""


def is_cut_off(longest_call: timedelta, shutdown_grace: timedelta) -> bool:
    """Whether a call that is under way when the process is told to stop may be cut off."""
    return longest_call > shutdown_grace


def ends_within(shutdown_grace: timedelta, *, told_after: timedelta = timedelta()) -> timedelta:
    """How long whoever kills the process waits at least; it is told to stop `told_after` that."""
    return told_after + shutdown_grace + ENDS_WITHIN
