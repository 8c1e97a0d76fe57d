"""Facts that no message of the contract tells, in every format: of profiles, of a diagnosis."""

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from outreach_client.formats.shown import Format, shown
from outreach_client.formats.tables import console, fits, new_table

Fact = Mapping[str, Any]


def print_facts(facts: Sequence[Fact], *, name: str, empty: str = "none") -> None:
    """A row for each; `name` is what each is called by."""
    match shown().format:
        case Format.TABLE | Format.WIDE:
            _print_table(facts, empty)
        case Format.JSON:
            _print(json.dumps([dict(each) for each in facts], ensure_ascii=False, indent=2))
        case Format.JSONL:
            for each in facts:
                _print(json.dumps(dict(each), ensure_ascii=False))
        case Format.YAML:
            import yaml  # noqa: PLC0415 - only for who asks for it

            content = [dict(each) for each in facts]
            _print(yaml.safe_dump(content, allow_unicode=True, sort_keys=False).rstrip("\n"))
        case Format.NAME:
            for each in facts:
                _print(str(each[name]))
        case Format.CSV:
            columns = [*dict.fromkeys(column for each in facts for column in each)]
            written = csv.DictWriter(sys.stdout, columns, lineterminator="\n")
            written.writeheader()
            written.writerows(facts)
        case _ as never:
            assert_never(never)


def _print_table(facts: Sequence[Fact], empty: str) -> None:
    out = console()
    if not facts:
        out.print(empty)
        return
    table = new_table(lined=True, pad_edge=False)
    for column in facts[0]:
        table.add_column(column.replace("_", " "), overflow="fold")
    for each in facts:
        table.add_row(*(_text(value) for value in each.values()))
    fits(out, table)
    out.print(table)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _print(line: str) -> None:
    print(line, flush=True)  # noqa: T201
