"""Alembic revisions of the `automation` schema; plain SQL, only upwards."""

from collections.abc import Mapping

NOBODYS: Mapping[str, str] = {}
"""Every row is an organization's."""
