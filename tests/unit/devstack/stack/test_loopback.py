"""Ports of this machine, for stacks that start beside each other."""

import subprocess
import sys
from contextlib import ExitStack

PORTS_EACH = 150
DRAW = f"""
from devstack.stack.loopback import free_ports
print(*free_ports({PORTS_EACH}), flush=True)
input()
"""


def test_no_two_processes_are_given_the_same_port() -> None:
    """Not even while nobody listens on any of them yet."""
    with ExitStack() as running:
        drawing = [
            running.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", DRAW],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for _ in range(3)
        ]
        drawn = [each.stdout.readline().split() for each in drawing if each.stdout is not None]
        for each in drawing:
            each.communicate("\n")

    assert [len(ports) for ports in drawn] == [PORTS_EACH] * 3
    assert len({port for ports in drawn for port in ports}) == 3 * PORTS_EACH
