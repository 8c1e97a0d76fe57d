"""Python client of the outreach engine and its command line."""

from typing import TYPE_CHECKING, Any

import servicekit  # noqa: F401 - which has gRPC's core write no lines of its own, before it is loaded

if TYPE_CHECKING:
    from outreach_client.blocking import Outreach
    from outreach_client.client import OutreachClient
    from outreach_client.settings import Settings

__all__ = ["Outreach", "OutreachClient", "Settings"]

_MODULES = {"Outreach": "blocking", "OutreachClient": "client", "Settings": "settings"}


def __getattr__(name: str) -> Any:
    """What is exported, imported when it is asked for: the command line starts without gRPC."""
    if name not in _MODULES:
        raise AttributeError(name)
    from importlib import import_module  # noqa: PLC0415 - only for whoever asks

    return getattr(import_module(f"outreach_client.{_MODULES[name]}"), name)
