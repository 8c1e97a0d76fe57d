"""Hungarian exports of sixty invented people: nobody is greeted by the family name."""

from __future__ import annotations

import csv
import io

import pytest
from campaigns.leads.lead_list import LeadListReader, RowNote
from campaigns.models import Person
from campaigns.texts.render import values_of

FAMILIES = """
    Nagy Kovács Tóth Szabó Horváth Varga Kiss Molnár Németh Farkas Balogh Papp Takács Juhász Lakatos
    Mészáros Oláh Simon Rácz Fekete László Balázs Péter Antal Weöres Csokonay Zebegényi Kónyapusztai
    Ürmösi Hatvanpusztay Szűcs Gál Őze Bódy Vitéz-Nagy Kovács-Zebegényi Berzsenyi Dani Frank Vörös
""".split()  # noqa: SIM905  words read best as words
GIVEN = """
    Anna Zsófia László Péter Bence Eszter Réka Dávid Gergő Ágnes Ildikó Csilla Tünde Balázs Antal
    Csenger Ugor Zsadány Lelle Nóra Őrs Éva Kata Simon Katalin Zoltán Sándor Judit Orsolya Márk
    Boglárka Levente Hanna Áron Máté Zita
""".split()  # noqa: SIM905  words read best as words
ROWS = 60
LEAST_RIGHT = 58

EXPORTS = {
    "a register, Windows": ("Név;Cég;Beosztás;LinkedIn", "full", "turned", "cp1250"),
    "a register, ISO": ("Teljes név;Munkahely;Beosztás;Profil link", "full", "turned", "iso8859-2"),
    "shouted headers": ("NÉV;CÉG;BEOSZTÁS;LINKEDIN", "full", "turned", "utf-16"),
    "given names first": ("Név;Cég;Beosztás;LinkedIn", "full", "plain", "utf-8-sig"),
    "said by the header": ("Vezetéknév Keresztnév;Cég;Beosztás;Link", "full", "turned", "cp1250"),
    "said, both": ("Családi és utónév;Cég;Beosztás;Link", "full", "turned", "utf-8"),
    "a tool's header": ("Full Name;Company;Title;LinkedIn URL", "full", "turned", "utf-8"),
    "a tool's own": ("Full Name;Company;Title;LinkedIn URL", "full", "plain", "utf-8"),
    "one word of English": ("Name;Cég;Beosztás;LinkedIn", "full", "turned", "cp1250"),
    "two columns": ("Vezetéknév;Keresztnév;Cég;LinkedIn", "parts", "turned", "cp1250"),
    "two columns, given first": ("Utónév;Családnév;Cég;LinkedIn", "parts", "plain", "utf-16"),
    "the whole beside the last": ("Vezetéknév;Név;Cég;LinkedIn", "beside", "turned", "utf-8"),
}


def people() -> list[tuple[str, str]]:
    """Family and given name of sixty."""
    return [
        (FAMILIES[(7 * i + i // 40) % len(FAMILIES)], GIVEN[(5 * i + i // 36) % len(GIVEN)])
        for i in range(ROWS)
    ]


def dressed(name: str, number: int) -> str:
    """As people type names."""
    match number % 10:
        case 3:
            return f"dr. {name}"
        case 5:
            return name.upper()
        case 7:
            return f" {name} (HR)"
        case _:
            return name


def export(header: str, shape: str, order: str, encoding: str) -> bytes:
    written = io.StringIO()
    rows = csv.writer(written, delimiter=";")
    rows.writerow(header.split(";"))
    for number, (family, given) in enumerate(people()):
        pair = (family, given) if order == "turned" else (given, family)
        full = dressed(" ".join(pair), number)
        names = {"full": [full], "parts": pair, "beside": [family, full]}[shape]
        cells = [*names, "Minta Kft.", *(["vezető"] if shape == "full" else [])]
        rows.writerow([*cells, f"https://www.linkedin.com/in/valaki-{number}x"])
    return written.getvalue().encode(encoding)


def read(data: bytes) -> tuple[list[str], list[RowNote]]:
    """How each is greeted, and what is told."""
    reader = LeadListReader()
    found = [*reader.feed(data), *reader.close()]
    greeted = [values_of(each)["first_name"] for each in found if isinstance(each, Person)]
    return greeted, [each for each in found if isinstance(each, RowNote)]


@pytest.mark.parametrize("name", EXPORTS)
def test_sixty_people(name: str) -> None:
    """Nearly all by their given name; of the others it is told, and nobody by another one."""
    greeted, notes = read(export(*EXPORTS[name]))

    both = zip(greeted, [given for _, given in people()], strict=True)
    wrong = [(n, g) for n, g in both if n.lower() not in {"", g.lower()}]
    untold = {i + 2 for i, n in enumerate(greeted) if not n} - {note.line for note in notes}
    assert (wrong, untold) == ([], set())
    assert sum(map(bool, greeted)) >= LEAST_RIGHT


@pytest.mark.parametrize("encoding", ["cp1250", "iso8859-2"])
def test_its_headers_tell_the_encoding(encoding: str) -> None:
    """One letter alone may be of Estonia; below a Hungarian header it is not."""
    content = "Vezetéknév;Utónév;LinkedIn\nVirág;Őrs;/in/a\nBarta;Őrs;/in/b\nNagy;Őrs;/in/c\n"

    assert read(content.encode(encoding))[0] == ["Őrs"] * 3


def test_it_is_told_of_the_list_and_of_the_row() -> None:
    """That the column is read last name first, and whose given name is not known."""
    names = ["Kovács Anna", "Nagy Éva", "Tóth Réka", "Anna Zebegényi"]
    rows = "".join(f"{name};/in/person-{i}\n" for i, name in enumerate(names))

    greeted, notes = read(f"Név;LinkedIn\n{rows}".encode())

    assert greeted == ["Anna", "Éva", "Réka", ""]
    assert [(note.line, note.reason) for note in notes] == [
        (0, "NAMES_TURNED"),
        (5, "NAME_ORDER_UNKNOWN"),
    ]
