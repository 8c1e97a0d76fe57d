"""The installed script: it completes what a shell has typed so far, or runs it."""

import os
import sys

VARIABLE = "_OUTREACH_COMPLETE"
"""Set where a shell asks what could follow the arguments, of which the last one is not whole."""


def main() -> None:
    """Complete, or run a command."""
    if VARIABLE in os.environ:
        from outreach_client.completion.shells import complete  # noqa: PLC0415 - only one of both

        complete(sys.argv[1:])
    else:
        from outreach_client.cli import main as run  # noqa: PLC0415

        run()
