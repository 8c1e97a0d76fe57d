"""Which sheet of a workbook is the list of people. Pure.

The first that is one for certain. Where another stands before it that may be one as well nobody
knows which is meant, and people of a sheet that says not to contact them are never meant.
"""

# ruff: noqa: RUF001 - signs as other scripts write them

from __future__ import annotations

import re
from collections.abc import Mapping

from campaigns.leads.beginnings import Likeness
from campaigns.leads.csv_records import TableUnreadable
from campaigns.leads.headers import shown

_BEHIND = "stands behind it"
_NOBODY = "names nobody at LinkedIn"
_NO_LIST = "names somebody and is no list"
_LEFT_ALONE = "is of people who are left alone"
_EXCLUDES = re.compile(
    r"""(?ix) (?:^|[\W_]) (?:
      dn[cd] | do [\W_]* n[o'’]?t [\W_]* (?:contact|call|(?:e-?)?mail|message|use)
    | nicht [\W_]* (?:mehr [\W_]*)? (?:kontaktieren|anschreiben) | ne [\W_]* pas [\W_]* contacter
    | no [\W_]* contactar | n[ãa]o [\W_]* contac?tar | non [\W_]* contattare | niet [\W_]* benaderen
    | already [\W_]* (?:contacted|messaged|invited|in[\W_]*campaign)
    | (?:black|block|deny) [\W_]* (?:list|listed)
    | suppress(?:ed|ions?)? (?:[\W_]*list)? | exclu(?:ded?|sions?|sion[\W_]*list|ded[\W_]*leads)
    | unsubscribe[sd]? | opt(?:ed|s)? [\W_]* outs? | not [\W_]* interested | bounce[sd]?
    | disqualified
    | (?:bereits|schon) [\W_]* (?:kontaktiert|angeschrieben|angefragt) | gesperrte? | sperrliste
    | ausgeschlossene? | ausschl[uü]ss?e? | abgemeldete?
    | d[ée]j[àa] [\W_]* contact[ée]e?s? | exclus? | d[ée]sabonn[ée]e?s? | d[ée]sinscrite?s?
    | liste [\W_]* noire | ya [\W_]* contactad[oa]s? | excluid[oa]s? | lista [\W_]* (?:negra|nera)
    | j[áa] [\W_]* contac?tad[oa]s? | gi[àa] [\W_]* contattat[ie] | esclus[ie]
    | al [\W_]* benaderd | uitgesloten
    ) (?: [\W_]|$)"""
)
_WITHOUT = re.compile(
    r"(?i)(?:^|[\W_])(?:without|w/o|minus|less|excluding|except|not?|non|nicht|ohne|sans|sin|sem"
    r"|senza|zonder|au[sß]er)(?:[\W_]+\w+)?[\W_]*$"
)
"""Before what a sheet is said not to have."""


def says_to_leave_alone(name: str) -> bool:
    """Whether a sheet says by its name that its people are not to be contacted (any more)."""
    said = _EXCLUDES.search(name)
    return said is not None and _WITHOUT.search(name[: said.start()]) is None


def likeliest_of(likeness_by_name: Mapping[str, Likeness]) -> str:
    """The sheet to be read, of those that can be seen and have anything; empty for none."""
    others = [name for name in likeness_by_name if name not in _left_alone(likeness_by_name)]
    return max(others, key=lambda name: likeness_by_name[name], default="")


def check_choice(likeness_by_name: Mapping[str, Likeness]) -> None:
    """Raise `TableUnreadable` if the likeliest sheet is not the one for certain.

    So it is where another before it may be a list as well, and where only people who are to be
    left alone are named.
    """
    best = likeliest_of(likeness_by_name)
    alone = _left_alone(likeness_by_name)
    if alone and (not best or likeness_by_name[best] <= Likeness.PAGE):
        raise TableUnreadable(
            f"Only the sheet {_quoted(alone[0])} is a list of people, and says that they are not"
            " to be contacted; rename it if they are."
        )
    for name in likeness_by_name:
        if name == best:
            return
        if likeness_by_name[name] is Likeness.UNSURE and name not in alone:
            raise TableUnreadable(
                f"The sheets {_quoted(name)} and {_quoted(best)} both name people: save the one"
                " that is meant as a file of its own, or give it a header (“LinkedIn URL”)."
            )


def _left_alone(likeness_by_name: Mapping[str, Likeness]) -> list[str]:
    return [
        name
        for name, likeness in likeness_by_name.items()
        if likeness is not Likeness.NOBODY and says_to_leave_alone(name)
    ]


def why_left_out(name: str, chosen: str, likeness_by_name: Mapping[str, Likeness]) -> str:
    """Why a sheet that can be seen is not the one that is read."""
    names = [*likeness_by_name]
    if likeness_by_name[name] is Likeness.NOBODY and names.index(name) < names.index(chosen):
        return _NOBODY
    if says_to_leave_alone(name):
        return _LEFT_ALONE
    return _NO_LIST if names.index(name) < names.index(chosen) else _BEHIND


def _quoted(name: str) -> str:
    return f"“{shown(name, 40)}”"
