"""Cells that say nothing: the one notion of blank, for addresses, names, variables and facts. Pure.

Tools write `null`, `N/A` or `#REF!` where they know nothing, and LinkedIn writes `LinkedIn
Member`; people write `-` or `keine Angabe`. A value is compared folded: in any case, in styled
letters, with dots, slashes and brackets, it is the same word. Some of these are somebody's name
(Nan, Null, Na): the customer says so by name, and then it is one (`literal` of those who ask).
"""

# ruff: noqa: RUF001 - words of other scripts are meant

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from campaigns.texts.words import words_for

CELLS = 4_096
"""How many are remembered.

Each cell of a row is looked at several times: as it is read, and once the rows of a batch are
leads to be. A thousand rows of some columns find theirs again.
"""
LONGEST = 60
"""What is longer says something."""
_PLAIN = {code: chr(code).lower() if chr(code).isalnum() else None for code in range(128)}


def folded(value: str) -> str:
    """The letters and digits of a value, as they are compared: plain, and in one case."""
    if value.isascii():
        solid = value.replace(" ", "")
        return solid.lower() if solid.isalnum() else value.translate(_PLAIN)
    plain = unicodedata.normalize("NFKC", value).casefold()
    return plain if plain.isalnum() else "".join(filter(str.isalnum, plain))


def _words(listed: str, *meanings: str) -> frozenset[str]:
    told = listed.replace("\n", ",").split(",")
    told += [word for meaning in meanings for word in words_for(meaning)]
    return frozenset(folded(word) for word in told if word.strip())


