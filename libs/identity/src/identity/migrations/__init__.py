"""Alembic revisions of the `identity` schema; plain SQL, only upwards."""

NOBODYS = {"issuer_keys": "the keys by which the whole installation signs"}
