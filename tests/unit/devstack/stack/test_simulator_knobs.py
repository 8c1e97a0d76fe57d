"""What devstack tells the simulator."""

import pytest
from devstack.demo.demo import BadInput, read_input
from devstack.stack.simulator import read_options


def test_flags_are_read_as_a_shell_would() -> None:
    """`DEMO_SIMULATOR` is the simulator's own command line."""
    assert read_options({}) == ()
    given = {"DEMO_SIMULATOR": "--knob lost_webhooks=0.2 --rename 'a=b'"}
    assert read_options(given) == ("--knob", "lost_webhooks=0.2", "--rename", "a=b")


def test_a_demo_has_them() -> None:
    """They reach the input of a demo; a quotation without an end is told."""
    given = read_input({"DEMO_SIMULATOR": "--no-limits"})

    assert given.simulator_options == ("--no-limits",)
    with pytest.raises(BadInput, match="DEMO_SIMULATOR"):
        read_input({"DEMO_SIMULATOR": "--rename 'a"})
