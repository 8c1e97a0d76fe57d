"""What is written of the command line: the table for completion, and its page."""

import json
import re
from collections.abc import Iterator
from enum import EnumType
from typing import Any, get_args

from outreach_client.cli import app
from outreach_client.names.nouns import NOUNS_OF_PARAMETER
from typer.main import get_command

_CHOICES = re.compile(r"One of: ([a-z0-9_, -]+)\.")
_FORMATS = re.compile(r"[a-z]+(\|[a-z]+)+")
MARK = "<!-- Written by `make client` from here to the end. -->\n"


def table() -> str:
    """Every command with what may follow it, as JSON."""
    return json.dumps(_node(get_command(app)), ensure_ascii=False, indent=1) + "\n"


def page(before: str) -> str:
    """docs/cli.md: what it says up to the mark, and every command."""
    head, _, _ = before.partition(MARK)
    return (
        head + MARK + "\n" + "\n".join(_told(get_command(app), ("outreach",))).rstrip("\n") + "\n"
    )


def _node(command: Any) -> dict[str, Any]:
    node: dict[str, Any] = {"help": _first(command.help)}
    subcommands = _subcommands(command)
    if subcommands:
        node["commands"] = {name: _node(each) for name, each in subcommands.items()}
        node["options"] = {"--profile": {"takes": True, "help": "Instead of the one in use."}}
        return node
    node["options"] = {
        name: _place(param)
        for param in _options(command)
        for name in (*param.opts, *param.secondary_opts)
    }
    node["options"]["--help"] = {"takes": False, "help": "Show this message and exit."}
    node["arguments"] = [_place(param) for param in _arguments(command)]
    return node


def _place(param: Any) -> dict[str, Any]:
    told = _plain(param.help)
    place: dict[str, Any] = {"help": told, "takes": not getattr(param, "is_flag", False)}
    choices = _choices(param, told)
    if choices:
        place["choices"] = choices
    nouns = NOUNS_OF_PARAMETER.get(param.name)
    if nouns:
        place["nouns"] = [noun.value for noun in nouns]
    if param.nargs == -1 or getattr(param, "multiple", False):
        place["many"] = True
    return place


def _choices(param: Any, told: str) -> list[str]:
    found = _CHOICES.search(told)
    if found:
        return found[1].split(", ")
    metavar = str(param.metavar or "")
    if _FORMATS.fullmatch(metavar):
        return metavar.split("|")
    return _members(param)


def _members(param: Any) -> list[str]:
    """Of an enum's members, of which it takes one or several."""
    annotation = param.type_descriptor.annotation
    kinds: list[Any] = [annotation, *get_args(annotation)]
    return [str(each) for kind in kinds if isinstance(kind, EnumType) for each in [*kind]]


def _subcommands(command: Any) -> dict[str, Any]:
    if not hasattr(command, "resolve_command"):
        return {}
    context = command.make_context("outreach", [], resilient_parsing=True)
    names = command.list_commands(context)
    return {name: command.resolve_command(context, [name])[1] for name in names}


def _options(command: Any) -> list[Any]:
    return [each for each in command.params if each.param_type_name == "option"]


def _arguments(command: Any) -> list[Any]:
    return [each for each in command.params if each.param_type_name == "argument"]


def _told(command: Any, words: tuple[str, ...]) -> Iterator[str]:
    subcommands = _subcommands(command)
    name = " ".join(words)
    if subcommands:
        if len(words) > 1:
            yield from (f"## `{name}`", "", _plain(command.help), "")
        for each, found in sorted(subcommands.items(), key=lambda row: bool(_subcommands(row[1]))):
            yield from _told(found, (*words, each))
        return
    yield from (f"### `{name}`", "", _plain(command.help), "")
    context = command.make_context(name, [], resilient_parsing=True)
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    yield from ("```", usage, "```", "")
    own = [each for each in command.params if each not in getattr(command, "shared", ())]
    rows = [(param, param.get_help_record(context)) for param in own]
    told = [_row(*record) for _, record in rows if record is not None]
    if told:
        yield from ("| | |", "| --- | --- |", *told, "")


def _row(name: str, told: str) -> str:
    return f"| `{_cell(name)}` | {_cell(told).replace('*', chr(92) + '*').replace('<', '&lt;')} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _first(text: str | None) -> str:
    return _plain((text or "").partition("\n\n")[0])


def _plain(text: str | None) -> str:
    return " ".join((text or "").split())
