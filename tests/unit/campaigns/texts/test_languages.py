"""Which language a short text is written in."""

from __future__ import annotations

import pytest
from campaigns.texts.languages import is_in_language
from hypothesis import given
from hypothesis import strategies as st

SENTENCES = {
    "english": [
        "Hi Jane, great to see your team growing. Would love to connect!",
        "Thanks for connecting, Dr. Müller-Lüdenscheidt! Let's talk about Produktionsplanung.",
        "Your point on hiring slowly is a good reminder. What made you change the process?",
        "Hello Maria, I work with logistics teams in São Paulo and would like to exchange ideas.",
    ],
    "spanish": [
        "Hola Jane, me encantaría conectar contigo y conocer tu trabajo.",
        "Gracias por compartirlo, es justo lo que vemos en nuestras plantas.",
    ],
    "french": [
        "Bonjour Jane, je serais ravi d’échanger avec vous.",  # noqa: RUF001  as it is written
        "Très bon point sur les délais de livraison.",
    ],
    "german": [
        "Hallo Jane, ich würde mich freuen, mich mit Ihnen zu vernetzen.",
        "Sehr guter Punkt zu den Lieferzeiten.",
    ],
    "portuguese": [
        "Olá Jane, gostaria de me conectar com você e conhecer seu trabalho.",
        "Parabéns pelo lançamento!",
    ],
    "italian": ["Ho letto il tuo articolo e mi è piaciuto molto."],
    "dutch": ["Ik heb je artikel gelezen en het sprak me erg aan."],
}
CASES = [(text, language) for language, texts in SENTENCES.items() for text in texts]


@pytest.mark.parametrize(("text", "language"), CASES)
def test_each_language(text: str, language: str) -> None:
    """A sentence is in its own language and, foreign names or not, in no other."""
    assert [name for name in SENTENCES if is_in_language(text, name)] == [language]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Well said, Jane.", "german"),
        ("Impressive growth at Telekom Deutschland.", "english"),
        ("SaaS, KPI, ROI!", "french"),
        ("Kiva hienoa nähdä", "finnish"),
        ("", "english"),
    ],
)
def test_no_evidence(text: str, language: str) -> None:
    """Without small words, or for a language that is not known here, nothing is refused."""
    assert is_in_language(text, language)


@pytest.mark.parametrize("text", ["Отличная мысль", "很高兴认识你"])
def test_another_script(text: str) -> None:
    """A text in another script is in none of these languages."""
    assert not is_in_language(text, "english")


@pytest.mark.parametrize("spelt", ["German", "Deutsch", "de", "DE-AT", "german (formal)"])
def test_names_of_a_language(spelt: str) -> None:
    """A language is known by whatever the builders call it."""
    assert not is_in_language("I would love to hear what you think of this.", spelt)
    assert is_in_language("Sehr guter Punkt zu den Lieferzeiten.", spelt)


@given(st.text(max_size=60), st.text(max_size=12))
def test_any_text(text: str, language: str) -> None:
    """Whatever is asked, there is an answer."""
    assert is_in_language(text, language) in {True, False}
