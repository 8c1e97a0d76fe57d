"""`webhook-dispatcher`, or `python -m webhook_dispatcher`, runs the service.

With `--check` it only tries what it needs.
"""

from typing import NoReturn

from servicekit.startup import command

from webhook_dispatcher.settings import Settings


def main() -> NoReturn:
    """What the console script does."""
    command.run("webhook-dispatcher", Settings, _load)


def _load() -> command.Service[Settings]:
    # Not before the settings are accepted: see `servicekit.startup.command`.
    from webhook_dispatcher.check_composition import check  # noqa: PLC0415
    from webhook_dispatcher.main import compose  # noqa: PLC0415

    return command.Service(compose, check)


if __name__ == "__main__":
    main()
