"""The stand-in for a language model."""

import pytest
from campaigns.models import Person
from campaigns.sequences.sequence import AiOptions, StepKind
from campaigns.texts.writing import checked_answer, writing_task
from devstack.stack.loopback import loopback_client
from devstack.stack.writer_simulator import WriterSimulator, write

PROMPT = "Language: {}.\nLength: {}, never more than {} characters.\nFirst name: Ada"


def prompt(
    *, language: str = "english", length: str = "50 to 100 words", longest: int = 8000
) -> str:
    """As the outreach-worker asks."""
    return PROMPT.format(language, length, longest)


def test_two_follow_ups_are_not_the_same() -> None:
    """A prompt that comes again gets another text, as from a real model."""
    texts = {write(prompt(length="one sentence"), turn=turn) for turn in range(4)}

    assert len(texts) == 4


@pytest.mark.parametrize("longest", [80, 120, 300])
def test_a_text_keeps_to_the_length_asked_for(longest: int) -> None:
    """It never has more characters than the prompt allows."""
    texts = [write(prompt(length="100 to 180 words", longest=longest), turn=t) for t in range(6)]

    assert max(map(len, texts)) <= longest


def test_a_language_is_kept() -> None:
    """A text asked for in German is German, and names the person."""
    text = write(prompt(language="german", length="one sentence"))

    assert text.startswith("Ada: ")
    assert any(word in text for word in ("Ihr", "Wir", "Mich", "Selten"))


@pytest.mark.parametrize("language", ["english", "spanish", "french", "german", "portuguese"])
def test_what_is_written_may_be_sent(language: str) -> None:
    """The engine's own check of what a model writes has nothing to object to, language included."""
    person = Person(public_identifier="ada-example", first_name="Ada", company="Example")
    ai = AiOptions(length="short", language=language)
    task = writing_task(StepKind.COMMENT_POST, ai, person, post="A post.")

    texts = [write(f"{task.rules}\n{task.case}", turn=turn) for turn in range(6)]

    for text in texts:
        assert checked_answer(text, StepKind.COMMENT_POST, language=language) == text


async def test_it_answers_as_a_chat_completion() -> None:
    """A client of the chat completions dialect finds the text where it looks."""
    async with WriterSimulator() as writer, loopback_client() as http:
        answer = await http.post(
            f"{writer.url}/chat/completions",
            json={"model": "any", "messages": [{"role": "user", "content": "Short, please"}]},
        )

    assert answer.json()["choices"][0]["message"] == {
        "role": "assistant",
        "content": write("Short, please"),
    }
