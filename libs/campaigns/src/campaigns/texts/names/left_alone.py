"""How a list says that somebody is not to be contacted: one list of words. Pure.

It stands in names, in cells, in headers of columns of it, and names sheets. Who is not to be called
or mailed may be written to, except where it stands in their name.
"""

# ruff: noqa: RUF001 - letters of other scripts are meant

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from operator import attrgetter

from campaigns.models import HeldBack, Person
from campaigns.texts.blanks import folded

DO_NOT_CONTACT = "DO_NOT_CONTACT"

_ASKS = r"""
      (?: (?: do [\s_-]* n[o'’]?t | don [\s_-]* t | never) [\s_-]*
          (?: contact | message | approach | reach [\s_-]* out | pursue)
      | no [\s_-]* (?: contactar | contatar | molestar | escribir)
      | nicht (?: [\s_-]* mehr)? [\s_-]* (?: kontaktieren | anschreiben | ansprechen)
      | ne [\s_-]* (?: pas | plus) [\s_-]* (?: contact(?:er|ez) | d[ée]ranger | [ée]crire)
      | n[ãa]o [\s_-]* (?: contac?tar | perturbar)
      | non [\s_-]* (?: contattare | disturbare)
      | niet (?: [\s_-]* meer)? [\s_-]* (?: contacteren | benaderen)
      | nie [\s_-]* kontaktować | ne [\s_-]* kontaktovat | (?: inte | ikke) [\s_-]* kontakte?a?)
"""
_ASKS_ALONE = r"""
      (?: (?: do [\s_-]* n[o'’]?t | don [\s_-]* t | never) [\s_-]* (?: use | invite | disturb)
      | nicht (?: [\s_-]* mehr)? [\s_-]* einladen)
"""
"""More of what may not be done may follow: `Do not use the office's number`."""
_OTHER_WAYS = r"""
      (?: (?: do [\s_-]* n[o'’]?t | don [\s_-]* t | never) [\s_-]* (?: call | (?:e-?)?mail)
      | no [\s_-]* llamar | nicht (?: [\s_-]* mehr)? [\s_-]* (?: anrufen | anmailen)
      | ne [\s_-]* (?: pas | plus) [\s_-]* appeler | n[ãa]o [\s_-]* ligar | non [\s_-]* chiamare
      | niet (?: [\s_-]* meer)? [\s_-]* (?: bellen | mailen))
"""
_NO_CONTACT = r"no [\s_-]* contact"
"""Of how far somebody is: not contacted yet. In a name, a header and of a sheet it asks."""
_IN_SHORT = r"""
      (?: unsub(?:s|scribed?|scribes)? | opt(?:ed|s)? [\s_-]* outs? | not [\s_-]* interested
      | (?:black|block|deny) [\s_-]* list(?:ed)? | blocked | suppress(?:ed|ions?)
      | kein [\s_-]* interesse | abgemeldete? | gesperrte? | kontaktsperre | sperrliste
      | pas [\s_-]* int[ée]ress[ée]e?s? | d[ée]sinscrite?s? | d[ée]sabonn[ée]e?s?
      | liste [\s_-]* noire | lista [\s_-]* (?:negra|nera) | no [\s_-]* interesad[oa]s?
      | dad[oa]s? [\s_-]* de [\s_-]* baja | non [\s_-]* interessat[oaie]
      | n[ãa]o [\s_-]* interessad[oa]s? | geen [\s_-]* interesse)
"""
SAID_OF_PEOPLE = (
    rf"(?: {_ASKS} | {_ASKS_ALONE} | {_OTHER_WAYS} | {_NO_CONTACT} | {_IN_SHORT} | dn[cd])"
)
"""All of it, for a pattern that is verbose and of any case."""
_IN_NAMES = re.compile(
    rf"(?ix) (?<!\w) (?: {_ASKS} | {_ASKS_ALONE} | {_OTHER_WAYS} | {_NO_CONTACT} | {_IN_SHORT}"
    r"| (?-i:DNC)) (?!\w)"
)
_MAY_BE_REQUESTS = re.compile(
    r"(?i)(?<![^\W_])(?:d[onéea]|n[oeiaã]|i[nk]|uns|opt|bl|de[ns]|supp|kein|kontakts|ab|gesp|geen"
    r"|pas|sperr|list)"
)
"""Most names have no word that begins so."""
_MAY_BEGIN_THEM = frozenset(
    "do dn de dé da no ne ni na nã in ik un op bl su ke ko ab ge pa sp li".split()  # noqa: SIM905  words read best as words
)
"""So begin these words: a name of a single other one is looked up faster than it is searched."""
_BEGINS_NONE = frozenset("acefghjklmoqrstuvwxyzACEFGHJKLMOQRSTUVWXYZ0123456789")
"""The first letters of nearly all cells; what begins so is no request."""
_POLITE = r"(?: (?:please|bitte|por [\s_]* favor) [\s_,-]* )?"
_BEGINS_A_REQUEST = re.compile(
    r"(?i)[\W_]*(?:do[\W_]*n[\W_ot]|never|please|bitte|por|nicht|n[oãa]o?[\W_]*[cmep]|ne[\W_]*[pk]"
    r"|nie[\W_t]*[kmcb]|non[\W_]*[cd]|inte[\W_]*k|ikke)"
)
"""At the begin of a cell: nearly no other one begins so."""
_BY_OTHER_WAYS = (
    r"(?! [\W_]* (?:by|via|per|on|of|from|par|por) [\W_]+ (?:(?:the|all|our|his|her|my) [\W_]+)?"
    r" (?:e-?mails? | mails? | mailings? | newsletters? | (?:tele)?phone | telefon | sms | calls?))"
)
_AROUND = " \t.!*-()[]"
_ALONE = re.compile(rf"(?ix) {_POLITE} (?: {_ASKS} | {_ASKS_ALONE})")
_PLAINLY = re.compile(rf"(?ix) {_POLITE} {_ASKS}")
_BEGINS = re.compile(rf"(?ix) [\W_]* {_POLITE} {_ASKS} (?!\w) {_BY_OTHER_WAYS}")
_STATES = re.compile(
    rf"(?ix) (?:^ | [.;:!?()\[\]|–—\n] | \s-\s) [\W_]* {_POLITE}"
    rf" (?: {_ASKS} | {_IN_SHORT} | dnc) (?!\w) {_BY_OTHER_WAYS}"
    r" (?! [\W_]* (?: (?:no|n|false|nein|0) [\W_]* $ | check | clean | scrub))"
)
"""In a column of how far somebody is it begins the cell, or a sentence of it."""
_OF_STATES = re.compile(
    r"""(?ix) (?<![^\W_]) (?: status | stage | notes? | comments? | remarks? | disposition | outcome
    | tags? | labels? | results? | response | reply | touch | engagement | bemerkung(?:en)?
    | notiz(?:en)? | kommentare? | anmerkung(?:en)? | statut | remarques? | commentaires?
    | estado | etapa | notas? | comentarios? | stato | opmerking(?:en)?) (?![^\W_])"""
)
_OF_PREFERENCES = re.compile(r"(?i)(?<![^\W_])(?:preferences?|permissions?|consent|opt[\W_]*in)\b")
_OF_MAIL = re.compile(r"(?i)(?<![^\W_])(?:e-?mail|mail|newsletter|phone|call|sms)(?![^\W_])")
_IS_NO_CONTACT = re.compile(rf"(?ix) {_NO_CONTACT}")
_KEPT_FROM = re.compile(
    rf"""(?ix) (?: (?:is|has|contact|lead|person|prospect|global|crm|flagged|marked|please|bitte)
    \s )* (?: {_ASKS} | {_ASKS_ALONE} | {_NO_CONTACT} | {_IN_SHORT} | dnc)
    (?: \s (?:flag|status|list|c|x|y|n|j|o|s|yes|no|ja|nein|oui|non|true|false|reason|grund|date
    |datum|since|until|at|on|time|me|person|people|lead|again|anymore|checkbox) )*"""
)
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NO = frozenset(
    """
    no n f false 0 00 off none null nil na nan undefined unknown empty blank unset unchecked notset
    nein nee nej não nao non falsch faux falso ne nie нет hayır keine subscribed optedin optin
    notoptedout notunsubscribed oktocontact maybecontacted
    """.split()  # noqa: SIM905  words read best as words
)
_EMPTY_BOXES = "☐□▢-–—./_' \""
_LONGEST = 2_000
"""Of a cell so much is looked through."""


