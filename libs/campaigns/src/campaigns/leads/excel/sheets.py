"""Which sheet of a workbook is the list of people. Pure.

The first that is one for certain. Where another stands before it that may be one as well nobody
knows which is meant, and people of a sheet that says not to contact them are never meant.
"""

# ruff: noqa: RUF001 - signs as other scripts write them

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import IntEnum

from campaigns.leads.beginnings import Likeness
from campaigns.leads.csv_records import TableUnreadable
from campaigns.leads.headers import shown
from campaigns.texts.names.left_alone import SAID_OF_PEOPLE

_BEHIND = "stands behind it"
_NOBODY = "names nobody at LinkedIn"
_NO_LIST = "names somebody and is no list"
_LEFT_ALONE = "is of people who are left alone"
_PAST = r"""
      (?: (?: already | bereits | schon | d[ée]j[àa] | ya | j[áa] | gi[àa] | al) [\W_]* )?
      (?: contacted | messaged | invited | in[\W_]*campaign | reached [\W_]* out | kontaktiert
      | angeschrieben | angefragt | contact[ée]e?s? | contac?tad[oa]s? | contattat[ie] | benaderd)
"""
_OF_SHEETS = r"""
      (?: exclu(?:ded?|sions?|s) | excl [\W_]* list | bounce[sd]? | disqualified | ausgeschlossene?
      | ausschl[uü]ss?e? | excluid[oa]s? | esclus[ie] | uitgesloten)
"""
_EXCLUDES = re.compile(
    rf"""(?ix) (?<![^\W_]) (?: (?:please|bitte) [\W_]* )?
    (?: {SAID_OF_PEOPLE} | {_OF_SHEETS} | {_PAST})
    (?: [\W_]* (?:list[ae]? | leads? | contacts? | people | persons? | kontakte | personen) )*
    (?![^\W_])"""
)
_SAYS_NO_MORE = re.compile(
    r"""(?ix) [\W\d_]* (?: (?: list[ae]? | and | und | et | y | or | old | alte? | archived?
    | archiv | backup | v | jan\w* | feb\w* | m[aä]r\w* | apr\w* | ma[iy] | june? | july? | aug\w*
    | sep\w* | o[ck]t\w* | nov\w* | de[cz]\w* | all | alle | the | our) [\W\d_]+ )*"""
)
"""What may stand beside it in the name of a sheet of such people alone."""
_NOT_YET = re.compile(r"(?i)(?<![^\W_])(?:not|non|nicht|un|pas|noch|never|no)(?:[\W_]+\w+)?[\W_]*$")
_WITHOUT = re.compile(
    r"(?i)(?:^|[\W_])(?:without|w/o|minus|less|excl(?:uding)?|except|not?|non|nicht|ohne|sans|sin|sem"
    r"|senza|zonder|au[sß]er|clean(?:ed)?(?:[\W_]+(?:of|from))?)(?:[\W_]+\w+)?[\W_]*$"
)
"""Before what a sheet is said not to have."""
_TAKEN_OUT = re.compile(r"(?i)^[\W_]*(?:removed|checked|scrubbed|cleaned|excluded|filtered|free)\b")
"""Behind it, in a name that says whom the sheet has."""
_BEGINS_A_REQUEST = re.compile(
    r"(?i)[\W_]*(?:please[\W_]*|bitte[\W_]*)?(?:do[\W_]*n[o'’]?t|never|nicht|ne[\W_]*(?:pas|plus))\b"
)
"""Whatever is not to be done to them: `Do not pursue`."""


class Says(IntEnum):
    """What a sheet's name says of leaving its people alone; only of the first it says nothing."""

    NOTHING = 0
    WITHOUT = 1
    """That it has none of them; another list may have."""
    PERHAPS = 2
    LEFT_ALONE = 3


