"""What people do for a living, where it stands for their name. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from campaigns.texts.blanks import folded
from campaigns.texts.words import words_for

_JOBS = frozenset(
    """
    ceo cto cfo coo cmo cio cpo cro ciso vp svp evp md founder cofounder owner director manager
    president head chairman recruiter consultant engineer developer freelancer sales marketing
    operations team office support hr accounting executive officer representative rep specialist
    analyst coordinator associate assistant partner intern architect designer advisor adviser
    administrator supervisor secretary coach scientist
    prokurist prokuristin teamleiter teamleiterin abteilungsleiter abteilungsleiterin buchhaltung
    buchhalter buchhalterin
    geschäftsführer geschäftsführerin geschäftsführung inhaber inhaberin gründer gründerin leiter
    leiterin vertrieb einkauf vorstand directeur directrice gérant gérante fondateur fondatrice
    directora gerente fundador fundadora diretor diretora sócio direttore fondatore titolare
    mitarbeiter mitarbeiterin berater beraterin entwickler entwicklerin ingenieur ingenieurin
    projektleiter projektleiterin vertriebsleiter vertriebsleiterin geschäftsleitung
    responsable ingénieur ingénieure commercial commerciale consultor consultora ingeniero
    ingeniera coordinador coordinadora consulente ingegnere responsabile directeurs verkäufer
    """.split()  # noqa: SIM905  words read best as words
)
JOBS = _JOBS | {folded(word) for word in words_for("jobs")}
_BETWEEN_JOBS = frozenset(
    """
    of the and at co de der und et y e für managing general vice chief senior junior lead principal
    software hardware account business product project program regional national global technical
    data digital human resources people growth customer success service services finance financial
    research development key area talent acquisition freelance independent creative web it board
    member strategy supply chain quality legal public relations client solutions cloud
    """.split()  # noqa: SIM905  words read best as words
)
_SYLLABLES = frozenset(
    "of the and at co de der und et y e für lead junior key data web art area cloud".split()  # noqa: SIM905  words read best as words
)
"""Between jobs, and somebody's name before one: `Co Engineer`, `Junior Leiter`."""
_BEFORE_JOBS = frozenset(map(folded, _BETWEEN_JOBS - _SYLLABLES))


def is_split_job(first: Sequence[str], last: Sequence[str]) -> bool:
    """Whether a job is split over the cells of a name: `Vice` `President`."""
    begins = bool(first) and bool(last) and folded(first[0]) in _BEFORE_JOBS
    return begins and is_job([*first, *last])


def is_job(words: Sequence[str]) -> bool:
    """Whether words name a job and nothing else."""
    plain = {folded(word) for word in words}
    if folded(" ".join(words)) in JOBS:
        return True
    return bool(plain & JOBS) and plain <= JOBS | _BETWEEN_JOBS
