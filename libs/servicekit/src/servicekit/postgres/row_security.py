"""Who may do what with the rows of a schema, said to the database for all of its tables alike.

The owner owns and migrates: by a policy of its own it sees every row, FORCE notwithstanding. A
role that sees its own (the service's) has the rows whose `organization_id` is what its
transaction says; who says nothing has none. A role that spans organizations (the background's)
has every row of the tables that it is given. None of these owns a table or bypasses policies.

It is said after each migration, so that no table can be forgotten: one without organizations
fails the migration, unless the owner's `migrations` package says why its rows are nobody's. What
is said already is left as it is: no lock is taken for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from servicekit.postgres.scope import SETTING
from servicekit.telemetry import logs

log = logs.get_logger(__name__)

VERSIONS = "schema_version"
"""Where migrations note what they have done: the owner writes it, and every role may read it."""
_ALL = ("SELECT", "INSERT", "UPDATE", "DELETE")
_RELATIONS = """
SELECT c.relname, c.relkind IN ('r', 'p'), c.relispartition,
       c.relrowsecurity AND c.relforcerowsecurity,
       EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid
                AND a.attname = 'organization_id' AND (a.attnotnull OR c.relkind = 'v')),
       'security_invoker=true' = ANY(c.reloptions),
       ARRAY(SELECT polname FROM pg_policy p WHERE p.polrelid = c.oid),
       ARRAY(SELECT DISTINCT grantee::regrole::text || ' ' || privilege_type
               FROM aclexplode(c.relacl))
  FROM pg_class c
 WHERE c.relnamespace = %s::regnamespace AND c.relkind IN ('r', 'p', 'v')
 ORDER BY c.relkind, c.relname
"""
_DEFINERS = """
SELECT p.oid::regprocedure::text FROM pg_proc p
 WHERE p.pronamespace = %s::regnamespace AND p.prosecdef
   AND has_function_privilege('public', p.oid, 'EXECUTE')
"""
_USES = "SELECT has_schema_privilege(%s, %s, 'USAGE')"
_MAY_MAKE_ROLES = """
SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user
"""


class TableWithoutOrganization(RuntimeError):
    """A table does not say of each row whose it is; its migration is to add `organization_id`."""


@dataclass(frozen=True, kw_only=True)
class Role:
    """Somebody who works on a schema, and does not own it."""

    suffix: str
    """The role is called by the schema and this."""
    of: str = ""
    """The schema by which it is called, where that is another one."""
    spans: bool = False
    """Whether it sees the rows of every organization."""
    runs: bool = False
    """Whether it runs what the owner lets others do in its name."""
    privileges: Mapping[str, Sequence[str]] | None = None
    """By table or view; None for all of them and everything."""

    def name(self, schema: str) -> str:
        return f"{self.of or schema}_{self.suffix}"

    def may(self, relation: str) -> Sequence[str]:
        """What it may do with a table or view."""
        return _ALL if self.privileges is None else self.privileges.get(relation, ())


SERVICE = Role(suffix="service")
BACKGROUND = Role(suffix="background", spans=True, runs=True)


@dataclass(frozen=True)
class SchemaAccess:
    """What an owner's `migrations` package says of its schema, where it differs from others."""

    roles: Sequence[Role]
    """Who works on it; further ones are its `ROLES`."""
    nobodys: Mapping[str, str]
    """Tables whose rows are no organization's, and why: its `NOBODYS`. Each role sees all."""
    privileges: Mapping[str, Sequence[str]]
    """What may be done at most with some tables: its `PRIVILEGES`."""

    @classmethod
    def of(cls, package: str) -> SchemaAccess:
        said = import_module(f"{package}.migrations")
        return cls(
            (SERVICE, BACKGROUND, *getattr(said, "ROLES", ())),
            getattr(said, "NOBODYS", {}),
            getattr(said, "PRIVILEGES", {}),
        )

    def granted(self, role: Role, relation: str) -> Sequence[str]:
        """What a role may do with a table or view."""
        most = self.privileges.get(relation, _ALL)
        return [privilege for privilege in role.may(relation) if privilege in most]


