"""`.env.example` shows each setting's default as the setting itself is written."""

import importlib
from datetime import timedelta

import pytest
from devstack.environment import SERVICES
from hypothesis import given
from hypothesis import strategies as st
from servicekit.settings import ServiceSettings, environment
from servicekit.settings.environment import EnvironmentVariable


def variables() -> list[tuple[str, EnvironmentVariable]]:
    return [
        (service, each)
        for service in SERVICES
        for each in environment(importlib.import_module(f"{service}.settings").Settings)
        if not each.required and each.default
    ]


@pytest.mark.parametrize("service", SERVICES)
def test_a_default_that_is_uncommented_changes_nothing(
    service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seven of them were no values at all (`2.592e+06s`), and the service ended with 78."""
    settings = importlib.import_module(f"{service}.settings").Settings
    needed = {
        f"{service.upper()}_DATABASE_URL": "postgresql://db/x",
        "LINKEDIN_GATEWAY_WEBHOOK_TOKEN": "0123456789abcdef",
        "LINKEDIN_GATEWAY_WEBHOOK_SECRET": "0123456789abcdef",
        "UNIPILE_DSN": "vendor.example",
        "UNIPILE_ACCESS_TOKEN": "key",
    }
    for name, value in needed.items():
        monkeypatch.setenv(name, value)
    as_they_are = settings.model_validate({})

    for _, each in [(of, each) for of, each in variables() if of == service]:
        monkeypatch.setenv(each.name, each.default)

    assert settings.model_validate({}) == as_they_are


@pytest.mark.lasts(seconds=5)
@given(st.timedeltas(timedelta(), timedelta(days=10_000)))
def test_a_duration_is_shown_as_it_is_read(duration: timedelta) -> None:
    """In whichever unit it is whole, to the microsecond."""

    class Settings(ServiceSettings):
        pause: timedelta = duration

    (shown,) = [each.default for each in environment(Settings) if each.name == "PAUSE"]

    assert Settings.model_validate({"pause": shown}).pause == duration
