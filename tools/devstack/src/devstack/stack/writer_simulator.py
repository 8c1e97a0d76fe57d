"""A stand-in for a language model, so that sequences with texts by AI run without one.

Speaks the chat completions dialect and writes sentences chosen by a hash of the prompt; a
prompt that comes again gets other ones, as from a real model. It understands nothing: it
reads the prompt only for the language, the length and the person's first name.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from types import TracebackType
from typing import Any, Self

from servicekit.http_server import HttpServer
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

MODEL = "writer-simulator"

_SENTENCES: dict[str, tuple[str, ...]] = {
    "english": (
        "Your point about the first week after a change stayed with me.",
        "We see the same thing with teams of that size.",
        "I would like to hear how you decided where to begin.",
        "It is rare that somebody writes down what did not work.",
        "That matches what people in operations keep telling me.",
        "How did your team take it?",
    ),
    "spanish": (
        "Me quedo con lo que dices sobre la primera semana.",
        "Vemos lo mismo en equipos de ese tamaño.",
        "Me gustaría saber por dónde empezaron.",
        "No es frecuente que alguien cuente lo que no funcionó.",
    ),
    "french": (
        "Votre remarque sur la première semaine est très juste.",
        "Nous observons la même chose dans des équipes de cette taille.",
        "J'aimerais savoir par où vous avez commencé.",
        "Il est rare que l'on raconte ce qui n'a pas marché.",
    ),
    "german": (
        "Ihr Gedanke zur ersten Woche ist bei mir geblieben.",
        "Wir sehen dasselbe in Teams dieser Größe.",
        "Mich würde interessieren, womit Sie begonnen haben.",
        "Selten schreibt jemand auf, was nicht geklappt hat.",
    ),
    "portuguese": (
        "Fiquei a pensar no que diz sobre a primeira semana.",
        "Vemos o mesmo em equipas desse tamanho.",
        "Gostava de saber por onde começaram.",
        "É raro alguém contar o que não resultou.",
    ),
}
_SENTENCES_BY_LENGTH = {
    "one sentence": 1,
    "one or two sentences": 2,
    "two or three sentences": 3,
    "four to six sentences": 4,
    "at most 50 words": 2,
    "50 to 100 words": 4,
    "100 to 180 words": 6,
}
_DEFAULT_SENTENCES = 2
_LIMIT = re.compile(r"(\d{2,5}) characters", re.IGNORECASE)
_FIRST_NAME = re.compile(r"^First name: ([^\W\d_]+)$", re.MULTILINE)
_NO_LIMIT = 1000


class WriterSimulator:
    """Serves `POST /v1/chat/completions` on loopback while the block runs."""

    def __init__(self) -> None:
        self._asked: Counter[str] = Counter()
        self._server = HttpServer(
            Starlette(routes=[Route("/v1/chat/completions", self._complete, methods=["POST"])])
        )

    @property
    def url(self) -> str:
        return f"{self._server.url}/v1"

    async def __aenter__(self) -> Self:
        await self._server.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._server.__aexit__(kind, error, trace)

    async def _complete(self, request: Request) -> JSONResponse:
        body = await request.json()
        prompt = "\n".join(str(message.get("content", "")) for message in body.get("messages", ()))
        text = write(prompt, turn=self._asked[prompt])
        self._asked[prompt] += 1
        return JSONResponse(_completion(str(body.get("model", MODEL)), prompt, text))


def write(prompt: str, *, turn: int = 0) -> str:
    """The text for a prompt that has come `turn` times before; as long as it allows."""
    asked = prompt.lower()
    language = next((name for name in _SENTENCES if f"language: {name}" in asked), "english")
    count = next((n for name, n in _SENTENCES_BY_LENGTH.items() if name in asked), None)
    longest = min((int(number) for number in _LIMIT.findall(prompt)), default=_NO_LIMIT)
    choice = hashlib.sha256(prompt.encode()).digest()
    ranked = sorted(_SENTENCES[language], key=lambda text: _rank(choice, text))
    first = turn % len(ranked)
    name = _FIRST_NAME.search(prompt)
    text = f"{name[1]}: {ranked[first]}" if name else ranked[first]
    for sentence in (ranked[first + 1 :] + ranked[:first])[: (count or _DEFAULT_SENTENCES) - 1]:
        if len(text) + 1 + len(sentence) <= longest:
            text = f"{text} {sentence}"
    return text


def _rank(choice: bytes, text: str) -> bytes:
    return hashlib.sha256(choice + text.encode()).digest()


def _completion(model: str, prompt: str, text: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{hashlib.sha256(prompt.encode()).hexdigest()[:24]}",
        "object": "chat.completion",
        "created": 0,
        "model": model,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text},
                "finish_reason": "stop",
            }
        ],
        "usage": {
            "prompt_tokens": len(prompt.split()),
            "completion_tokens": len(text.split()),
            "total_tokens": len(prompt.split()) + len(text.split()),
        },
    }