def secure(connection: psycopg.Connection[Any], schema: str, package: str) -> None:
    """Keep organizations apart in a schema, as its owner; harmless to repeat.

    Raises `TableWithoutOrganization`. A role that is missing, and that this one may not make, is
    granted nothing: nobody has it.
    """
    access = SchemaAccess.of(package)
    roles = [role for role in access.roles if _there(connection, role.name(schema))]
    names = sql.Identifier(schema)
    for role in roles:
        if not _is(connection, _USES, (role.name(schema), schema)):
            user = sql.Identifier(role.name(schema))
            connection.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(names, user))
    for relation in _relations(connection, schema):
        with connection.transaction():
            for statement in relation.missing(schema, roles, access):
                connection.execute(statement)
    for (function,) in connection.execute(_DEFINERS, (schema,)).fetchall():
        # The name comes from the catalogue, quoted as it must be.
        named = sql.SQL(function)
        with connection.transaction():
            connection.execute(sql.SQL("REVOKE ALL ON FUNCTION {} FROM PUBLIC").format(named))
            for role in roles:
                if role.runs:
                    user = sql.Identifier(role.name(schema))
                    connection.execute(
                        sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}").format(named, user)
                    )


def _there(connection: psycopg.Connection[Any], role: str) -> bool:
    """Whether the role is there, or could be made; somebody else gives it its password."""
    if _is(connection, "SELECT true FROM pg_roles WHERE rolname = %s", (role,)):
        return True
    if not _is(connection, _MAY_MAKE_ROLES, ()):
        log.warning("database_role_missing", role=role, consequence="nobody can connect as it")
        return False
    with suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
        # Roles are of the whole cluster: another database's migration may just have made it.
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
    return True


def _is(connection: psycopg.Connection[Any], query: LiteralString, values: tuple[str, ...]) -> bool:
    row = connection.execute(query, values).fetchone()
    return bool(row and row[0])


@dataclass(frozen=True)
class _Relation:
    """A table or view as it is."""

    name: str
    is_table: bool
    is_partition: bool
    secured: bool
    has_organization: bool
    asks_as_invoker: bool
    policies: Sequence[str]
    granted: Sequence[str]

    def missing(
        self, schema: str, roles: Sequence[Role], access: SchemaAccess
    ) -> Iterator[sql.Composed]:
        """What is still to be said of it."""
        if self.name == VERSIONS:
            for role in roles:
                yield from self._grants(schema, role, ("SELECT",))
            return
        if not self.has_organization and self.name not in access.nobodys:
            raise TableWithoutOrganization(f"{schema}.{self.name} needs organization_id, NOT NULL")
        table = sql.Identifier(schema, self.name)
        if not self.is_table:
            if not self.asks_as_invoker:
                yield sql.SQL("ALTER VIEW {} SET (security_invoker = true)").format(table)
        else:
            yield from self._policies(table, schema, roles, access)
        # A partition is read through its table, by whose policies it is kept.
        for role in () if self.is_partition else roles:
            yield from self._grants(schema, role, access.granted(role, self.name))

    def _grants(self, schema: str, role: Role, privileges: Sequence[str]) -> Iterator[sql.Composed]:
        table, name = sql.Identifier(schema, self.name), role.name(schema)
        for privilege in privileges:
            if f"{name} {privilege}" not in self.granted:
                yield sql.SQL("GRANT {} ON {} TO {}").format(
                    sql.SQL(privilege), table, sql.Identifier(name)
                )

    def _policies(
        self, table: sql.Identifier, schema: str, roles: Sequence[Role], access: SchemaAccess
    ) -> Iterator[sql.Composed]:
        if "owner" not in self.policies:
            yield sql.SQL("CREATE POLICY owner ON {} TO CURRENT_USER USING (true)").format(table)
        for role in () if self.is_partition else roles:
            name = role.name(schema)
            if name in self.policies or not access.granted(role, self.name):
                continue
            rows = _EVERY if role.spans or self.name in access.nobodys else _OWN
            yield sql.SQL("CREATE POLICY {name} ON {table} TO {name} USING ({rows})").format(
                name=sql.Identifier(name), table=table, rows=rows
            )
        # Last: who works with the release before, as the owner, never sees less than before.
        if not self.secured:
            yield sql.SQL(
                "ALTER TABLE {} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"
            ).format(table)


_EVERY = sql.SQL("true")
_OWN = sql.SQL("organization_id = nullif(current_setting({}, true), '')").format(
    sql.Literal(SETTING)
)


def _relations(connection: psycopg.Connection[Any], schema: str) -> Sequence[_Relation]:
    return [_Relation(*row) for row in connection.execute(_RELATIONS, (schema,)).fetchall()]
