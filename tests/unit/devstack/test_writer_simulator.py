"""The stand-in for a language model."""

import httpx
import pytest
from devstack.writer_simulator import WriterSimulator, write


def test_the_same_prompt_gets_the_same_text() -> None:
    """A step that is retried is written the same way."""
    assert write("A short comment for Ada") == write("A short comment for Ada")
    assert len({write(f"A long message for lead {n}") for n in range(20)}) > 1


@pytest.mark.parametrize("limit", [60, 120, 300])
def test_a_text_keeps_to_the_length_asked_for(limit: int) -> None:
    """It never has more characters than the prompt allows."""
    assert len(write(f"Write a long message of at most {limit} characters")) <= limit


def test_a_language_is_kept() -> None:
    """A text asked for in German is German."""
    assert any(word in write("Write it in German, short") for word in ("Ihr", "Wir", "Mich", "Sel"))


async def test_it_answers_as_a_chat_completion() -> None:
    """A client of the chat completions dialect finds the text where it looks."""
    async with WriterSimulator() as writer, httpx.AsyncClient() as http:
        answer = await http.post(
            f"{writer.url}/chat/completions",
            json={"model": "any", "messages": [{"role": "user", "content": "Short, please"}]},
        )

    assert answer.json()["choices"][0]["message"] == {
        "role": "assistant",
        "content": write("Short, please"),
    }
