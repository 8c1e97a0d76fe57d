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
    dhr mevr mevrouw meneer senhor senhora pan pani dña doña sayın
    """.split()  # noqa: SIM905  words read best as words
) | {title.casefold() for title in words_for("titles")}
ALONE_NO_NAME = (HONORIFICS - {"pan", "pani", "mag", "dame"}) | frozenset(
    "phd mba msc bsc md esq jr sr ii iii iv dña doña".split()  # noqa: SIM905  words read best as words
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
