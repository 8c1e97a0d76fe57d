"""Where this platform keeps what a user has configured, and what may be forgotten."""

import os
from pathlib import Path


def config_folder() -> Path:
    """For example ~/.config/outreach; OUTREACH_CONFIG_HOME says otherwise."""
    asked = os.environ.get("OUTREACH_CONFIG_HOME")
    if asked:
        return Path(asked)
    from platformdirs import user_config_path  # noqa: PLC0415 - help asks for no folder

    return user_config_path("outreach")


def write_private(path: Path, text: str) -> None:
    """Write a file that only this user reads, whole or not at all; raises `OSError`."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = path.with_name(f".{path.name}.{os.getpid()}")
    made.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
        made.replace(path)
    except BaseException:
        made.unlink(missing_ok=True)
        raise
