"""The installed script: it completes what a shell has typed so far, or runs it."""

import gc
import os
import sys

from outreach_client.completion import VARIABLE


def main() -> None:
    """Complete, or run a command.

    What is imported stays: to look for what of it is garbage took a quarter of a start.
    """
    gc.disable()
    if VARIABLE in os.environ:
        from outreach_client.completion.shells import complete  # noqa: PLC0415 - only one of both

        complete(sys.argv[1:])
    else:
        from outreach_client.cli import main as run  # noqa: PLC0415

        gc.freeze()
        gc.enable()
        run()
