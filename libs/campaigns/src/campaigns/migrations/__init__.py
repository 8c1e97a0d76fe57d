"""Alembic revisions of the `campaign` schema; plain SQL, only upwards."""

from identity.audit import tables
from servicekit.lists import page_token_key
from servicekit.postgres.row_security import Role

ROLES = (
    Role(suffix="background", of="identity", spans=True, privileges={"audit_records": ["INSERT"]}),
    Role(suffix="service", of="automation", privileges={"audit_records": ["INSERT"]}),
    Role(
        suffix="background", of="automation", spans=True, privileges={"audit_records": ["INSERT"]}
    ),
)
"""Who changes members, keys or programs, in another schema, records it here in its transaction."""
NOBODYS = {
    **tables.NOBODYS,
    page_token_key.TABLE: page_token_key.WHY_NOBODYS,
    "witnesses": "a namespace of Temporal is of all organizations",
}
PRIVILEGES = {**tables.PRIVILEGES, page_token_key.TABLE: ["SELECT"]}
"""The audit is only added to, the key of page tokens only read."""
