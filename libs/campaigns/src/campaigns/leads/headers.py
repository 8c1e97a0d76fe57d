"""What headers of lead lists mean, in the words of tools and of many languages. Pure.

The words of tools and of Western Europe stand here, in the order in which they count; those of
other languages in `words.toml`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from campaigns.texts.words import words_for

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
            employeur empresa nombredelaempresa nomedaempresa compania organizacao azienda
            nomeazienda ragionesociale bedrijf bedrijfsnaam foretag""",
        "title": """
            title jobtitle position role currenttitle currentposition currentjobtitle jobposition
            designation jobtitel berufsbezeichnung stelle funktion poste intituleduposte titre
            fonction cargo puesto titulo cargoatual funcao ruolo posizione qualifica functie
            functietitel occupation""",
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
            city personcity contactcity leadcity town stadt ort ville ciudad cidade citta plaats""",
        "state": """
            state stateregion personstate contactstate leadstate province region bundesland estado
            provincia""",
        "country": """
            country countryname countrycode personcountry contactcountry leadcountry land pays pais
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
SURNAME_BESIDE_FIRST = frozenset({"name", "nom", "nev", "nume", "numele", "nimi"})
"""Beside a first name these are what follows it, in German and French lists for example."""
FIRST_BESIDE_SURNAME = frozenset(
    "nombre nome name nev navn namn nafn nimi jmeno meno ime".split()  # noqa: SIM905  words read best as words
)
"""Beside a last name these are what comes before it, in Spanish and Czech lists for example."""

_FIELD_BY_ALIAS = {alias: field for field, aliases in ALIASES.items() for alias in aliases}
_SOMEBODY_ELSE = re.compile(
    r"referr|recommend|manager|owner|sender|mutual|introduc|assistant|shared|imported|created|added"
    r"|assigned|^sdr|^bdr|betreuer|vertriebl|zustandig|responsable|asignad|atribuid|vendedor"
)
_NOT_A_PERSON = re.compile(r"company|organi[sz]ation|firma|entreprise|empresa|azienda|account")
_NOT_AN_ADDRESS = re.compile(
    r"connection|bio\b|bio$|follower|headline|summary|degree|count|premium"
)


def shown(text: str, length: int = 60) -> str:
    """What somebody else wrote, told back: in one line, and without what steers a screen."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:length]


def is_known(header: str) -> bool:
    """Whether a cell reads like the header of a lead list's column."""
    name = compact(header)
    return name in _FIELD_BY_ALIAS or ("linkedin" in name and len(name) <= 60)  # noqa: PLR2004  no header is longer


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
