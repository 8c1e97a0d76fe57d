"""campaigns.texts.words: a language is known in headers and in values, or in none."""

import pytest
from campaigns.leads.columns import understand
from campaigns.leads.headers import LEAD_FIELDS, PLACE_FIELDS
from campaigns.texts.blanks import is_blank, is_no_company
from campaigns.texts.job_titles import is_job
from campaigns.texts.person_names import names_of
from campaigns.texts.words import LANGUAGES, words_for

FIELDS = [field for field in (*LEAD_FIELDS, *PLACE_FIELDS) if field != "linkedin_url"]
NEEDED = {"first_name", "last_name", "full_name", "email", "company", "title", "phone", "city"}
NEEDED |= {"country", "nothing", "member", "no_company", "jobs"}
NAMES = """
    Tom Inga Nic Nima Hiba Nav Gol Ada Ana Eva Ena Ida Ina Iva Ivo Jan Jon Kim Lea Leo Lia Lin
    Mia Max Ola Ole Pia Rea Roy Sam Sol Tea Ute Uwe Vid Zoe Brac Levente Zsófia Bence Čestmír
    Zuzana Władysław Grażyna Žiga Hrvoje Ștefan Björn Åsa Søren Øyvind Päivi Þór Tõnu Jānis Eglė
    Gökçe Олена Дмитрий
""".split()  # noqa: SIM905  words read best as words


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_is_known_in_whole(language: str) -> None:
    """Who reads a list's headers reads what stands below them."""
    assert {each for each in NEEDED if not words_for(each, language)} == set()


def test_a_word_is_the_header_of_one_field() -> None:
    """Which one it meant would depend on the order of the languages."""
    fields: dict[str, set[str]] = {}
    for field in FIELDS:
        for word in words_for(field):
            fields.setdefault(word.casefold(), set()).add(field)

    assert {word: found for word, found in fields.items() if len(found) > 1} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_headers_are_recognised(language: str) -> None:
    """As they are written, shouted, and with underscores; a Hungarian list lost a third of them."""
    for field in FIELDS:
        for word in words_for(field, language):
            for header in (word, word.upper(), word.replace(" ", "_")):
                rows = [[header, "web"], ["x", "https://www.linkedin.com/in/ada-example"]]
                columns = understand(rows, {})
                assert field in {**columns.index_by_field, **columns.index_by_place}, header


@pytest.mark.parametrize("language", LANGUAGES)
def test_cells_say_nothing(language: str) -> None:
    """In any case and with what people put around it; of Hungarian ones half were said."""
    for word in [*words_for("nothing", language), *words_for("member", language)]:
        for cell in (word, word.upper(), word.capitalize(), f"({word})", f"- {word} -"):
            assert is_blank(cell), cell


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_stands_for_a_company_or_a_name(language: str) -> None:
    """Nobody is asked how things are at “freelancer”, or greeted as managing director."""
    assert [w for w in words_for("no_company", language) if not is_no_company(w.title())] == []
    assert [word for word in words_for("jobs", language) if not is_job([word])] == []


@pytest.mark.parametrize("title", words_for("titles"))
def test_a_title_is_left_out(title: str) -> None:
    """Whoever puts it before a name is greeted by the name."""
    assert names_of(f"{title.capitalize()}. Eva", "Example").first == "Eva"


@pytest.mark.parametrize("name", NAMES)
def test_nobodys_name_says_nothing(name: str) -> None:
    """`tom` is empty in Swedish, and the name of millions: what may be a name is left out."""
    assert names_of(name, "Example").first == name
