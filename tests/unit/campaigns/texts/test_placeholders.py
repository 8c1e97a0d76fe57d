"""What looks like a placeholder that nobody fills in."""

# ruff: noqa: RUF001 - signs as other scripts write them

from __future__ import annotations

import pytest
from campaigns.models import Person
from campaigns.sequences.sequence import StepKind
from campaigns.texts.blanks import is_blank
from campaigns.texts.placeholders import is_template, is_unfilled, lookalikes
from campaigns.texts.render import Reader, TextInvalid, render, values_of
from campaigns.texts.variables import likely_variable
from campaigns.texts.writing import AnswerRefused, checked_answer
from hypothesis import given
from hypothesis import strategies as st

OTHER_TOOLS = (
    "%FIRSTNAME%",
    "%first_name%",
    "%%name%%",
    "*|FNAME|*",
    "<first_name>",
    "<Name>",
    "<<First Name>>",
    "«First Name»",
    "_FN_",
    "__FIRST_NAME__",
    "$firstName",
    "$FNAME$",
    "##name##",
    "#FIRSTNAME#",
    "@firstname@",
    "(first name)",
    "((company name))",
    "first_name",
    "firstName",
    "FIRSTNAME",
    "[Your Name]",
    "[frist_name]",
    "[unknown_thing]",
    "[Pain Point]",
    "[COMPANY HERE]",
    "[insert company]",
    "[Vorname]",
    "Your Name",
    "____",
    "XXX",
    "Lorem ipsum",
    "insert link here",
    "<p>",
    "</p>",
    "<br/>",
    "<a href='https://looms.example'>",
    "&nbsp;",
    "&nbsp",
    "&Eacute;",
    "<o:p>",
    "%First Name%",
    "%%first name%%",
    "%ИМЯ%",
    "<имя>",
    "〔name〕",
    "『first_name』",
    "%(name)s",
    "Firstname",
    "FirstName",
    "+firstname+",
    "=first_name=",
    "&company&",
    "(insert name)",
    "(your company)",
    "First Name",
    "[votre nom]",
    "[jouw naam]",
    "(Ihr Name)",
    "(votre prénom)",
    "【姓名】",
    "［名前］",
    "[LINK]",
    "[calendar link]",
    "[add personalization]",
    "[Personalised opener]",
    "(add personal note)",
    "TODO:",
    "[TODO]",
    "FIXME",
    "<?= $first ?>",
    "%s",
    "%1$s",
)


@pytest.mark.parametrize("token", OTHER_TOOLS)
def test_is_asked_about(token: str) -> None:
    """Whatever tool a placeholder comes from, it is found as it stands, and told."""
    (found,) = lookalikes(f"Hi {token}, hello {{{{first_name}}}}")

    assert found.text == token
    assert token in found.description


@pytest.mark.parametrize(
    "text",
    [
        *("Hi Name,", "Hello first name,", "Hallo Vorname!", "Liebe Vorname,", "Hola Nombre:"),
        *("Bonjour Prénom,", "Ciao nome,", "Beste naam,", "Dear Your Name", "hi, all\nHey name\nx"),
    ],
)  # fmt: skip
def test_nobody_is_greeted_by_the_name_of_a_name(text: str) -> None:
    """What somebody forgot to put marks around would be said as it stands."""
    assert lookalikes(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Hi there, name your price",
            "Hello name-dropper",
            "Dear names of old",
        ),
        "On a first name basis; hi, I saw your name, and title",
    ],
)
def test_greetings_are_greetings(text: str) -> None:
    """A word that goes on, or follows something else than a greeting, is a word."""
    assert lookalikes(text) == ()


@given(
    st.sampled_from(OTHER_TOOLS), st.sampled_from(["{{{{first_name|{}}}}}", "{{Hi|{}}}", "{} a"])
)
def test_wherever_it_stands(token: str, place: str) -> None:
    """In a fallback or an option it would be sent to some, and is found as well."""
    try:
        found = lookalikes(place.format(token))
    except TextInvalid:
        return  # refused for more than that
    assert found


@given(st.lists(st.sampled_from(OTHER_TOOLS), min_size=1, max_size=4, unique=True))
def test_what_is_confirmed_is_meant(tokens: list[str]) -> None:
    """What the customer confirms by the name that was told is not asked about again."""
    text = " and ".join(tokens)
    told = [each.text for each in lookalikes(text)]

    assert told
    assert lookalikes(text, literal=told) == ()
    assert [each.text for each in lookalikes(text, literal=told[1:])] == told[:1]


