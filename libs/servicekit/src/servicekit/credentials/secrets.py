"""Credentials that others give us: a value of a setting, or what a file has in it now.

A file may hold several lines. The first is what is used; where somebody shows one of them to us
the others are believed too, so that a credential may be changed on one side before the other.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from servicekit.credentials.watched_files import WatchedFiles
from servicekit.settings import DATABASE_SCHEMES, ServiceSettings, blaming
from servicekit.telemetry import logs


class Secret:
    """A credential as it is now; the values it has had are in no log line."""

    def __init__(self, lines: Callable[[], Sequence[str]]) -> None:
        self._lines = lines

    @classmethod
    def of(cls, value: str) -> "Secret":
        """One that never changes; none, if it is empty."""
        lines = (value,) if value else ()
        return cls(lambda: lines)

    @classmethod
    def in_file(
        cls,
        path: Path,
        *,
        shortest: int = 1,
        begins: tuple[str, ...] = ("",),
        check: Callable[[Sequence[str]], object] = len,
    ) -> "Secret":
        """What a file has in it, read again when it changes.

        Raises `ValueError` at first, and stays as it is later on, where the file is empty or a
        line has fewer than `shortest` characters, or begins with none of what it may, or where
        `check` raises it of the lines.
        """

        def read() -> Sequence[str]:
            lines = _lines(path, shortest, begins)
            check(lines)
            return lines

        return cls(WatchedFiles([path], read).get)

    @classmethod
    def of_setting(
        cls,
        settings: ServiceSettings,
        field: str,
        *,
        shortest: int = 1,
        begins: tuple[str, ...] = ("",),
        check: Callable[[Sequence[str]], object] = len,
    ) -> "Secret":
        """What the setting, or the one that names its file, says.

        Raises `SettingsRefused` for a file that has no credential in it, or none that `check`
        lets pass.
        """
        path: Path | None = getattr(settings, f"{field}_file")
        if path is not None:
            refusal = settings.refusal(f"{field}_file", "")
            with blaming(refusal.setting, expected=refusal.expected):
                return cls.in_file(path, shortest=shortest, begins=begins, check=check)
        value = getattr(settings, field)
        return cls.of(value.get_secret_value() if value is not None else "")

    def __bool__(self) -> bool:
        """Whether there is one."""
        return bool(self._lines())

    def get(self) -> str:
        """What is to be used; empty if there is none."""
        return next(iter(self._lines()), "")

    def all(self) -> Sequence[str]:
        """Each that is to be believed."""
        return self._lines()


def database_url(settings: ServiceSettings, *fields: str) -> Secret:
    """How a database is reached: what the first of these settings says that is given at all."""
    for field in fields:
        if any(getattr(settings, name) is not None for name in (field, f"{field}_file")):
            return Secret.of_setting(settings, field, begins=DATABASE_SCHEMES)
    return Secret.of("")


def owner_url(settings: ServiceSettings) -> str:
    """How the schema's owner connects, for migrations."""
    return database_url(settings, *settings.migrated_by[0]).get()


def _lines(path: Path, shortest: int, begins: tuple[str, ...]) -> Sequence[str]:
    lines = tuple(line.strip() for line in path.read_text().splitlines() if line.strip())
    if not lines or min(map(len, lines)) < shortest:
        raise ValueError(f"{path} needs a credential of {shortest} characters or more on each line")
    if not all(line.startswith(begins) for line in lines):
        raise ValueError(f"{path} needs what begins with {' or '.join(begins)}")
    logs.withhold(lines)
    return lines
