"""The names among what a command was given, made ids before it runs."""

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import typer
from google.protobuf.message import Message

from outreach_client.formats.machine import things
from outreach_client.names.memory import last, note_last, note_names
from outreach_client.names.nouns import (
    LAST,
    NAMED,
    NOUNS_OF_PARAMETER,
    Noun,
    is_meant_by_name,
    noun_of,
)
from outreach_client.profiles.profiles import read_profiles


def resolve(params: dict[str, Any], *, declared: Iterable[str], profile: str) -> None:
    """Put ids in the place of names and `@last`; what is an id is asked of nobody.

    Where something is confirmed (`--yes`) a name is whole: a beginning may be another thing's
    tomorrow. Raises `BadParameter` where there is none of that name, or are several.
    """
    meant = {name: nouns for name in declared if (nouns := NOUNS_OF_PARAMETER.get(name))}
    for name, nouns in meant.items():
        params[name] = _each(params.get(name), lambda text, n=nouns: _last(text, n, profile))
    wanted = {
        (text, nouns)
        for name, nouns in meant.items()
        for text in _texts(params.get(name))
        if is_meant_by_name(text, nouns)
    }
    if not wanted:
        return
    organization = params.get("organization") or os.environ.get("OUTREACH_ORGANIZATION")
    organization = organization or read_profiles().of(profile).get("organization", "")
    found = _looked_up(wanted, str(organization), profile, whole="yes" in params)
    for name, nouns in meant.items():
        params[name] = _each(params[name], lambda text, n=nouns: found.get((text, n), text))


def note(params: Mapping[str, Any], answers: Iterable[Message], profile: str) -> None:
    """Remember what a command was about, and what it made or showed, as the last of its kind."""
    named = [
        text
        for name, value in params.items()
        if name in NOUNS_OF_PARAMETER
        for text in _texts(value)
    ]
    noted = {noun: text for text in named if (noun := noun_of(text))}
    for answer in answers:
        shown = things(answer)
        if len(shown) == 1:
            noted.update(_ids(shown[0]))
    if noted:
        note_last(profile, noted.items())


def _ids(thing: Message) -> Iterator[tuple[Noun, str]]:
    """Its own id, which is its first field."""
    for field in thing.DESCRIPTOR.fields[:1]:
        value = getattr(thing, field.name)
        if isinstance(value, str) and (noun := noun_of(value)):
            yield noun, value


def _last(text: str, nouns: tuple[Noun, ...], profile: str) -> str:
    if text != LAST:
        return text
    found = last(profile, *nouns)
    if not found:
        told = " or ".join(noun.plural for noun in nouns)
        raise typer.BadParameter(f"{LAST} is none yet: no command has made or shown {told}")
    return found


def _texts(value: Any) -> Iterator[str]:
    for each in value if isinstance(value, (list, tuple)) else (value,):
        if isinstance(each, str):
            yield each


def _each(value: Any, made: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [made(each) if isinstance(each, str) else each for each in value]
    return made(value) if isinstance(value, str) else value


def _looked_up(
    wanted: Iterable[tuple[str, tuple[Noun, ...]]],
    organization: str,
    profile: str,
    *,
    whole: bool,
) -> dict[tuple[str, tuple[Noun, ...]], str]:
    from outreach_client import conversation  # noqa: PLC0415 - ids are looked up by nobody
    from outreach_client.names.lookup import (  # noqa: PLC0415
        NoSuchName,
        matched,
        organization_of,
        read_names,
    )

    kinds = {noun for _, nouns in wanted for noun in nouns if noun in NAMED}

    async def read(client: Any) -> dict[Noun, dict[str, str]]:
        whose = await organization_of(client, organization)
        return {noun: await read_names(client, noun, whose) for noun in sorted(kinds)}

    known = conversation.ask(read, signs_in=True)
    for noun, named in known.items():
        note_names(profile, noun, named)
    found = {}
    for text, nouns in wanted:
        named = {id_: name for noun in nouns for id_, name in known.get(noun, {}).items()}
        try:
            plural = " or ".join(noun.plural for noun in nouns)
            found[text, nouns] = matched(text, named, plural, whole=whole)
        except NoSuchName as error:
            raise typer.BadParameter(str(error)) from error
    return found
