"""`outreach-worker`, or `python -m outreach_worker`, runs the service.

With `--check` it only tries what it needs.
"""

from typing import NoReturn

from servicekit.startup import command

from outreach_worker.settings import Settings


def main() -> NoReturn:
    """What the console script does."""
    command.run("outreach-worker", Settings, _load)


def _load() -> command.Service[Settings]:
    # Not before the settings are accepted: see `servicekit.startup.command`.
    from outreach_worker.check_composition import check  # noqa: PLC0415
    from outreach_worker.main import compose  # noqa: PLC0415

    return command.Service(compose, check)


if __name__ == "__main__":
    main()
