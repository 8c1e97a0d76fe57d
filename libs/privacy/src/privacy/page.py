"""The tables of `docs/privacy.md`, from the map."""

from collections.abc import Iterator

from privacy.personal_data import SCHEMAS, PersonalData, Table

BEGIN = "<!-- written by `make privacy-page` from here -->\n"
END = "<!-- to here -->\n"


def renewed(page: str, data: PersonalData) -> str:
    """The page with its tables as the map says it now."""
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n{tables(data)}\n{END}{tail}"


def tables(data: PersonalData) -> str:
    """Classes, then what is kept by schema, as Markdown."""
    sections = [_classes(data), *(_schema(data, schema) for schema in SCHEMAS), _in_clear(data)]
    return "\n".join(sections)


def _classes(data: PersonalData) -> str:
    lines = [
        f"| `{each.name}` | {each.what} | {each.purpose} | {each.basis} | {each.ends} |"
        for each in data.classes.values()
    ]
    return _table("Classes", "class | what | what for | basis | ends", lines)


def _schema(data: PersonalData, schema: str) -> str:
    kept = sorted(
        (each for each in data.tables.values() if each.schema == schema and each.personal),
        key=lambda each: each.name,
    )
    lines = [
        f"| `{each.name}` | {each.holds} | {', '.join(_columns(each))} | {each.kept} |"
        for each in kept
    ]
    return _table(f"Schema `{schema}`", "table | holds | personal columns | kept", lines)


def _columns(table: Table) -> Iterator[str]:
    """Each class with its columns: of those that are sealed or hashed it says so."""
    by_class: dict[str, list[str]] = {}
    for column, class_name in table.personal.items():
        by_class.setdefault(class_name, []).append(_marked(table, column))
    for class_name, columns in by_class.items():
        yield f"{class_name}: {' '.join(columns)}"


def _marked(table: Table, column: str) -> str:
    marks = {"sealed": table.sealed, "hashed": table.hashed, "emptied": table.emptied}
    mark = next((f" ({mark})" for mark, columns in marks.items() if column in columns), "")
    return f"`{column}`{mark}"


def _in_clear(data: PersonalData) -> str:
    lines = [
        f"| `{each.schema}.{each.name}` | {' '.join(f'`{name}`' for name in columns)} | {why} |"
        for each in sorted(data.tables.values(), key=lambda each: (each.schema, each.name))
        for why, columns in _by_reason(each).items()
    ]
    return _table("Still in clear", "table | columns | why", lines)


def _by_reason(table: Table) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for column, why in table.clear.items():
        found.setdefault(why, []).append(column)
    return found


def _table(title: str, heads: str, lines: list[str]) -> str:
    rule = " | ".join("---" for _ in heads.split(" | "))
    return "\n".join([f"### {title}", "", f"| {heads} |", f"| {rule} |", *lines, ""])
