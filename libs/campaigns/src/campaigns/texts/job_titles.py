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
    administrator supervisor secretary
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


def is_job(words: Sequence[str]) -> bool:
    """Whether words name a job and nothing else."""
    plain = {folded(word) for word in words}
    if folded(" ".join(words)) in JOBS:
        return True
    return bool(plain & JOBS) and plain <= JOBS | _BETWEEN_JOBS
