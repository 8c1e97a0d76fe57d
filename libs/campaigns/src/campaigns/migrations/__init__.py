"""Alembic revisions of the `campaign` schema; plain SQL, only upwards."""

from identity.audit import tables
from servicekit.postgres.row_security import Role

ROLES = (
    Role(suffix="background", of="identity", spans=True, privileges={"audit_records": ["INSERT"]}),
)
"""Who changes members and keys, in another schema, records it here in the same transaction."""
NOBODYS = tables.NOBODYS
PRIVILEGES = tables.PRIVILEGES
"""The audit is only added to."""
