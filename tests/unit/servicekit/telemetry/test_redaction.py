"""servicekit.telemetry.redaction."""

import time
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from servicekit.telemetry.redaction import REDACTED, Redactor, is_secret_name

SECRET = "hunter2-hunter2"


@dataclass(frozen=True)
class Given:
    """An object that shows what it holds."""

    username: str
    password: str


def blanked(**event: Any) -> Any:
    return Redactor()(None, "info", event)


@pytest.mark.parametrize(
    "name",
    [
        "token",
        "access_token",
        "accessToken",
        "X-API-KEY",
        "x-api-key",
        "Set-Cookie",
        "cookies",
        "li_at",
        "li-at",
        "Authorization",
        "Proxy-Authorization",
        "password",
        "userPassword",
        "client_secret",
        "privateKey",
        "credentials",
        b"cookie",
    ],
)
def test_a_secret_is_known_by_its_name(name: Any) -> None:
    """However headers, JSON and Python spell it, at any depth and in pairs."""
    shown = blanked(a=[{"b": {name: SECRET}}], headers=[(name, SECRET)], none={name: None})

    assert SECRET not in str(shown)
    assert shown["none"] == {name: None}


@pytest.mark.parametrize("name", ["event", "account_id", "attempts", "tokenizer", "path", "author"])
def test_other_names_are_left_alone(name: str) -> None:
    """What merely sounds like one is no secret."""
    assert not is_secret_name(name)
    assert blanked(**{name: "as it is"}) == {name: "as it is"}


@pytest.mark.parametrize(
    "text",
    [
        f"password={SECRET}",
        f"password: {SECRET}, and more",
        f'{{"password": "{SECRET}", "user": "ada"}}',
        f"{{'access_token': '{SECRET}'}}",
        f'body="{{\\"li_at\\": \\"{SECRET}\\"}}"',
        f"Cookie: a=1; li_at={SECRET}; b={SECRET}",
        f"set-cookie: session={SECRET}; Path=/",
        f"Authorization: Basic {SECRET}",
        f"authorization: Digest username=ada, response={SECRET}",
        f"sent Bearer {SECRET} to it",
        f"postgresql://outreach:{SECRET}@db/outreach",
        f"GET https://host/file?a=1&X-Amz-Signature={SECRET}&X-Amz-Date=2",
        f"https://media.host/image/x?e=1&v=beta&t={SECRET}",
        f"https://blob.host/x?sv=1&sig={SECRET}",
        f"https://host/callback?access_token={SECRET}",
        f"eyJhbGciOi.eyJzdWIi.{SECRET}",
        f"li_at is AQEDA{SECRET}{SECRET}",
        f"api_key={SECRET}&x=1",
    ],
)
def test_a_secret_is_known_by_what_stands_around_it(text: str) -> None:
    """In prose, in JSON, in headers, in addresses; and so in what holds a text."""
    assert SECRET not in blanked(text=text)["text"]
    assert SECRET not in str(blanked(error=ValueError(text), data=text.encode(), keys={text: 1}))


@pytest.mark.parametrize(
    "value",
    [
        httpx.URL(f"https://me:{SECRET}@host/x?sig={SECRET}"),
        httpx.Headers({"authorization": f"Bearer {SECRET}"}),
        Given("ada", SECRET),
        SecretStr(SECRET),
        ConnectionError(f"https://host/x?token={SECRET}"),
    ],
)
def test_an_object_is_shown_without_its_secrets(value: Any) -> None:
    """What a renderer would turn into text is text when it is looked at."""
    assert SECRET not in str(blanked(value=value, deep=[{"a": (value,)}]))


def test_a_known_secret_is_blanked_wherever_it_stands() -> None:
    """The part of a path that is a secret looks like any other; the settings know it."""
    redactor = Redactor(["path-nobody-guesses", "path-nobody-guesses-longer", "x"])

    assert redactor.text("POST /in/path-nobody-guesses-longer/x") == f"POST /in/{REDACTED}/x"


def test_what_is_no_secret_stays() -> None:
    """Addresses without a signature, numbers, and the words themselves."""
    event = {"url": "https://host/x?page=2", "n": 3, "ok": True, "said": "the token was refused"}

    assert blanked(**event) == event


def test_depth_is_bounded() -> None:
    """A structure without an end is shown as text, not walked for ever."""
    endless: dict[str, Any] = {}
    endless["a"] = endless

    assert "a" in blanked(endless=endless)["endless"]


@given(
    st.text(max_size=60), st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=12)
)
def test_whatever_stands_before_an_assignment(before: str, secret: str) -> None:
    """No text before it lets a password pass."""
    shown = Redactor().text(f"{before} password={secret}")

    assert not shown.endswith(secret)


def test_long_texts_are_looked_at_in_time() -> None:
    """A megabyte of one word costs no time that grows faster than it."""
    for text in ("a" * 1_000_000, "token" * 200_000):
        began = time.process_time()

        shown = Redactor().text(text)

        # It takes some tenths of a second; what goes back for each letter takes hours.
        assert time.process_time() - began < 30
        assert shown == text
