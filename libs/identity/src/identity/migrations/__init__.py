"""Alembic revisions of the `identity` schema; plain SQL, only upwards."""
