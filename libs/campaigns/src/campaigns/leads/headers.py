"""What headers of lead lists mean, in the words of tools and of many languages. Pure.

The words of tools and of Western Europe stand here, in the order in which they count; those of
other languages in `words.toml`.
"""

# ruff: noqa: RUF001 - letters of other scripts are meant

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from campaigns.texts.names.evidence import NameOrder
from campaigns.texts.names.lexicon import LEXICONS
from campaigns.texts.words import LANGUAGES, words_for

LEAD_FIELDS = (
    "first_name",
    "last_name",
    "full_name",
    "email",
    "linkedin_url",
    "company",
    "title",
    "phone",
    "location",
    "industry",
)
PLACE_FIELDS = ("time_zone", "city", "state", "country")
"""What else tells where a person is; as variables these are ordinary columns."""

_OF_TOOLS: Mapping[str, tuple[str, ...]] = {
    field: tuple(aliases.split())
    for field, aliases in {
        "first_name": """
            firstname fname givenname forename first contactfirstname leadfirstname personfirstname
            prospectfirstname vorname rufname prenom nombredepila primernombre primeironome
            nomeproprio voornaam fornavn fornamn imie""",
        "last_name": """
            lastname lname surname familyname last contactlastname leadlastname personlastname
            prospectlastname nachname familienname zuname nomdefamille apellido apellidos
            primerapellido sobrenome ultimonome apelido cognome achternaam efternamn etternavn
            efternavn nazwisko""",
        "full_name": """
            fullname name contactname leadname personname prospectname vollstandigername
            vorundnachname namevollstandig nomcomplet prenometnom nombrecompleto nombreyapellidos
            nomecompleto nomeecognome volledigenaam nom nombre nome""",
        "email": """
            email emailaddress mail workemail businessemail professionalemail primaryemail
            companyemail emailadresse mailadresse epost courriel adresseemail adressemail
            correo correoelectronico emailprofesional indirizzoemail enderecodeemail
            emailprofissional emailprofessionnel contactemail leademail""",
        "linkedin_url": """
            linkedinurl linkedinprofileurl linkedinprofile linkedin profileurl linkedinprofilelink
            linkedinlink personlinkedinurl contactlinkedinurl linkedinprofileaddress linkedinaddress
            linkedinpublicurl publicprofileurl publiclinkedinurl linkedinurlpublic defaultprofileurl
            leadlinkedinurl prospectlinkedinurl profilelink profile linkedinprofil profillinkedin
            perfillinkedin perfildelinkedin profilolinkedin urllinkedin liendeprofil profilurl
            urlduprofil urldelperfil urldoperfil profil perfil profilo url link""",
        "company": """
            company companyname organization organisation organizationname employer currentcompany
            currentcompanyname account accountname companynameforemails firma firmenname unternehmen
            unternehmensname arbeitgeber entreprise nomdelentreprise societe nomdelasociete
            employeur namedesunternehmens empresa nombredelaempresa nomedaempresa compania
            organizacao azienda nomeazienda ragionesociale bedrijf bedrijfsnaam foretag""",
        "title": """
            title jobtitle position role currenttitle currentposition currentjobtitle jobposition
            designation jobtitel berufsbezeichnung stelle funktion poste intituleduposte titre
            fonction cargo puesto titulo cargoatual funcao ruolo posizione qualifica functie
            functietitel occupation currentjob jobbezeichnung stellenbezeichnung positionstitel""",
        "phone": """
            phone phonenumber mobile mobilephone mobilenumber telephone tel workphone
            workdirectphone telefon telefonnummer handy handynummer mobil mobilnummer portable
            telefono movil celular telefone telemovel cellulare telefoon""",
        "location": """
            location personlocation currentlocation geography contactlocation leadlocation standort
            wohnort lieu localisation ubicacion localidad localizacao localidade luogo locatie""",
        "industry": """
            industry companyindustry sector branche industrie secteur secteurdactivite
            sectordeactividad industria setor settore""",
        "time_zone": """
            timezone tz persontimezone contacttimezone leadtimezone zeitzone fuseauhoraire
            zonahoraria husohorario fusohorario fusoorario tijdzone""",
        "city": """
            city mailingcity personcity contactcity leadcity town stadt ort ville ciudad cidade
            citta plaats""",
        "state": """
            state stateregion mailingstate mailingstateprovince stateprovince personstate
            contactstate leadstate province region bundesland estado
            provincia""",
        "country": """
            country countryregion mailingcountry countryname countrycode landregion paysregion
            paisregion paeseregione personcountry contactcountry leadcountry land pays pais
            paese""",
    }.items()
}
_PLAIN = str.maketrans(
    {"ß": "ss", "ł": "l", "đ": "d", "ø": "o", "\u0131": "i", "æ": "ae", "þ": "th"}
)


