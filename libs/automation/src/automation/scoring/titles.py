"""What a job title says of seniority and function, in the languages of texts. Pure.

Words decide, not phrases learned from data: a title that no word of ours is in has no level. What
a title says beside them (a name, an instruction, an emoji) goes nowhere: only words of these
tables come out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from campaigns.texts.blanks import folded

_SENIORITY: Mapping[str, str] = {
    "owner": """
        owner founder cofounder proprietor inhaber inhaberin gründer gründerin gesellschafter
        gesellschafterin fondateur fondatrice cofondateur fundador fundadora propietario
        propietaria dueño proprietário sócio sócia titolare fondatore fondatrice socio eigenaar
        oprichter
    """,
    "c_level": """
        ceo cto cfo coo cmo cio cpo cro ciso chro cdo cso chief president geschäftsführer
        geschäftsführerin geschäftsführung geschäftsleitung geschäftsleiter vorstand vorständin
        pdg dg dga gérant gérante président présidente presidente presidenta gerente-general
        amministratore amministratrice bestuurder bestuursvoorzitter
    """,
    "vp": "vp svp evp avp vice vicepresident vizepräsident vicepresidente vice-président",
    "director": """
        director directors md bereichsleiter bereichsleiterin direktor direktorin prokurist
        prokuristin directeur directrice directora diretor diretora direttore direttrice
    """,
    "head": """
        head leiter leiterin leitung abteilungsleiter abteilungsleiterin hauptabteilungsleiter
        vertriebsleiter vertriebsleiterin projektleiter projektleiterin teamleiter teamleiterin
        responsable jefe jefa chefe responsabile capo hoofd leider
    """,
    "manager": """
        manager managers managing supervisor lead gerente encargado gestor gestora coordenador
        coordenadora coordinador coordinadora coordinatore gestionnaire encadrant teamlead
    """,
    "senior": "senior sr principal staff expert experte expertin confirmé sénior sênior esperto",
    "junior": """
        junior jr trainee intern internship apprentice assistant assistent assistentin praktikant
        praktikantin werkstudent werkstudentin azubi auszubildende stagiaire alternant apprenti
        becario becaria asistente estagiário estagiária assistente stagista tirocinante stagiair
        student studentin graduate
    """,
}
"""From the highest: of a title's words the highest counts, but `_DEMOTES`."""
_DEMOTES = frozenset({"assistant", "assistent", "assistentin", "asistente", "assistente"})
"""Whoever assists a director is none."""
_FUNCTION: Mapping[str, str] = {
    "sales": """
        sales vertrieb verkauf verkäufer verkäuferin account bizdev sdr bdr cro commercial
        commerciale ventes ventas comercial vendas vendite verkoop vertriebsleiter
        vertriebsleiterin außendienst
    """,
    "marketing": """
        marketing cmo brand growth communications kommunikation content seo pr communication
        comunicación mercadeo comunicação comunicazione marke
    """,
    "engineering": """
        engineering engineer developer software entwickler entwicklerin entwicklung ingenieur
        ingenieurin cto programmer devops ingénieur ingénieure développeur développeuse ingeniero
        ingeniera desarrollador desarrolladora engenheiro engenheira desenvolvedor ingegnere
        sviluppatore ontwikkelaar backend frontend fullstack architect architekt technology
        technologie technik
    """,
    "it": "it cio ciso informatik informatique informática informatica security sysadmin cyber",
    "product": "product produkt produit producto produto prodotto cpo produktmanager",
    "people": """
        hr chro human people personal personalleiter personalleiterin recruiter recruiting talent
        rh rrhh ressources recursos risorse recruteur recruteuse personeelszaken
    """,
    "finance": """
        finance cfo finanzen finanz accounting controller controlling buchhaltung buchhalter
        buchhalterin treasurer finances financier comptable comptabilité finanzas contable
        contabilidad finanças contador finanza contabile boekhouder audit tax steuer
    """,
    "operations": """
        operations coo logistics logistik operation opérations logistique operaciones logística
        operações operazioni logistica supply produktion production producción produção produzione
    """,
    "purchasing": """
        purchasing procurement buyer einkauf einkäufer einkäuferin achats acheteur acheteuse
        compras comprador acquisti inkoop
    """,
    "legal": """
        legal lawyer counsel attorney jurist juristin rechtsanwalt rechtsanwältin recht avocat
        avocate juridique abogado abogada jurídico advogado advogada avvocato legale compliance
    """,
    "support": """
        support customer kundenservice kundendienst success service client clientèle cliente
        atención atendimento clienti klantenservice
    """,
    "research": """
        research scientist forschung wissenschaftler wissenschaftlerin recherche chercheur
        investigación investigador pesquisa ricerca ricercatore data analyst analytics daten
        analyste analista onderzoek
    """,
    "design": """
        design designer ux ui gestalter gestalterin diseño diseñador creative grafik
    """,
    "consulting": """
        consultant consulting advisor adviser berater beraterin beratung conseil conseiller
        consultor consultora asesor asesora consulente consulenza adviseur
    """,
}
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_LONGEST = 200
"""Characters of a title that are looked at: more is no title."""


def _by_word(words: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for level, told in words.items():
        for word in told.split():
            found.setdefault(folded(word), level)
    return found


_SENIORITY_BY_WORD = _by_word(_SENIORITY)
_FUNCTION_BY_WORD = _by_word(_FUNCTION)
_RANK = {level: place for place, level in enumerate(_SENIORITY)}
SENIORITIES = tuple(_SENIORITY)
FUNCTIONS = tuple(_FUNCTION)


@lru_cache(maxsize=20_000)
def read_title(title: str) -> tuple[str, str]:
    """Seniority and function of a title; each empty if no word says it."""
    words = [folded(word) for word in _WORD.findall(title[:_LONGEST])]
    levels = [_SENIORITY_BY_WORD[word] for word in words if word in _SENIORITY_BY_WORD]
    function = next((_FUNCTION_BY_WORD[word] for word in words if word in _FUNCTION_BY_WORD), "")
    if not _DEMOTES.isdisjoint(words):
        return "junior", function
    if "vp" in levels and "c_level" in levels:
        # "Vice President" has the president's word in it.
        levels = [level for level in levels if level != "c_level"]
    return min(levels, key=_RANK.__getitem__, default=""), function
