"""Alembic revisions of the `campaign` schema; plain SQL, only upwards."""
