"""Which word of a full name is the given name."""
# ruff: noqa: E501 - tables of names read best as such

from __future__ import annotations

import pytest
from campaigns.models import Person
from campaigns.texts.names import japanese
from campaigns.texts.names.lexicon import LEXICONS, Meaning
from campaigns.texts.names.name_order import (
    SILENT,
    NameColumn,
    NameOrder,
    column_of,
    read_beside,
    read_name,
)
from campaigns.texts.render import Reader, Sender, rendering
from hypothesis import given
from hypothesis import strategies as st

HUNGARIAN = NameColumn(order=NameOrder.FAMILY_FIRST, language="hu", is_told=True)
FAMILY_FIRST = NameColumn(order=NameOrder.FAMILY_FIRST, is_told=True)


def called(name: str, column: NameColumn = SILENT) -> str | None:
    known = read_name(name, column)
    return None if known is None else known.given


@pytest.mark.parametrize(
    ("name", "given_name"),
    [
        *(("Kovács Anna", "Anna"), ("Anna Kovács", "Anna"), ("KOVÁCS ANNA", "Anna")),
        *(("Kovacs Anna", "Anna"), ("dr. Kovács Péter", "Péter"), ("Péter Kovács", "Péter")),
        *(("Kovácsné Szép Éva", "Éva"), ("Kovács-Tóth Anna Réka", "Anna Réka")),
        *(("Kovács Istvánné", None), ("Kovács Zebulon", None), ("László Anna", None)),
        *(("Nguyễn Văn An", "An"), ("Nguyen Van An", "An"), ("An Nguyen", "An")),
        *(("Wang Xiaoming", "Xiaoming"), ("Xiaoming Wang", "Xiaoming"), ("Chen Yang", None)),
        *(("Huang Chen", None), ("Zhang Levinson", None), ("Tanaka Yuki", "Yuki")),
        *(("Yuki Tanaka", "Yuki"), ("Park Ji-sung", "Ji-sung"), ("Park", None), ("Kim", "Kim")),
        *(("王小明", "小明"), ("王 小明", "小明"), ("欧阳修文", "修文"), ("林健一", None)),
        *(("山田 太郎", "太郎"), ("山田太郎", None), ("佐藤はな様", "はな"), ("ジョン・スミス", "ジョン")),
        *(("김민수", "민수"), ("남궁민수", "민수"), ("김 민수", "민수"), ("김민수님", "민수"), ("황보람", None)),
        *(("Иванов Иван Иванович", "Иван"), ("Иван Иванович Иванов", "Иван")),
        *(("Петрова Анна", "Анна"), ("Анна Петрова", "Анна"), ("Шевченко Олена", "Олена")),
        *(("Ada LOVELACE", "Ada"), ("LOVELACE Ada", None), ("Ada Lovelace", "Ada")),
        *(("Chen Levi", None), ("Lê Marsh", None), ("Le Marsh", "Le"), ("Lee Marsh", "Lee"), ("Яков Зима", "Яков"), ("Stefan Weber", "Stefan"), ("Kim Marsh", "Kim"), ("Martin Thomas", "Martin")),
        *(("Gal Marsh", "Gal"), ("Frank Weber", "Frank"), ("Mai Weber", "Mai"), ("Simon Daniel", "Simon")),
        *(("Carla Anna", "Carla"), ("Marianne Weber", "Marianne"), ("Wei Li", "Wei"), ("Song Marsh", "Song")),
    ],
)  # fmt: skip
def test_a_name_tells_by_itself(name: str, given_name: str | None) -> None:
    """In a column that says nothing; None is a name by which nobody is greeted."""
    assert called(name) == given_name


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("Иванов Иван Иванович", "Иванов"),
        ("Nguyễn Văn An", "Nguyễn"),
        ("Kovácsné Szép Éva", "Kovácsné Szép"),
        ("Nagy-Kovács Éva dr.", "Nagy-Kovács"),
        ("Kovács Anna Réka", "Kovács"),
    ],
)
def test_the_family_name_is_what_stands_before(name: str, family: str) -> None:
    """No patronymic and no middle name is part of it."""
    known = read_name(name)

    assert known is not None
    assert known.family == family