def is_usual_request(*words: str) -> bool:
    """Whether names of a single word each ask for it; most begin as no request does."""
    may_be = any(_MAY_BE_REQUESTS.match(word) for word in words)
    return may_be and is_request_not_to(" ".join(words))


def is_request_not_to(name: str) -> bool:
    """Whether somebody has noted in a person's name that they are to be left in peace.

    That may stand in brackets, behind the name or over both cells of it, in any case.
    """
    if _MAY_BE_REQUESTS.search(name) is None:
        return False
    return _IN_NAMES.search(name) is not None or folded(name) == "dnc"


def is_said_not_to(cell: str) -> bool:
    """Whether a cell of anything begins with a request not to contact the person."""
    said = " ".join(cell[:_LONGEST].split())
    return _ALONE.fullmatch(said.strip(_AROUND)) is not None or _BEGINS.match(said) is not None


@lru_cache(maxsize=2_048)
def _is_state_not_to(cell: str) -> bool:
    return _STATES.search(cell[:_LONGEST]) is not None


def _is_no_no(cell: str) -> bool:
    """In a column of it all but a no counts."""
    return bool(cell.strip(_EMPTY_BOXES)) and folded(cell) not in _NO


def _is_no_contact(cell: str) -> bool:
    return _IS_NO_CONTACT.fullmatch(cell.strip(_AROUND)) is not None


