"""What could come next in a command line. Pure, but for the table that it reads."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("commands.json")
"""Every command with its options, written from the commands by `make client`."""

NamesOf = Callable[[str], Mapping[str, str]]
"""Names by ids, of what ids begin with."""


@dataclass(frozen=True)
class Candidate:
    """Something that could be typed, and what is told of it."""

    text: str
    told: str = ""


@dataclass
class _Read:
    """How far a command line was understood."""

    node: Mapping[str, Any]
    awaited: Mapping[str, Any] | None = None
    """The option whose value comes next."""
    arguments: int = 0
    given: set[str] = field(default_factory=set)


def read_table() -> Mapping[str, Any]:
    """The table of commands."""
    found: Mapping[str, Any] = json.loads(TABLE.read_text(encoding="utf-8"))
    return found


def candidates(words: Sequence[str], table: Mapping[str, Any], names: NamesOf) -> list[Candidate]:
    """What the last word could become, in the order in which it is told."""
    *whole, begun = words or [""]
    read = _read(whole, table)
    option, equals, value = begun.partition("=")
    if read.awaited is None and equals and option in read.node.get("options", {}):
        found = _values(read.node["options"][option], value, names)
        return [Candidate(f"{option}={each.text}", each.told) for each in found]
    return [*_following(read, begun, names)]


def _following(read: _Read, begun: str, names: NamesOf) -> Iterable[Candidate]:
    if read.awaited is not None:
        return _values(read.awaited, begun, names)
    if begun.startswith("-"):
        return _options(read, begun)
    commands: Mapping[str, Any] = read.node.get("commands", {})
    if commands:
        return [
            Candidate(name, each["help"])
            for name, each in commands.items()
            if name.startswith(begun)
        ]
    arguments = read.node.get("arguments", [])
    if not arguments:
        return []
    place = min(read.arguments, len(arguments) - 1)
    if read.arguments >= len(arguments) and not arguments[place].get("many"):
        return []
    return _values(arguments[place], begun, names)


def _read(words: Sequence[str], table: Mapping[str, Any]) -> _Read:
    read = _Read(table)
    for word in words:
        if read.awaited is not None:
            read.awaited = None
            continue
        option, equals, _ = word.partition("=")
        known = read.node.get("options", {}).get(option)
        if known is not None:
            read.given.add(option)
            read.awaited = known if known["takes"] and not equals else None
        elif word in read.node.get("commands", {}):
            read = _Read(read.node["commands"][word])
        elif word.startswith("-"):
            continue
        elif "commands" in read.node:
            return _Read({})
        else:
            read.arguments += 1
    return read


def _options(read: _Read, begun: str) -> Iterator[Candidate]:
    for name, option in read.node.get("options", {}).items():
        if name.startswith(begun) and (name not in read.given or option.get("many")):
            yield Candidate(name, option["help"])


def _values(place: Mapping[str, Any], begun: str, names: NamesOf) -> list[Candidate]:
    found = [Candidate(choice) for choice in place.get("choices", ()) if choice.startswith(begun)]
    wanted = begun.casefold()
    for noun in place.get("nouns", ()):
        for id_, name in names(noun).items():
            if name and name.casefold().startswith(wanted):
                found.append(Candidate(name, id_))
            elif begun and id_.startswith(begun):
                found.append(Candidate(id_, name))
    return found