WORDS_FOR_NOTHING = _words(
    """
    na, null, undefined, none, nil, nan, nul, empty, missing, unknown, unspecified, unavailable
    undisclosed, withheld, private, confidential, anonymous, hidden, redacted, error, tbd, tba, tbc
    todo, not available, not applicable, not provided, not specified, not set, not found, not given
    not disclosed, not known, not listed, no data, no value, no name, no information, no info
    no result, no results, prefer not to say, object object, out of network, unknown name
    unknown company, no company, unknown contact, unknown person, unknown lead, unknown user
    anonymous user, deleted user, unnamed, untitled, not avail, unavail, private profile
    hidden profile, locked, locked profile, upgrade to see name, no first name, no last name
    no email, no website, to be confirmed, to be determined, see notes, dbnull, null null
    none given, none provided, none listed, unset, nonetype, loading, fetching, former member
    deactivated user, account deleted, none none, undefined undefined, nan nan, unknown unknown
    linkedin member, linkedin user, linkedin mitglied, mitglied von linkedin, membre linkedin
    membre de linkedin, utilisateur linkedin, miembro de linkedin, usuario de linkedin
    membro do linkedin, usuário do linkedin, utilizador do linkedin, utente linkedin
    membro di linkedin, linkedin lid, lid van linkedin, linkedin medlem, członek linkedin
    użytkownik linkedin, linkedin üyesi, участник linkedin, пользователь linkedin, 领英会员
    keine angabe, keine angaben, unbekannt, nicht verfügbar, nicht vorhanden, nicht angegeben
    nicht bekannt, ohne angabe, vertraulich, keine, keiner, entfällt, fehlt, anonym, privat
    keine daten, kein name, kein eintrag, ohne namen, nicht gesetzt, nicht zutreffend, leer, nichts
    unbek, noch offen
    inconnu, inconnue, non renseigné, non renseignée, non disponible, non applicable, aucun, aucune
    vide, sans objet, néant, confidentiel, confidentielle, anonyme, non précisé, non spécifié
    privé, privée
    non communiqué, non connu, non connue, non défini, non définie, indéfini, sans nom, pas de nom
    non fourni, non fournie, à définir, à compléter
    desconocido, desconocida, no disponible, no aplica, sin datos, sin información, ninguno
    ninguna, vacío, nulo, nula, confidencial, anónimo, anónima, no especificado, no consta
    sin nombre, sin especificar, sin apellido, sin definir, no definido, no definida, no tiene
    desconhecido, desconhecida, não disponível, não aplicável, não informado, não informada
    não definido, não se aplica, não consta, indefinido, a definir, por definir
    sem dados, sem informação, nenhum, nenhuma, vazio, vazia, anônimo, anônima, sem nome
    sconosciuto, sconosciuta, non disponibile, non applicabile, nessuno, nessuna, vuoto, nullo
    riservato, confidenziale, anonimo, anonima, non specificato, non definito, senza nome
    nessun dato, non noto, non nota, da definire
    niet bekend, niet ingevuld, niet opgegeven, geen naam, geen gegevens, naamloos
    onbekend, niet beschikbaar, niet van toepassing, nvt, geen, leeg, vertrouwelijk, anoniem
    okänd, okänt, saknas, ej angivet, ej tillgänglig, inget namn, ukjent, ukendt, ingen, fortrolig
    konfidentiellt, ikke angitt, ikke oplyst, ikke tilgængelig, ikke relevant
    brak, brak danych, brak informacji, nieznany, nieznana, nie dotyczy, nie podano, poufne
    anonimowy, neznámý, neznámá, neuvedeno, nevyplněno, není k dispozici, neznáme, nezadané
    nincs, nincs adat, ismeretlen, necunoscut, necunoscută, nespecificat, nepoznato, nepoznat
    bilinmiyor, yok, gizli, belirtilmemiş, veri yok, boş, tuntematon, ei tiedossa, ei tietoa
    puuttuu
    неизвестно, неизвестный, неизвестная, нет, нет данных, не указано, конфиденциально
    не применимо, не задано, пусто, невідомо, немає, немає даних, няма, неизвестен
    άγνωστο, άγνωστος, δεν υπάρχει, κενό
    无, 無, 未知, 不详, 不詳, 暂无, 保密, 匿名, 空白, 无数据, 不适用, 不適用, 未提供
    なし, 不明, 未記入, 未設定, 未入力, 該当なし, 非公開, データなし
    없음, 미상, 비공개, 해당 없음, 알 수 없음
    غير معروف, لا يوجد, غير متوفر, غير محدد, לא ידוע, אין
    tidak ada, tidak diketahui, không có, không rõ, ไม่ระบุ, ไม่มี, ไม่ทราบ, अज्ञात, उपलब्ध नहीं
""",
    "nothing",
    "member",
)
_OF_PROGRAMS = _words("""
    null, undefined, nan, nonetype, dbnull, object object, null null, undefined undefined, nan nan
    none none, not applicable, not available, no data, no value
""")
_NOT_APPLICABLE = re.compile(r"(?i)\W*n\s?[./]\s?a\W*")
"""With a sign between: `NA` may be North America."""
_DASHES = frozenset("-–—_ ")
_ABBREVIATIONS = frozenset(
    """
    s/o s/d n/d n/c k/a k.a o.a s/n n/b n/v n/f n/k n/v/t b/d b.d н/д н.д н/п н/а δ/υ
    """.split()  # noqa: SIM905  words read best as words
)
"""Short ones that are words or names where nothing stands between their letters."""
_TO_COME = frozenset({"tbd", "tba", "tbc"})
_LONGEST_ABBREVIATION = 3
_SPREADSHEET_ERRORS = _words("""
    na, name, ref, value, num, div0, null, spill, calc, field, blocked, connect, getting data
    unknown, error, nv, bezug, wert, zahl, überlauf, feld, valeur, nombre, nom, valor, campo, nome
    valore, rif, nd, нд, ни
""")
_SPREADSHEET_ERROR = re.compile(r"[^\w#]*#[¿¡]?(?:[^\W_]|/){2,20}\s?[!?]\W*")
"""In the words of any language: `#ИМЯ?`, `#LICZBA!`."""
_OFFICE_ERROR = re.compile(r"\W*(?i:err):\s?\d{3}\W*")
_IN_BRACKETS = re.compile(r"\s*[(\[<]\s*(?i:blank|void|nothing)\s*[)\]>]\s*")
"""As a pivot table writes it; alone these are somebody's name."""
_NULLS = frozenset({"\\N", "\\\\N"})
"""What a database exports for nothing."""
UNNAMED = "unnamed"
"""What a program heads a column with that has no name, with a number."""
_SHAPES = (_IN_BRACKETS, _SPREADSHEET_ERROR, _OFFICE_ERROR)
_BETWEEN = re.compile(r"[\s,;()\[\]|]+")
_NO_COMPANY = _words(
    """
    self employed, freelance, freelancer, independent, stealth, stealth startup, stealth mode
    stealth mode startup, unemployed, between jobs, career break, retired, student, open to work
    seeking opportunities, looking for opportunities, company, looking for work, looking for a job
    job seeker, jobseeker, seeking, self, myself, me, my own, my own business, own business
    private person, various, multiple, several, home, at home, sabbatical, parental leave
    confidential company, stealth company, private company, privately held, true, false, test, asdf
    xx, xxx, xxxx, 0
    selbstständig, selbständig, freiberuflich, freiberufler, freiberuflerin, arbeitssuchend, rentner
    im ruhestand, firma
    indépendant, indépendante, à mon compte, en recherche, sans emploi, retraité, entreprise
    autónomo, autónoma, independiente, jubilado, por cuenta propia, en búsqueda, empresa
    autônomo, autônoma, profissional autônomo, independente, aposentado
    looking for new opportunities, looking for a new opportunity, looking for new challenges
    seeking new opportunities, open to opportunities, open to new opportunities, in between jobs
    currently unemployed, not employed, not working, no employer, error 404, 404 error
    404 not found, page not found
    arbeitslos, arbeitsuchend, ohne anstellung, auf jobsuche, keine firma, kein unternehmen
    kein arbeitgeber, desempregado, desempregada, sem empresa, em busca de emprego
    desempleado, desempleada, en paro, sin empresa, sin trabajo, buscando empleo
    buscando trabajo, en búsqueda de empleo, aucune entreprise, sans entreprise, au chômage
    demandeur d'emploi, demandeuse d'emploi, en recherche d'emploi, disoccupato, disoccupata
    senza azienda, nessuna azienda, in cerca di lavoro, werkloos, werkzoekend, geen bedrijf
    libero professionista, pensionato, azienda, zzp, zelfstandig, zelfstandige, bedrijf
""",
    "no_company",
)
_KEPT_BACK = r"(?:undisclosed|confidential|vertraulich(?:es|e)?|confidencial|confidentielle)"
_COMPANY = r"(?:company|employer|firm|firma|unternehmen|empresa|entreprise)"
_NO_COMPANY_SAID = re.compile(
    rf"(?i)\s*(?:(?:{_KEPT_BACK}|unknown|unnamed|unspecified)\s+{_COMPANY}|n\.\s?n\."
    rf"|{_COMPANY}\s+{_KEPT_BACK}|(?:{_KEPT_BACK}|none|null|n/a|unemployed|arbeitslos)"
    r"(?:\s+[-–—|]\s+.+|\s*[(\[].+))\W*"
)
"""What is kept back or is not, and then more of it: `Confidential - Fortune 500`."""
_NOT_ITS_NAME = re.compile(
    r"(?i)\s*(?:\S+@\S+\.\S+|https?://\S+|www\.\S+"
    r"|\d[\d.,]*\s?[-–]\s?\d[\d.,]*(?:\s?employees)?|\d[\d.,]*\+?\s?employees|\d[\d,.]*\+)\s*$"
)
_WRAPPED = re.compile(r"^[^\w#]+|[\W_]+$")
_SAYS_NOTHING = ("P", "Z", "C", "Sk", "Sm")
"""Categories of characters that say nothing by themselves; a picture does."""


