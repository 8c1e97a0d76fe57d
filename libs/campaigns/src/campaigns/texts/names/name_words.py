"""Words that stand where names do: forms of address, degrees, and what is nobody's name. Pure.

A word that is none of them, and is written as names are, is a name as it stands: most cells are
such a word, and lists are long.
"""

# ruff: noqa: RUF001 - letters of other scripts are meant

from __future__ import annotations

import re

from campaigns.texts.blanks import UNNAMED, WORDS_FOR_NOTHING
from campaigns.texts.companies import LEGAL_FORMS
from campaigns.texts.job_titles import JOBS
from campaigns.texts.words import words_for

HONORIFICS = frozenset(
    """
    dr prof professor mr mrs ms miss mx sir dame ing dipl.-ing dipl rev mag herr frau hr mme mlle
    monsieur madame mademoiselle señor señora señorita srta sra sig signor signora signorina
    dipl.-kfm dipl.-kffr dipl.-inform dipl.-psych dipl.-phys dipl.-oec dipl.-betriebsw dr.-ing capt
    rechtsanwalt rechtsanwältin avv dott dott.ssa
    dhr mevr mevrouw meneer senhor senhora pan pani dña doña sayın
    """.split()  # noqa: SIM905  words read best as words
) | {title.casefold() for title in words_for("titles")}
_FACULTIES = frozenset(
    "med dent vet jur iur rer nat pol phil oec habil hc theol sc techn ing agr".split()  # noqa: SIM905  words read best as words
)
"""What a doctor is of; small or with a point, for some are names as well."""
_CHIEFS = frozenset({"CEO", "CTO", "CFO", "CISO", "CMO", "CPO", "CRO", "SVP", "EVP"})
ALONE_NO_NAME = (HONORIFICS - {"pan", "pani", "mag", "dame"}) | frozenset(
    """
    dipl-ing dipl-kfm dipl-kffr dipl-inform dr-ing phd mba msc bsc md esq jr sr ii iii iv dña doña
    """.split()  # noqa: SIM905  words read best as words
)
CREDENTIALS = frozenset(
    """
    aca acca aia apr ba bba bcba bs bsc ca cae ccim ccie cfa cfe cfp chrp cia cima cipd cipp cisa
    cism cissp clu cma cmo cpa cpim cpp cscp csm cspo ctp dba dc dds dmd dnp do dpt dvm edd emba
    esq
    facs fcca frm gphr hr itil jd jr leed llb llm lmft lpc lcsw ma mba mbbs mcips md med meng mfa
    mha mph ms msc msw mst np od ot pa pcc pe pgmp pharmd phd ph.d phr pm pmi-acp pmp psyd rd rn rpa
    shrm-cp shrm-scp sphr sr ii iii iv
    """.split()  # noqa: SIM905  words read best as words
)
AMBIGUOUS_CREDENTIALS = frozenset(
    "ma do jr sr ii iii iv ba pa hr ms ot od np med pe pm ca".split()  # noqa: SIM905  words read best as words
)
PARTICLES = frozenset(
    """
    af al ap bin da das de del della den der di do dos du e el ibn la le ten ter und van von y zu
    zum zur
    """.split()  # noqa: SIM905  words read best as words
)
PLACEHOLDER_NAMES = frozenset(
    """
    linkedin member user firstname lastname fullname name yourname fname lname surname givenname
    vorname nachname prénom prenom nom nombre apellido apellidos sobrenome cognome voornaam
    achternaam test tester testuser asdf qwerty xx xxx xxxx abc foo admin info sir madam sirmadam
    customer client contact lead person owner true false yes no guest available dear hi hello
    noreply donotreply familie selfemployed
    newlead towhomitmayconcern hiring werehiring opentowork opentonewopportunities lookingforajob
    jobseeker nobody someone somebody anybody anyone student
    """.split()  # noqa: SIM905  words read best as words
)
_FIELDS = frozenset("firstname lastname fullname companyname jobtitle".split())  # noqa: SIM905  words read best as words
_NO_CELL = WORDS_FOR_NOTHING | PLACEHOLDER_NAMES | _FIELDS
"""What a cell does not say that has a name."""
_NO_NAME = ALONE_NO_NAME | HONORIFICS | JOBS | LEGAL_FORMS
_USUAL = re.compile("([A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ]+)[0-9]*")
"""As names are written in the languages of the west; lists that are invented number them."""


def usual_word(cell: str) -> str:
    """The name in a cell of a single word, if that is beyond doubt; empty for any other cell.

    Of what is not empty nothing else has to be asked.
    """
    usual = _USUAL.fullmatch(cell)
    if usual is None:
        return ""
    word, plain = usual[1], cell.casefold()
    is_none = plain in _NO_CELL or plain.startswith(UNNAMED) or "linkedin" in plain
    return "" if is_none or word.casefold() in _NO_NAME else word


def without_titles(words: list[str]) -> list[str]:
    """The words of a name without forms of address before it, and degrees behind it.

    A title that stands alone is left, for it may be somebody's name (`Ms`).
    """
    words = _without_jobs([word for word in words if any(map(str.isalpha, word))])
    while len(words) > 1 and _is_honorific(words):
        words = words[1:]
        while words and _is_faculty(words[0]):
            words = words[1:]
    while len(words) > 1 and _is_credential(words[-1], others=words[:-1]):
        words = words[:-1]
    return [word.strip("-'’") for word in words if word.strip("-'’")]


def _without_jobs(words: list[str]) -> list[str]:
    """Without the highest jobs, in capitals, at either end of what is not shouted."""
    while len(words) > 1 and words[0] in _CHIEFS and not _is_shout(words[1:]):
        words = words[1:]
    while len(words) > 1 and words[-1] in _CHIEFS and not _is_shout(words[:-1]):
        words = words[:-1]
    return words


def _is_honorific(words: list[str]) -> bool:
    known = words[0].lower().strip(".") in HONORIFICS
    return known and (words[0].endswith(".") or not _is_shout(words))


def _is_faculty(word: str) -> bool:
    is_marked = word.endswith(".") or word.islower()
    return is_marked and word.lower().replace(".", "") in _FACULTIES


def _is_shout(words: list[str]) -> bool:
    return all(word.isupper() for word in words)


def _is_credential(word: str, *, others: list[str]) -> bool:
    plain = word.lower().strip(".").replace(".", "")
    if plain not in CREDENTIALS:
        return False
    if plain in AMBIGUOUS_CREDENTIALS:
        return word.isupper() and not _is_shout(others)
    return word[:1].isupper() or "." in word
