"""Encodings by evidence."""

# ruff: noqa: RUF001 - quotes and dashes are meant

from __future__ import annotations

import pytest
from campaigns.leads.central_europe import likelier
from campaigns.leads.encodings import Decoding
from hypothesis import given
from hypothesis import strategies as st

PEOPLE = (
    "Vorname;Nachname;Firma\nBjörn;Öst;Bäckerei Kühn\nJürgen;Groß;Käse & Söhne",
    "Prénom;Nom;Entreprise\nRenée;Martin;Société G\nFrançois;Lefèvre;À la carte",
    "Nombre;Apellidos\nBegoña;Núñez\nÁngel;Muñoz\nJosé María;Peña",
    "Nome;Sobrenome\nJoão;Conceição\nAntónio;Simões",
    "Name;Firma\nRené;L’Oréal\nSiobhán;O’Neil – Söhne",
    "Etunimi;Sukunimi\nÅsa;Mäkelä\nSøren;Kjær",
    "First Name,Company\nJosé,Café “Noir” – €5",
    "First Name,Company\nAda,The “Loom” – Looms… £5 »Weft«",
    "Name,Note\nAda,“hello” she said – twice",
    "Nom,Note\nÉlodie,C’est à voir… «oui» – déjà",
)
NAMES = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "cp1252": "Windows-1252",
    "mac-roman": "Mac Roman",
}


def decoded(content: bytes, size: int) -> tuple[str, str]:
    """The text and the name of its encoding, from pieces of that size."""
    decoding = Decoding()
    pieces = [content[i : i + size] for i in range(0, len(content), size)]
    text = "".join(decoding.decode(piece, final=False) for piece in pieces)
    return text + decoding.decode(b"", final=True), decoding.name


