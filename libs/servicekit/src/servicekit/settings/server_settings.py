"""What a service reads that is called, and keeps the organizations of its callers apart."""

from pathlib import Path
from typing import ClassVar

from servicekit.settings.sealing_settings import SealingSettings
from servicekit.settings.service_settings import DatabaseUrl


class ServerSettings(SealingSettings):
    """Read once, in `main`; `.env.example` lists the same names."""

    is_called: ClassVar[bool] = True
    required_credentials: ClassVar[tuple[str, ...]] = ("database_url",)

    database_url: DatabaseUrl | None = None
    """PostgreSQL, by the role that sees the rows of one organization at a time."""
    database_url_file: Path | None = None
    """A file with it instead, read again when it changes."""
    background_database_url: DatabaseUrl | None = None
    """The same database by the role for what spans organizations; unset: as `DATABASE_URL`."""
    background_database_url_file: Path | None = None
    """A file with it instead, read again when it changes."""