def _judge_under(header: str) -> Callable[[str], bool] | None:
    """What a cell under a header has to say beyond what counts in any cell."""
    if _KEPT_FROM.fullmatch(header):
        return _is_no_no
    if _OF_STATES.search(header) and not _OF_MAIL.search(header):
        return _is_state_not_to
    return _is_no_contact if _OF_PREFERENCES.search(header) else None


class Requests:
    """Finds what asks not to contact somebody, in cells under these headers.

    `names` are the cells of their name. What a company or a job is called (`titles`) asks nothing
    (`Do Not Disturb`, `Never Use`), unless it is the plain request.
    """

    def __init__(
        self, headers: Sequence[str], *, names: Sequence[int], titles: Collection[int]
    ) -> None:
        plain = [" ".join(re.split(r"[\W_]+", _HUMP.sub(" ", each))).strip() for each in headers]
        self._names = tuple(names)
        self._titles = frozenset(titles)
        others = [i for i in range(len(plain)) if i not in {*names, *titles}]
        judged = ((i, _judge_under(plain[i])) for i in others)
        self._columns = tuple((i, is_asked) for i, is_asked in judged if is_asked is not None)

    def found_in(self, cells: Sequence[str], literal: Collection[str]) -> tuple[int, str] | None:
        """Where it stands, and in which words; None if it does not.

        What is meant as it stands (`literal`) asks nothing.
        """
        return (
            self._in_names(cells, literal)
            or (self._in_columns(cells, literal) if self._columns else None)
            or self._anywhere(cells, literal)
        )

    def _in_names(self, cells: Sequence[str], literal: Collection[str]) -> tuple[int, str] | None:
        for i in self._names:
            name = cells[i] if i < len(cells) else ""
            if name and not (name.isalnum() and name[:2].lower() not in _MAY_BEGIN_THEM):
                return self._in_any_names(cells, literal)
        return None

    def _in_any_names(
        self, cells: Sequence[str], literal: Collection[str]
    ) -> tuple[int, str] | None:
        told = [(i, " ".join(cells[i].split())) for i in self._names if i < len(cells)]
        told += [(i, " ".join(said for _, said in told if said)) for i, _ in told[:1]]
        if any(said in literal for _, said in told):
            return None
        return next(((i, said) for i, said in told if is_request_not_to(said)), None)

    def _in_columns(self, cells: Sequence[str], literal: Collection[str]) -> tuple[int, str] | None:
        for i, is_asked in self._columns:
            if i < len(cells) and cells[i] and is_asked(cells[i]):
                said = " ".join(cells[i].split())
                if said not in literal:
                    return i, said
        return None

    def _anywhere(self, cells: Sequence[str], literal: Collection[str]) -> tuple[int, str] | None:
        for i, cell in enumerate(cells):
            if cell and cell[0] not in _BEGINS_NONE and _BEGINS_A_REQUEST.match(cell):
                said = " ".join(cell.split())
                if self._is_asked(i, said) and said not in literal:
                    return i, said
        return None

    def _is_asked(self, index: int, said: str) -> bool:
        if index in self._titles:
            return _PLAINLY.fullmatch(said.strip(_AROUND)) is not None
        return is_said_not_to(said)


_OF_EVERYBODY = ("first_name", "last_name", "company", "title", "location", "industry")
_cells = attrgetter(*_OF_EVERYBODY)
_MOST_LISTS = 64
"""Lists of other columns for which it is known what they ask."""


def held_in_peace(person: Person) -> HeldBack | None:
    """Why nobody writes to somebody of whom their list says not to; None if it does not.

    What is meant as it stands (`literal`) asks nothing.
    """
    cells = _cells(person)
    if person.variables:
        cells = (*cells, *person.variables.values())
    columns = tuple(person.variables)
    asked = _requests_of(columns).found_in(cells, person.literal)
    if asked is None:
        return None
    index, said = asked
    if index >= len(_OF_EVERYBODY) and cells[index] in {person.company, person.title}:
        return None
    name = (*_OF_EVERYBODY, *columns)[index]
    detail = (
        f"“{said[:60]}” in {name} asks not to contact them; if it is a value, allow it by name."
    )
    return HeldBack(reason=DO_NOT_CONTACT, detail=detail)


@lru_cache(maxsize=_MOST_LISTS)
def _requests_of(columns: tuple[str, ...]) -> Requests:
    headers = (*_OF_EVERYBODY, *columns)
    whole = [headers.index("full_name")] if "full_name" in headers else []
    return Requests(headers, names=(0, 1, *whole), titles=(2, 3))
