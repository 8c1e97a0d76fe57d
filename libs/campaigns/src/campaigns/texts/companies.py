"""Names of companies, where one stands for a person's. Pure.

The legal form gives them away: nobody is greeted as `Muster GmbH`. Short forms are syllables of
somebody's name as well (`Kim Se`), so they count only as they are written in a company's name.
"""

from __future__ import annotations

import re

from campaigns.texts.blanks import folded

LEGAL_FORMS = frozenset(
    """
    gmbh mbh ggmbh ltd limited llc llp inc incorporated corp corporation plc sarl sasu gbr ohg kg
    kgaa bv nv oy oyj ab aps srl srls spa ltda sro pty pte kft zrt nyrt eirl doo dooel
    jdoo ehf uab oü
    """.split()  # noqa: SIM905  words read best as words
)
_SHORT_FORMS = frozenset(
    """
    SE SA SAS AS AB SL SLU EV eV KK BT Bt KKT SIA MB HB KB KY Ky ASA ANS IVS DD PFA
    """.split()  # noqa: SIM905  words read best as words
)
_CAPITAL_FORMS = frozenset({"AG", "UG"})
"""Nobody's name in capitals, also where all is shouted."""
_POLISH_FORM = "spzoo"
"""`sp. z o.o.`, which is three words."""
_AND_COMPANY = re.compile(
    r"(?i)(?:&|\bund\b|\band\b|\bet\b)\s*(?:co|cie|partners?|söhne|sons|fils)\b"
)
_BETWEEN = re.compile(r"[\s,;&()\[\]|]+")


def is_company(name: str) -> bool:
    """Whether what stands for a name ends as a company's does."""
    words = [word.replace(".", "").replace("/", "") for word in _BETWEEN.split(name) if word]
    if len(words) < 2:  # noqa: PLR2004  a form alone is whose name it is
        return False
    is_short = words[-1] in _SHORT_FORMS and not all(word.isupper() for word in words)
    return (
        is_short
        or is_legal_form(words[-1])
        or folded(name).endswith(_POLISH_FORM)
        or _AND_COMPANY.search(name) is not None
    )


def is_legal_form(word: str) -> bool:
    """Whether a word is a legal form wherever it stands: `GmbH`, `AG`."""
    return " " not in word and (folded(word) in LEGAL_FORMS or word in _CAPITAL_FORMS)