def said_by(name: str) -> Says:
    """What a sheet says by its name, which is nothing else if its people are left alone."""
    said = [each for each in _EXCLUDES.finditer(name) if not _is_not_yet(name, each)]
    if not said:
        waits = _EXCLUDES.search(name) is not None
        return Says.PERHAPS if _BEGINS_A_REQUEST.match(name) and not waits else Says.NOTHING
    rest = " ".join(_EXCLUDES.sub(" \n ", name).split())
    if any(_WITHOUT.search(name[: each.start()]) for each in said):
        return Says.WITHOUT
    if any(_TAKEN_OUT.match(name[each.end() :]) for each in said):
        is_named = len(re.findall(r"[^\W\d_]+", rest)) > 1
        return Says.WITHOUT if is_named else Says.PERHAPS
    return Says.LEFT_ALONE if _SAYS_NO_MORE.fullmatch(f"{rest} ") else Says.PERHAPS


def _is_not_yet(name: str, said: re.Match[str]) -> bool:
    """Whether it says of people that they were not contacted (yet)."""
    is_past = re.fullmatch(rf"(?ix) {_PAST}", said[0]) is not None
    return is_past and _NOT_YET.search(name[: said.start()]) is not None


def likeliest_of(likeness_by_name: Mapping[str, Likeness]) -> str:
    """The sheet to be read, of those that can be seen and have anything; empty for none."""
    others = [name for name in likeness_by_name if name not in _left_alone(likeness_by_name)]
    return max(others, key=lambda name: likeness_by_name[name], default="")


def check_choice(likeness_by_name: Mapping[str, Likeness]) -> None:
    """Raise `TableUnreadable` if the likeliest sheet is not the one for certain.

    So it is where another before it may be a list as well, where only people who are to be left
    alone are named, and where one of several lists says something of such people.
    """
    best = likeliest_of(likeness_by_name)
    alone = _left_alone(likeness_by_name)
    if alone and (not best or likeness_by_name[best] <= Likeness.PAGE):
        raise _only_left_alone(alone[0])
    lists = [name for name, each in likeness_by_name.items() if each > Likeness.PAGE]
    lists = [name for name in lists if name not in alone]
    doubtful = next((name for name in lists if said_by(name) is not Says.NOTHING), None)
    if doubtful is not None and len(lists) > 1:
        other = next(name for name in lists if name != doubtful)
        raise TableUnreadable(
            f"The sheets {_quoted(doubtful)} and {_quoted(other)} both name people, and one says"
            " something of people who are not to be contacted: save the one that is meant as a"
            " file of its own."
        )
    if doubtful is not None and said_by(doubtful) is Says.PERHAPS:
        raise _only_left_alone(doubtful)
    for name in likeness_by_name:
        if name == best:
            return
        if likeness_by_name[name] is Likeness.UNSURE and name not in alone:
            raise TableUnreadable(
                f"The sheets {_quoted(name)} and {_quoted(best)} both name people: save the one"
                " that is meant as a file of its own, or give it a header (“LinkedIn URL”)."
            )


def _only_left_alone(name: str) -> TableUnreadable:
    return TableUnreadable(
        f"Only the sheet {_quoted(name)} is a list of people, and says that they are not"
        " to be contacted; rename it if they are."
    )


def _left_alone(likeness_by_name: Mapping[str, Likeness]) -> list[str]:
    return [
        name
        for name, likeness in likeness_by_name.items()
        if likeness is not Likeness.NOBODY and said_by(name) is Says.LEFT_ALONE
    ]


def why_left_out(name: str, chosen: str, likeness_by_name: Mapping[str, Likeness]) -> str:
    """Why a sheet that can be seen is not the one that is read."""
    names = [*likeness_by_name]
    if likeness_by_name[name] is Likeness.NOBODY and names.index(name) < names.index(chosen):
        return _NOBODY
    if said_by(name) is Says.LEFT_ALONE:
        return _LEFT_ALONE
    return _NO_LIST if names.index(name) < names.index(chosen) else _BEHIND


def _quoted(name: str) -> str:
    return f"“{shown(name, 40)}”"
