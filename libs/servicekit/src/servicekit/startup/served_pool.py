"""The pool of a service that is called, as its settings say."""

from contextlib import AbstractAsyncContextManager
from typing import Any

from servicekit.credentials.secrets import database_url
from servicekit.postgres import pool as postgres
from servicekit.settings import ServerSettings


def served_pool(
    settings: ServerSettings, schema: str, *, application: str, **options: Any
) -> AbstractAsyncContextManager[postgres.Pool]:
    """It keeps the organizations of callers apart; the options are those of `connect_pool`."""
    return postgres.connect_apart(
        database_url(settings, "database_url"),
        database_url(settings, "background_database_url", "database_url"),
        schema,
        application=application,
        **options,
    )
