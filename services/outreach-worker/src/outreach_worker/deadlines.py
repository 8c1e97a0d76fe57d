"""How long the worker's calls may last. Pure."""

from datetime import timedelta

GATEWAY_DEADLINE = timedelta(seconds=77)
"""One call of the gateway: what the slowest of its methods promises, and the way there and back."""
