"""Alembic revisions of the `webhook` schema; plain SQL, only upwards."""

from identity.audit import tables

NOBODYS = tables.NOBODYS
PRIVILEGES = tables.PRIVILEGES
"""The audit is only added to."""