@pytest.mark.parametrize(
    "text",
    [
        "I have a one-page comparison [PDF] of both ways.",
        "See [1] and [see below], or [x].",
        "We grew by 50% in 2024 and 20% in 2025.",
        "I <3 your work & what you do; R&D; a < b and c > d",
        "Write to Ada <ada@looms.example>",
        "On a first-name basis #OpenToWork #AI for $100",
        "I saw your name on a list of company names; that_is_all _really_ :)",
        "It is (your choice), 20 % of the company and 30 % more; Smith & Company & Sons; Q&A; P&L;",
        "Prices: 10k-20k (net); name your title!",
        "« Bonjour », dit-elle.",
        "*bold* and **bold** ~ maybe ~ it's 100% true, 100%",
    ],
)
def test_sentences_are_not(text: str) -> None:
    """What people write in sentences passes without a question."""
    assert lookalikes(text) == ()


@given(st.text(st.characters(categories=["L", "Nd", "Zs"], exclude_characters="X"), max_size=60))
def test_words_are_words(text: str) -> None:
    """Letters, digits and spaces are no placeholder, unless they spell one, or say nothing."""
    squeezed = text.lower().replace(" ", "")
    if not is_blank(text) and not any(
        each in squeezed for each in ("name", "title", "ipsum", "insert")
    ):
        assert lookalikes(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        *(
            "TODO",
            "Hi TODO, hello",
            "My note: TODO",
            "TODO add a line on their post",
            "TODO: intro",
        ),
        *("(TODO) and so on", "Hello TODO and welcome", "[TODO]", "Hi,\nTODO\n\nBest", "TODO!"),
    ],
)
def test_a_note_to_oneself_is_asked_about(text: str) -> None:
    """Alone, marked, at an end, or followed by what is to be done."""
    assert lookalikes(text)
    assert is_unfilled(text)


@pytest.mark.parametrize(
    "text",
    [
        *("TODO MUEBLE SL", "Felicidades a TODO el equipo!", "Gracias por TODO, Ana", "TODO A 100"),
        *("SOBRE TODO", "Parabéns a TODO o time", "TODO mundo gosta", "Con TODO, seguimos"),
    ],
)
def test_the_whole_of_it_is_no_note(text: str) -> None:
    """In Spanish and Portuguese it is a word, of a company's name or for stress."""
    assert lookalikes(text) == ()
    assert not is_unfilled(text)


@pytest.mark.parametrize(
    ("token", "likely"),
    [
        ("[frist_name]", "first_name"),
        ("%FIRSTNAME%", "first_name"),
        ("_FN_", "first_name"),
        ("*|LNAME|*", "last_name"),
        ("<compny>", "company"),
        ("[Your Name]", "sender.full_name"),
        ("[unknown_thing]", "unknown_thing"),
        ("[Northwind]", ""),
    ],
)
def test_likely_names(token: str, likely: str) -> None:
    """What was likely meant is told."""
    assert likely_variable(token) == likely


@pytest.mark.parametrize(
    "value",
    [
        "{{firstName}}",
        "{company}",
        "%COMPANY%",
        "*|COMPANY|*",
        "<company>",
        "[company]",
        "<b>x</b>",
        "Loved your post, [Name]",
        "Your talk on [insert topic] was great",
        "Head of [Your Department]",
        "Best, Your Name",
        "I liked your talk on ____",
        "Lorem ipsum dolor",
    ],
)
def test_unfilled_values(value: str) -> None:
    """A value that is a template is no value, in whatever field or column."""
    person = Person(
        public_identifier="a", first_name=value, company=value, title=value, variables={"x": value}
    )

    assert is_unfilled(value)
    assert not any(values_of(person).values())


@pytest.mark.parametrize(
    "value",
    [
        *("Looms [formerly Weft]", "R&D", "50% off", "Name it", "#1 in yarn"),
        *("Looms [Holding]", "Director [EMEA]", "XXXL Looms", "We met in [Paris, 2024]"),
    ],
)
def test_filled_values(value: str) -> None:
    """Brackets, signs and numbers belong to many a value."""
    assert not is_unfilled(value)


@given(st.sampled_from(OTHER_TOOLS))
def test_the_same_eyes_for_ai(token: str) -> None:
    """What a customer is asked about is refused when AI writes it."""
    with pytest.raises(AnswerRefused) as refused:
        checked_answer(f"Good to meet you {token} again", StepKind.SEND_FOLLOWUP)

    assert refused.value.reason in {"PLACEHOLDER", "LINK"}


ADA = Reader(person=Person(public_identifier="ada", first_name="Ada"))
NOBODY = Reader(person=Person(public_identifier="x"))


