"""linkedin_gateway.replies.opt_outs: who asks for no further contact, and who does not."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from linkedin_gateway.replies.auto_replies import is_automatic
from linkedin_gateway.replies.opt_out_words import BY_LANGUAGE
from linkedin_gateway.replies.opt_outs import is_opt_out
from unipile_simulator.people.temperament import INTERESTED, NOT_NOW, POLITE, REFUSING, STOP

REQUESTS = {
    "en": [
        "stop",
        "Please remove me",
        "unsubscribe",
        "Opt-out.",
        "Don't contact me again",
        "Please stop messaging me and remove me from your list.",
        "No thanks, take me off your mailing list",
        "I would like to be removed",
        "No, please stop.",
        "Leave me alone!",
        "delete my data",
    ],
    "de": [
        "Abmelden",
        "kein Interesse, bitte löschen",
        "Kein Interesse. Bitte loeschen.",
        "Bitte keine weiteren Nachrichten",
        "Bitte nicht mehr kontaktieren",
        "Löschen Sie mich bitte aus Ihrer Liste",
        "Schreiben Sie mir bitte nicht mehr an",
        "Lassen Sie mich in Ruhe",
        "Ich möchte nicht mehr kontaktiert werden",
    ],
    "fr": [
        "Désinscription",
        "Merci de me retirer de votre liste",
        "Ne m'écrivez plus",
        "Veuillez supprimer mes données",
        "Je ne souhaite plus être contactée",
    ],
    "es": [
        "baja",
        "Darme de baja, por favor",
        "No me escriba más",
        "Deje de escribirme",
        "Elimíneme de su lista",
    ],
    "it": ["Cancellatemi, per favore", "Non mi contatti più", "Rimuovetemi dalla lista"],
    "pt": ["Remova-me da lista", "Não me contate mais", "Por favor, pare de me enviar mensagens"],
    "nl": ["Graag afmelden", "Verwijder mij uit uw database", "Geen berichten meer aub"],
}
ALL = [(language, text) for language, texts in REQUESTS.items() for text in texts]
TEXTS = [text for _, text in ALL]
OTHERS = [
    "",
    "🙂",
    "no",
    "not interested",
    "Kein Interesse",
    "Thanks!",
    "stop?",
    "Stop, that's amazing!",
    "Stop it",
    "Stop by our booth on Monday",
    "We stop by on Monday",
    "non-stop",
    "I can't stop thinking about it",
    "Don't stop",
    "Please don't remove me",
    "do not delete my data",
    "Bitte nicht abmelden",
    "nicht löschen",
    "no eliminar",
    "não remover",
    "ne supprimez pas mes données",
    "Please remove me from the cc but keep Anna in",
    "Stop sending me invoices to the old address",
    "Could you send me more?",
    "The unsubscribe link does not work",
    "remove the second slide please",
    "plus de messages",
    "basta",
    "> stop",
    "On Monday, 1 December 2025 at 09:00 Anna Weber wrote:\nstop",
    "Automatic reply: stop",
    "Best regards, stop calling it a pilot",
]


@pytest.mark.parametrize(("language", "text"), ALL, ids=TEXTS)
def test_whoever_asks_for_it_is_understood(language: str, text: str) -> None:
    """In seven languages, with courtesies and a refusal beside it."""
    assert language in BY_LANGUAGE
    assert is_opt_out(text)


@pytest.mark.parametrize("text", OTHERS)
def test_whoever_says_something_else_is_not(text: str) -> None:
    """A word inside of a sentence, its opposite, a question, what is quoted, a mere refusal."""
    assert not is_opt_out(text)


def test_simulated_people_are_understood() -> None:
    """Those who ask to be left alone, and nobody else of them."""
    others = (*INTERESTED, *POLITE, *NOT_NOW, *REFUSING)

    assert all(map(is_opt_out, STOP))
    assert not any(map(is_opt_out, others))


def test_every_language_is_tried() -> None:
    """A language that is added has its examples here."""
    assert REQUESTS.keys() == BY_LANGUAGE.keys()


@pytest.mark.parametrize(
    "text",
    [
        "Hi Anna,\n\nplease remove me from your list.\n\nBest regards,\nPeter Smith",
        "Hallo Frau Weber, bitte abmelden. Viele Grüße\nJan van der Berg",
        "Bonjour Jean, merci de me retirer de votre liste.\nCordialement\nLuc",
        "stop\n-- \nPeter Smith\nHead of Something, +49 30 123456",
        "Stop\nSent from my iPhone",
    ],
)
def test_a_name_and_what_a_device_adds_say_nothing(text: str) -> None:
    """Greeted and signed it is the same."""
    assert is_opt_out(text)


def test_a_question_that_asks_for_it_is_a_request() -> None:
    """It is put politely; any other question waits for an answer."""
    assert is_opt_out("Could you please remove me from your list?")
    assert is_opt_out("Können Sie mich bitte aus Ihrer Liste löschen?")
    assert not is_opt_out("Remove me?")


DRESSES: list[Callable[[str], str]] = [
    str.upper,
    str.lower,
    str.title,
    lambda text: unicodedata.normalize("NFD", text),
    lambda text: unicodedata.normalize("NFKC", text),
    lambda text: text.replace("'", "\N{RIGHT SINGLE QUOTATION MARK}"),
    lambda text: f"{text}!!!",
    lambda text: f"\u201c{text}\u201d",
    lambda text: f"{text} \N{OCTAGONAL SIGN}\N{VARIATION SELECTOR-16}",
    lambda text: f"\N{WAVING HAND SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-3} {text}",
    lambda text: f"{text}\N{MAN}\N{ZERO WIDTH JOINER}\N{PERSONAL COMPUTER}",
    lambda text: f"\n  {text}  \n\n",
    lambda text: f"{text}\n\n> Hello, I saw that you\n> are hiring.",
    lambda text: f"{text}\n\nAm 1. Dezember schrieb Anna Weber:\nHaben Sie Zeit?",
    lambda text: f"{text}\n-----Original Message-----\nFrom: Anna\nDo you have time?",
    lambda text: f"{text}. Thank you!",
]


@given(st.sampled_from(TEXTS), st.lists(st.sampled_from(DRESSES), max_size=4))
def test_how_it_is_written_does_not_matter(text: str, dresses: list[Callable[[str], str]]) -> None:
    """Capitals, accents in two parts, quotation marks, emoji, and what they quote below."""
    for dress in dresses:
        text = dress(text)

    assert is_opt_out(text)


WORDS = st.sampled_from(
    ["we", "meeting", "tomorrow", "about", "your", "offer", "never", "until", "price", "asked"]
)


@given(
    text=st.sampled_from(TEXTS),
    words=st.lists(WORDS, min_size=1, max_size=6),
    before=st.booleans(),
    parted=st.booleans(),
)
def test_more_than_it_is_something_else(
    text: str, words: list[str], *, before: bool, parted: bool
) -> None:
    """Whatever else a message says, in the sentence or in another, it is no such request."""
    more, between = " ".join(words), ". " if parted else " "

    assert not is_opt_out(f"{more}{between}{text}" if before else f"{text}{between}{more}")


@given(st.text(max_size=400))
def test_any_text_has_an_answer(text: str) -> None:
    """Whatever Unicode has in it."""
    assert is_opt_out(text) in {True, False}


@given(st.sampled_from(TEXTS), st.lists(st.sampled_from(DRESSES), max_size=3))
def test_no_machine_asks_for_it(text: str, dresses: list[Callable[[str], str]]) -> None:
    """What is understood as a request is never taken for an out-of-office note as well."""
    for dress in dresses:
        text = dress(text)

    assert not (is_opt_out(text) and is_automatic(text))


def test_the_longest_message_is_answered_at_once() -> None:
    """A message of a hundred thousand lines costs no more than its beginning."""
    assert not is_opt_out("stop \n" * 100_000)


@pytest.mark.parametrize("word", ["stop", "please stop", "no", "stop this", "unsubscribe", "danke"])
@pytest.mark.parametrize("end", ["", "x", "spamming us"])
def test_what_is_said_again_and_again_is_read_at_once(word: str, end: str) -> None:
    """Words that several languages share are read in one way, not in each of all combinations."""
    said = f"{word} " * ((240 - len(end)) // (len(word) + 1)) + end

    begun = time.process_time()
    found = is_opt_out(said)

    assert time.process_time() - begun < 1
    assert not (found and end)
