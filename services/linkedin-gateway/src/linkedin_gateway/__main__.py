"""`linkedin-gateway`, or `python -m linkedin_gateway`, runs the service.

With `--check` it only tries what it needs.
"""

from typing import NoReturn

from servicekit.startup import command

from linkedin_gateway.settings import Settings


def main() -> NoReturn:
    """What the console script does."""
    command.run("linkedin-gateway", Settings, _load)


def _load() -> command.Service[Settings]:
    # Not before the settings are accepted: see `servicekit.startup.command`.
    from linkedin_gateway.check_composition import check  # noqa: PLC0415
    from linkedin_gateway.main import compose  # noqa: PLC0415

    return command.Service(compose, check)


if __name__ == "__main__":
    main()
