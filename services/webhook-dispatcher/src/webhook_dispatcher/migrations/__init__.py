"""Alembic revisions of the `webhook` schema; plain SQL, only upwards."""

from identity.audit import tables
from servicekit.lists import page_token_key

NOBODYS = {**tables.NOBODYS, page_token_key.TABLE: page_token_key.WHY_NOBODYS}
PRIVILEGES = {**tables.PRIVILEGES, page_token_key.TABLE: ["SELECT"]}
"""The audit is only added to, the key of page tokens only read."""
