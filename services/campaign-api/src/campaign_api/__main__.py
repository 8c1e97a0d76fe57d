"""`campaign-api`, or `python -m campaign_api`, runs the service.

With `--check` it only tries what it needs.
"""

from typing import NoReturn

from servicekit.startup import command

from campaign_api.settings import Settings


def main() -> NoReturn:
    """What the console script does."""
    command.run("campaign-api", Settings, _load)


def _load() -> command.Service[Settings]:
    # Not before the settings are accepted: see `servicekit.startup.command`.
    from campaign_api.check_composition import check  # noqa: PLC0415
    from campaign_api.main import compose  # noqa: PLC0415

    return command.Service(compose, check)


if __name__ == "__main__":
    main()