@given(
    st.sampled_from(PEOPLE),
    st.sampled_from([*NAMES]),
    st.integers(1, 200),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_every_row_is_read(text: str, encoding: str, size: int, newline: str) -> None:
    """Whatever a spreadsheet saved the list as, in pieces of any size, it is the same text."""
    text += "\nAda;Quill;https://www.linkedin.com/in/ada"
    content = text.replace("\n", newline).encode(encoding)

    assert decoded(content, size) == (text, NAMES[encoding])


CENTRAL = {
    "Polish": "Imię;Firma\nŁukasz;Żółw Śląsk\nPaweł;Wałęsa\nKamińska;Gdańsk\nAda;Quill",
    "Czech": "Jméno;Firma\nJiří;Dvořák\nVěra;Němcová\nPetr;Tůma\nOndřej;Kučera\nTomáš;Černý",
    "Slovak": "Meno;Firma\nĽubomír;Kováčik\nMaďar;Beňo\nKráľ;Žilina\nŠtefan;Púchov",
    "Hungarian": "Név;Cég\nErdős Pál;Győr\nSzűcs István;Kőszeg\nÁdám;Fűtő Kft.",
    "Croatian": "Ime;Tvrtka\nJosip;Kovačević\nĐurđa;Marković\nŽeljko;Čović",
}


@given(
    st.sampled_from([*CENTRAL]),
    st.sampled_from(["cp1250", "iso8859-2"]),
    st.integers(1, 200),
)
def test_central_europe_is_read(language: str, encoding: str, size: int) -> None:
    """Nobody is `Dvoøák` or `£ukasz`: how letters stand says which spreadsheet wrote them."""
    names = {"cp1250": "Windows-1250", "iso8859-2": "ISO-8859-2"}

    text, name = decoded(CENTRAL[language].encode(encoding), size)

    assert text == CENTRAL[language]
    # In Hungarian both write the same bytes.
    assert name == names[encoding] or language == "Hungarian"


WESTERN = (
    "Lelièvre;Geneviève;Rivière;Hélène;Forêt;François;Loïc;Anaïs;Cœur;Benoît;Août",
    "Sørensen;Østby;Bjørn;Jørgen;Møller;Kjær;Håkan;Åsa;Bøe;Øystein;Sjøen;Sandø",
    "Muñoz;Núñez;Peña;Íñigo;Begoña;José;Ángel;Ibáñez",
    "João;Conceição;Simões;Magalhães;Maitê;Mêda;Inês;António;Covilhã",
    "Tõnu;Põder;Kõiv;Jõe;Õun;Mägi;Võsu",
    "Guðrún;Þór;Ásdís;Sigríður;Þorsteinn",
    "Giosuè;Niccolò;Boldù;Borzomì;Nicolò",
    "Jürgen;Groß;Käthe;Söhne;Müller",
)


@given(st.lists(st.sampled_from(";".join(WESTERN).split(";")), min_size=1, max_size=30))
def test_the_west_stays_the_west(names: list[str]) -> None:
    """No name of these, alone or among others, is read as one of Central Europe."""
    text = "Name;Firma\n" + "\n".join(f"{name};Looms" for name in names)

    assert likelier(text.encode("cp1252"), "cp1252") == "cp1252"


ELSEWHERE = (
    "Köhn;Böcklin;Köpke;Schönherr;Möhring;Wölk;Stöckl;Frömel;Hüppe;Zülpich;Rückert;Schlüter",
    "Süring;Plümer;Käding;Mährlein;Sträter;Gräbner;Zieß;Reuß;Émilien;Solène;Anaëlle;Raphaëlle",
    "Médard;Gérôme;Théodore;Crémieux;Lachêne;Pâquet;Côtelette;Lançon;Arnaïs;Saïd;Béziers",
    "Cañete;Ledesmaña;Gálvez;Cárdenas;Cóndor;Túñez;Gusmão;Caldeirão;Brêtas;Bjørnson;Rørvik",
    "Tøgersen;Grøndahl;Blåtand;Sjölin;Nordlöf;Hämälä;Kärki;Jylhä;Loredò;Daniëla",
)
"""Names that `letters.toml` has not."""
SEVERAL = [name for name in ";".join((*WESTERN, *ELSEWHERE)).split(";") if name != "Íñigo"]


@given(
    st.lists(st.sampled_from(SEVERAL), min_size=1, max_size=12),
    st.sampled_from(["cp1252", "mac-roman", "cp850", "cp437"]),
)
def test_names_say_which_letters_they_have(names: list[str], encoding: str) -> None:
    """One name is enough: `Kîhn`, `Kjërsgaard` and `Soläne` of MS-DOS were greeted, by names
    that nobody has.
    """
    text = "\n".join(["Vorname;Nachname", *(f"Ada;{name}" for name in names), "Bo;Quill"])
    content = text.encode(encoding, "replace")

    read, _ = decoded(content, 1000)

    assert read == content.decode(encoding)


def test_a_letter_after_megabytes() -> None:
    """The first letter that is not ASCII decides, however late it comes; until then text flows."""
    decoding = Decoding()
    flowed = sum(len(decoding.decode(b"Ada,Quill\n" * 1000, final=False)) for _ in range(100))

    text = decoding.decode("Jürgen\n".encode("cp1252"), final=True)

    assert flowed == 1_000_000
    assert (text, decoding.name) == ("Jürgen\n", "Windows-1252")


@pytest.mark.parametrize(
    ("text", "encoding", "name"),
    [
        ("Vorname;Firma\nJürgen;Bäckerei Köhn", "cp850", "MS-DOS"),
        ("Vorname;Firma\nJürgen;Bäckerei Köhn", "cp437", "MS-DOS"),
        ("Vorname;Firma\nGünther;Groß", "cp850", "MS-DOS"),
        ("Prénom;Nom\nRené;Martin", "cp850", "MS-DOS"),
        ("Vorname;Nachname\nAda;Köhn", "cp850", "MS-DOS"),
        ("Vorname;Nachname\nAda;Köhn", "cp437", "MS-DOS"),
        ("Vorname;Nachname\nAda;Köhn", "mac-roman", "Mac Roman"),
        ("Vorname;Nachname\nAda;Köhn", "cp1252", "Windows-1252"),
        ("First Name,Company\nJiří,Škoda", "iso8859-2", "ISO-8859-2"),
        ("Vorname;Nachname\nDÉSIRÉE;MÜLLER", "mac-roman", "Mac Roman"),
        ("Vorname;Nachname\nDÉSIRÉE;MÜLLER", "cp1252", "Windows-1252"),
    ],
)
def test_a_list_of_few_letters(text: str, encoding: str, name: str) -> None:
    """`JÅrgen` of `BÑckerei` was greeted: a capital stands in no word of small letters."""
    assert decoded(text.encode(encoding), 7) == (text, name)


@pytest.mark.parametrize(("text", "encoding"), [("Şükrü", "cp1254"), ("דוד", "cp1255")])
def test_letters_of_no_language_are_not_guessed(text: str, encoding: str) -> None:
    """`Þükrü` and `ãåã` were greeted, which nobody is called in any language of the west."""
    letters, _ = decoded(f"First Name,Company\n{text},x\n".encode(encoding), 1000)

    assert any("\udc80" <= letter <= "\udcff" for letter in letters)


@given(st.lists(st.sampled_from(["Jürgen", "Käthe", "Müller", "Søren"]), min_size=3))
def test_one_odd_name_costs_no_list(names: list[str]) -> None:
    """A name in letters of no one language is read as the many others are."""
    text = "\n".join(["Name", *names, "Þükrü"])

    assert decoded(text.encode("cp1252"), 1000) == (text, "Windows-1252")


@pytest.mark.parametrize("encoding", ["cp1251", "shift-jis", "euc-kr", "gb18030"])
def test_other_scripts_are_not_guessed(encoding: str) -> None:
    """A name in the letters of another script would be sent as nonsense; its rows are told."""
    names = {
        "cp1251": "Иван Петров",
        "shift-jis": "山田太郎",
        "euc-kr": "홍길동",
        "gb18030": "王小明",
    }
    content = f"Name,Firma\n{names[encoding]},x\n".encode(encoding)

    text, _ = decoded(content, 1000)

    assert any("\udc80" <= letter <= "\udcff" for letter in text)


@given(st.binary(max_size=300), st.integers(1, 50))
def test_pieces_change_nothing(content: bytes, size: int) -> None:
    """Where the bytes are cut changes neither the text nor the encoding."""
    assert decoded(content, size) == decoded(content, 1000)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\0\ufeff"), max_size=100))
def test_utf_8_stays_what_it_is(text: str) -> None:
    """No text in UTF-8 is taken for anything else."""
    assert decoded(text.encode(), 7) == (text, "UTF-8")