@pytest.mark.parametrize(
    ("name", "given_name"),
    [
        *(("Kovács Zebulon", "Zebulon"), ("Weöres Zebulon", "Zebulon"), ("Weöres Anna", "Anna")),
        *(("Anna Weöres", None), ("László Péter", "Péter"), ("Nagy", None), ("Anna", "Anna")),
        *(("Zebulon", None), ("B. Nagy Anna", "Anna"), ("Nagy B.", None), ("Anna Mária", None)),
        *(("Kovács Tóth", None), ("Nagy Kovács Zebulon", "Zebulon"), ("Anna Kovács", "Anna")),
    ],
)
def test_a_hungarian_column_tells(name: str, given_name: str | None) -> None:
    """By its language, where the name does not say otherwise; then nobody is greeted."""
    assert called(name, HUNGARIAN) == given_name


@pytest.mark.parametrize(
    ("name", "given_name"),
    [
        *(("Rossi Maria", "Maria"), ("De Luca Maria", "Maria"), ("García Márquez Ana", None)),
        *(("ROSSI BIANCHI Maria", "Maria"), ("Rossi, Maria", "Maria"), ("Dupont Jean-Luc", "Jean-Luc")),
    ],
)  # fmt: skip
def test_a_register_tells(name: str, given_name: str | None) -> None:
    """A column that is headed by last and first name, in a language that says them otherwise."""
    assert called(name, FAMILY_FIRST) == given_name


def test_most_names_tell_of_the_others() -> None:
    """One that tells nothing is read as those around it; where they differ nobody is greeted."""
    told = ["Kovács Anna", "Nagy Réka", "Szabó Éva", "Tóth Dóra"]
    turned = column_of([*told, "Weöres Zebulon"], [""] * 5)
    plain = column_of([*(" ".join(reversed(n.split())) for n in told), "X Y"], [""] * 5)
    mixed = column_of([*told[:2], "Anna Kovács", "Réka Nagy", "X Y"], [""] * 5)

    assert [called("Weöres Zebulon", each) for each in (turned, plain, mixed)] == [
        *("Zebulon", "Weöres", None)
    ]


def test_a_few_do_not_tell_of_many() -> None:
    """Some Hungarians among others turn nobody else's name."""
    others = [f"Ada Quill{letter}" for letter in "abcdefghijklmnop"]
    column = column_of(["Kovács Anna", "Nagy Réka", "Szabó Éva", *others], [""] * 19)

    assert called("Ada Quill", column) == "Ada"


def test_addresses_tell() -> None:
    """LinkedIn makes them of given and family name, and puts something of its own behind."""
    names = ["Quill Ada", "Marsh Bo", "Reed Cy", "Ox Di"]
    slugs = ["ada-quill-1a2b3c", "bo-marsh-77aa11", "cy-reed-99bb", "somebody"]

    assert column_of(names, slugs).order is NameOrder.FAMILY_FIRST
    assert column_of(names, ["", "", "", ""]).order is NameOrder.GIVEN_FIRST


def test_one_contrary_name_leaves_a_short_column_open() -> None:
    """A header of a language that says the family name first is no proof against a name."""
    column = column_of(["Anna Kovács", "Weöres Zebulon"], ["", ""], language="hu")

    assert column.order is NameOrder.UNKNOWN


def test_what_stands_beside_its_last_name() -> None:
    """Whichever comes first, the rest is the given name."""
    assert read_beside("Weöres Zebulon", "Weöres") == "Zebulon"
    assert read_beside("Zebulon Weores", "Weöres") == "Zebulon"
    assert read_beside("Weöres", "Weöres") == read_beside("Anna", "Weöres") == ""


def test_an_owner_is_named_as_a_lead() -> None:
    """A sender whose given name is not known has a whole name, and no first one."""
    said = [
        rendering(
            "{{sender.first_name|-}} {{sender.full_name|-}}",
            Reader(
                person=Person(public_identifier="ada"),
                lead_id="lead_1",
                step_id="step_1",
                sender=Sender(account_id="acct_1", name=name),
            ),
        ).text
        for name in ("Kovács Anna", "Huang Chen", "Ada Quill")
    ]

    assert said == ["Anna Anna Kovács", "- Huang Chen", "Ada Ada Quill"]