def is_blank(value: str) -> bool:
    """Whether a cell says nothing."""
    return not value.strip() if len(value) > LONGEST else _is_blank(value)


@lru_cache(maxsize=CELLS)
def _is_blank(value: str) -> bool:
    # Most cells are words of letters and digits, and lists are long.
    solid = value.replace(" ", "")
    if solid.isascii() and solid.isalnum():
        plain = solid.lower()
        surely = plain not in WORDS_FOR_NOTHING and not plain.startswith(UNNAMED)
        if surely and value.split(None, 1)[0].lower() not in WORDS_FOR_NOTHING:
            return False
    return says_nothing(value)


def says_nothing(value: str) -> bool:
    """The same of any short cell, slower."""
    plain = folded(value)
    if not plain:
        return all(unicodedata.category(letter).startswith(_SAYS_NOTHING) for letter in value)
    if len(plain) > _LONGEST_ABBREVIATION and value.isalnum() and plain not in WORDS_FOR_NOTHING:
        return plain.startswith(UNNAMED) and plain[len(UNNAMED) :].isdigit()
    may_be = "#" in value or ":" in value or "(" in value or "[" in value or "<" in value
    shaped = may_be and any(shape.fullmatch(value) for shape in _SHAPES)
    if (
        shaped
        or plain in WORDS_FOR_NOTHING
        or _is_of_a_program(value, plain)
        or _says_nothing_twice(value)
    ):
        return True
    if "#" not in value and len(plain) > _LONGEST_ABBREVIATION:
        return False
    return _is_short_for_nothing(value, plain)