@given(
    st.sampled_from(["", " ", "  "]),
    st.sampled_from([("'", "'"), ('"', '"'), ("“", "”"), ("„", "“"), ("«", "»")]),
    st.sampled_from(["there", "you all", "a|b", ""]),
    st.sampled_from(["default: {}", "default:{}", "default({})", "Default: {}", "DEFAULT:{}"]),
)
def test_liquid_default(space: str, quotes: tuple[str, str], word: str, form: str) -> None:
    """Liquid's `default` is a fallback like any other, however it is spelled and quoted."""
    tail = form.format(quotes[0] + word + quotes[1])
    text = f"Hi {{{{{space}first_name{space}|{space}{tail}{space}}}}}, hello"

    assert render(text, ADA) == "Hi Ada, hello"
    assert render(text, NOBODY) == f"Hi {word}, hello".replace(" ,", ",")


@pytest.mark.parametrize(
    "text",
    [
        "{{ first_name | capitalize }}",
        "{{ first_name | default: 'there' | upcase }}",
        "{{first_name|truncate: 10}}",
        "{{ first_name | default: there }}",
        "{{ first_name | default }}",
        "{{ first_name or 'there' }}",
        "{{ first_name | Default: there }}",
        "{{ first_name | Capitalize }}",
        "{{ first_name | sentence_case }}",
        "{{ first_name | newline_to_br }}",
        "{{ first_name | firstWord }}",
        "{{ first_name | fallback 'there' }}",
        "{{ first_name | 'there' }}",
        '{{ first_name | "there" }}',
        "{{first_name ?? 'there'}}",
        "{{#if first_name}}Hi{{/if}}",
        "{{#company}}at {{company}}{{/company}}",
        "{{^first_name}}there{{/first_name}}",
        "{{if first_name}}Hi{{else}}Hello{{end}}",
        "{{> greeting}}",
        "{{! a remark }}",
        "[[first_name]]",
        "[first_name|{{company}}]",
        "[first_name|[company]]",
        "{{first_name|[company]}}",
        "{{first_name|{{company}}}}",
        "{[first_name|{{company}}]|x}",
    ],
)
def test_what_is_not_understood_is_refused(text: str) -> None:
    """Other filters, logic and variables within variables are refused, never said."""
    with pytest.raises(TextInvalid):
        lookalikes(text)
    with pytest.raises(TextInvalid):
        render(text, ADA)


@given(
    st.lists(
        st.sampled_from(
            """
            first name First Name FirstName jobtitle hi Hello vorname nom TODO fixme XXXX insert
            here lorem ipsum Your FNAME company Limited Vietnam Acme 42 title naam lname
            """.split()  # noqa: SIM905  words read best as words
        ),
        max_size=4,
    ),
    st.sampled_from([" ", "", "  "]),
)
def test_words_are_judged_as_any_value(words: list[str], between: str) -> None:
    """The short way that most values take leads where the long one does."""
    value = between.join(words)

    assert is_unfilled(value) == is_template(value)


LEFT_BLANK = ("N/A", "n.a.", "null", "undefined", "NaN", "LinkedIn Member", "#N/A", "k.A.")


@given(
    st.sampled_from(LEFT_BLANK),
    st.sampled_from(
        [
            "{{{{first_name|{}}}}}",
            "{{{{ pain | default: '{}' }}}}",
            "[company|{}]",
            "{{Hi|{{{{x|{}}}}}}}",
        ]
    ),
)
def test_a_word_for_nothing_is_no_fallback(word: str, place: str) -> None:
    """`Hi N/A of null` was sent to whoever had no name; who means it confirms it by name."""
    text = f"Hello {place.format(word)}, hello"

    (found,) = lookalikes(text)

    assert found.text == word
    assert lookalikes(text, literal=[word]) == ()


@pytest.mark.parametrize(
    "text", ["{{first_name|unbekannt}}", "{{sender.full_name|null}}", "[name|none]"]
)
def test_nobody_is_called_unknown(text: str) -> None:
    """What only a name cannot be is no fallback for one."""
    assert lookalikes(f"Hi {text}, hello")


@given(
    st.sampled_from(["first_name", "last_name", "full_name", "company", "sender.first_name"]),
    st.text(st.sampled_from("-–—.!? "), min_size=1, max_size=4).filter(str.strip),
)
def test_nobody_is_called_by_signs(name: str, signs: str) -> None:
    """“Hi -,” was sent: who means to say nothing leaves the fallback empty."""
    (found,) = lookalikes(f"Hi {{{{{name}|{signs}}}}}, hello")

    assert found.text == " ".join(signs.split())
    assert lookalikes(f"Hi {{{{{name}|{signs}}}}}, hello", literal=[signs]) == ()
    assert lookalikes(f"Hi {{{{{name}|}}}}, hello") == ()