@given(st.text(max_size=40), st.sampled_from([*LEXICONS, ""]), st.sampled_from([*NameOrder]))
def test_a_given_name_is_of_the_name(name: str, language: str, order: NameOrder) -> None:
    """Whatever a cell holds, it is read or left open, and nothing is invented."""
    known = read_name(name, NameColumn(order=order, language=language, is_told=bool(language)))

    if known is not None:
        assert len(known.given) + len(known.family) <= 4 * len(name)
        assert known.given == known.given.strip()


@given(st.data(), st.sampled_from(["hu", "vi", "zh", "ja", "ko"]))
def test_no_known_family_name_is_greeted(data: st.DataObject, language: str) -> None:
    """In neither order, and whatever the column says: of two words the family's is not the one."""
    lexicon = LEXICONS[language]
    families = sorted(w for w in lexicon.family if lexicon.meaning(w) is Meaning.FAMILY)
    family = data.draw(st.sampled_from(families)).title()
    other = data.draw(st.sampled_from(["Zebulon", "Ada", "Quill", "Xo", "Mina"]))
    order = data.draw(st.sampled_from([*NameOrder]))
    column = NameColumn(order=order, language=language, is_told=True)

    for name in (f"{family} {other}", f"{other} {family}"):
        assert called(name, column) != family
        assert called(name) != family


@pytest.mark.parametrize(
    ("name", "given_name"),
    [
        *(("Furusawa Chie", "Chie"), ("Chie Furusawa", "Chie"), ("Nabeshima Sachie", "Sachie")),
        *(("Ohno Satoshi", "Satoshi"), ("Ōno Satoshi", "Satoshi"), ("Oono Satoshi", "Satoshi")),
        *(("Hattori Kenji", "Kenji"), ("Honma Jun'ichi", "Jun'ichi"), ("Homma Junichi", "Junichi")),
        *(("Furusawa Xo", "Furusawa"), ("Tanaka Zoe", "Zoe"), ("Chie Weber", "Chie")),
        *(("Izumi Yuki", None), ("Furusawa Mioka", None), ("Ubagai Hiroshi", None)),
        *(("Mika Salo", "Mika"), ("Sara Romano", "Sara"), ("Joko Widodo", "Joko")),
        *(("Gino Marino", "Gino"), ("Ida Miettinen", "Ida"), ("Eremia Toma", "Eremia")),
    ],
)  # fmt: skip
def test_a_japanese_name_in_latin_letters(name: str, given_name: str | None) -> None:
    """Of the names of a register two in three were greeted by the family's, which was not known.

    Whoever only sounds so (Finns, Italians, Indonesians) is greeted as before.
    """
    assert called(name) == given_name


@given(st.data())
def test_no_known_japanese_family_name_is_greeted(data: st.DataObject) -> None:
    """In a column that says nothing, whatever Japanese name stands beside it, in either order."""
    families, givens = (
        sorted(word for word in japanese.LISTED[kind] if japanese.meaning(word) is only)
        for kind, only in (("family", Meaning.FAMILY), ("given", Meaning.GIVEN))
    )
    family = data.draw(st.sampled_from(families)).title()
    other = data.draw(st.sampled_from(givens)).title()

    for name in (f"{family} {other}", f"{other} {family}"):
        assert called(name) == other


@pytest.mark.parametrize("name", ["・様", "･さん", "様", "小姐・", "・씨"])
def test_a_form_of_address_alone_is_nobodys_name(name: str) -> None:
    """A whole list was refused for one cell that said nothing else."""
    assert called(name) == ""


@given(st.text(alphabet="・･ 様氏さん씨님王欧阳田中やA,-.", max_size=9))
def test_whatever_stands_there_is_read_or_left(name: str) -> None:
    """No cell ends the reading of a list."""
    for column in (SILENT, HUNGARIAN, FAMILY_FIRST, NameColumn(language="ja", is_told=True)):
        read_name(name, column)