@lru_cache(maxsize=4_096)
def compact(header: str) -> str:
    """A header as it is compared: letters and digits without accents, in one case."""
    plain = unicodedata.normalize("NFKD", header.lower().translate(_PLAIN))
    return re.sub(r"[\W_]+", "", plain)


# In the order of preference: a list may have both `Name` and `Full Name`.
ALIASES: Mapping[str, tuple[str, ...]] = {
    field: tuple(dict.fromkeys([*aliases, *map(compact, words_for(field))]))
    for field, aliases in _OF_TOOLS.items()
}
SURNAME_BESIDE_FIRST = frozenset({"name", "nom", "nev", "nume", "numele", "nimi", "姓名"})
"""Beside a first name these are what follows it, in German and French lists for example."""
FIRST_BESIDE_SURNAME = frozenset(
    map(
        compact,
        "nombre nome name nev navn namn nafn nimi jmeno meno ime ten 名字 名前 이름".split(),  # noqa: SIM905  words read best as words
    )
)
"""Beside a last name these are what comes before it, in Spanish and Czech lists for example."""

_FIELD_BY_ALIAS = {alias: field for field, aliases in ALIASES.items() for alias in aliases}
_GIVEN = frozenset(ALIASES["first_name"]) | {*"vor for fore ees etu kereszt first given".split()}  # noqa: SIM905  words read best as words
_FAMILY = frozenset(ALIASES["last_name"]) | {*"nach csaladi vezetek last family".split()}  # noqa: SIM905  words read best as words
_BETWEEN = frozenset(
    """
    und and et y e es og och ja i a si un ir ve va v і та и is name nev nom nombre nome full teljes
    complete completo complet
    """.split()  # noqa: SIM905  words read best as words
)
_INITIALS_OF_A_HEADER = frozenset(map(compact, ("фио", "піб", "fio")))
"""`фамилия, имя, отчество` and the like, by their first letters."""
_LONGEST_PIECE = 3
_LANGUAGES_OF_HEADERS: Mapping[str, frozenset[str]] = {
    language: frozenset(compact(word) for field in ALIASES for word in words_for(field, language))
    for language in LANGUAGES
}
_OF_MANY = frozenset(each for aliases in _OF_TOOLS.values() for each in aliases)
_FEWEST_HEADERS = 2
"""Of a language, beside one that says nothing of it."""
_SOMEBODY_ELSE = re.compile(
    r"referr|recommend|manager|owner|sender|mutual|introduc|assistant|shared|imported|created|added"
    r"|assigned|^sdr|^bdr|betreuer|vertriebl|zustandig|responsable|asignad|atribuid|vendedor"
)
_NOT_A_PERSON = re.compile(r"company|organi[sz]ation|firma|entreprise|empresa|azienda|account")
_NOT_AN_ADDRESS = re.compile(
    r"connection|bio\b|bio$|follower|headline|summary|degree|count|premium"
)

_OF_ONES_OWN = (
    r"linkedin|profile?|profiel|profilo?|perfil|public|url|uri|link|ad+ress[es]?|seite|page|lien"
    r"|enlace|direccion|endereco|indirizzo|unique|id|member|person(?:al)?|contact|kontakt|contacto"
    r"|contatto|lead|prospect|default|slug|handle|zum?|of|the|von|du|de[lr]?|do"
)
_OWN_ADDRESS = re.compile(rf"(?:{_OF_ONES_OWN})+c?")
"""A header of these words alone names no other person; the last letter is Salesforce's."""
_OF_NOBODY_ELSE = re.compile(rf"(?:{_OF_ONES_OWN}|li|people|social|media|web|site|homepage|www)*")
_OF_SALES = re.compile(r"sales?nav(?:igator)?|navigator")


def shown(text: str, length: int = 60) -> str:
    """What somebody else wrote, told back: in one line, and without what steers a screen."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:length]


def columns_called(column: str, headers: Sequence[str]) -> list[int]:
    """Which columns somebody means by a name: those that are spelt so, else those that read so."""
    exactly = [i for i, header in enumerate(headers) if header == shown(column, len(column))]
    name = compact(column)
    return exactly or [i for i, header in enumerate(headers) if name and compact(header) == name]


def is_known(header: str) -> bool:
    """Whether a cell reads like the header of a lead list's column."""
    name = compact(header)
    return (
        name in _FIELD_BY_ALIAS
        or ("linkedin" in name and len(name) <= 60)  # noqa: PLR2004  no header is longer
        or order_said(header) is not None
    )


