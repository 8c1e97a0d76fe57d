"""From a name to an id: what services list, matched here."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from outreach_client.names.nouns import Noun

if TYPE_CHECKING:
    from outreach_client.client import OutreachClient

_MOST = 10_000
"""So many are read for a name."""
_TOLD = 5
"""So many candidates are told."""


class NoSuchName(LookupError):
    """Nothing, or more than one thing, is called so."""


async def read_names(client: "OutreachClient", noun: Noun, organization: str) -> dict[str, str]:
    """Every name of a kind by its id, as many as are read for one; of endpoints their addresses."""
    answer: Any
    match noun:
        case Noun.CAMPAIGN:
            answer = await client.campaigns.list(organization_id=organization).gathered(_MOST)
            return {each.campaign_id: each.name for each in answer.campaigns}
        case Noun.ACCOUNT:
            answer = await client.accounts.list(organization_id=organization).gathered(_MOST)
            return {each.account_id: each.name for each in answer.accounts}
        case Noun.ENDPOINT:
            listed = client.webhooks.list_endpoints(organization_id=organization)
            answer = await listed.gathered(_MOST)
            return {each.endpoint_id: each.description or each.url for each in answer.endpoints}
        case Noun.LEAD_LIST:
            answer = await client.lead_lists.list(organization_id=organization).gathered(_MOST)
            return {each.lead_list_id: each.name for each in answer.lead_lists}
        case Noun.LEAD | Noun.IMPORT | Noun.KEY | Noun.MEMBER:
            return {}


async def organization_of(client: "OutreachClient", given: str) -> str:
    """The one that is given, else that of who calls."""
    if given:
        return given
    return str((await client.tokens.who_am_i()).organization_id)


def matched(text: str, name_by_id: Mapping[str, str], nouns: str, *, whole: bool = False) -> str:
    """The id of what is called so or, unless names are `whole`, alone begins so.

    Raises `NoSuchName` with the candidates.
    """
    wanted = text.casefold()
    beginnings = () if whole else (_begins(wanted),)
    for fits in (_is(text), _is_alike(wanted), *beginnings):
        found = [id_ for id_, name in name_by_id.items() if fits(name)]
        if len(found) == 1:
            return found[0]
        if found:
            raise NoSuchName(
                f"{len(found)} {nouns} are meant by {text!r}: {_told(found, name_by_id)}."
                " Name one by its id"
            )
    near = _near(wanted, name_by_id)
    meant = f" Is one of these meant? {_told(near, name_by_id)}" if near else ""
    raise NoSuchName(f"None of {len(name_by_id)} {nouns} is called {text!r}.{meant}")


def _is(text: str) -> Any:
    return lambda name: name == text


def _is_alike(wanted: str) -> Any:
    return lambda name: name.casefold() == wanted


def _begins(wanted: str) -> Any:
    return lambda name: name.casefold().startswith(wanted)


def _told(ids: Iterable[str], name_by_id: Mapping[str, str]) -> str:
    found = [*ids]
    told = ", ".join(f"{name_by_id[id_]} ({id_})" for id_ in found[:_TOLD])
    return told + (f" and {len(found) - _TOLD} more" if len(found) > _TOLD else "")


def _near(wanted: str, name_by_id: Mapping[str, str]) -> list[str]:
    from difflib import get_close_matches  # noqa: PLC0415 - only for who mistypes

    ids_by_name = {name.casefold(): id_ for id_, name in name_by_id.items()}
    within = [name for name in ids_by_name if wanted in name]
    near = within or get_close_matches(wanted, ids_by_name)
    few = [*ids_by_name] if len(ids_by_name) <= _TOLD else []
    return [ids_by_name[name] for name in near or few]