def _is_short_for_nothing(value: str, plain: str) -> bool:
    inner = _WRAPPED.sub("", value).lower()
    if inner.startswith("#"):
        return plain in _SPREADSHEET_ERRORS
    return len(plain) <= _LONGEST_ABBREVIATION and "".join(inner.split()) in _ABBREVIATIONS


def _is_of_a_program(value: str, plain: str) -> bool:
    if plain == "n":
        return value.strip(" \t\"'") in _NULLS
    return plain.startswith(UNNAMED) and plain[len(UNNAMED) :].isdigit()


def _says_nothing_twice(value: str) -> bool:
    """Whether each piece of it says nothing: `N/A (unknown)`, `null, undefined`."""
    said = _BETWEEN.split(value)
    if len(said) == 1:
        return False
    pieces = [piece for piece in said if folded(piece)]
    return len(pieces) > 1 and folded(pieces[0]) in WORDS_FOR_NOTHING and all(map(is_blank, pieces))


def is_left_blank(value: str) -> bool:
    """Whether a program wrote it for nothing, and nobody would: `undefined`, `N/A`, `#REF!`.

    Surer than `is_blank`, of which many a word is one that people say: `private`, `none`.
    """
    plain = folded(value)
    if len(value) > LONGEST or not plain:
        return False
    return (
        plain in _OF_PROGRAMS
        or ("linkedin" in plain and plain in WORDS_FOR_NOTHING)
        or _NOT_APPLICABLE.fullmatch(value) is not None
        or any(shape.fullmatch(value) for shape in _SHAPES)
        or _is_short_for_nothing(value, plain)
    )


def is_no_text(text: str) -> bool:
    """Whether what stands where a whole text should is a word for nothing, or a dash.

    Other signs are said (`?`), and so is a question (`Na?`) and the shortest of words (`нет`).
    """
    text = text.strip()
    if not folded(text):
        return bool(text) and _DASHES.issuperset(text)
    is_short = text.isalpha() and len(text) <= _LONGEST_ABBREVIATION
    may_be_said = is_short and text.casefold() not in _TO_COME
    is_asked = text.endswith("?") and not text.startswith("#")
    return is_left_blank(text) or (is_blank(text) and not (may_be_said or is_asked))


def is_no_company(value: str) -> bool:
    """Whether a cell names no company: it is blank, or what people write who have none."""
    return is_blank(value) or names_no_company(value)


def names_no_company(value: str) -> bool:
    """Whether what a cell says is no company's name: people write so who have none.

    A mailbox, an address of a page and a number of people are none either, where a tool has moved
    its columns.
    """
    may_be_none = "@" in value or "/" in value or "." in value or value[:1].isdigit()
    if may_be_none and _NOT_ITS_NAME.match(value) is not None:
        return True
    if len(value) > LONGEST:
        return False
    return folded(value) in _NO_COMPANY or _NO_COMPANY_SAID.fullmatch(value) is not None