def names_somebody_else(header: str) -> bool:
    """Whether a column is about another person than the one whom its row is about."""
    name = compact(header)
    return _SOMEBODY_ELSE.search(name) is not None or _NOT_A_PERSON.search(name) is not None


def is_likely_profile(header: str) -> bool:
    """Whether a header that is no usual one names a person's address at LinkedIn all the same."""
    name = compact(header)
    return (
        "linkedin" in name
        and not re.search(r"sales|recruiter|talent", name)
        and not names_somebody_else(header)
        and not _NOT_AN_ADDRESS.search(name)
    )


def is_own_profile(header: str) -> bool:
    """Whether a header says the address of the person whom its row is about, and no other's."""
    return is_likely_profile(header) and _OWN_ADDRESS.fullmatch(compact(header)) is not None


def says_nobody_else(header: str) -> bool:
    """Whether no word of a header is of a person besides the one whom its row is about."""
    return _OF_NOBODY_ELSE.fullmatch(compact(header)) is not None


def is_sales_profile(header: str) -> bool:
    """Whether a header says the person's address in Sales Navigator."""
    name = compact(header)
    rest = _OF_SALES.sub("", name)
    return rest != name and (not rest or _OWN_ADDRESS.fullmatch(rest) is not None)


@lru_cache(maxsize=4_096)
def order_said(header: str) -> NameOrder | None:
    """The order of names in a column that is headed by it: `Nachname, Vorname`, `Nom et prénom`."""
    if compact(header) in _INITIALS_OF_A_HEADER:
        return NameOrder.FAMILY_FIRST
    kinds = list[str]()
    for kind in _pieces(_words(header)):
        if not kind:
            # As in most cells that are asked about, which are no headers.
            return None
        kinds.append(kind)
    given = [i for i, kind in enumerate(kinds) if kind == "given"]
    family = [i for i, kind in enumerate(kinds) if kind == "family"]
    if not (given or family):
        return None
    # Beside one that is certain a word of many meanings is the other: `nom et prénom`.
    given = given or [i for i, kind in enumerate(kinds) if kind == "given?"]
    family = family or [i for i, kind in enumerate(kinds) if kind == "family?"]
    if not (given and family):
        return None
    return NameOrder.FAMILY_FIRST if family[0] < given[0] else NameOrder.GIVEN_FIRST


def name_said(header: str) -> str:
    """Which name a header says among other words: `Primary Contact First Name`; empty for none."""
    kinds = [*_pieces(_words(header))]
    if ("given" in kinds) == ("family" in kinds):
        return ""
    return "first_name" if "given" in kinds else "last_name"


def _words(header: str) -> list[str]:
    return [name for word in re.split(r"[\W_]+", header) if (name := compact(word))]


def _pieces(words: Sequence[str]) -> Iterator[str]:
    """What each piece of a header is: a name's part, a word between them, or something else."""
    start = 0
    while start < len(words):
        for length in range(min(_LONGEST_PIECE, len(words) - start), 0, -1):
            kind = _KIND_OF_PIECE.get("".join(words[start : start + length]), "")
            if kind:
                break
        yield kind
        start += length


_KIND_OF_PIECE = {
    **dict.fromkeys([*_BETWEEN, *ALIASES["full_name"]], "between"),
    **dict.fromkeys(FIRST_BESIDE_SURNAME, "given?"),
    **dict.fromkeys(SURNAME_BESIDE_FIRST, "family?"),
    **dict.fromkeys(_FAMILY, "family"),
    **dict.fromkeys(_GIVEN, "given"),
}
"""Of what has several meanings the last here."""


def family_first_language(headers: Sequence[str], index: int) -> str:
    """The language of this header, or of those beside it, if it says the family name first."""
    for language in LEXICONS:
        words = _LANGUAGES_OF_HEADERS[language]
        own = {name for header in headers if (name := compact(header)) in words - _OF_MANY}
        parts = {compact(word) for word in re.split(r"[\W_]+", headers[index])}
        is_own = compact(headers[index]) in own or parts & (words & (_GIVEN | _FAMILY))
        if is_own or len(own) >= _FEWEST_HEADERS:
            return language
    return ""
