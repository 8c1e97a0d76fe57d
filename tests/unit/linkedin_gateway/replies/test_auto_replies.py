"""Machines are told from people, and in doubt it was a person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from linkedin_gateway.replies.auto_replies import is_automatic

AUTOMATIC = [
    "Automatic reply: Thank you for your message, I will get back to you.",
    "Auto-reply: I'm travelling and will be slow to respond.",
    "This is an automated response. Our team will be in touch.",
    "Hi, I am currently out of the office and will return on Monday, 12 May.",
    "I'm on vacation until June 3rd with limited access to email.",
    "Thanks for reaching out. I am on parental leave; in my absence please contact Sam Example.",
    "Abwesenheitsnotiz: Ich bin bis zum 14. Juli nicht im Büro.",
    "Ich bin derzeit im Urlaub und ab dem 3. August wieder erreichbar.",
    "Guten Tag, ich bin in Elternzeit. Bitte wenden Sie sich an meine Vertretung.",
    "Réponse automatique : je suis absente du bureau.",
    "Je suis en congé jusqu\u2019au 15 août. En cas d\u2019urgence, contacter Sam Exemple.",
    "Respuesta automática: gracias por su mensaje.",
    "Estoy fuera de la oficina hasta el 20 de mayo. Si es urgente, contacte con Sam.",
    "Sono fuori ufficio, rientro il 10 giugno.",
    "Estou de férias até dia 12. Em caso urgente, contactar a equipa.",
    "Ik ben met vakantie en ben 3 juni terug.",
    "[Auto-Reply] Closed today.",
    "Automatic reply\n\nI am travelling.",
    "Dies ist eine automatische Antwort.",
]

PEOPLE = [
    "",
    "Thanks, sounds interesting!",
    "I am out of office this week, but let's talk on Monday?",
    "I'm on vacation until the 3rd, call me after that.",
    "We already have an automatic solution for that, thanks.",
    "No thanks, not for us.",
    "I will be back in touch when the budget is clear.",
    "Our out of office numbers are going up, which is why your message is timely.",
    "I have left the company, please contact Sam Example instead.",
    "I'm away from my desk a lot. Send me something by email please.",
    "Bin im Urlaub bis zum 14., danach gerne!",
    "Ich bin nicht im Büro, rufen Sie mich mobil an, es ist dringend.",
    "Zurzeit kein Bedarf, vielleicht im Herbst wieder.",
    "Je suis en vacances jusqu\u2019au 15, rappelez-moi ensuite.",
    "Je ne suis pas intéressé, merci.",
    "Estoy de vacaciones hasta el lunes, hablamos luego.",
    "Sono in ferie fino al 10, mi mandi pure tutto.",
    "Estou de férias até dia 12, tenho interesse!",
    "Ik ben op vakantie, bel me als ik terug ben.",
    "Can you automate replies with this?",
    "Urgent: please contact me.",
    "I return every message eventually.",
    "Did I get an automated response? Please leave it.",
    "I know this is an automated message.",
    "This is an automated message, I can tell.",
    "This is an automated reply, isn't it?",
    "This is an automated message.",
    "Your auto-reply keeps writing to me.",
    "Automatic reply? Nice try.",
    "Automatic response systems are what we build.",
    "Bitte nicht noch eine automatische Nachricht!",
    "Respuesta automática otra vez, gracias.",
    "Je n'aime pas cette réponse automatique.",
]

NOTES = ["Automatic reply: I am away.", "I am on vacation until Monday."]
FORBIDDING = [
    "Stop writing to me.",
    "Please remove me from your list.",
    "Don't contact me again.",
    "Bitte keine weiteren Nachrichten.",
    "Hören Sie auf.",
    "Arrêtez, merci.",
    "No me escriban.",
    "Who are you?",
]


@pytest.mark.parametrize("text", AUTOMATIC)
def test_a_machine_is_recognised(text: str) -> None:
    """Away messages as they are written in several languages."""
    assert is_automatic(text)
    assert is_automatic(text.upper())


@pytest.mark.parametrize("text", PEOPLE)
def test_a_person_is_not_taken_for_a_machine(text: str) -> None:
    """Who answers, asks or refuses is a person, also from the beach."""
    assert not is_automatic(text)


@given(
    text=st.text(alphabet="bcdfghjk ", max_size=400),
    answer=st.sampled_from(["How much is it?", "Call me.", "Not interested.", "Sounds good!"]),
)
def test_whoever_answers_is_a_person(text: str, answer: str) -> None:
    """Whatever else they say about being away."""
    assert not is_automatic(f"I am on vacation until Monday. {text} {answer}")


@pytest.mark.parametrize("forbids", FORBIDDING)
@pytest.mark.parametrize("note", NOTES)
def test_whoever_forbids_or_asks_is_a_person(note: str, forbids: str) -> None:
    """A note that is alone is a machine's; with a word of their own in it, it is theirs."""
    assert is_automatic(note)
    assert not is_automatic(f"{note} {forbids}")


@given(before=st.text(alphabet="abcdefgh ", min_size=3), after=st.text(alphabet="abcdefgh ,"))
def test_a_machine_is_named_by_its_heading_alone(before: str, after: str) -> None:
    """Within a sentence the same words are what a person says of what they got."""
    assert not is_automatic(f"x{before} automatic reply{after}")
    assert not is_automatic(f"Automatic reply x{after}")


@pytest.mark.lasts(seconds=5)
@given(text=st.text(min_size=1_501, alphabet="abc de"))
def test_who_writes_at_length_is_a_person(text: str) -> None:
    """No machine writes pages."""
    assert not is_automatic(f"Automatic reply {text}x" + "y" * 1_500)
