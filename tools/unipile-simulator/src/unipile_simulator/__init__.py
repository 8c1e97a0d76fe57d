"""A stand-in for the Unipile HTTP API (v1), LinkedIn side."""

from unipile_simulator.app import create_app
from unipile_simulator.clock import Clock, ManualClock, VirtualClock
from unipile_simulator.config import Config, Knobs, Limits
from unipile_simulator.world.world import World

__all__ = [
    "Clock",
    "Config",
    "Knobs",
    "Limits",
    "ManualClock",
    "VirtualClock",
    "World",
    "create_app",
]
