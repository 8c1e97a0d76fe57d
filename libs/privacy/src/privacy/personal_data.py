"""The map of personal data: what `map/` says, read and checked.

Whatever can hold words is declared there, by its name: as a class of personal data, or as nobody's.
Tests walk the tables, messages, dataclasses, log lines, spans and metrics and fail on what is not.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

SCHEMAS = ("campaign", "identity", "automation", "gateway", "webhook")
NOBODYS = "nobodys"


class NotDeclared(ValueError):
    """The map does not say what something is, or contradicts itself."""


@dataclass(frozen=True, kw_only=True)
class DataClass:
    """A class of personal data; `anywhere` may stand in logs, spans and payloads of workflows."""

    name: str
    what: str
    purpose: str
    basis: str
    ends: str
    anywhere: bool = False


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table: what it holds, for how long, and the class of each personal column."""

    schema: str
    name: str
    holds: str
    kept: str
    personal: Mapping[str, str] = field(default_factory=dict)
    sealed: frozenset[str] = frozenset()
    """Of the personal columns those whose values only who has the key can read."""
    hashed: frozenset[str] = frozenset()
    """Those that are found by a keyed hash."""
    emptied: frozenset[str] = frozenset()
    """Those that releases before have filled, and nobody fills any more."""
    clear: Mapping[str, str] = field(default_factory=dict)
    """Why each of the others lies in clear."""
    nobodys: frozenset[str] = frozenset()

    @property
    def declared(self) -> frozenset[str]:
        """Every column that something is said of."""
        return self.nobodys | frozenset(self.personal)


@dataclass(frozen=True, kw_only=True)
class Names:
    """What fields of one sort mean, by their names, and where one means something else."""

    personal: Mapping[str, str]
    nobodys: frozenset[str]
    exceptions: Mapping[str, str] = field(default_factory=dict)

    def class_of(self, name: str, *, owner: str = "") -> str:
        """The class of the field of an owner (`campaign.v1.Lead`, `campaigns.Lead`), or `nobodys`.

        Raises `NotDeclared` if nothing is said of it.
        """
        of_owner = self.exceptions.get(f"{owner}.{name}")
        if of_owner is not None:
            return of_owner
        if name in self.personal:
            return self.personal[name]
        if name in self.nobodys:
            return NOBODYS
        raise NotDeclared(f"{owner}.{name}" if owner else name)


@dataclass(frozen=True, kw_only=True)
class PersonalData:
    """All of it."""

    classes: Mapping[str, DataClass]
    tables: Mapping[tuple[str, str], Table]
    """By schema and name."""
    fields: Names
    """Of messages and dataclasses."""
    logs: Names
    spans: Names
    labels: Names
    """Of metrics."""

    def may_stand_anywhere(self, class_name: str) -> bool:
        """Whether it may be in logs, spans and payloads of workflows."""
        return class_name == NOBODYS or self.classes[class_name].anywhere

    def in_clear(self, table: Table) -> list[str]:
        """The columns that whoever has the database's files can read."""
        kept_well = table.sealed | table.hashed | table.emptied
        return [
            column
            for column, class_name in table.personal.items()
            if not self.may_stand_anywhere(class_name) and column not in kept_well
        ]


def read() -> PersonalData:
    """The map.

    Raises `NotDeclared` where it names a class that there is not, or says it twice, and where it
    does not say why something lies in clear.
    """
    reasons = _file("clear.toml")
    classes = {name: DataClass(name=name, **said) for name, said in _file("classes.toml").items()}
    shared = _file("shared.toml")
    tables = [
        _table(schema, name, said, reasons)
        for schema in SCHEMAS
        for name, said in {**_shared(shared, schema), **_file(f"{schema}.toml")}.items()
    ]
    names = {sort: _names(said) for sort, said in _file("names.toml").items()}
    found = PersonalData(
        classes=classes,
        tables={(table.schema, table.name): table for table in tables},
        **names,
    )
    _check(found)
    return found


def _file(name: str) -> dict[str, Any]:
    return tomllib.loads((resources.files("privacy") / "map" / name).read_text())


def _shared(shared: dict[str, Any], schema: str) -> dict[str, Any]:
    """Tables that several schemas have alike."""
    return {
        name: {key: value for key, value in said.items() if key != "schemas"}
        for name, said in shared.items()
        if schema in said["schemas"]
    }


def _table(schema: str, name: str, said: dict[str, Any], reasons: Mapping[str, str]) -> Table:
    sets = {key: frozenset(said.get(key, ())) for key in ("sealed", "hashed", "emptied", "nobodys")}
    return Table(
        schema=schema,
        name=name,
        holds=said["holds"],
        kept=said["kept"],
        personal=said.get("personal", {}),
        clear={
            column: reasons[reason]
            for reason, columns in said.get("clear", {}).items()
            for column in columns
        },
        **sets,
    )


def _names(said: dict[str, Any]) -> Names:
    of_owners = {
        f"{owner}.{word}": NOBODYS
        for word, owners in said.get("words", {}).items()
        for owner in owners
    }
    return Names(
        personal={name: of for of, names in said.get("personal", {}).items() for name in names},
        nobodys=frozenset(said["nobodys"]),
        exceptions=of_owners
        | {name: of for of, names in said.get("exceptions", {}).items() for name in names},
    )


def _check(found: PersonalData) -> None:
    known = {*found.classes, NOBODYS}
    for table in found.tables.values():
        where = f"{table.schema}.{table.name}"
        _refuse(where, set(table.personal.values()) - known, "no class")
        _refuse(where, table.nobodys & set(table.personal), "said twice")
        marked = table.sealed | table.hashed | table.emptied
        _refuse(where, marked - set(table.personal), "nobody's")
        _refuse(
            where,
            set(found.in_clear(table)) ^ set(table.clear),
            "in clear without a reason, or the reverse",
        )
    for names in (found.fields, found.logs, found.spans, found.labels):
        said = {*names.personal.values(), *names.exceptions.values()}
        _refuse("names", said - known, "no class")
        _refuse("names", names.nobodys & set(names.personal), "said twice")


def _refuse(where: str, wrong: frozenset[str] | set[str], why: str) -> None:
    if wrong:
        raise NotDeclared(f"{where}: {', '.join(sorted(wrong))}: {why}")