@given(st.sampled_from([*LEFT_BLANK, "-", "--", "None", "unbekannt", "keine Angabe", "TBD", "tbc"]))
def test_a_word_for_nothing_is_no_text(word: str) -> None:
    """A text that is left blank by a tool is none."""
    assert [each.text for each in lookalikes(f" {word}\n")] == [word]
    assert lookalikes(word, literal=[word]) == ()


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Na?",
            "?",
            "...",
            "👋",
            "{{first_name}}?",
            "Danke",
            "{{first_name|}}",
            "{{title|-}}",
        ),
        *("in the {{industry|private}} sector", "{{issues|none}} so far", "{{region|NA}}"),
        *("{{first_name|there}}", "{{company|your company}}", "{{title|Unknown role}}", "", "NA"),
        *(
            "your {{company|private}} network",
            "{{first_name|Nana}}",
            "{{last_name|Null-Fehler}}",
            "{{sender.full_name|us}}",
        ),
    ],
)
def test_what_says_little_is_said(text: str) -> None:
    """A word that somebody may mean is not asked about."""
    assert lookalikes(text) == ()


HALF_CONVERTED = (
    *(
        "*|{}|*",
        "[{}]",
        "[ {} ]",
        "[Hi {}]",
        "[Dear {},]",
        "%{}%",
        "${}",
        "<{}>",
        "<<{}>>",
        "$${}$$",
        "%%{}%%",
        "##{}##",
    ),
)


@given(
    st.sampled_from(HALF_CONVERTED),
    st.sampled_from(["{{first_name}}", "{{lastName|you}}", "{{ full_name }}"]),
    st.sampled_from(["Hi {}, hello", "{}", "{{Hi {}|Hello}}"]),
)
def test_a_variable_in_the_marks_of_another_tool(marks: str, variable: str, place: str) -> None:
    """The marks would stand around the name: `Hi *|Ada|*,`."""
    if "|*" in marks and place.startswith("{{"):
        return  # a bar parts the options there
    text = place.format(marks.format(variable))

    (found,) = lookalikes(text)

    assert found.text.startswith(marks[0])
    assert lookalikes(text, literal=[found.text]) == ()


@pytest.mark.parametrize(
    "text",
    [
        *("[{{company}}] and we", "${{price}} a month", "{{growth}}% more", "#{{company}}"),
        *("%{{discount}}%", "<{{email}}>", "<{{link}}>", "({{first_name}})", "“{{first_name}}”"),
        *("*{{first_name}}*", "«{{company}}»", "I <3 {{company}} > all", "[{{first_name}} x us]"),
    ],
)
def test_signs_beside_a_variable_are_signs(text: str) -> None:
    """Prices, hashtags, quotes and subjects in brackets are written so."""
    assert lookalikes(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        *("Bonjour Prénom Nom,", "Hallo Herr Nachname,", "Hi (name),", "Hi *first name*,"),
        *("Hi |name|,", "Hi contactFirstName,", "Hi lead_first_name,", "Hi fname,", "Hi [X],"),
        *("Dear Mr. Last Name,", "Hola Nombre Apellidos,", "Gentile Nome Cognome,", "Cześć Imię,"),
        *(
            "Liebe Frau Nachname!",
            "Hi undefined,",
            "Hi null of Acme",
            "Hello null,",
            "Hi Undefined",
        ),
    ],
)
def test_nobody_is_greeted_by_what_was_to_be_filled_in(text: str) -> None:
    """In marks, behind a form of address, as a tool calls its fields: as a text and as a value."""
    assert lookalikes(text)
    assert is_unfilled(text)


@pytest.mark.parametrize(
    "text",
    [
        *("Hi Null-Fehler fans", "Hello Nan,", "Hi X,", "Dear Ms. Nomen,", "Hallo Herr Namer,"),
        *("Hi *Ada*,", "Hi (Ada),", "Hello name dropping fans,", "Hi nullified friends,"),
    ],
)
def test_who_is_greeted_by_a_name(text: str) -> None:
    """A name that looks like one of these is greeted."""
    assert lookalikes(text) == ()


@pytest.mark.parametrize(
    "text", ['{{first_name "there"}}', "{{first_name if first_name else 'x'}}"]
)
def test_a_field_that_goes_on_is_refused(text: str) -> None:
    """Other languages of templates decide so; here it would be a column that no list has."""
    with pytest.raises(TextInvalid):
        lookalikes(text)


@pytest.mark.parametrize("text", ["{{Company Size}}", "{{First Name Kanji}}", "{{Title of post}}"])
def test_a_column_may_begin_as_a_field_does(text: str) -> None:
    """`Company Size` is a column of many a list."""
    assert lookalikes(text) == ()
